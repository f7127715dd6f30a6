// The syntax tree as text, for `remit dump --stage syntax` and for tests that compare trees. Stable:
// the same tree always gives the same text. Places are left out, so that a formatted document dumps
// as its original does. Covered by tests/parse_test.cpp.
#pragma once

#include <string>

#include "lang/syntax/syntax.h"

namespace remit::lang::syntax {

std::string dump(const Document& document);

}  // namespace remit::lang::syntax
