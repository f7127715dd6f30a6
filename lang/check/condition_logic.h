// What can be said of conditions without a request: that one follows from another, that none can
// make it true, that all make it false (Kleene's logic, language.md section 5). For warnings.
// Covered by tests/condition_logic_test.cpp, which judges every answer by the reference evaluator.
//
// Every answer `true` holds for all requests and sessions; `false` says that it does not hold, or
// that it is not seen here: between two attributes, within lists and globs, and where the
// conditions are too large, nothing is looked for.
#pragma once

#include <vector>

#include "lang/check/resolved.h"

namespace remit::lang {

// A condition, or its negation. Borrows.
struct Claim {
  const Condition* condition = nullptr;
  bool negated = false;
};

// What the clauses `when` and `unless` of a guard claim; all of them together must hold.
std::vector<Claim> claims_of(const Guard& guard);

// Is `b` at least as true as all of `a` together, unknown being between false and true?
bool implies(const std::vector<Claim>& a, Claim b);

// Is there no request for which all of them are true?
bool never_true(const std::vector<Claim>& claims);

// Is it false for every request, whatever attributes it lacks?
bool always_false(Claim claim);

// The same condition, wherever it stands.
bool same(const Condition& a, const Condition& b);

}  // namespace remit::lang
