// Where tokens and statements end (scan.h). Covered by tests/parse_test.cpp.
#include "lang/parse/scan.h"

#include <algorithm>
#include <array>

#include "lang/check/names.h"

namespace remit::lang::parsing {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view between(const char* from, const char* to) {
  return {from, static_cast<std::size_t>(to - from)};
}

template <class Predicate>
const char* run(const char* at, const char* end, Predicate holds) {
  while (at < end && holds(*at)) ++at;
  return at;
}

bool at_line_end(const char* at, const char* end) {
  return *at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n');
}

bool stops_path(char c) {
  switch (c) {
    case ' ': case '\t': case ',': case ';': case '(': case ')': case '[': case ']': case '{': case '}': case '"': return true;
    default: return false;
  }
}

// An unquoted path runs to a blank or one of `, ; ( ) [ ] { } "`; a backslash takes the next
// character with it.
const char* path_end(const char* at, const char* end) {
  while (at < end && !at_line_end(at, end) && !stops_path(*at)) {
    if (*at == '\\' && at + 1 < end && !at_line_end(at + 1, end)) ++at;
    ++at;
  }
  return at;
}

const char* more_parts(Cursor c, const char* at) {
  while (at + 1 < c.end && *at == '.' && (is_letter(at[1]) || at[1] == '_'))
    at = run(at + 1, c.end, is_word_character);
  return at;
}

}  // namespace

bool is_word_character(char c) noexcept { return is_letter(c) || is_digit(c) || c == '_'; }

bool is_clause_word(std::string_view word) noexcept {
  constexpr std::array<std::string_view, 7> kClauseWords = {"except", "when", "unless", "at", "between", "after", "because"};
  return std::find(kClauseWords.begin(), kClauseWords.end(), word) != kClauseWords.end();
}

const char* scan_word(Cursor c) noexcept {
  if (c.at == c.end || (!is_letter(*c.at) && *c.at != '_')) return nullptr;
  return run(c.at, c.end, is_word_character);
}

const char* scan_name(Cursor c) noexcept {
  const char* const end = scan_word(c);
  return end == nullptr || checker::is_reserved(between(c.at, end)) ? nullptr : end;
}

const char* scan_action(Cursor c) noexcept {
  const char* const end = scan_name(c);
  if (end == nullptr || end == c.end || (*end != ':' && *end != '+' && *end != '-')) return end;
  return scan_resource(c) == nullptr ? end : nullptr;
}

const char* scan_dotted(Cursor c) noexcept {
  const char* const end = scan_name(c);
  return end == nullptr ? nullptr : more_parts(c, end);
}

const char* scan_attribute(Cursor c) noexcept {
  const char* const end = scan_word(c);
  if (end == nullptr) return nullptr;
  const std::string_view first = between(c.at, end);
  if (checker::is_reserved(first) && !checker::is_fact(first)) return nullptr;
  return more_parts(c, end);
}

const char* scan_system(Cursor c) noexcept {
  if (c.at == c.end || (!is_letter(*c.at) && *c.at != '_')) return nullptr;
  const char* const end = run(c.at, c.end, [](char x) { return is_word_character(x) || x == '+' || x == '-'; });
  return checker::is_reserved(between(c.at, end)) ? nullptr : end;
}

const char* scan_number(Cursor c) noexcept {
  const char* at = c.at;
  if (at < c.end && *at == '-') ++at;
  if (at == c.end || !is_digit(*at)) return nullptr;
  return run(at, c.end, [](char x) { return is_word_character(x) || x == '.' || x == ':' || x == '+' || x == '-'; });
}

const char* scan_string(Cursor c) noexcept {
  if (c.at == c.end || *c.at != '"') return nullptr;
  const char* at = c.at + 1;
  while (at < c.end && !at_line_end(at, c.end)) {
    if (*at == '"') return at + 1;
    if (*at == '\\' && at + 1 < c.end && !at_line_end(at + 1, c.end)) ++at;
    ++at;
  }
  return at;
}

const char* scan_resource(Cursor c) noexcept {
  if (c.at == c.end || !is_letter(*c.at)) return nullptr;
  const char* const colon = run(c.at, c.end, [](char x) { return is_letter(x) || is_digit(x) || x == '+' || x == '-'; });
  if (colon == c.end || *colon != ':') return nullptr;
  if (colon + 1 < c.end && colon[1] == '"') return scan_string({c.begin, colon + 1, c.end});
  return path_end(colon + 1, c.end);
}

const char* scan_variable(Cursor c) noexcept {
  if (c.at == c.end || *c.at != '$') return nullptr;
  const char* const end = scan_word({c.begin, c.at + 1, c.end});
  if (end == nullptr) return nullptr;
  return end < c.end && (*end == '/' || *end == '#') ? path_end(end, c.end) : end;
}

