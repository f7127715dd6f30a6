// After an error: where the next statement (or member of a system, or expectation of a test) begins.
//
// The skipper reads tokens, so strings, comments and quoted paths hide their contents, and it counts
// brackets, so that a good rest of a long statement is skipped with it. A bracket that is never closed
// must not swallow the document: inside brackets, a line that can only begin a statement ends the skip.
// Every byte is read once. Covered by tests/parse_test.cpp.
#include <algorithm>
#include <array>

#include "lang/parse/builder.h"

namespace remit::lang::parsing {
namespace {

// Words that begin a statement and can begin no line of a system, a test or a condition.
constexpr std::array<std::string_view, 16> kTopWords = {"scope",  "grants", "guardrail", "system", "use",     "let",    "test",    "limit",
                                                        "expires", "starts", "idle",      "agent",  "sponsor", "review", "trigger", "delegate"};
constexpr std::array<std::string_view, 6> kOperators = {"and", "or", "not", "in", "like", "has"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A line end after this token ends nothing (language.md section 1).
bool continues_line(const Token& token) {
  if (token.kind == TokenKind::word) return among(kOperators, token.text);
  return token.kind == TokenKind::symbol && (token.text == "," || token.text.find_first_of("=<>") != std::string_view::npos);
}

// `agent = "..."` is a binding, not a statement.
bool is_binding(Cursor c, const Token& first) {
  c.at = scan_gap({c.begin, c.at + first.text.size(), c.end});
  return c.at < c.end && *c.at == '=';
}

// Inside brackets also `allow ...`, `read docs:/a`: no line of a condition looks like that.
bool looks_like_rule(Cursor c, const Token& first) {
  if (first.kind != TokenKind::word) return false;
  if (first.text == "allow" || first.text == "deny" || first.text == "ask") return !is_binding(c, first);
  if (among(kOperators, first.text) || is_clause_word(first.text)) return false;
  c.at = scan_gap({c.begin, c.at + first.text.size(), c.end});
  return c.at < c.end && scan_resource(c) != nullptr;
}

}  // namespace

bool begins_statement(Cursor c) {
  const Token first = scan_token(c);
  if (first.kind != TokenKind::word) return false;
  const Token next = scan_token({c.begin, scan_gap({c.begin, c.at + first.text.size(), c.end}), c.end});
  if (first.text == "on") return next.text == "behalf";
  if (first.text == "purpose") return next.kind == TokenKind::string;
  return among(kTopWords, first.text) && !is_binding(c, first);
}

const char* skip_failed(Cursor c, const char* failed, bool member) {
  int round = 0, braces = 0;
  Token last;
  bool line_begins = false;
  while (c.at < c.end) {
    c.at = scan_gap(c);
    const Token token = scan_token(c);
    if (token.kind == TokenKind::end_of_text) break;
    if (token.kind == TokenKind::line_end) {
      const bool may_end = c.at >= failed && round == 0 && braces == 0 && !continues_line(last);
      // A clause further down goes on with the statement; what lies between is not read again.
      const char* const clause = may_end ? scan_to_clause(c) : nullptr;
      if (may_end && clause == nullptr) return c.at;
      c.at = clause != nullptr ? clause : scan_line_end(c);
      line_begins = true;
      continue;
    }
    if (token.kind == TokenKind::comment) {
      c.at += token.text.size();
      continue;
    }
    // A failure at a line's first word is often a statement cut short before it: read that line.
    const bool fresh = begins_statement(c) || (!member && round > 0 && looks_like_rule(c, token));
    if (line_begins && c.at >= failed && fresh) return c.at;
    line_begins = false;
    if (token.kind == TokenKind::symbol) {
      if (token.text == "(" || token.text == "[") ++round;
      if ((token.text == ")" || token.text == "]") && round > 0) --round;
      if (token.text == "{") ++braces;
      if (token.text == "}") {
        if (braces == 0 && member) return c.at;  // no member goes on behind it, so it has not failed there either
        if (braces > 0) --braces, round = 0;
        if (braces == 0 && !member && c.at >= failed) return c.at + 1;
      }
      if (token.text == ";" && c.at >= failed && round == 0 && braces == 0) return c.at;
    }
    c.at += token.text.size();
    last = token;
  }
  return c.end;
}

}  // namespace remit::lang::parsing
