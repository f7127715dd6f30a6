// Runs conformance cases: decisions, valid and invalid documents, each one JSON object on a line.
// Which of the three a case is, its fields say. Covered by tests/tools_run_test.py.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/json.h"

namespace remit::tools {

// One field in which the engine and a case disagree.
struct Mismatch {
  std::string place;  // "session", "step 3: check read lab:/a", "test t0", "document 1"
  std::string field, expected, got;
};

struct CaseOutcome {
  enum class Status {
    passed,
    failed,
    contested,  // a disagreement about an invalid document that the page does not settle
  } status = Status::passed;
  std::string id;
  std::vector<Mismatch> mismatches;
};

// Runs the case on one line. BadInput where the line is no case at all.
CaseOutcome run_case(std::string_view line);

// The disagreements of a case for people: place, then field, expected and got below each other.
std::string mismatches_text(const CaseOutcome& outcome);
JsonOut case_json(const CaseOutcome& outcome);

}  // namespace remit::tools
