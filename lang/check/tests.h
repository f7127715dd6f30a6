// The tests that stand in a document (language.md section 11). Covered by tests/check_test.cpp.
#pragma once

#include "lang/check/context.h"

namespace remit::lang::checker {

// Appends the test to the result.
void resolve_test(Context& context, Scope& scope, const syntax::Statement& statement);

}  // namespace remit::lang::checker
