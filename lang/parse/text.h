// Before the grammar: the rules of language.md section 1 that hold for every byte of a text, and
// where its comments are. Covered by tests/parse_test.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lang/syntax/source.h"

namespace remit::lang::parsing {

inline constexpr std::size_t kMaxFile = std::size_t{16} << 20;  // bytes, with a byte-order mark

struct TextFault {
  Span span;
  std::string code, message, help;
};

// Bytes that are no UTF-8, control characters, bidirectional controls, lone CRs: the first `most`.
std::vector<TextFault> check_text(const Source& source, std::size_t most);

// Every comment, in text order, from its `#` to before its line's end.
std::vector<Span> find_comments(const Source& source);

}  // namespace remit::lang::parsing
