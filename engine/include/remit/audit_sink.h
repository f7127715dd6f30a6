// AuditSink: where a session writes what it did. Plain structs and one virtual function; the audit room
// implements it (audit.h: records, hash tree, database), a host with a pipeline of its own may too.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <remit/id.h>
#include <remit/identity.h>
#include <remit/layers.h>
#include <remit/request.h>
#include <remit/result.h>

namespace remit {

// What all events of one session have in common. Owns what its views point into, and never changes, so a
// sink may keep a share of it and work on the event later.
struct AuditedSession {
  Id session, parent;               // session: empty where it was refused; parent: empty for an outermost one
  Facts facts;                      // agent, user, sponsor, trigger, purpose as the task scope sees them
  std::string trigger_kind;         // "schedule" or "event"; empty where nothing was said to have started it
  std::vector<std::string> chain;   // agents, outermost first, this session's own last
  BadHabit habit = BadHabit::none;  // of the identity that the tree was opened for: the host supplied
                                    // the missing half by name
  std::optional<Layers> layers;     // for rules, places and program digests; nothing where a refused opening had none
  TraceContext trace;               // of the opening or delegation
  // What else the opening was decided on.
  std::optional<Time> last_review, identity_expires;
  bool sponsor_revoked = false;

  std::shared_ptr<const void> texts;  // what `facts` and `trace` point into
};

// What a grant took from one limit: `amount`, after which `used` of it were used.
struct AuditedCharge {
  std::uint16_t layer = 0;
  std::uint32_t rule = kNoRule;
  std::int64_t amount = 0, used = 0;
};

// One event. Everything is borrowed for the duration of AuditSink::write, but for a copy of `session`.
struct AuditEvent {
  enum class Kind : std::uint8_t {
    opening,
    refusal,     // of an opening or a delegation (then `parent` says of whom): `error` says why
    delegation,
    decision,    // of check and reserve; `would` leaves no trace
    approval,
    revocation,
    commit,      // of a reservation: what was reserved was done
    rollback,    // of a reservation: its charges were given back
    outcome,     // the caller's word on what became of a decision
    end,
  };
  const std::shared_ptr<const AuditedSession>& session;  // never null
  Kind kind = Kind::decision;
  Time time{};                     // that held for the event: the largest `now` of the tree

  // decision; an approval names the action and resource that were asked for. decision.id joins a commit,
  // rollback and outcome to their decision.
  const Request* request = nullptr;  // null but for decisions
  std::string_view action = {}, resource = {};
  Decision decision = {};
  std::span<const AuditedCharge> charges = {};
  // SHA-256 of the exact request, attributes and all: of an ask, of its approval, of what was granted by it.
  const std::array<std::uint8_t, 32>* exact_request = nullptr;

  Id approval = {};                  // approval: which
  std::string_view by = {}, why = {};  // approval, revocation: by whom; revocation, refusal: why
  ErrorCode error = {};              // refusal
  bool ok = false;                   // outcome, and in `detail` what the caller said of it
  std::string_view detail = {};
};

class AuditSink {
 public:
  // What write() gives for a decision that stands although it was not recorded: only a sink that is set to
  // let it, and that will record how many there were.
  static constexpr std::uint64_t kUnrecorded = ~std::uint64_t{0};

  AuditSink() = default;
  AuditSink(const AuditSink&) = delete;
  AuditSink& operator=(const AuditSink&) = delete;
  virtual ~AuditSink() = default;

  // Writes the event durably, as far as the sink promises that. Its number (from 1), or 0 where it could
  // not be written: then a decision becomes deny `audit_unavailable`, an opening or approval fails, and
  // a revocation or end takes effect all the same. Called from many threads, never under a session's
  // lock. Must not call back into the session.
  virtual std::uint64_t write(const AuditEvent& event) noexcept = 0;
};

}  // namespace remit
