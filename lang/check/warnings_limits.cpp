// Warnings about limits that nothing permitted can reach: no allow or ask of the document speaks of
// what they count. Whatever other layers permit must pass this one too. The list is in
// warnings.cpp. Covered by tests/warnings_test.cpp and tests/warnings_property_test.cpp.
#include <algorithm>

#include "lang/check/cover_index.h"
#include "lang/check/warnings_parts.h"

namespace remit::lang::checker {
namespace {

class Limits {
 public:
  explicit Limits(Judge& judge) : judge_(judge), rules_(judge.rules()) {}

  void look() {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (rules_[i].kind != RuleKind::limit || rules_[i].from_rule || judge_.never[i] ||
          judge_.context.origins[i].parametric)
        continue;
      if (!gathered_) gather();
      if (reachable(rules_[i]) || judge_.effort.left == 0) continue;
      judge_.warn(i, judge_.context.origins[i].written().subject.span, "unreachable-limit",
                  "no rule permits what this limit counts",
                  "leave it out, or permit something of it");
    }
  }

 private:
  void gather() {
    gathered_ = true;
    index_.make_room(rules_);
    for (std::size_t i = rules_.size(); i-- > 0;) {
      if (rules_[i].kind != RuleKind::allow && rules_[i].kind != RuleKind::ask) continue;
      if (judge_.context.origins[i].parametric) any_parametric_ = true;
      if (judge_.never[i]) continue;
      permits_.push_back(i);
      for (const Pattern& pattern : rules_[i].subject.resources) {
        index_.add(static_cast<std::uint32_t>(i), pattern);
        index_.add_way(pattern);
      }
    }
  }

  // Rules that permit something above what the limit counts are found by the index. Only where
  // there may be others, beneath it, every rule is asked, as far as the effort goes.
  bool reachable(const Rule& limit) {
    if (any_parametric_) return true;  // it may permit anything
    bool found = false, others = false;
    for (const Pattern& pattern : limit.subject.resources) {
      const bool all_tried = index_.candidates(pattern, [&](std::size_t rule) {
        found = judge_.cover.may_meet(rules_[rule], limit);
        return found;
      });
      if (found) return true;
      others = others || !all_tried || index_.leads_on(pattern);
    }
    return others && std::any_of(permits_.begin(), permits_.end(), [&](std::size_t rule) {
             return judge_.cover.may_meet(rules_[rule], limit);
           });
  }

  Judge& judge_;
  const std::vector<Rule>& rules_;
  bool gathered_ = false, any_parametric_ = false;
  std::vector<std::size_t> permits_;
  CoverIndex index_;
};

}  // namespace

void warn_of_limits(Judge& judge) { Limits(judge).look(); }

}  // namespace remit::lang::checker
