// Warnings (language.md section 12): what is right but hardly meant. Covered by
// tests/warnings_test.cpp.
#pragma once

#include "lang/check/context.h"

namespace remit::lang::checker {

// Looks at the whole resolved document. Called only where there is no error.
void find_warnings(Context& context);

}  // namespace remit::lang::checker
