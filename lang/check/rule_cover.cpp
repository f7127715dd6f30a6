// Rules compared with one another (rule_cover.h).
#include "lang/check/rule_cover.h"

#include <algorithm>

#include "lang/check/condition_logic.h"

namespace remit::lang::checker {
namespace {

// What looking at a pair of rules takes at least, in steps.
constexpr std::size_t kPair = 8;

bool any_of(const std::vector<std::uint32_t>& indexes, std::uint32_t wanted) {
  return std::binary_search(indexes.begin(), indexes.end(), wanted);
}

// Every window has its own place, but what it says is these four.
bool same(const Window& a, const Window& b) {
  return a.from == b.from && a.to == b.to && a.days == b.days && a.zone == b.zone;
}

}  // namespace

bool RuleCover::spend(std::size_t steps) const {
  const bool enough = steps <= effort_.left;
  effort_.left -= std::min(steps, effort_.left);
  return enough;
}

bool RuleCover::has_action_of(const Subject& subject, std::uint32_t system) const {
  return subject.any ||
         std::any_of(subject.names.begin(), subject.names.end(), [&](const std::string& name) {
           return context_.systems.has_action(system, name);
         });
}

bool RuleCover::actions_within(const Subject& inner, const Subject& outer,
                               std::uint32_t system) const {
  if (inner.any) return false;  // that a list names every action is not looked for
  if (!spend(inner.names.size() * (outer.names.size() + 1))) return false;
  const std::vector<ActionInfo>& actions = context_.systems.all()[system].actions;
  return std::all_of(inner.names.begin(), inner.names.end(), [&](const std::string& name) {
    const ActionInfo* const asked = context_.systems.action(system, name);
    if (asked == nullptr) return true;  // the rule does not speak of this system with it
    const auto index = static_cast<std::uint32_t>(asked - actions.data());
    // Groups are transitive: what covers an action covers all that it covers.
    return std::any_of(outer.names.begin(), outer.names.end(), [&](const std::string& one) {
      const ActionInfo* const known = context_.systems.action(system, one);
      return known != nullptr && any_of(known->covers, index);
    });
  });
}

bool RuleCover::actions_within(const Subject& inner, const Subject& outer,
                               const Pattern& where) const {
  if (outer.any) return true;
  if (!where.anything) return actions_within(inner, outer, where.system);
  if (inner.any) return false;
  // Systems that a guardrail or grants document does not know are judged by declarations of other
  // layers, whose groups are unknown here: only names count.
  if (!spend(inner.names.size() * outer.names.size())) return false;
  const auto is_named = [&](const std::string& name) {
    return std::find(outer.names.begin(), outer.names.end(), name) != outer.names.end();
  };
  if (context_.result.kind != DocumentKind::scope &&
      !std::all_of(inner.names.begin(), inner.names.end(), is_named))
    return false;
  for (std::uint32_t system = 0; system < context_.systems.all().size(); ++system) {
    if (!actions_within(inner, outer, system)) return false;
  }
  return true;
}

bool RuleCover::speaks_of_all(const Subject& inner, const std::vector<Pattern>& exceptions,
                              const Subject& outer) const {
  return std::all_of(inner.resources.begin(), inner.resources.end(), [&](const Pattern& pattern) {
    if (covers_nothing(pattern)) return true;
    if (covers(outer.resources, pattern, &effort_)) return actions_within(inner, outer, pattern);
    if (exceptions.empty()) return false;
    std::vector<Pattern> together = outer.resources;
    together.insert(together.end(), exceptions.begin(), exceptions.end());
    return covers(together, pattern, &effort_) && actions_within(inner, outer, pattern);
  });
}

bool RuleCover::excepts_all(const Rule& rule) const {
  const std::vector<Pattern>& resources = rule.subject.resources;
  return std::all_of(resources.begin(), resources.end(), [&](const Pattern& pattern) {
    return covers_nothing(pattern) || covers(rule.guard.except, pattern, &effort_);
  });
}

// Is nothing that `inner` matches excepted from `outer`?
bool RuleCover::excepts_nothing_of(const Rule& inner, const Rule& outer) const {
  return std::all_of(
      outer.guard.except.begin(), outer.guard.except.end(), [&](const Pattern& exception) {
        if (covers(inner.guard.except, exception, &effort_)) return true;
        return std::none_of(
            inner.subject.resources.begin(), inner.subject.resources.end(),
            [&](const Pattern& pattern) { return meets(pattern, exception, &effort_); });
      });
}

bool RuleCover::matches_whenever(const Rule& inner, const Rule& outer) const {
  if (!spend(kPair)) return false;
  const Guard &one = inner.guard, &other = outer.guard;
  if (other.between && !one.between) return false;
  if (other.between && !same(*one.between, *other.between)) return false;
  if (other.after && !one.after) return false;
  if (!speaks_of_all(inner.subject, one.except, outer.subject) || !excepts_nothing_of(inner, outer))
    return false;
  // Whatever was granted earlier and makes `inner` match must make `outer` match.
  if (other.after && !speaks_of_all(*one.after, {}, *other.after)) return false;
  const std::vector<Claim> known = claims_of(one), wanted = claims_of(other);
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](Claim claim) { return implies(known, claim); });
}

bool RuleCover::actions_meet(const Subject& a, const Subject& b, std::uint32_t system) const {
  if (!spend(a.names.size() * (b.names.size() + 1) + b.names.size())) return true;
  if (a.any || b.any) return has_action_of(a, system) && has_action_of(b, system);
  for (const std::string& name : a.names) {
    const ActionInfo* const one = context_.systems.action(system, name);
    if (one == nullptr) continue;
    for (const std::string& name_of_b : b.names) {
      const ActionInfo* const other = context_.systems.action(system, name_of_b);
      if (other == nullptr) continue;
      if (std::any_of(one->covers.begin(), one->covers.end(),
                      [&](std::uint32_t action) { return any_of(other->covers, action); }))
        return true;
    }
  }
  return false;
}

bool RuleCover::actions_meet(const Subject& a, const Subject& b, const Pattern& where) const {
  if (!where.anything) return actions_meet(a, b, where.system);
  if (context_.result.kind != DocumentKind::scope)
    return true;  // in some system that another layer declares
  for (std::uint32_t system = 0; system < context_.systems.all().size(); ++system) {
    if (actions_meet(a, b, system)) return true;
  }
  return false;
}

bool RuleCover::may_meet(const Rule& a, const Rule& b) const {
  const auto excepted = [&](const Pattern& pattern) {
    return covers(a.guard.except, pattern, &effort_) || covers(b.guard.except, pattern, &effort_);
  };
  for (const Pattern& one : a.subject.resources) {
    for (const Pattern& other : b.subject.resources) {
      if (!spend(kPair)) return true;
      if (!meets(one, other, &effort_) || excepted(one) || excepted(other)) continue;
      if (actions_meet(a.subject, b.subject, one.anything ? other : one)) return true;
    }
  }
  return false;
}

}  // namespace remit::lang::checker
