// Tokens -> lines (layout.h). Covered by tests/format_test.cpp.
#include "lang/format/layout.h"

#include <algorithm>

#include "lang/parse/scan.h"

namespace remit::lang::formatting {
namespace {

using parsing::Token;
using parsing::TokenKind;

bool is_opening(std::string_view text) { return text == "(" || text == "["; }
bool is_closing(std::string_view text) { return text == ")" || text == "]"; }

// Signs that have a place of their own between blanks or brackets. All others (`.` of a path of names,
// `-` of `mon-fri`, `/` of a time zone) keep what they touch.
bool is_punctuation(std::string_view text) {
  return text == "," || text == ":" || text == "{" || text == "}" || is_opening(text) || is_closing(text) ||
         text.find_first_of("=<>") != std::string_view::npos;
}

// An identifier, which comes as a word, may be written like a sign: `agent )`.
bool needs_space(std::string_view before, TokenKind before_kind, std::string_view text, TokenKind kind, bool touches, Shape shape) {
  const bool sign = kind == TokenKind::symbol, sign_before = before_kind == TokenKind::symbol;
  if (sign && (text == "," || text == ":" || is_closing(text))) return false;
  if (sign_before && is_opening(before)) return false;
  if (sign && text == "(") return shape != Shape::call;
  const bool joins = (sign && !is_punctuation(text)) || (sign_before && !is_punctuation(before));
  return !(touches && joins);
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Fills lines with pieces; knows where the line at hand stands.
class Lines {
 public:
  Lines(std::string& out, std::size_t indent) : out_(out), column_(indent) { out_.append(indent, ' '); }

  void begin_line(std::size_t indent) {
    out_ += '\n';
    out_.append(indent, ' ');
    column_ = indent;
    fresh_ = true;
  }
  void put(std::string_view text, bool space) {
    if (space && !fresh_) out_ += ' ', ++column_;
    out_ += text;
    column_ += width_of(text);
    fresh_ = false;
  }
  // The comments before a piece that is to begin at `indent`; true where there were any, and the
  // piece's line has begun.
  bool comments_before(const Piece& piece, std::size_t indent) {
    if (piece.trailing.empty() && piece.own_lines.empty()) return false;
    if (!piece.trailing.empty()) (out_ += "  ") += piece.trailing;
    for (const std::string_view comment : piece.own_lines) {
      begin_line(indent);
      out_ += comment;
    }
    begin_line(indent);
    return true;
  }
  std::size_t column() const { return column_; }

 private:
  std::string& out_;
  std::size_t column_;
  bool fresh_ = true;
};

// The columns that pieces [from, ...) take up to the next place where a line may end.
std::size_t unit_width(const std::vector<Piece>& pieces, std::size_t from) {
  std::size_t width = 0;
  for (std::size_t i = from; i < pieces.size(); ++i) {
    const bool ends = pieces[i].may_break || pieces[i].begins_clause || !pieces[i].trailing.empty() || !pieces[i].own_lines.empty();
    if (i > from && ends) break;
    width += width_of(pieces[i].text) + (pieces[i].space_before ? 1 : 0);
  }
  return width;
}

bool fits_on_a_line(const std::vector<Piece>& pieces, std::size_t indent) {
  std::size_t width = indent;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (!pieces[i].trailing.empty() || !pieces[i].own_lines.empty()) return false;
    width += width_of(pieces[i].text) + (i > 0 && pieces[i].space_before ? 1 : 0);
    if (width > kWidth) return false;
  }
  return true;
}

}  // namespace

std::string_view trimmed(std::string_view comment) {
  while (comment.back() == ' ' || comment.back() == '\t') comment.remove_suffix(1);  // down to its `#`
  return comment;
}

std::vector<Piece> pieces_of(const Source& source, Span span, const std::vector<Span>& comments, const std::vector<Span>& atoms,
                             Shape shape) {
  const char* const text = source.text().data();
  const char* const end = text + span.end;
  parsing::Cursor c{text + source.start(), text + span.begin, end};
  auto comment = std::lower_bound(comments.begin(), comments.end(), span.begin, [](const Span& s, std::uint32_t at) { return s.begin < at; });
  auto atom = atoms.begin();
  std::vector<Piece> pieces;
  Token last;
  const char* last_end = c.at;
  std::size_t round = 0;
  for (;;) {
    c.at = parsing::scan_spread(c);
    Piece piece;
    for (; comment != comments.end() && text + comment->begin < c.at; ++comment) {
      const std::string_view words = trimmed(source.slice(*comment));
      const bool same_line = std::find(last_end, words.data(), '\n') == words.data();
      if (same_line) {
        piece.trailing = words;
      } else {
        piece.own_lines.push_back(words);
      }
    }
    if (c.at >= end) break;  // a span ends with a token, so no comment is left over
    while (atom != atoms.end() && text + atom->begin < c.at) ++atom;
    Token token = parsing::scan_token(c);
    if (atom != atoms.end() && text + atom->begin == c.at) token = {TokenKind::word, source.slice(*atom)};

    piece.text = token.text;
    piece.space_before = !pieces.empty() && needs_space(last.text, last.kind, token.text, token.kind, last_end == c.at, shape);
    const bool clause_word = token.kind == TokenKind::word && parsing::is_clause_word(token.text) && round == 0;
    // Only where the grammar wants a clause can such a word stand outside a name; after `.` it is one.
    const bool clause = clause_word && last.text != ".";
    piece.begins_clause = shape == Shape::rule && clause;
    piece.may_break = last.text == "," || (shape == Shape::outcome && clause) ||
                      (shape == Shape::rule && last.kind == TokenKind::word && (last.text == "and" || last.text == "or"));
    if (is_opening(token.text)) ++round;
    if (is_closing(token.text) && round > 0) --round;
    c.at += token.text.size();
    last = token;
    last_end = c.at;
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

void lay_out(const std::vector<Piece>& pieces, std::size_t indent, Shape /*shape*/, std::string& out) {
  Lines lines(out, indent);
  const bool flat = fits_on_a_line(pieces, indent);
  std::size_t further = indent + kContinueIndent;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    const bool new_clause = piece.begins_clause && !flat;
    const std::size_t here = new_clause ? indent + kClauseIndent : further;
    const bool begun = lines.comments_before(piece, here);
    if (new_clause) {
      if (!begun) lines.begin_line(here);
      further = here + kContinueIndent;
    } else if (!begun && !flat && piece.may_break && lines.column() + unit_width(pieces, i) > kWidth) {
      lines.begin_line(further);
    }
    lines.put(piece.text, piece.space_before);
  }
}

}  // namespace remit::lang::formatting
