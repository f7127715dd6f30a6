// What is done to a tree of sessions: calls near the edges of time, limits and approvals, one after
// the other, each with what came of the earlier ones in mind.
#pragma once

#include <string>
#include <vector>

#include "tests/generate/edges.h"
#include "tests/generate/generate.h"
#include "tests/reference/cases.h"

namespace remit::generate {

struct Step {
  reference::CaseStep call;  // what must come of it is not filled in
  // Of a check: as a reservation, and how it is settled at once.
  enum class Settle { none, commit, roll_back } settle = Settle::none;
  bool reload = false;  // the tree is saved and restored before
};

// What came of a step, as far as the next ones depend on it.
struct Result {
  bool asked = false, granted = false, opened = false;
};

// Borrows the scenario and its documents, checked.
class StepMaker {
 public:
  StepMaker(Random& random, const Scenario& scenario,
            const std::vector<const lang::Resolved*>& documents);

  Step next();
  // To be told after each step.
  void note(const Step& step, const Result& result);

 private:
  std::int64_t next_time();
  void make_check(Step& step);
  void make_approve(Step& step);
  void make_child(Step& step);

  struct Asked {
    std::size_t step;
    std::string session;
    std::size_t request;  // index into requests_
  };

  Random& random_;
  const Scenario& scenario_;
  Edges edges_;
  std::vector<reference::HeldRequest> requests_;  // few, so that they come again
  std::vector<std::string> sessions_ = {"main"};
  std::vector<Asked> asked_;
  std::vector<std::int64_t> marks_;  // when something happened from which time counts
  std::int64_t now_;
  std::size_t steps_ = 0, request_ = 0;
};

}  // namespace remit::generate
