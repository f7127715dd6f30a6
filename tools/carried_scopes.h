// Scopes that tokens carry, compiled: the engine hands them on as text, because it never includes
// the language. Covered by tests/token_test.py.
#pragma once

#include <vector>

#include <remit/token.h>

#include "tools/documents.h"

namespace remit::tools {

// Each scope of `found` as a document called `<token scope 1>` and so on. One that has errors gives
// no program: whoever opens a session without it would open a wider one.
std::vector<LoadedDocument> compile_carried(const Authenticated& found,
                                            const CompileSettings& settings);

}  // namespace remit::tools
