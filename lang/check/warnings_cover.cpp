// Warnings about rules that other rules make idle: covered by one of the same effect, or by a deny.
// The list is in warnings.cpp. Covered by tests/warnings_test.cpp and
// tests/warnings_property_test.cpp.
//
// A rule is idle only if leaving it out changes no decision, nor what a decision shows: a deny with
// a `because` of its own in front of the broader one says something, and so does every such ask,
// for an ask carries the words of all that matched.
#include <algorithm>

#include <fmt/format.h>

#include "lang/check/cover_index.h"
#include "lang/check/names.h"
#include "lang/check/warnings_parts.h"

namespace remit::lang::checker {
namespace {

class Covers {
 public:
  explicit Covers(Judge& judge) : judge_(judge), rules_(judge.rules()) {
    index_.make_room(rules_);
    for (std::size_t i = rules_.size(); i-- > 0;) {
      if (!judged(i)) continue;
      for (const Pattern& pattern : rules_[i].subject.resources)
        index_.add(static_cast<std::uint32_t>(i), pattern);
    }
  }

  void look() {
    for (std::size_t i = 0; i < rules_.size() && judge_.effort.left > 0; ++i) {
      if (!judged(i) || rules_[i].from_rule || rules_[i].subject.resources.empty()) continue;
      look_at(i);
    }
  }

 private:
  bool judged(std::size_t i) const {
    return !judge_.context.origins[i].parametric && !judge_.never[i];
  }

  void look_at(std::size_t inner) {
    std::size_t covering = inner, denying = inner, last = inner;
    const auto test = [&](std::size_t outer) {
      if (outer == last || outer == inner) return false;
      last = outer;
      if (rules_[outer].kind == RuleKind::deny && rules_[inner].kind != RuleKind::deny) {
        if (judge_.cover.matches_whenever(rules_[inner], rules_[outer])) denying = outer;
      } else if (covering == inner && makes_idle(inner, outer)) {
        covering = outer;
      }
      // Denied says more than covered.
      return denying != inner || (covering != inner && rules_[inner].kind == RuleKind::deny);
    };
    index_.candidates(first_pattern(rules_[inner]), test);
    if (denying != inner)
      denied(inner, denying);
    else if (covering != inner)
      covered(inner, covering);
  }

  // What covers the rule covers this one, which is as good as any to look for it by.
  static const Pattern& first_pattern(const Rule& rule) {
    const std::vector<Pattern>& patterns = rule.subject.resources;
    const auto at = std::find_if(patterns.begin(), patterns.end(),
                                 [](const Pattern& pattern) { return !covers_nothing(pattern); });
    return at == patterns.end() ? patterns[0] : *at;
  }

  bool makes_idle(std::size_t inner, std::size_t outer) {
    if (rules_[inner].kind != rules_[outer].kind || !is_ours(inner, outer) ||
        speaks_first(inner, outer) || !contains(inner, outer))
      return false;
    // Of two that contain each other, the later one is idle.
    return outer < inner || !contains(outer, inner);
  }

  // Modules are made to be combined: that one of their rules is covered from outside is no mistake.
  bool is_ours(std::size_t inner, std::size_t outer) const {
    const Scope* const scope = judge_.context.origins[inner].scope;
    return scope->user == nullptr || scope == judge_.context.origins[outer].scope;
  }

  bool speaks_first(std::size_t inner, std::size_t outer) const {
    const Rule &one = rules_[inner], &other = rules_[outer];
    return one.because && one.because != other.because &&
           (inner < outer || one.kind == RuleKind::ask);
  }

  // The rule with its `at most`, within another with its own; or a limit within another that is no
  // looser.
  bool contains(std::size_t inner, std::size_t outer) const {
    const std::size_t limit = limit_of(inner), other = limit_of(outer);
    if (limit < rules_.size() &&
        (other == rules_.size() || !no_looser(*rules_[limit].amount, *rules_[other].amount)))
      return false;
    return judge_.cover.matches_whenever(rules_[inner], rules_[outer]);
  }

  // The index of the limit that the rule is or carries; past the end where there is none.
  std::size_t limit_of(std::size_t rule) const {
    if (rules_[rule].kind == RuleKind::limit) return rule;
    return rule + 1 < rules_.size() && rules_[rule + 1].from_rule ? rule + 1 : rules_.size();
  }

  // Where both count the same requests: is `b` full whenever `a` is?
  static bool no_looser(const Amount& a, const Amount& b) {
    return a.count == b.count && a.attribute == b.attribute && b.most <= a.most && (!b.per || b.per == a.per);
  }

  // Warnings are shown in the document itself, which is file 0.
  std::string place_of(std::size_t rule) const {
    const Place& place = rules_[rule].place;
    return place.file == 0
               ? fmt::format("in line {}", place.line)
               : fmt::format("in {}:{}", judge_.context.result.files[place.file], place.line);
  }

  void covered(std::size_t inner, std::size_t outer) {
    const bool limit = rules_[inner].kind == RuleKind::limit;
    judge_.warn(
        inner, span_of(inner), "covered-rule",
        limit
            ? fmt::format("the limit {} counts all that this one counts, and allows no more of it",
                          place_of(outer))
            : fmt::format("the rule {} covers this one wholly", place_of(outer)),
        limit ? "leave this limit out" : "leave this rule out");
  }

  void denied(std::size_t inner, std::size_t outer) {
    const std::string deny = fmt::format("the `deny` {}", place_of(outer));
    if (rules_[inner].kind == RuleKind::limit) {
      judge_.warn(inner, span_of(inner), "unreachable-limit",
                  deny + " forbids all that this limit counts", "leave this limit out");
    } else {
      judge_.warn(inner, span_of(inner), "denied-allow",
                  deny + " forbids all that this rule permits",
                  "leave one of the two out, or let the `deny` except something");
    }
    judge_.never[inner] = true;
  }

  Span span_of(std::size_t rule) const {
    return judge_.context.origins[rule].written().subject.span;
  }

  Judge& judge_;
  const std::vector<Rule>& rules_;
  CoverIndex index_;
};

}  // namespace

void warn_of_cover(Judge& judge) { Covers(judge).look(); }

}  // namespace remit::lang::checker