const char* scan_identifier(Cursor c) noexcept {
  if (c.at == c.end || *c.at == '#') return nullptr;
  const char* at = c.at;
  while (at < c.end && !at_line_end(at, c.end) && !is_blank(*at) && *at != ',' && *at != ';') ++at;
  return at == c.at ? nullptr : at;
}

const char* scan_zone(Cursor c) noexcept {
  if (c.at == c.end || !is_letter(*c.at)) return nullptr;
  return run(c.at, c.end, [](char x) { return is_word_character(x) || x == '/' || x == '+' || x == '-'; });
}

const char* scan_day(Cursor c) noexcept {
  constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const char* const end = scan_word(c);
  if (end == nullptr) return nullptr;
  return std::find(kDays.begin(), kDays.end(), between(c.at, end)) == kDays.end() ? nullptr : end;
}

const char* scan_comparison(Cursor c) noexcept {
  constexpr std::string_view kSigns = "=!<>";
  const char* const end = run(c.at, c.end, [=](char x) { return kSigns.find(x) != std::string_view::npos; });
  const std::string_view sign = between(c.at, end);
  constexpr std::array<std::string_view, 6> kComparisons = {"==", "!=", "<", "<=", ">", ">="};
  return std::find(kComparisons.begin(), kComparisons.end(), sign) == kComparisons.end() ? nullptr : end;
}

const char* scan_comment(Cursor c) noexcept {
  if (c.at == c.end || *c.at != '#') return nullptr;
  if (c.at != c.begin && !is_blank(c.at[-1]) && c.at[-1] != '\n') return nullptr;
  const char* at = c.at;
  while (at < c.end && !at_line_end(at, c.end)) ++at;
  return at;
}

const char* scan_line_end(Cursor c) noexcept {
  if (c.at == c.end || !at_line_end(c.at, c.end)) return nullptr;
  return c.at + (*c.at == '\r' ? 2 : 1);
}

const char* scan_spread(Cursor c) noexcept {
  for (;;) {
    c.at = scan_gap(c);
    if (const char* const end = scan_line_end(c)) {
      c.at = end;
    } else if (const char* const after = scan_comment(c)) {
      c.at = after;
    } else {
      return c.at;
    }
  }
}

const char* scan_separators(Cursor c) noexcept {
  const char* const here = c.at;
  for (c.at = scan_spread(c); c.at < c.end && *c.at == ';'; c.at = scan_spread(c)) ++c.at;
  return c.at == here ? nullptr : c.at;
}

const char* scan_to_clause(Cursor c) noexcept {
  c.at = scan_spread(c);
  const char* const end = scan_word(c);
  return end != nullptr && is_clause_word(between(c.at, end)) ? c.at : nullptr;
}

const char* scan_statement_end(Cursor c) noexcept {
  const char* const here = c.at;
  c.at = scan_gap(c);
  if (const char* const after = scan_comment(c)) c.at = after;
  if (c.at == c.end || *c.at == ';') return here;
  return at_line_end(c.at, c.end) && scan_to_clause(c) == nullptr ? here : nullptr;
}

const char* scan_member_end(Cursor c) noexcept {
  const char* const at = scan_gap(c);
  if (at < c.end && *at == '}') return c.at;
  return scan_statement_end(c);
}

Token scan_token(Cursor c) noexcept {
  const auto token = [&](TokenKind kind, const char* end) { return Token{kind, between(c.at, end)}; };
  if (c.at == c.end) return {TokenKind::end_of_text, between(c.at, c.at)};
  if (at_line_end(c.at, c.end)) return {TokenKind::line_end, between(c.at, c.at)};
  if (const char* end = scan_comment(c)) return token(TokenKind::comment, end);
  if (const char* end = scan_resource(c)) return token(TokenKind::resource, end);
  if (const char* end = scan_word(c)) return token(TokenKind::word, end);
  if (const char* end = scan_number(c)) return token(TokenKind::number, end);
  if (const char* end = scan_string(c)) return token(TokenKind::string, end);
  if (const char* end = scan_variable(c)) return token(TokenKind::variable, end);
  constexpr std::string_view kSigns = "=!<>&|";
  const char* end = run(c.at, c.end, [=](char x) { return kSigns.find(x) != std::string_view::npos; });
  if (end == c.at) {  // one character, with all its bytes
    ++end;
    while (end < c.end && (static_cast<unsigned char>(*end) & 0xC0U) == 0x80U) ++end;
  }
  return token(TokenKind::symbol, end);
}

}  // namespace remit::lang::parsing
