// Rules, limits and lifetime. See judge.h.
#include "tests/reference/judge.h"

#include <algorithm>

#include "tests/reference/condition.h"
#include "tests/reference/match.h"
#include "tests/reference/window.h"

namespace remit::reference {
namespace {

// Section 5, `after`: "matches only if this session has earlier been granted such a request";
// section 7: a sub-session shares its parent's history.
bool granted_earlier(const std::vector<Setting>& layers, std::size_t index, const Memory& memory,
                     const lang::Subject& subject) {
  return std::any_of(memory.grants.begin(), memory.grants.end(), [&](const Memory::Grant& earlier) {
    const auto* system = declaration(layers, index, earlier.asked.system);
    return system != nullptr &&
           subject_matches(*layers[index].document, *system, subject, earlier.asked);
  });
}

// What one layer judges by: everything but the rule.
struct Judge {
  const std::vector<Setting>& layers;
  std::size_t index;
  const Memory& memory;
  const Asked& asked;
  std::int64_t now;
  const lang::SystemInfo& system;

  const Setting& layer() const { return layers[index]; }
  const lang::Resolved& document() const { return *layer().document; }

  Kleene matches(const lang::Rule& rule) const;
  std::optional<std::int64_t> measure(const lang::Amount& amount) const;
};

// Does the rule match? Its subject, not its exceptions, and every clause (section 5).
Kleene Judge::matches(const lang::Rule& rule) const {
  if (!subject_matches(document(), system, rule.subject, asked)) return Kleene::no;
  if (any_covers(document(), rule.guard.except, asked)) return Kleene::no;
  Kleene truth = Kleene::yes;
  for (const auto& part : rule.guard.conditions) {
    // "Several must each hold (each `when` true, each `unless` false)".
    Kleene holds = evaluate(part.condition, system, *layer().facts, asked);
    if (part.unless && holds != Kleene::unknown) holds = kleene(holds == Kleene::no);
    truth = std::min(truth, holds);
  }
  if (rule.guard.between) truth = std::min(truth, in_window(document(), *rule.guard.between, now));
  if (rule.guard.after)
    truth = std::min(truth, kleene(granted_earlier(layers, index, memory, *rule.guard.after)));
  return truth;
}

// Section 5: "`N times`, a SIZE (sums the attribute `size`), or `N of ATTR` ... A negative or
// missing summed attribute denies with `limit_unmeasurable`". One of the wrong type is unknown, so
// missing.
std::optional<std::int64_t> Judge::measure(const lang::Amount& amount) const {
  if (amount.count) return 1;
  const lang::Constant* value = asked.attribute(amount.attribute);
  const bool declared =
      std::any_of(system.attributes.begin(), system.attributes.end(), [&](const auto& attribute) {
        return attribute.name == amount.attribute && attribute.type == amount.type;
      });
  if (!declared || value == nullptr || value->type != amount.type || value->number < 0)
    return std::nullopt;
  return value->number;
}

}  // namespace

// Section 5: "Without `per` it is for the whole session. With `per D` no half-open window of length
// D ever contains more than AMOUNT": those of a window that ends with this request are the charges
// less than D ago; `early` adds the D/64 that an implementation may deny too soon.
Wide used(const Memory& memory, std::size_t layer, std::size_t rule, const lang::Amount& amount,
          bool early, std::int64_t now) {
  Wide sum = 0;
  for (const Memory::Charge& charge : memory.charges) {
    if (charge.layer != layer || charge.rule != rule) continue;
    const Wide age = Wide(now) - charge.time;
    const bool counts =
        !amount.per || age < *amount.per || (early && age * 64 < Wide(*amount.per) * 65);
    if (counts) sum += charge.amount;
  }
  return sum;
}

std::optional<Reason> out_of_force(const Setting& layer, const Memory& memory, std::int64_t now) {
  if (layer.standing.revoked) return Reason::revoked;
  if (layer.standing.ended) return Reason::session_ended;
  if (layer.document->kind != lang::DocumentKind::scope) return std::nullopt;
  const lang::Lifetime& lifetime = layer.document->lifetime;
  const std::int64_t opened = layer.standing.opened;
  if (lifetime.starts && now < *lifetime.starts) return Reason::not_yet_valid;
  if (lifetime.expires_at && now >= *lifetime.expires_at) return Reason::expired;
  // "from the session's opening"
  if (lifetime.expires_after && Wide(now) - opened >= *lifetime.expires_after)
    return Reason::expired;
  if (!lifetime.idle) return std::nullopt;
  // "idle for its duration or longer (counted from the latest of that session's opening, `starts`,
  // and the last granted request anywhere in its tree)".
  std::int64_t last = std::max(opened, lifetime.starts.value_or(opened));
  for (const Memory::Grant& grant : memory.grants) last = std::max(last, grant.time);
  if (Wide(now) - last >= *lifetime.idle) return Reason::idle_expired;
  return std::nullopt;
}

Verdict judge(const std::vector<Setting>& layers, std::size_t index, const Memory& memory,
              const Asked& asked, std::int64_t now, const Outcome* observed, Notes& notes) {
  Verdict verdict;
  const auto decide = [&](Effect effect, Reason reason, std::optional<std::size_t> rule) {
    verdict.outcome = {effect, reason, index, rule};
    return verdict;
  };
  // Step 1, as far as it is not the same for all layers.
  const lang::SystemInfo* system = declaration(layers, index, asked.system);
  if (system == nullptr) return decide(Effect::deny, Reason::unknown_system, std::nullopt);
  if (!find_action(*system, asked.action))
    return decide(Effect::deny, Reason::unknown_action, std::nullopt);
  // Step 2.
  if (const auto reason = out_of_force(layers[index], memory, now))
    return decide(Effect::deny, *reason, std::nullopt);

  const Judge judge{layers, index, memory, asked, now, *system};
  const std::vector<lang::Rule>& rules = judge.document().rules;
  // "the first in the text among those that decide"
  std::optional<std::size_t> denies, asks, may_ask, allows;
  std::vector<std::size_t> limits;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Kleene matches = judge.matches(rules[i]);
    if (matches == Kleene::no) continue;
    if (matches == Kleene::unknown) ++notes.unknown_rules;
    const auto first = [&](std::optional<std::size_t>& place) {
      if (!place) place = i;
    };
    // Section 5: "Unknown always falls on the restrictive side".
    switch (rules[i].kind) {
      case lang::RuleKind::deny: first(denies); break;
      case lang::RuleKind::ask:
        first(matches == Kleene::yes ? asks : may_ask);
        verdict.asks.push_back(i);
        break;
      case lang::RuleKind::allow:
        if (matches == Kleene::yes) first(allows);
        break;
      case lang::RuleKind::limit: limits.push_back(i); break;
    }
  }
  // Step 3.
  if (denies) return decide(Effect::deny, Reason::denied_by_rule, denies);
  // Step 4.
  if (!asks && !allows) return decide(Effect::deny, Reason::no_matching_rule, std::nullopt);
  // Step 5.
  for (const std::size_t limit : limits) {
    const lang::Amount& amount = *rules[limit].amount;
    const auto more = judge.measure(amount);
    if (!more) return decide(Effect::deny, Reason::limit_unmeasurable, limit);
    const Outcome full{Effect::deny, Reason::limit_exceeded, index, limit};
    const bool early = observed != nullptr && *observed == full;
    if (used(memory, layers[index].id, limit, amount, early, now) + *more > amount.most)
      return decide(full.effect, full.reason, full.rule);
    verdict.charges.emplace_back(limit, *more);
  }
  // "an ask rule matches, or an allow rule matches and some ask rule is unknown"; reported is "the
  // first that matches, else the first unknown".
  if (asks) return decide(Effect::ask, Reason::asked_by_rule, asks);
  if (may_ask) return decide(Effect::ask, Reason::asked_by_rule, may_ask);
  return decide(Effect::allow, Reason::allowed_by_rule, allows);
}

std::size_t combine(const std::vector<Verdict>& verdicts) {
  for (const Effect effect : {Effect::deny, Effect::ask}) {
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      if (verdicts[i].outcome.effect == effect) return i;
    }
  }
  return 0;
}

}  // namespace remit::reference
