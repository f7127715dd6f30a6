// The asks of a tree: which requests wait for a person, which were approved, which approvals were used.
// Not thread-safe: the tree's lock guards it. Covered by tests/session_approval_test.cpp.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <remit/id.h>

#include "engine/image/sha256.h"
#include "engine/session/elapsed.h"
#include "engine/vm/decide.h"

namespace remit {

// An approval is used less than this after it was given (language.md section 6).
inline constexpr std::uint64_t kApprovalLasts = 15ull * 60 * 1'000'000;
// Open asks of a tree; the oldest is dropped for a new one. So that an agent that asks for ever does not
// fill the memory, and what it asked long ago can no longer be approved by accident.
inline constexpr std::size_t kMaxOpenAsks = 1024;
// Approvals that were used or lapsed, kept so that a second try is told why it fails.
inline constexpr std::size_t kMaxSettledAsks = 1024;

struct Ask {
  // `approving`: being recorded in the audit trail, and good for nothing until that is done.
  enum class State : std::uint8_t { open, approving, approved, used } state = State::open;
  Id id, session;
  image::Digest request{};
  std::int64_t asked = 0, approved = 0;
  std::string action, resource, approver;
  std::vector<vm::RuleMatch> rules;  // sorted
};

class Asks {
 public:
  // Adds an open ask; drops the oldest ones that are too many. May throw; then nothing has changed.
  void add(Ask ask);

  Ask* find(const Id& id, const Id& session) noexcept;
  // The approval that a check of `request` may use now: the oldest that answers all of `rules` (sorted).
  Ask* usable(const Id& session, const image::Digest& request, const vm::Few<vm::RuleMatch, 8>& rules, std::int64_t now) noexcept;
  static bool lapsed(const Ask& ask, std::int64_t now) noexcept {
    return ask.state == Ask::State::approved && elapsed(ask.approved, now) >= kApprovalLasts;
  }

  const std::deque<Ask>& all() const noexcept { return asks_; }  // in the order in which they were asked

 private:
  std::deque<Ask> asks_;
};

}  // namespace remit
