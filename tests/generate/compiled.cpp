// The vm beside the reference. See compiled.h.
#include "tests/generate/compiled.h"

namespace remit::generate {
namespace {

using reference::HeldRequest;
using reference::Outcome;

bool still_differs(const World& world, const HeldRequest& request) {
  std::string problem;
  const auto compiled = compile_world(world, problem);
  return compiled && !difference(*compiled, world.facts, request).empty();
}

template <class T>
void leave_out(std::vector<T>& items, std::size_t least, const World& world,
               const HeldRequest& request) {
  for (std::size_t i = items.size(); i-- > least;) {
    const T item = items[i];
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
    if (!still_differs(world, request))
      items.insert(items.begin() + static_cast<std::ptrdiff_t>(i), item);
  }
}

}  // namespace

std::optional<std::vector<lang::Compiled>> compile_documents(const std::vector<Draft>& drafts,
                                                             std::string& problem) {
  std::vector<lang::Compiled> result;
  for (const Draft& draft : drafts) {
    lang::CompileOptions options;
    options.arguments = draft.arguments;
    result.push_back(lang::compile(draft.text(), options));
    if (result.back().program()) continue;
    problem = result.back().diagnostics().render();
    return std::nullopt;
  }
  return result;
}

std::optional<CompiledWorld> compile_world(const World& world, std::string& problem) {
  auto documents = compile_documents(world.documents, problem);
  if (!documents) return std::nullopt;
  CompiledWorld result;
  result.documents = std::move(*documents);
  std::vector<Program> guardrails, grants;
  for (std::size_t i = 0; i < result.documents.size(); ++i) {
    const lang::Compiled& document = result.documents[i];
    result.resolved.push_back(&document.resolved());
    result.reference.push_back({&document.resolved()});
    if (i == 0) continue;
    (world.documents[i].kind == Draft::Kind::guardrail ? guardrails : grants)
        .push_back(*document.program());
  }
  auto layers = Layers::link(*result.documents[0].program(), guardrails, grants);
  if (!layers) {
    problem = layers.error().text;
    return std::nullopt;
  }
  result.layers = std::move(layers).value();
  return result;
}

Outcome outcome_of(const Decision& decision) {
  Outcome outcome{decision.effect, decision.reason, decision.layer, std::nullopt};
  if (decision.rule != kNoRule) outcome.rule = decision.rule;
  return outcome;
}

std::string text_of(const Outcome& outcome) {
  std::string text = std::string(to_string(outcome.effect)) + " " + to_string(outcome.reason) +
                     " layer " + std::to_string(outcome.layer);
  return outcome.rule ? text + " rule " + std::to_string(*outcome.rule) : text;
}

std::string difference(const CompiledWorld& world, const reference::HeldFacts& held_facts,
                       const HeldRequest& held, Outcome* outcome, reference::Notes* notes) {
  const reference::Loan facts(held_facts), loan(held);
  const Request request = loan.request();
  const Time now = time_from_micros(held.now);
  const Outcome expected = reference::decide(world.reference, request, facts.facts(), now, notes);
  if (outcome != nullptr) *outcome = expected;
  const auto compare = [](const std::string& door, const Outcome& wanted, const Decision& got) {
    if (outcome_of(got) == wanted) return std::string();
    return door + ": the vm says " + text_of(outcome_of(got)) + ", the reference " +
           text_of(wanted) + "\n";
  };
  std::string result =
      compare("decide", expected, world.layers->decide(request, facts.facts(), now));
  const auto prepared = world.layers->prepare(request.action, request.resource);
  if (!prepared) return result + "prepare: " + prepared.error().text + "\n";
  result += compare("prepared", expected,
                    world.layers->decide(prepared.value(), loan.attributes(), facts.facts(), now));
  const std::vector<Outcome> each =
      reference::verdicts(world.reference, request, facts.facts(), now);
  std::vector<Decision> decisions(each.size());
  world.layers->verdicts(request, facts.facts(), now, decisions);
  for (std::size_t i = 0; i < each.size(); ++i) {
    result += compare("verdict of layer " + std::to_string(i), each[i], decisions[i]);
  }
  return result;
}

std::string text_of(const World& world, const HeldRequest& request) {
  std::string result;
  for (std::size_t i = 0; i < world.documents.size(); ++i) {
    const Draft& draft = world.documents[i];
    result += "--- layer " + std::to_string(i) + "\n" + draft.text();
    for (const lang::Argument& argument : draft.arguments) {
      result += "# argument " + argument.name + " = " + reference::text_of(argument.value) + "\n";
    }
  }
  return result + "--- facts\n" + reference::text_of(world.facts) + "\n--- request\n" +
         request.text() + "\n";
}

void shrink(World& world, HeldRequest& request) {
  leave_out(world.documents, 1, world, request);
  for (Draft& draft : world.documents) {
    shrink(draft, [&](const Draft&) { return still_differs(world, request); });
  }
  leave_out(request.attributes, 0, world, request);
  leave_out(world.facts.named, 0, world, request);
  for (auto fact :
       {&reference::HeldFacts::agent, &reference::HeldFacts::user, &reference::HeldFacts::sponsor,
        &reference::HeldFacts::purpose, &reference::HeldFacts::trigger}) {
    const auto held = world.facts.*fact;
    (world.facts.*fact).reset();
    if (!still_differs(world, request)) world.facts.*fact = held;
  }
}

}  // namespace remit::generate
