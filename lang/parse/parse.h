// Stage 1: text -> syntax tree. The one door into the grammar; PEGTL stays behind it.
// Covered by tests/parse_test.cpp.
#pragma once

#include "lang/syntax/syntax.h"

namespace remit::lang {

// Parses all of `source`. Never throws for bad input: each independent error becomes a diagnostic and
// parsing goes on at the next statement, so the tree holds every statement that could be read.
syntax::Document parse(const Source& source, Diagnostics& diagnostics);

}  // namespace remit::lang
