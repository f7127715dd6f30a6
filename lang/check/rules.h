// Rules and limits with their clauses (language.md section 5). Covered by tests/check_test.cpp.
#pragma once

#include "lang/check/context.h"

namespace remit::lang::checker {

// Appends the rule to the result; with `at most`, the limit that it carries right behind it.
void resolve_rule(Context& context, Scope& scope, const syntax::Statement& statement);

}  // namespace remit::lang::checker
