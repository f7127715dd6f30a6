// Warnings about rules that say more than an author may see: whole systems, every action, a clock
// without a place, and `has` where leaving something out helps the caller. One rule at a time,
// mostly from its text. The list is in warnings.cpp. Covered by tests/warnings_test.cpp.
#include <algorithm>

#include <fmt/format.h>

#include "lang/check/names.h"
#include "lang/check/warnings_parts.h"

namespace remit::lang::checker {
namespace {

class Breadth {
 public:
  Breadth(Judge& judge, std::size_t index)
      : judge_(judge),
        index_(index),
        rule_(judge.rules()[index]),
        written_(judge.context.origins[index].written()) {}

  void look() {
    const DocumentKind kind = judge_.context.result.kind;
    // What denies or caps may be as broad as it likes.
    if (kind == DocumentKind::scope &&
        (rule_.kind == RuleKind::allow || rule_.kind == RuleKind::ask))
      whole_systems();
    if (kind != DocumentKind::guardrail && rule_.kind == RuleKind::allow && written_.subject.any) {
      judge_.warn(index_, written_.subject.any_span, "grant-of-any",
                  "`any` permits every action of the system, deleting and sharing too",
                  "list the actions that are needed");
    }
    for (const syntax::Clause& clause : written_.clauses) {
      if (clause.kind == syntax::ClauseKind::between && !clause.zone) {
        judge_.warn(index_, clause.span, "between-without-zone",
                    "no `in` says whose clock is meant: this is UTC",
                    "add the zone: `in Europe/Zurich`, or `in UTC`");
      }
      if (clause.condition) presence(*clause.condition, clause.kind == syntax::ClauseKind::unless);
    }
  }

 private:
  void whole_systems() {
    const std::vector<Pattern>& patterns = rule_.subject.resources;
    if (std::none_of(patterns.begin(), patterns.end(),
                     [&](const Pattern& pattern) { return is_whole(pattern); }))
      return;
    const std::vector<std::size_t> sources =
        sources_of(judge_.context.origins[index_], written_.subject.resources, patterns);
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      if (!is_whole(patterns[i])) continue;
      const syntax::Resource& resource = written_.subject.resources[sources[i]];
      const std::string what =
          patterns[i].anything ? "every system that is known"
                               : fmt::format("the whole of system `{}`",
                                             judge_.context.systems.all()[patterns[i].system].name);
      judge_.warn(index_, resource.whole, "whole-system",
                  fmt::format("{} covers {}", quote(resource.text), what),
                  "name the part of it that the task needs");
    }
  }

  // All that is rooted, or all that is named: most systems have only the one or the other.
  bool is_whole(const Pattern& pattern) {
    if (pattern.anything) return true;
    const std::string_view beginning = literal_beginning(pattern);
    if (!beginning.empty() && beginning != "/") return false;
    Pattern rooted, named;
    rooted.system = named.system = pattern.system;
    rooted.text = "/";
    named.text = kDeep;
    return covers(pattern, rooted, &judge_.effort) || covers(pattern, named, &judge_.effort);
  }

  // A `has` that is false where the caller leaves the attribute out. `turned`: behind an odd number
  // of `unless` and `not`, so that false makes the rule match.
  void presence(const syntax::Expr& expr, bool turned) {
    if (expr.kind == syntax::ExprKind::has) {
      const std::string_view name = expr.left.text;
      const bool from_session =
          is_fact(name) || name.substr(0, 5) == "user." || name.substr(0, 6) == "agent.";
      if (!from_session) left_out(expr, turned);
      return;
    }
    const bool turns = expr.kind == syntax::ExprKind::negation;
    for (const syntax::Expr& child : expr.children) presence(child, turned != turns);
  }

  void left_out(const syntax::Expr& expr, bool turned) {
    const std::string name = quote(expr.left.text);
    if (rule_.kind == RuleKind::allow && turned) {
      judge_.warn(index_, expr.span, "has-in-unless",
                  fmt::format("a caller who leaves {} out is permitted more", name),
                  "compare its value instead: where that is unknown, an `allow` does not match");
    }
    if ((rule_.kind == RuleKind::deny || rule_.kind == RuleKind::limit) && !turned) {
      judge_.warn(index_, expr.span, "has-in-when",
                  fmt::format("a caller who leaves {} out escapes this {}", name,
                              rule_.kind == RuleKind::deny ? "`deny`" : "`limit`"),
                  "compare its value instead: where that is unknown, the rule matches");
    }
  }

  Judge& judge_;
  const std::size_t index_;
  const Rule& rule_;
  const syntax::Rule& written_;
};

}  // namespace

void warn_of_breadth(Judge& judge) {
  for (std::size_t i = 0; i < judge.rules().size(); ++i) {
    if (!judge.rules()[i].from_rule) Breadth(judge, i).look();
  }
}

}  // namespace remit::lang::checker
