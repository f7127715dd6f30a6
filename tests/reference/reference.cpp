// The stateless doors. See reference.h.
#include "tests/reference/reference.h"

#include "tests/reference/canonical.h"
#include "tests/reference/judge.h"

namespace remit::reference {
namespace {

std::int64_t micros(Time time) { return time.time_since_epoch().count(); }

// Sections 4 and 7: the facts of the session; what its task scope states goes before what the host
// says.
SessionFacts facts_of(const lang::Lifetime& task, const Facts& facts) {
  SessionFacts result;
  result.agent = facts.agent;
  result.user = facts.user;
  result.sponsor = task.sponsor ? task.sponsor : facts.sponsor;
  result.purpose = task.purpose ? task.purpose : facts.purpose;
  result.trigger = facts.trigger;
  if (task.trigger) result.trigger = task.trigger->text;  // "`trigger` is its quoted text"
  for (const Attribute& fact : facts.named) result.named.emplace_back(fact.name, own(fact.value));
  return result;
}

std::vector<Verdict> judge_all(const std::vector<Layer>& layers, const Request& request,
                               const Facts& facts, Time now, Notes* notes) {
  Notes unread;
  std::vector<Setting> settings;
  const auto seen = std::make_shared<const SessionFacts>(facts_of(layers[0].document->lifetime, facts));
  for (const Layer& layer : layers) {
    Setting setting;
    setting.document = layer.document;
    setting.standing.opened = micros(facts.opened);
    setting.facts = seen;
    setting.id = settings.size();
    settings.push_back(setting);
  }
  Asked asked;
  const auto malformed = read_request(request, asked);
  std::vector<Verdict> result;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (malformed) {
      // What is wrong with the request is wrong "before any rule is looked at", so in every layer.
      result.push_back({{Effect::deny, *malformed, i, std::nullopt}, {}, {}});
    } else {
      result.push_back(
          judge(settings, i, {}, asked, micros(now), nullptr, notes != nullptr ? *notes : unread));
    }
  }
  return result;
}

}  // namespace

std::vector<Outcome> verdicts(const std::vector<Layer>& layers, const Request& request,
                              const Facts& facts, Time now, Notes* notes) {
  std::vector<Outcome> result;
  for (const Verdict& verdict : judge_all(layers, request, facts, now, notes))
    result.push_back(verdict.outcome);
  return result;
}

Outcome decide(const std::vector<Layer>& layers, const Request& request, const Facts& facts,
               Time now, Notes* notes) {
  const std::vector<Verdict> all = judge_all(layers, request, facts, now, notes);
  return all[combine(all)].outcome;
}

}  // namespace remit::reference
