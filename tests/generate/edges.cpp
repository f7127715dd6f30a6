// Edges of documents. See edges.h.
#include "tests/generate/edges.h"

#include <algorithm>

namespace remit::generate {
namespace {

using lang::Resolved;

constexpr std::int64_t kMinute = 60'000'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;

void gather(const lang::Condition& condition, Edges& edges) {
  for (const lang::Condition& child : condition.children) gather(child, edges);
  const auto note = [&](const lang::Operand& attribute, const lang::Operand& constant) {
    if (!attribute.is_attribute || constant.is_attribute) return;
    auto& known = edges.constants[attribute.attribute.name];
    known.push_back(constant.constant);
    known.insert(known.end(), constant.constant.items.begin(), constant.constant.items.end());
  };
  note(condition.left, condition.right);
  note(condition.right, condition.left);
}

// Moments at which a window opens or closes, on a day near `moment`.
void gather(const Resolved& document, const lang::Window& window, std::int64_t moment,
            Edges& edges) {
  for (std::int64_t day = moment / kDay - 2; day <= moment / kDay + 5; ++day) {
    for (const std::int64_t local : {window.from, window.to}) {
      const std::int64_t guess = day * kDay + local * kMinute;
      std::int64_t offset = 0;
      for (const auto& step : document.zones[window.zone].steps) {
        if (step.start <= guess) offset = step.offset;
      }
      edges.times.push_back(guess - offset * 1'000'000);
    }
  }
}

}  // namespace

const lang::SystemInfo* Edges::system(const std::string& name) const {
  for (const auto* one : systems) {
    if (one->name == name) return one;
  }
  return nullptr;
}

Edges find_edges(const World& world, const std::vector<const Resolved*>& documents) {
  Edges edges;
  const std::int64_t opened = world.facts.opened;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Resolved& document = *documents[i];
    for (const lang::SystemInfo& system : document.systems) {
      const auto& own = world.documents[i].systems;
      const bool mine = std::any_of(
          own.begin(), own.end(), [&](const SystemDraft& one) { return one.name == system.name; });
      if (mine) edges.systems.push_back(&system);
    }
    for (const lang::Rule& rule : document.rules) {
      const auto add = [&](const lang::Pattern& pattern) {
        Edges::Subject subject;
        subject.actions = rule.subject.names;
        if (!pattern.anything) subject.system = document.systems[pattern.system].name;
        subject.path = pattern.text;
        edges.subjects.push_back(subject);
      };
      for (const lang::Pattern& pattern : rule.subject.resources) add(pattern);
      for (const lang::Pattern& pattern : rule.guard.except) add(pattern);
      for (const auto& part : rule.guard.conditions) gather(part.condition, edges);
      if (rule.guard.after) {
        for (const lang::Pattern& pattern : rule.guard.after->resources) add(pattern);
      }
      if (rule.amount && rule.amount->per) edges.spans.push_back(*rule.amount->per);
      if (rule.guard.between) gather(document, *rule.guard.between, opened, edges);
    }
    const lang::Lifetime& lifetime = document.lifetime;
    if (lifetime.expires_after) edges.times.push_back(opened + *lifetime.expires_after);
    if (lifetime.idle) edges.spans.push_back(*lifetime.idle);
    if (lifetime.expires_at) edges.times.push_back(*lifetime.expires_at);
    if (lifetime.starts) edges.times.push_back(*lifetime.starts);
  }
  return edges;
}
}  // namespace remit::generate
