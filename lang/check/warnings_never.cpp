// Warnings about rules that never match, and exceptions that take nothing away. The list is in
// warnings.cpp. Covered by tests/warnings_test.cpp and tests/warnings_property_test.cpp.
//
// That nothing in a document grants what its `after` waits for proves nothing: a sub-session shares
// the history of its parent, which may do what the sub-session may not.
#include <algorithm>

#include <fmt/format.h>

#include "lang/check/condition_logic.h"
#include "lang/check/names.h"
#include "lang/check/warnings_parts.h"

namespace remit::lang::checker {
namespace {

class Never {
 public:
  Never(Judge& judge, std::size_t index)
      : judge_(judge),
        index_(index),
        rule_(judge.rules()[index]),
        origin_(judge.context.origins[index]),
        written_(origin_.written()) {}

  void look() {
    const bool never = names_nothing() || excepts_all() || waits_for_nothing() || conditions_fail();
    judge_.never[index_] = never;
    if (!never && !rule_.guard.except.empty()) idle_exceptions();
  }

 private:
  bool never(Span span, const std::string& message, std::string help) {
    return judge_.warn(index_, span, "never-matches", message + ", so this rule never matches",
                       std::move(help));
  }

  static bool covers_none(const std::vector<Pattern>& patterns) {
    return std::all_of(patterns.begin(), patterns.end(),
                       [](const Pattern& pattern) { return covers_nothing(pattern); });
  }

  // Of a kind that the rule has.
  const syntax::Clause& clause(syntax::ClauseKind kind) const {
    return *std::find_if(written_.clauses.begin(), written_.clauses.end(),
                         [&](const syntax::Clause& one) { return one.kind == kind; });
  }

  bool names_nothing() {
    if (!covers_none(rule_.subject.resources)) return false;
    return never(written_.subject.resources[0].whole,
                 "a system by itself is no resource that `only` could cover",
                 "leave `only` out, or name a resource");
  }

  bool excepts_all() {
    if (rule_.guard.except.empty() || !judge_.cover.excepts_all(rule_)) return false;
    return never(clause(syntax::ClauseKind::except).span,
                 "this `except` takes away all that the rule covers",
                 "leave the rule out, or except less");
  }

  bool waits_for_nothing() {
    if (!rule_.guard.after || !covers_none(rule_.guard.after->resources)) return false;
    return never(clause(syntax::ClauseKind::after).span,
                 "a system by itself is no resource that `only` could cover",
                 "leave `only` out, or name a resource");
  }

  // An allow matches where all is true. The others match, or turn an allow into an ask, also where
  // something is unknown: `deny ... when n > 5 and n < 3` denies requests without an `n`.
  bool conditions_fail() {
    const std::vector<Claim> claims = claims_of(rule_.guard);
    if (claims.empty()) return false;
    const bool needs_truth = rule_.kind == RuleKind::allow;
    const auto fails = [&](const std::vector<Claim>& some) {
      return needs_truth ? never_true(some) : std::any_of(some.begin(), some.end(), always_false);
    };
    std::size_t at = 0;
    for (const syntax::Clause& one : written_.clauses) {
      if (!one.condition) continue;
      if (fails({claims[at++]})) {
        const bool unless = one.kind == syntax::ClauseKind::unless;
        return never(one.span,
                     fmt::format("{} for no request",
                                 unless ? "this condition is false" : "this condition is true"),
                     "");
      }
    }
    if (!fails(claims)) return false;
    return never(written_.subject.span, "its conditions hold together for no request", "");
  }

  // One for each resource as it is written: of `$places`, every pattern must be idle.
  void idle_exceptions() {
    const std::vector<syntax::Resource>& resources = clause(syntax::ClauseKind::except).resources;
    const std::vector<Pattern>& patterns = rule_.guard.except;
    const std::vector<std::size_t> sources = sources_of(origin_, resources, patterns);
    std::vector<bool> idle(resources.size());
    for (std::size_t begin = 0, end = 0; begin < patterns.size(); begin = end) {
      const std::size_t source = sources[begin];
      bool all = true, outside = true;
      for (end = begin; end < patterns.size() && sources[end] == source; ++end) {
        if (!all) continue;
        const bool apart = takes_nothing(patterns[end]);
        outside = outside && apart;
        all = apart || excepted_by_others(end, sources, idle);
      }
      if (!all) continue;
      idle[source] = true;
      const std::string name = quote(resources[source].text);
      judge_.warn(index_, resources[source].whole, "idle-except",
                  name + (outside ? " is nothing that this rule covers"
                                  : " is excepted by another pattern already"),
                  "leave it out");
    }
  }

  bool takes_nothing(const Pattern& exception) {
    if (!exception.anything && !covers_nothing(exception) &&
        !judge_.cover.has_action_of(rule_.subject, exception.system))
      return true;
    return std::none_of(
        rule_.subject.resources.begin(), rule_.subject.resources.end(),
        [&](const Pattern& pattern) { return meets(pattern, exception, &judge_.effort); });
  }

  // Of two that cover each other, the later one is idle.
  bool excepted_by_others(std::size_t at, const std::vector<std::size_t>& sources,
                          const std::vector<bool>& idle) {
    const std::vector<Pattern>& all = rule_.guard.except;
    for (std::size_t other = 0; other < all.size() && judge_.effort.left > 0; ++other) {
      if (sources[other] == sources[at] || idle[sources[other]] ||
          !covers(all[other], all[at], &judge_.effort))
        continue;
      if (sources[other] < sources[at] || !covers(all[at], all[other], &judge_.effort)) return true;
    }
    return false;
  }

  Judge& judge_;
  const std::size_t index_;
  const Rule& rule_;
  const Origin& origin_;
  const syntax::Rule& written_;
};

}  // namespace

void warn_of_never(Judge& judge) {
  for (std::size_t i = 0; i < judge.rules().size(); ++i) {
    // The limit of an `at most` never counts where its rule never matches.
    if (judge.rules()[i].from_rule)
      judge.never[i] = judge.never[i - 1];
    else if (!judge.context.origins[i].parametric)
      Never(judge, i).look();
  }
}

}  // namespace remit::lang::checker
