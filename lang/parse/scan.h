// The lexical half of the language (language.md section 1): where a word, number, string, resource or
// comment ends, and where a line end ends a statement. Plain functions, no PEGTL: the grammar, the
// recovery after errors, the messages and the formatter share them.
//
// A scan function answers the end of what begins at `at`, or null where no such thing begins there.
// They are lenient on purpose (a string may lack its closing quote): what is wrong inside a token is
// said once, by the parser's actions, and parsing goes on behind it.
// Covered by tests/parse_test.cpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "lang/syntax/source.h"

namespace remit::lang::parsing {

// A place in a text. `begin` is where the document starts, after a byte-order mark.
struct Cursor {
  const char* begin;
  const char* at;
  const char* end;
};

const char* scan_word(Cursor c) noexcept;        // letters, digits, `_`; not first a digit
const char* scan_name(Cursor c) noexcept;        // a word that is not reserved
const char* scan_action(Cursor c) noexcept;      // a name that does not begin a resource
const char* scan_dotted(Cursor c) noexcept;      // `hipaa.minimum_necessary`; words after a dot are free
const char* scan_attribute(Cursor c) noexcept;   // as dotted, and the session facts though reserved
const char* scan_system(Cursor c) noexcept;      // also `+` and `-`
const char* scan_number(Cursor c) noexcept;      // all that begins with a digit, or `-` and a digit
const char* scan_string(Cursor c) noexcept;      // to the closing quote, or to the line's end
const char* scan_resource(Cursor c) noexcept;    // `docs:/a\ b`, `docs:"/a b"`
const char* scan_variable(Cursor c) noexcept;    // `$name`, `$name/more`
const char* scan_identifier(Cursor c) noexcept;  // bare text after `agent` and its like
const char* scan_zone(Cursor c) noexcept;        // `Europe/Zurich`
const char* scan_day(Cursor c) noexcept;         // `mon` to `sun`
const char* scan_comparison(Cursor c) noexcept;  // `==` and its like

// `#` at the start of a line or after a blank, to before the line's end.
const char* scan_comment(Cursor c) noexcept;
const char* scan_line_end(Cursor c) noexcept;  // LF or CR LF
// Between words of one line: blanks. Never null. Inline: every rule that can fail asks for it.
inline const char* scan_gap(Cursor c) noexcept {
  while (c.at < c.end && (*c.at == ' ' || *c.at == '\t')) ++c.at;
  return c.at;
}
// Where a line end ends nothing: blanks, line ends, comments. Never null.
const char* scan_spread(Cursor c) noexcept;
// Between statements: as spread, and `;`. Null where there is nothing of the kind.
const char* scan_separators(Cursor c) noexcept;
// To a word that begins a clause, on this line or on the next that is neither blank nor comment.
const char* scan_to_clause(Cursor c) noexcept;
// `c.at` itself where a statement may end here (`;`, the end of the text, a line end that a clause
// word does not undo), else null. Blanks and a comment may come before that.
const char* scan_statement_end(Cursor c) noexcept;
// The same inside braces, where `}` ends a statement too.
const char* scan_member_end(Cursor c) noexcept;

bool is_word_character(char c) noexcept;
bool is_clause_word(std::string_view word) noexcept;

// What stands at a place, for messages and for recovery.
enum class TokenKind : std::uint8_t {
  end_of_text, line_end, comment, word, number, string, resource, variable, symbol,
};
struct Token {
  TokenKind kind = TokenKind::end_of_text;
  std::string_view text;
};
Token scan_token(Cursor c) noexcept;

}  // namespace remit::lang::parsing
