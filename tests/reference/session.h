// A tree of sessions as language.md sections 6 and 7 describe it: one memory, one clock.
//
//   auto tree = Tree::open({{&scope}, {&guardrail}}, opening, now);
//   Answer answer = tree->check(0, request, now);          // session 0 is the outermost
//   if (answer.ask) tree->approve(0, *answer.ask, "ann", now);
//
// A tree is a value: what-if questions are asked of a copy. The documents are borrowed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/reference/held.h"
#include "tests/reference/judge.h"
#include "tests/reference/reference.h"

namespace remit::reference {

// architecture.md: "A tree holds at most 1,024 open asks; the oldest unapproved one is dropped."
inline constexpr std::size_t kMaxOpenAsks = 1024;

// "A host callback is asked last, for what would otherwise be granted; sub-sessions inherit it."
// True where it agrees.
using Host = std::function<bool(const Asked&)>;

struct Answer {
  Outcome outcome;
  std::optional<std::size_t> ask;    // of an ask: what approve() wants
  std::optional<std::size_t> grant;  // of a grant: what give_back() wants
};

class Tree {
 public:
  // Section 7's conditions hold, or there is no tree.
  static std::optional<Tree> open(const std::vector<Layer>& layers, const HeldOpening& opening,
                                  std::int64_t now);
  // Whatever they say: section 11, "no accountable person is needed, and `agent` and `on behalf of`
  // do not stop a test".
  Tree(const std::vector<Layer>& layers, const HeldOpening& opening, std::int64_t now);

  // A new session under `parent`; nothing where the page refuses it.
  std::optional<std::size_t> delegate(std::size_t parent, const std::vector<Layer>& layers,
                                      const HeldOpening& opening, std::int64_t now);

  // `observed` is what an implementation made of it, where one is judged (judge.h).
  Answer check(std::size_t session, const Request& request, std::int64_t now,
               const Outcome* observed = nullptr, Notes* notes = nullptr);
  // architecture.md: "same decision, charges nothing, remembers nothing".
  Outcome would(std::size_t session, const Request& request, std::int64_t now,
                const Outcome* observed = nullptr) const;
  // What each of the session's layers makes of it, memory included. `observed`, where there is one,
  // has an implementation's verdict for each.
  std::vector<Outcome> verdicts(std::size_t session, const Request& request, std::int64_t now,
                                const std::vector<Outcome>* observed = nullptr) const;
  // architecture.md: rollback "gives back the charges only".
  void give_back(std::size_t grant);

  bool approve(std::size_t session, std::size_t ask, const std::string& approver, std::int64_t now);
  void revoke(std::size_t session, std::int64_t now);
  void end(std::size_t session, std::int64_t now);

  void ask_host(Host host) { host_ = std::move(host); }

  // How much of a limit is used at `now`, `early` as in judge.h; `layer` and `rule` as in an
  // Outcome.
  std::int64_t used(std::size_t session, std::size_t layer, std::size_t rule, bool early,
                    std::int64_t now) const;
  std::int64_t now() const { return now_; }
  // The session's layers, own first, then its parent's.
  std::vector<Setting> layers(std::size_t session) const;
  // Why all is denied, of the session or the nearest above that is out of force; nothing in force.
  std::optional<Reason> out_of_force(std::size_t session, std::int64_t now) const;

 private:
  struct Session {
    std::optional<std::size_t> parent;
    std::size_t depth = 0;
    std::vector<Layer> layers;  // its own
    std::size_t first_id = 0;   // of its layers in the tree
    std::shared_ptr<const SessionFacts> facts;      // purpose: as its own task scope sees it
    std::shared_ptr<const SessionFacts> elsewhere;  // as every other layer sees them
    Standing standing;
  };
  using AskRules = std::vector<std::pair<std::size_t, std::size_t>>;  // layer id, rule
  struct Ask {
    std::size_t session = 0;
    Asked asked;
    AskRules rules;  // that matched or were unknown when it was asked
    std::optional<std::int64_t> approved;
    std::size_t turn = 0;  // of the approval, among all of the tree
    bool gone = false;     // used, or dropped
  };

  void advance(std::int64_t now);
  void add_session(std::optional<std::size_t> parent, const std::vector<Layer>& layers,
                   const HeldOpening& opening);
  Ask* find_approval(std::size_t session, const Asked& asked, const AskRules& rules);
  std::size_t add_ask(std::size_t session, Asked asked, AskRules rules);
  bool is_agent(const std::string& identifier) const;

  std::int64_t now_;
  Host host_;
  Memory memory_;
  std::vector<Session> sessions_;
  std::vector<Ask> asks_;
  std::size_t approvals_ = 0;  // ever
};

}  // namespace remit::reference
