// The resolved document as text, for `remit dump --stage check` and for tests. Stable: the same
// document always gives the same text. Covered by tests/check_test.cpp and tests/tools_test.py.
#pragma once

#include <string>

#include "lang/check/resolved.h"

namespace remit::lang {

// Systems of the standard library are left out where `document` has no rule about them.
std::string dump(const Resolved& document);

// One condition as people read it, with every attribute's type: `size:size <= 5MB and not flag:bool`.
std::string dump(const Condition& condition);

}  // namespace remit::lang
