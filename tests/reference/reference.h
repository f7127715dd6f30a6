// The slow reference evaluator: what language.md sections 3 to 7 say, as directly as it can be
// written.
//
// It judges the compiler, the vm and the session, so it shares no code with them: it reads the
// checked document and owns its own canonical form, pattern matcher, three-valued logic, windows,
// layers, limits and trees of sessions. Speed is of no concern here; whoever doubts a function
// compares it with the paragraph that it cites.
//
//   canonical   a request as the caller gave it -> Asked, or why it is malformed      (sections 3,
//   4) match       patterns, globs, and which action of which system a rule means        (sections
//   3, 4) condition   `when`, `unless` (section 5) window      `between` (section 5) judge one
//   layer's verdict: rules, limits, lifetime                          (sections 5, 6) reference
//   requests by themselves: the stateless doors                           (section 6) opening who
//   may open a session, or a sub-session                              (section 7) session     trees
//   of sessions: charges, history, approvals, delegation            (sections 6, 7) tests       the
//   tests that stand in a document                                    (section 11)
//
// Covered by tests/reference_test.cpp; used by tests/differential_test.cpp and properties_test.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <remit/decision.h>
#include <remit/request.h>

#include "lang/check/resolved.h"

namespace remit::reference {

// One layer of a session, in the order task scope, guardrails, grants. The document is borrowed.
struct Layer {
  const lang::Resolved* document = nullptr;
};

struct Outcome {
  Effect effect = Effect::deny;
  Reason reason = Reason::internal_error;
  std::size_t layer = 0;
  std::optional<std::size_t> rule;  // index into that layer's Resolved::rules

  bool operator==(const Outcome&) const = default;
};

// What a judgement met on its way, for tests that want to know whether they met it.
struct Notes {
  std::size_t unknown_rules = 0;  // rules of which it is unknown whether they match
};

// What comes of one request by itself, in a session that has just opened: nothing was granted
// earlier, nobody was idle, no limit was touched.
Outcome decide(const std::vector<Layer>& layers, const Request& request, const Facts& facts,
               Time now, Notes* notes = nullptr);

// What each layer makes of it by itself, in order.
std::vector<Outcome> verdicts(const std::vector<Layer>& layers, const Request& request,
                              const Facts& facts, Time now, Notes* notes = nullptr);

}  // namespace remit::reference
