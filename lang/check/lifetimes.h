// Lifetime and identity statements (language.md section 7). Covered by tests/check_test.cpp.
#pragma once

#include "lang/check/context.h"

namespace remit::lang::checker {

// Reads those of the document itself: a module's stay behind.
void resolve_lifetime(Context& context, Scope& scope);

}  // namespace remit::lang::checker
