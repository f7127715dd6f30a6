// Random worlds. See generate.h.
#include <algorithm>

#include "tests/generate/documents.h"
#include "tests/generate/generate.h"
#include "tests/generate/memory.h"
#include "tests/generate/vocabulary.h"

namespace remit::generate {
namespace {

std::optional<std::string> maybe(Random& random, std::initializer_list<const char*> texts) {
  if (random.chance(35)) return std::nullopt;
  return *(texts.begin() + random.below(texts.size()));
}

reference::HeldFacts make_facts(Random& random, std::int64_t opened) {
  reference::HeldFacts facts;
  facts.opened = opened;
  facts.agent = maybe(random, {"acme", "spiffe://acme.example/agent/one", "e"});
  facts.user = maybe(random, {"eu", "ann", "é"});
  facts.sponsor = maybe(random, {"eve@acme.example", ""});
  facts.purpose = maybe(random, {"eu", "nightly"});
  facts.trigger = maybe(random, {"nightly", "0 0 * * *"});
  static const std::vector<std::string> names = {"user.role", "user.tier", "agent.trusted",
                                                 "user.groups", "user.on"};
  for (const std::string& name : names) {
    if (random.chance(35)) continue;
    Type type = name == "user.tier"       ? Type::integer
                : name == "agent.trusted" ? Type::boolean
                                          : Type::string;
    if (name == "user.groups") type = Type::list;
    if (random.chance(12))
      type = random.pick({Type::integer, Type::string, Type::boolean, Type::list, Type::size});
    facts.named.emplace_back(
        name, make_literal(random, type, random.chance(85) ? Type::string : Type::integer).value);
  }
  return facts;
}

std::vector<SystemDraft> make_systems(Random& random) {
  std::vector<SystemDraft> systems;
  for (std::size_t first = random.below(kSystemNames.size()), i = 0, count = 1 + random.below(3);
       i < count; ++i) {
    systems.push_back(make_system(random, kSystemNames[(first + i) % kSystemNames.size()]));
  }
  return systems;
}

Draft make_document(Random& random, Draft::Kind kind, const std::vector<SystemDraft>& systems,
                    const Shape& shape) {
  Draft draft;
  draft.kind = kind;
  // A guardrail that knows fewer systems judges the others by another layer's declaration.
  for (const SystemDraft& system : systems) {
    if (random.chance(kind == Draft::Kind::scope ? 92 : 65)) {
      draft.systems.push_back(random.chance(15) ? vary_system(random, system) : system);
    }
  }
  if (draft.systems.empty()) draft.systems.push_back(random.pick(systems));
  if (kind == Draft::Kind::guardrail) draft.header = "guardrail rail";
  if (kind == Draft::Kind::grants) draft.header = "grants mine";
  write_document(random, draft, shape);
  return draft;
}

reference::HeldOpening make_opening(Random& random, const reference::HeldFacts& facts) {
  constexpr std::int64_t kReview = 30 * 86'400'000'000;  // of the `review every` that documents say
  reference::HeldOpening opening;
  opening.agent = random.chance(95) ? std::optional(random.pick(kAgents)) : std::nullopt;
  if (random.chance(92)) opening.user = random.pick(kUsers);
  opening.purpose = facts.purpose;
  opening.named = facts.named;
  if (random.chance(60)) opening.last_review = facts.opened - kReview + random.between(-1, 1);
  opening.sponsor_revoked = random.chance(4);
  if (random.chance(40)) opening.trigger = {"event", "nightly"};
  if (random.chance(25)) opening.trigger = {"schedule", "0 0 * * *"};
  return opening;
}

}  // namespace

World make_world(Random& random, Size size) {
  World world;
  const Shape shape{size, make_moment(random), false};
  world.facts = make_facts(random, shape.moment);
  const std::vector<SystemDraft> systems = make_systems(random);
  std::vector<Draft::Kind> kinds = {Draft::Kind::scope};
  for (std::size_t i = random.below(3); i > 0; --i) kinds.push_back(Draft::Kind::guardrail);
  if (random.chance(35)) kinds.push_back(Draft::Kind::grants);
  for (const Draft::Kind kind : kinds)
    world.documents.push_back(make_document(random, kind, systems, shape));
  return world;
}

Scenario make_scenario(Random& random) {
  Scenario scenario;
  const Shape shape{random.chance(10) ? Size::middle : Size::tiny, make_moment(random), true};
  scenario.world.facts = make_facts(random, shape.moment);
  const std::vector<SystemDraft> systems = make_systems(random);
  const auto add = [&](Draft::Kind kind) {
    scenario.world.documents.push_back(make_document(random, kind, systems, shape));
    return scenario.world.documents.size() - 1;
  };
  scenario.layers = {add(Draft::Kind::scope)};
  for (std::size_t i = random.below(3); i > 0; --i)
    scenario.layers.push_back(add(Draft::Kind::guardrail));
  if (random.chance(25)) scenario.layers.push_back(add(Draft::Kind::grants));
  for (std::size_t i = random.below(3); i > 0; --i) {
    std::vector<std::size_t> layers = {add(Draft::Kind::scope)};
    if (random.chance(20)) layers.push_back(add(Draft::Kind::guardrail));
    if (random.chance(10)) layers.push_back(add(Draft::Kind::grants));
    scenario.children.push_back(layers);
  }
  scenario.opening = make_opening(random, scenario.world.facts);
  scenario.host_refuses = random.chance(15);
  return scenario;
}

}  // namespace remit::generate
