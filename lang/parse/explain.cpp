// The furthest failure of a statement -> one diagnostic: what was expected, what was found, and what
// the author most likely meant. Pure: reads the builder, changes nothing.
// Covered by tests/parse_test.cpp.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "lang/check/names.h"
#include "lang/parse/builder.h"

namespace remit::lang::parsing {
namespace {

constexpr std::array<std::string_view, 22> kStatementWords = {
    "allow", "deny",    "ask",     "limit",  "let",      "use",   "test",   "system", "expires",   "starts", "idle",
    "purpose", "agent", "sponsor", "review", "trigger", "delegate", "scope", "grants", "guardrail", "on",     "any"};

// What the failure looks like; everything that the suggestions below decide by.
struct Scene {
  const Builder& builder;
  Token first;     // of the statement
  Token found;
  const char* at;  // of `found`
  Token before;    // the token before it, in the statement

  bool expects(std::string_view label) const {
    return std::find(builder.expected.begin(), builder.expected.end(), label) != builder.expected.end();
  }
  bool finds(std::string_view text) const { return found.text == text; }
  bool in_place_of_statement() const { return expects("a statement"); }
};

std::string_view source_text(const Scene& scene) { return {scene.at, static_cast<std::size_t>(scene.builder.end - scene.at)}; }

// Labels that are spellings get backquotes; the others are words for people.
std::string shown(std::string_view label) {
  return label.find(' ') == std::string_view::npos ? "`" + std::string(label) + "`" : std::string(label);
}

std::string expectation(const Scene& scene) {
  const std::vector<std::string_view>& labels = scene.builder.expected;
  std::string out;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (i > 0) out += i + 1 == labels.size() ? " or " : ", ";
    out += shown(labels[i]);
  }
  return out;
}

std::string name_of(const Token& token) {
  switch (token.kind) {
    case TokenKind::end_of_text: return "the end of the document";
    case TokenKind::line_end:
    case TokenKind::comment: return "the end of the line";
    case TokenKind::string: return "the string " + checker::quote(token.text);
    case TokenKind::number: return checker::quote(token.text);
    case TokenKind::resource: return "the resource " + checker::quote(token.text);
    default: break;
  }
  if (token.kind == TokenKind::word && checker::is_reserved(token.text)) return "the reserved word " + checker::quote(token.text);
  return checker::quote(token.text);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string did_you_mean(std::string_view word) { return fmt::format("did you mean `{}`?", word); }

constexpr std::string_view kLineEnds = "a line end ended the statement before: put the operator at the end of that line, or use parentheses";

// Signs and marks of other languages.
std::string help_for_symbol(const Scene& scene) {
  const auto is = [&](std::string_view text) { return scene.finds(text); };
  if (is("#")) return "a comment needs a blank before its `#`; a `#` in a path or a string stands in quotes";
  if (scene.in_place_of_statement() && scan_comparison(scene.builder.cursor(scene.at)) != nullptr) return std::string(kLineEnds);
  if (scene.in_place_of_statement() && (is("&&") || is("&") || is("||") || is("|"))) return {};
  if (is("&&") || is("&")) return "write `and`";
  if (is("||") || is("|")) return "write `or`";
  if (is("!") && (scene.expects("a condition") || scene.expects("a comparison"))) return "write `not`";
  if (is("=")) return scene.expects("a comparison") ? "write `==` to compare" : "";
  if (is("=>")) return "write `>=`";
  if (is("=<")) return "write `<=`";
  if (is("<>") || is("=!")) return "write `!=`";
  if (is("===")) return "write `==`";
  if (scan_comparison(scene.builder.cursor(scene.at)) != nullptr && scene.expects("and"))
    return "comparisons do not chain: join two of them with `and`";
  if (is("(") && scene.before.text == "in") return "the values of a list stand in brackets: `in [\"a\", \"b\"]`";
  if (is("'") || is("`")) return "strings stand in double quotes";
  if (is("\xE2\x80\x9C") || is("\xE2\x80\x9D") || is("\xE2\x80\x9E") || is("\xC2\xAB") || is("\xC2\xBB"))
    return "strings stand in straight double quotes: \"...\"";
  if (is("\xC2\xA0")) return "this is a no-break space (U+00A0): write an ordinary blank";
  if (is("\xEF\xBB\xBF")) return "this is a byte-order mark (U+FEFF): it may only stand at the start of the document";
  if (is("$")) return "a variable is `$` and a name: `$folder`";
  if (is("}") && scene.in_place_of_statement()) return "no `{` is open here";
  if ((is(")") || is("]")) && scene.builder.innermost_open == nullptr) return "no bracket is open here";
  if (is("/") && (scene.in_place_of_statement() || source_text(scene).substr(0, 2) == "//" || source_text(scene).substr(0, 2) == "/*")) return "comments begin with `#`";
  const bool touches = scene.before.text.data() != nullptr && scene.before.text.data() + scene.before.text.size() == scene.at;
  if ((is(".") || is("-") || is(":") || is("/")) && scene.before.kind == TokenKind::word && touches && scene.expects("a resource"))
    return "an action with such characters stands in quotes: `\"getUser\"`, `\"tools/call\"`";
  if (is("/") && scene.expects("a resource")) return "a resource begins with its system: `docs:/a`";
  if ((is("/") || is("-")) && scene.before.kind == TokenKind::word && scene.first.text == "use")
    return "modules are named with dots: `use hipaa.minimum_necessary`";
  if (is("*") && (scene.expects("an action") || scene.in_place_of_statement())) return "`any` stands for every action";
  if (is("*") && scene.expects("a resource")) return "`anything` stands for every resource";
  if (is("(") && scene.before.kind == TokenKind::word && scene.expects("a comparison")) return "conditions have no functions";
  if ((is("+") || is("-") || is("*") || is("/") || is("%")) && scene.expects("a comparison")) return "conditions have no arithmetic";
  if (is(",") && scene.before.text == "any") return "`any` stands alone: it covers every action";
  if (is(":") && scene.first.text == "use") return "modules are named with dots: `use hipaa.minimum_necessary`";
  if (is("[") && scene.expects("a value")) return "lists do not nest";
  if (is("[") && scene.expects("a resource")) return "resources are listed with commas, without brackets";
  return {};
}

// `use "hipaa/x.scope"` -> hipaa.x
std::string module_of(std::string_view quoted) {
  std::string name(quoted);
  name.erase(std::remove(name.begin(), name.end(), '"'), name.end());
  if (const std::size_t tail = name.rfind(".scope"); tail != std::string::npos) name.erase(tail);
  std::replace(name.begin(), name.end(), '/', '.');
  name.erase(0, name.find_first_not_of('.'));
  return name.empty() ? "hipaa.minimum_necessary" : name;
}

std::string nearest_keyword(const Scene& scene) {
  checker::Nearest nearest(scene.found.text);
  for (const std::string_view label : scene.builder.expected)
    if (label.size() > 1 && label.find(' ') == std::string_view::npos) nearest.offer(label);
  if (scene.expects("a clause"))
    for (const std::string_view word : {"except", "when", "unless", "at", "between", "after", "because"}) nearest.offer(word);
  if (scene.expects("a comparison"))
    for (const std::string_view word : {"in", "like"}) nearest.offer(word);
  if (scene.in_place_of_statement())
    for (const std::string_view word : kStatementWords) nearest.offer(word);
  return nearest.best();
}

bool expects_name(const Scene& scene) {
  for (const std::string_view label : {"a name", "an action", "an attribute", "the name of a system", "the name of a module",
                                       "a condition", "a value or an attribute"})
    if (scene.expects(label)) return true;
  return false;
}

bool expects_closing(const Scene& scene) { return scene.expects(")") || scene.expects("]") || scene.expects("}"); }

std::string help_for_word(const Scene& scene) {
  const std::string_view word = scene.found.text;
  const std::string small = lower(word);
  if (small != word && checker::is_reserved(small)) return fmt::format("the words of the language are lower case: `{}`", small);
  if (scene.expects("a string")) return fmt::format("put it in quotes: `\"{}\"`", word);
  if (scene.expects("the test's name in quotes")) return fmt::format("put it in quotes: `test \"{}\"`", word);
  if (scene.before.text == "," && scene.expects("a resource") && begins_statement(scene.builder.cursor(scene.at)))
    return "the comma before it carries the list on: leave it out, or list one more";
  if (word == "any" && scene.expects("an action")) return "`any` stands alone: it covers every action";
  if (word == "not" && scene.expects("a comparison")) return "write `not` first: `not X in LIST`";
  if ((word == "allow" || word == "deny" || word == "ask") && scene.expects("an action") && scene.before.kind == TokenKind::word &&
      (scene.before.text == "allow" || scene.before.text == "deny" || scene.before.text == "ask"))
    return "a rule has one effect";
  if (is_clause_word(word) && scene.in_place_of_statement()) return "a clause stands behind a rule, without `;` between";
  if (checker::is_reserved(word) && scene.expects("an action")) return fmt::format("to use it as an action, put it in quotes: `\"{}\"`", word);
  if (checker::is_reserved(word) && (scene.expects("a name") || scene.expects("the name of a system"))) return "choose another name";
  if (scene.in_place_of_statement() && (word == "and" || word == "or" || word == "in" || word == "like")) return std::string(kLineEnds);
  if (const std::string near = nearest_keyword(scene); !near.empty() && !checker::is_reserved(word)) return did_you_mean(near);
  if (word == "to" && scene.expects("and")) return "write `between 09:00 and 18:00`";
  if (checker::is_reserved(word) && scene.expects("a resource") && scene.before.kind == TokenKind::word)
    return "a resource is a system, a colon and a path: `docs:/clinical/A`";
  if (scene.expects("a clause") && scene.before.kind == TokenKind::resource)
    return "statements stand on lines of their own, or with `;` between them";
  if (scene.expects("a day")) return "the days are `mon tue wed thu fri sat sun`";
  if (scene.expects("a resource") && !is_clause_word(word)) return "a resource is a system, a colon and a path: `docs:/clinical/A`";
  return {};
}

std::string help_for(const Scene& scene) {
  switch (scene.found.kind) {
    case TokenKind::symbol: return help_for_symbol(scene);
    case TokenKind::word: return help_for_word(scene);
    case TokenKind::string: {
      if (scene.expects("a resource") && scene.before.kind == TokenKind::word && scene.before.text.data() == scene.first.text.data())
        return "actions are listed with commas; a resource begins with its system: `docs:\"/Trial A\"`";
      if (scene.first.text == "use" && scene.expects("the name of a module"))
        return fmt::format("modules are named without quotes: `use {}`", module_of(scene.found.text));
      for (const std::string_view label : {"a duration", "a time", "a duration or a time", "a number", "an amount", "a time of day"})
        if (scene.expects(label)) return "write it without quotes";
      if (scene.expects("a resource")) return "a resource begins with its system: `docs:\"/Trial A\"`";
      return {};
    }
    case TokenKind::number:
      if (scene.expects("a name")) return "a name begins with a lower-case letter";
      if (scene.expects("a string")) return fmt::format("put it in quotes: `\"{}\"`", scene.found.text);
      return {};
    case TokenKind::resource:
      if (scene.expects("an action")) return "a rule names its actions first: `read docs:/a`; `any` stands for all of them";
      if (scene.in_place_of_statement()) return "a rule begins with its actions: `read docs:/a`";
      if (scene.expects(",") && scene.before.kind == TokenKind::resource) return "put a comma between resources";
      return {};
    default: return {};
  }
}

// What other languages call the effects.
constexpr std::pair<std::string_view, std::string_view> kOtherWords[] = {
    {"permit", "allow"}, {"grant", "allow"}, {"forbid", "deny"}, {"block", "deny"}, {"reject", "deny"}};

// `alow read docs:/a`: the statement's first word is what is wrong, not the word after it.
std::string mistyped_statement(const Scene& scene) {
  if (scene.first.kind != TokenKind::word || checker::is_reserved(scene.first.text)) return {};
  const char* const behind = scene.first.text.data() + scene.first.text.size();
  if (scan_gap(scene.builder.cursor(behind)) != scene.at || !scene.expects("a resource")) return {};
  const std::string word_there = lower(scene.first.text);
  for (const auto& [word, meant] : kOtherWords) {
    if (word_there == word) return std::string(meant);
  }
  checker::Nearest nearest(word_there);
  for (const std::string_view word : kStatementWords) nearest.offer(word);
  for (const std::string_view word : {"except", "when", "unless", "between", "after", "because"}) nearest.offer(word);
  return nearest.best();
}

Token token_before(const Builder& builder, const char* from, const char* at) {
  Token last;
  for (Cursor c = builder.cursor(scan_spread(builder.cursor(from))); c.at < at; c.at = scan_spread(c)) {
    last = scan_token(c);
    c.at += last.text.size();
  }
  return last;
}

}  // namespace

Diagnostic explain(const Builder& builder, const char* statement) {
  const char* const at = std::max(builder.furthest, statement);
  Scene scene{builder, scan_token(builder.cursor(statement)), scan_token(builder.cursor(at)), at, token_before(builder, statement, at)};
  // `attribute per: int`: no resource was meant by that colon.
  if (scene.found.kind == TokenKind::resource && scene.expects("a name")) scene.found = {TokenKind::word, scene.found.text.substr(0, scene.found.text.find(':'))};
  const Source& source = builder.source;
  const auto length = [](const Token& token) { return token.kind == TokenKind::comment ? std::size_t{0} : token.text.size(); };
  const Span where = builder.span(at, at + length(scene.found));

  if (const std::string meant = mistyped_statement(scene); !meant.empty())
    return source.diagnose(Severity::error, "unknown-statement", builder.span(statement, statement + scene.first.text.size()),
                           fmt::format("no statement begins with `{}`", scene.first.text), did_you_mean(meant));
  if (scene.finds("#"))
    return source.diagnose(Severity::error, "touching-comment", where, "a `#` touches the text before it, so it begins no comment",
                           help_for(scene));

  std::string message = fmt::format("expected {}, found {}", expectation(scene), name_of(scene.found));
  std::string help = help_for(scene);
  if (help.empty() && builder.innermost_open != nullptr && expects_closing(scene)) {
    const Position open = source.position(builder.span(builder.innermost_open, builder.innermost_open).begin);
    help = fmt::format("the `{}` of line {}, column {} is still open", *builder.innermost_open, open.line, open.column);
  }
  const bool reserved = scene.found.kind == TokenKind::word && checker::is_reserved(scene.found.text) && expects_name(scene);
  return source.diagnose(Severity::error, reserved ? "reserved-word" : "syntax", where, std::move(message), std::move(help));
}

}  // namespace remit::lang::parsing
