// What the parser knows while it reads: the tree so far, the parts of the statement at hand, the
// furthest place that anything failed at, the faults found inside tokens. The actions (actions.h) fill
// it, the control (parse.cpp) reports failures to it, recovery turns those into diagnostics.
//
// Parts wait in slots (`values`, `words`, ...) until the enclosing rule takes them; slots are emptied
// where a statement begins, so nothing that failed leaks into the next.
// Private to lang/parse. Covered by tests/parse_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lang/parse/literal_text.h"
#include "lang/parse/scan.h"
#include "lang/parse/text.h"
#include "lang/syntax/syntax.h"

namespace remit::lang::parsing {

inline constexpr std::size_t kMaxNesting = 64;  // parentheses and `not`, language.md section 1
inline constexpr std::size_t kMaxStatements = std::size_t{1} << 20;

struct Builder {
  Builder(const Source& text, Diagnostics& findings);

  const Source& source;
  Diagnostics& diagnostics;
  const char* begin;  // of the document, after a byte-order mark
  const char* end;
  std::vector<TextFault> text_faults;  // already reported; statements that hold one are not trusted
  syntax::Document document;

  // --- the statement at hand
  const char* statement_begin = nullptr;
  syntax::StatementKind kind = syntax::StatementKind::rule;
  syntax::Rule rule;
  syntax::Let let;
  syntax::Use use;
  syntax::System system;
  syntax::Lifetime lifetime;
  syntax::Test test;
  std::optional<syntax::Header> header;
  std::optional<syntax::Expectation> expectation;
  const char* member_begin = nullptr;
  bool member_failed = false;  // a member of this system or test was reported

  // --- slots
  std::vector<syntax::Word> words;
  std::vector<syntax::Value> values;
  std::vector<syntax::Resource> resources;
  std::vector<syntax::Expr> expressions;
  std::vector<syntax::Identifier> identifiers;
  std::vector<syntax::Binding> bindings;
  std::vector<syntax::Parameter> parameters;
  std::vector<syntax::Clause::Days> days;
  std::vector<syntax::Clause> clauses;
  std::optional<Span> any_span, only_span;
  std::optional<syntax::Subject> subject;
  syntax::Amount amount;
  bool list_type = false;        // the attribute's type at hand is `list of ...`
  std::uint32_t type_begin = 0;  // and where it begins
  std::size_t list_begin = 0;  // of the list at hand in `values`; lists do not nest
  bool compared = false;         // the comparison at hand has a sign and a right side
  syntax::ExprKind operation = syntax::ExprKind::truth;
  std::string_view operation_text;

  // --- nesting
  std::size_t depth = 0;
  std::vector<const char*> open;  // brackets not yet closed
  const char* body = nullptr;     // the `{` of the system or test at hand

  // --- failures: labels of what would have matched at the furthest place
  const char* furthest;  // the begin of the document where nothing has failed yet
  std::vector<std::string_view> expected;
  const char* innermost_open = nullptr;  // the last bracket still open at that place
  // Faults inside tokens and of clauses: parsing goes on, but the statement does not count.
  struct Fault {
    Span span;
    std::string code, message, help;
  };
  std::vector<Fault> faults;

  Span span(const char* from, const char* to) const {
    return {static_cast<std::uint32_t>(from - source.text().data()), static_cast<std::uint32_t>(to - source.text().data())};
  }
  Cursor cursor(const char* at) const { return {begin, at, end}; }

  void begin_statement(const char* at);
  void begin_member(const char* at);
  // How many labels of the furthest place were there before a labelled rule began at `at`.
  std::size_t enter(const char* at) const { return scan_gap(cursor(at)) == furthest ? expected.size() : 0; }
  // A labelled rule that began at `at` failed; what its own parts said at that same place gives way.
  void fail(const char* at, std::string_view label, std::size_t entered) {
    const char* const place = scan_gap(cursor(at));
    if (place >= furthest) note(place, label, entered);
  }

  void fault(Span where, std::string code, std::string message, std::string help = {});
  void fault(const char* token, const std::optional<TokenFault>& found);

  // True where the statement from `statement_begin` to `to` is good and was added to the document.
  bool commit(const char* to);
  // True where a member or expectation is good.
  bool commit_member();
  // Report why the statement (the member) at `at` did not match; where to go on. A member answers null
  // where no member can be: at `}`, at the end, at a word that begins a statement.
  const char* recover_statement(const char* at);
  const char* recover_member(const char* at);

 private:
  void note(const char* place, std::string_view label, std::size_t entered);
  std::size_t statements_ = 0;
  bool tainted(const char* from, const char* to) const;  // holds one of text_faults
  void report_faults();
  void clear_failures();
  void too_many(const char* at);
};

// Where parsing goes on after a statement (member) from `from` failed at `failed`: see recover.cpp.
const char* skip_failed(Cursor from, const char* failed, bool member);
// Whether a line's first word, at `c`, can only be a statement of a document.
bool begins_statement(Cursor c);

// "expected X or Y, found Z" with a suggestion: see explain.cpp.
Diagnostic explain(const Builder& builder, const char* statement);

}  // namespace remit::lang::parsing
