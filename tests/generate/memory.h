// What documents say about memory: limits, idle time, delegation, and who may hold a scope.
#pragma once

#include <string>
#include <vector>

#include "tests/generate/draft.h"
#include "tests/generate/random.h"

namespace remit::generate {

// Statements of a task scope.
void remember_lifetime(Random& random, std::vector<std::string>& statements);

// The amount of a limit, or now and then an `at most` of an allow or ask. `attributes` are those
// that the rule may use.
void remember_amount(Random& random, RuleDraft& rule,
                     const std::vector<AttributeDraft>& attributes);

// Agents and users that openings name, and that some statements match.
extern const std::vector<std::string> kAgents;
extern const std::vector<std::string> kUsers;

}  // namespace remit::generate
