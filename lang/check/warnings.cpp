// Warnings (warnings.h). Covered by tests/warnings_test.cpp.
#include "lang/check/warnings.h"

#include "lang/check/modules.h"
#include "lang/check/variables.h"

namespace remit::lang::checker {

void find_warnings(Context& context) {
  find_unused_names(context);
  find_unused_modules(context);
}

}  // namespace remit::lang::checker
