// A Session: one agent working on one task for one person, from opening to end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <remit/layers.h>

namespace remit {

// What starts a standing authorization's run: `kind` is "schedule" or "event".
struct TriggerFact {
  std::string_view kind, text;
};

// Everything the host knows when a session opens. Borrowed during the call only.
struct Opening {
  std::string_view agent;    // the acting agent's identifier (a URI); empty: unknown
  std::string_view user;     // on whose behalf; empty where nobody is present
  std::string_view purpose;  // used where the task scope states none
  const Layers* layers = nullptr;
  std::span<const Attribute> facts;     // `user.NAME`, `agent.NAME`
  std::optional<Time> last_review;      // of the sponsor's standing authorization
  bool sponsor_revoked = false;
  std::optional<TriggerFact> trigger;   // what started this run
};

class Session {
 public:
  // Opens a session at `now` (section 7): the agent and user must be named by the scope's statements,
  // a person must be accountable, a standing authorization must be reviewed and rightly triggered.
  // Errors: agent_not_allowed, user_not_allowed, no_accountable_person, review_overdue,
  // sponsor_revoked, wrong_trigger, bad_argument, out_of_memory; and needs_memory, naming the
  // statement, for programs whose limits, history, idle time or delegation this version cannot keep.
  static Result<Session> open(const Opening& opening, Time now) noexcept;

  // Decides, at `now`. Time never runs backwards: the largest `now` seen so far holds.
  Decision check(const Request& request, Time now) noexcept;
  // The same decision; remembers nothing, not even the time.
  Decision would(const Request& request, Time now) const noexcept;
  // Each layer's verdict; `out` holds at least layers().size().
  void verdicts(const Request& request, Time now, std::span<Decision> out) const noexcept;

  const Layers& layers() const noexcept;
  std::optional<RuleInfo> rule(const Decision& decision) const noexcept;
  // The decision in words: effect, reason, rule, because. For people; allocates.
  std::string explain(const Request& request, const Decision& decision) const noexcept;

 private:
  struct State;
  explicit Session(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace remit
