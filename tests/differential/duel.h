// The engine's session beside the reference's tree: every step is done to both, and whatever can be
// seen of the two must be the same.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <remit/session.h>

#include "tests/generate/compiled.h"
#include "tests/generate/steps.h"
#include "tests/reference/session.h"

namespace remit::differential {

// A scenario's documents, compiled.
struct Ground {
  std::vector<lang::Compiled> documents;
  std::vector<const lang::Resolved*> resolved;  // borrows from `documents`
};

// Nothing where a document does not compile; `problem` then says why.
std::optional<Ground> prepare(const generate::Scenario& scenario, std::string& problem);

// The scenario's outermost session, as the engine opens it; and a sub-session by an open_child
// call.
Result<Session> open_session(const generate::Scenario& scenario, const Ground& ground,
                             const Surroundings& surroundings = {});
Result<Session> delegate_session(Session& parent, const Ground& ground,
                                 const reference::CaseStep& call);

// What came of a step, beside differences: for the generator, for coverage, and to write it down.
struct Report {
  reference::Outcome outcome;  // of a check: the engine's, which is the reference's as well
  bool ok = false;             // of an approval or a delegation
  bool asked = false;
  bool early = false;  // a denial before a sliding window's end, within the tolerance
};

// Borrows the ground.
class Duel {
 public:
  Duel(const generate::Scenario& scenario, const Ground& ground);

  // Why the two differ about the opening; empty where they agree.
  const std::string& opening_difference() const { return opening_difference_; }
  bool opened() const { return tree_.has_value(); }

  // Does the step to both. Empty where they agree. A step about a session that does not exist does
  // nothing, so that shrinking may leave out the step that opened it.
  std::string take(const generate::Step& step, Report& report);

  // Is the outermost session over, and so all of them?
  bool over() const;
  std::size_t depth(const std::string& session) const;

 private:
  struct Named {
    std::size_t session = 0;  // in the reference, and in sessions_
    std::size_t depth = 0;
  };
  struct Asked {
    ApprovalId id;
    std::optional<std::size_t> ask;  // the reference's
  };

  std::vector<reference::Layer> reference_layers(const std::vector<std::size_t>& documents) const;
  std::string check(const generate::Step& step, const Named& named, Report& report);
  std::string approve(const generate::Step& step, const Named& named, Report& report);
  std::string add_child(const generate::Step& step, const Named& named, Report& report);
  std::string reload();
  std::string compare_state(const Named& named, std::int64_t now);
  std::string compare_limits(const Named& named, std::int64_t now);

  const Ground& ground_;
  Surroundings surroundings_;
  std::string opening_difference_;
  std::optional<reference::Tree> tree_;
  std::vector<Session> sessions_;  // in the order of opening, as in the tree
  std::map<std::string, Named> names_;
  std::map<std::size_t, Asked> asked_;  // by step
  std::size_t steps_ = 0;
};

}  // namespace remit::differential
