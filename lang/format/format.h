// The formatter: syntax tree -> the same document in its one canonical layout.
//
//   - one statement per line, one blank line at most between statements, LF line ends, no byte-order mark;
//   - a rule's clauses stand on its line where the whole fits in 100 columns, else each on a line of
//     its own, two blanks in; lists too long for a line go on after a comma, conditions after `and`, `or`;
//   - members of a system and expectations of a test stand one to a line, two blanks in;
//   - every comment stays: one on a line of its own before what it preceded, one behind text at the
//     end of that text's line;
//   - words, literals and quotes stay as they are written.
//
// Covered by tests/format_test.cpp.
#pragma once

#include <string>

#include "lang/syntax/syntax.h"

namespace remit::lang {

// A document that did not parse comes back as it is.
std::string format(const syntax::Document& document);

}  // namespace remit::lang
