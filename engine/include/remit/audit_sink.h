// AuditSink: where a session writes what it did. Plain structs and one virtual function; the audit room
// implements it (records, hash tree, database), tests with a vector.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <remit/id.h>
#include <remit/identity.h>
#include <remit/layers.h>
#include <remit/request.h>

namespace remit {

// One event. Everything is borrowed for the duration of AuditSink::write.
struct AuditEvent {
  enum class Kind : std::uint8_t { opening, delegation, decision, approval, revocation, end } kind = Kind::decision;
  Time time{};                   // the time that held for the event: the largest `now` of the tree
  Id session, parent;            // parent: empty for an outermost session
  Facts facts;                   // agent, user, sponsor, trigger, purpose as the task scope sees them
  std::span<const std::string_view> chain;  // agents, outermost first, this session's own last
  const Layers* layers = nullptr;           // for rules, places and program digests; never null
  BadHabit habit = BadHabit::none;          // of the identity that the tree was opened for: the host supplied
                                            // the missing half by name

  // decision; an approval names the action and resource that were asked for.
  const Request* request = nullptr;         // null but for decisions
  std::string_view action, resource;
  Decision decision;

  // approval: which, and by whom. revocation: by whom and why.
  Id approval;
  std::string_view by, why;
};

class AuditSink {
 public:
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
