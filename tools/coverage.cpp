// Coverage of rules by tests. See coverage.h.
#include "tools/coverage.h"

#include <algorithm>
#include <string>

#include "lang/check/context.h"
#include "lang/check/resolved.h"
#include "lang/parse/parse.h"

namespace remit::tools {
namespace {

namespace syntax = lang::syntax;

constexpr const char* kCode = "untested-rule";

// The rules of the text itself, without its modules, as the parser has them and as the checker has.
class Statements {
 public:
  Statements(std::string_view text, const lang::Resolved& resolved)
      : source_(resolved.files[0], std::string(text)),
        tree_(lang::parse(source_, unread_)),
        text_(source_, tree_, 0),
        resolved_(resolved) {}

  // Calls `use` with the index of each rule and its statement. Both are in text order, and what
  // modules bring stands between them with the number of another file.
  template <class Use>
  void each(Use&& use) const {
    std::size_t rule = 0;
    for (const syntax::Statement& statement : tree_.statements) {
      if (statement.kind != syntax::StatementKind::rule) continue;
      while (rule < resolved_.rules.size() &&
             (resolved_.rules[rule].place.file != 0 || resolved_.rules[rule].from_rule))
        ++rule;
      if (rule == resolved_.rules.size()) return;
      use(rule++, statement, tree_.rules[statement.index]);
    }
  }

  void warn(const syntax::Statement& statement, lang::Span span, const char* message,
            const char* help, lang::Diagnostics& out) {
    if (silences_.silenced(text_, statement.span, kCode)) return;
    out.add(source_.diagnose(lang::Severity::warning, kCode, span, message, help));
  }

 private:
  lang::Diagnostics unread_;  // the text is known to be right
  lang::Source source_;
  syntax::Document tree_;
  lang::checker::Text text_;
  lang::checker::Silences silences_;
  const lang::Resolved& resolved_;
};

}  // namespace

void Coverage::note(const Decision& decision) {
  if (decision.rule == kNoRule) return;
  if (decision.rule >= reached_.size()) reached_.resize(decision.rule + 1);
  reached_[decision.rule] = true;
}

lang::Diagnostics Coverage::untested(std::string_view text, const lang::Compiled& document) const {
  lang::Diagnostics out;
  const lang::Resolved& resolved = document.resolved();
  if (resolved.tests.empty()) return out;
  Statements statements(text, resolved);
  statements.each([&](std::size_t rule, const syntax::Statement& statement,
                      const syntax::Rule& written) {
    const bool limit = resolved.rules[rule].kind == lang::RuleKind::limit;
    if (!reached(rule)) {
      statements.warn(
          statement, written.subject.span,
          limit ? "no test comes to the end of this limit" : "no test reaches this rule",
          limit ? "expect what it allows with `repeat`, then a `deny`"
                : "add a request that this rule decides",
          out);
    }
    const auto cap = std::find_if(written.clauses.begin(), written.clauses.end(),
                                  [](const syntax::Clause& clause) { return bool(clause.amount); });
    if (cap != written.clauses.end() && !reached(rule + 1)) {
      statements.warn(statement, cap->span, "no test comes to the end of this `at most`",
                      "expect what it allows with `repeat`, then a `deny`", out);
    }
  });
  return out;
}

}  // namespace remit::tools
