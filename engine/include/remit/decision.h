// What comes of a request: the effect, the reason, and which rule of which layer decided
// (language.md section 6). A Decision is a small value that borrows and owns nothing.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include <remit/id.h>

namespace remit {

enum class Effect : std::uint8_t { deny, ask, allow };
const char* to_string(Effect effect) noexcept;

// One table for every reason: name as language.md spells it, and the sentence that explains it.
#define REMIT_REASONS(X)                                                                           \
  X(allowed_by_rule, "a rule of every layer allows it")                                            \
  X(granted_by_approval, "a person approved exactly this request")                                 \
  X(asked_by_rule, "a rule wants a person's yes first")                                            \
  X(malformed_resource, "the resource is not in canonical form")                                   \
  X(malformed_request, "the request itself is not well formed")                                    \
  X(unknown_system, "the document knows no such system")                                           \
  X(unknown_action, "the system has no such action")                                               \
  X(revoked, "the session was revoked")                                                            \
  X(session_ended, "the session was ended by its holder")                                          \
  X(not_yet_valid, "the scope has not started yet")                                                \
  X(expired, "the scope has expired")                                                              \
  X(idle_expired, "the session was idle for too long")                                             \
  X(denied_by_rule, "a deny rule matches")                                                         \
  X(no_matching_rule, "no rule permits it")                                                        \
  X(limit_exceeded, "a limit has no room for it")                                                  \
  X(limit_unmeasurable, "a limit sums an attribute that is missing or negative")                   \
  X(denied_by_host, "the host's own access check refused it")                                      \
  X(audit_unavailable, "the audit trail could not be written")                                     \
  X(internal_error, "the engine could not decide, so the answer is no")

enum class Reason : std::uint8_t {
#define REMIT_REASON_NAME(name, sentence) name,
  REMIT_REASONS(REMIT_REASON_NAME)
#undef REMIT_REASON_NAME
};
const char* to_string(Reason reason) noexcept;  // "denied_by_rule"
const char* sentence(Reason reason) noexcept;   // "a deny rule matches"
// The reason of that name; false where there is none, and `out` stays as it was.
bool parse_reason(std::string_view name, Reason& out) noexcept;

inline constexpr std::uint32_t kNoRule = 0xffffffffu;
inline constexpr std::uint16_t kNoLayer = 0xffffu;  // the host's refusal, and what the engine could not do

using ApprovalId = Id;

struct Decision {
  Effect effect = Effect::deny;
  Reason reason = Reason::internal_error;
  std::uint16_t layer = 0;       // index into the linked layers: task scope 0, guardrails, grants
  std::uint32_t rule = kNoRule;  // index of the deciding rule in that layer's program, or kNoRule
  ApprovalId approval{};         // of an ask by Session::check: what approve() wants; of a granted_by_approval: what was used
  std::uint64_t record = 0;      // its number in the audit trail; 0: it was not recorded
  Id id{};                       // names it in the audit trail: what Session::outcome wants; empty where nothing is recorded

  constexpr bool allowed() const noexcept { return effect == Effect::allow; }
  constexpr bool asks() const noexcept { return effect == Effect::ask; }
};
static_assert(std::is_trivially_copyable_v<Decision> && sizeof(Decision) <= 64);

}  // namespace remit
