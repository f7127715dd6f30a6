// Rules, lifetime and layers: language.md sections 5 and 6. See reference.h.
#include "tests/reference/reference.h"

#include <algorithm>

#include "tests/reference/canonical.h"
#include "tests/reference/condition.h"
#include "tests/reference/match.h"
#include "tests/reference/window.h"

namespace remit::reference {
namespace {

std::int64_t micros(Time time) { return time.time_since_epoch().count(); }

// Section 5, `after`: "matches only if this session has earlier been granted such a request".
bool granted_earlier(const lang::Subject& subject, const Setting& setting, std::size_t layer) {
  for (const Asked& earlier : setting.granted) {
    const auto* system = declaration(setting.layers, layer, earlier.system);
    if (system != nullptr &&
        subject_matches(*setting.layers[layer].document, *system, subject, earlier))
      return true;
  }
  return false;
}

// Does the rule match? Its subject, not its exceptions, and every clause (section 5).
Kleene rule_matches(const lang::Rule& rule, const lang::SystemInfo& system, const Setting& setting,
                    std::size_t layer, const Asked& asked) {
  const lang::Resolved& document = *setting.layers[layer].document;
  if (!subject_matches(document, system, rule.subject, asked)) return Kleene::no;
  if (any_covers(document, rule.guard.except, asked)) return Kleene::no;
  Kleene truth = Kleene::yes;
  for (const auto& part : rule.guard.conditions) {
    // "Several must each hold (each `when` true, each `unless` false)".
    Kleene holds = evaluate(part.condition, system, setting, asked);
    if (part.unless && holds != Kleene::unknown) holds = kleene(holds == Kleene::no);
    truth = std::min(truth, holds);
  }
  if (rule.guard.between)
    truth = std::min(truth, in_window(document, *rule.guard.between, setting.now));
  if (rule.guard.after)
    truth = std::min(truth, kleene(granted_earlier(*rule.guard.after, setting, layer)));
  return truth;
}

// Section 6, step 2, as far as it needs no memory; section 7: `expires`, `starts`.
std::optional<Reason> lifetime_over(const lang::Lifetime& lifetime, const Setting& setting) {
  if (lifetime.starts && setting.now < *lifetime.starts) return Reason::not_yet_valid;
  if (lifetime.expires_at && setting.now >= *lifetime.expires_at) return Reason::expired;
  if (!lifetime.expires_after) return std::nullopt;
  // "from the session's opening"; an end beyond what a time can hold is never reached.
  const std::int64_t opened = setting.facts.opened;
  if (opened > INT64_MAX - *lifetime.expires_after) return std::nullopt;
  if (setting.now >= opened + *lifetime.expires_after) return Reason::expired;
  return std::nullopt;
}

// Section 6, "One document, one request", steps 1 to 4.
Outcome judge(const Setting& setting, std::size_t layer, const Asked& asked, Notes& notes) {
  const lang::Resolved& document = *setting.layers[layer].document;
  const auto deny = [&](Reason reason) {
    return Outcome{Effect::deny, reason, layer, std::nullopt};
  };

  const lang::SystemInfo* system = declaration(setting.layers, layer, asked.system);
  if (system == nullptr) return deny(Reason::unknown_system);
  if (!find_action(*system, asked.action)) return deny(Reason::unknown_action);
  if (document.kind == lang::DocumentKind::scope) {
    if (const auto reason = lifetime_over(document.lifetime, setting)) return deny(*reason);
  }

  // "the first in the text among those that decide"
  std::optional<std::size_t> denies, asks, may_ask, allows;
  for (std::size_t i = 0; i < document.rules.size(); ++i) {
    const lang::Rule& rule = document.rules[i];
    if (rule.kind == lang::RuleKind::limit) continue;
    const Kleene matches = rule_matches(rule, *system, setting, layer, asked);
    if (matches == Kleene::no) continue;
    if (matches == Kleene::unknown) ++notes.unknown_rules;
    const auto first = [&](std::optional<std::size_t>& place) {
      if (!place) place = i;
    };
    // Section 5: "Unknown always falls on the restrictive side".
    if (rule.kind == lang::RuleKind::deny) first(denies);
    if (rule.kind == lang::RuleKind::ask) first(matches == Kleene::yes ? asks : may_ask);
    if (rule.kind == lang::RuleKind::allow && matches == Kleene::yes) first(allows);
  }
  if (denies) return {Effect::deny, Reason::denied_by_rule, layer, denies};
  // "an ask rule matches, or an allow rule matches and some ask rule is unknown"; reported is "the
  // first that matches, else the first unknown".
  if (asks) return {Effect::ask, Reason::asked_by_rule, layer, asks};
  if (allows && may_ask) return {Effect::ask, Reason::asked_by_rule, layer, may_ask};
  if (allows) return {Effect::allow, Reason::allowed_by_rule, layer, allows};
  return deny(Reason::no_matching_rule);
}

// Sections 4 and 7: the facts of the session; what its task scope states goes before what the host
// says.
Setting setting_of(const std::vector<Layer>& layers, const Facts& facts, Time now) {
  Setting setting;
  setting.layers = layers;
  setting.now = micros(now);
  SessionFacts& own_facts = setting.facts;
  own_facts.agent = facts.agent;
  own_facts.user = facts.user;
  own_facts.sponsor = facts.sponsor;
  own_facts.purpose = facts.purpose;
  own_facts.trigger = facts.trigger;
  for (const Attribute& fact : facts.named)
    own_facts.named.emplace_back(fact.name, own(fact.value));
  own_facts.opened = micros(facts.opened);
  const lang::Lifetime& task = layers[0].document->lifetime;
  if (task.purpose) own_facts.purpose = task.purpose;
  if (task.sponsor) own_facts.sponsor = task.sponsor;
  if (task.trigger) own_facts.trigger = task.trigger->text;  // "`trigger` is its quoted text"
  return setting;
}

}  // namespace

std::vector<Outcome> verdicts(const std::vector<Layer>& layers, const Request& request,
                              const Facts& facts, Time now, Notes* notes) {
  Notes unread;
  std::vector<Outcome> result;
  Asked asked;
  const auto malformed = read_request(request, asked);
  const Setting setting = setting_of(layers, facts, now);
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    // What is wrong with the request is wrong "before any rule is looked at", so in every layer.
    result.push_back(malformed ? Outcome{Effect::deny, *malformed, layer, std::nullopt}
                               : judge(setting, layer, asked, notes != nullptr ? *notes : unread));
  }
  return result;
}

Outcome decide(const std::vector<Layer>& layers, const Request& request, const Facts& facts,
               Time now, Notes* notes) {
  // Section 6, Layers: "deny if any denies, else ask if any asks, else allow"; reported is "the
  // first layer, in order, that denies (or asks; or, for allow, of the task scope)".
  const std::vector<Outcome> all = verdicts(layers, request, facts, now, notes);
  for (const Effect effect : {Effect::deny, Effect::ask}) {
    for (const Outcome& one : all) {
      if (one.effect == effect) return one;
    }
  }
  return all[0];
}

}  // namespace remit::reference
