// One statement, member or expectation as tokens, and how they are laid out in lines. Works on tokens
// rather than on the tree, so that nothing written can get lost and no comment has to have a place in
// the tree. Private to lang/format. Covered by tests/format_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lang/syntax/syntax.h"

namespace remit::lang::formatting {

inline constexpr std::size_t kWidth = 100;        // columns, in code points; comments do not count
inline constexpr std::size_t kClauseIndent = 2;   // of clauses and of what stands in braces
inline constexpr std::size_t kContinueIndent = 4; // of a line that a comma or operator carries on

struct Piece {
  std::string_view text;
  bool space_before = false;   // where it stays on the line
  bool may_break = false;      // a line end before it is allowed, and reads well
  bool begins_clause = false;  // of a rule or limit
  // Comments between the piece before and this one, `#` included: at most one on that piece's line,
  // then those on lines of their own.
  std::string_view trailing;
  std::vector<std::string_view> own_lines;
};

enum class Shape : std::uint8_t {
  rule,     // clauses move to lines of their own together
  outcome,  // an expectation: clause words are places to break
  call,     // header and use: no blank before the parenthesis
  other,
};

// Reads `span` of the source as pieces. `atoms` are spans, in text order, that are one piece whatever
// they hold (identifiers; names before a colon).
std::vector<Piece> pieces_of(const Source& source, Span span, const std::vector<Span>& comments, const std::vector<Span>& atoms,
                             Shape shape);

// Appends the pieces to `out`, each line `indent` blanks in, without a line end after the last.
void lay_out(const std::vector<Piece>& pieces, std::size_t indent, Shape shape, std::string& out);

// A comment without the blanks at its end.
std::string_view trimmed(std::string_view comment);

}  // namespace remit::lang::formatting
