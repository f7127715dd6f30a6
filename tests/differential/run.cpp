// Seeds, judged. See run.h.
#include "tests/differential/run.h"

#include "tests/differential/duel.h"
#include "tests/differential/shrink.h"

namespace remit::differential {
namespace {

using generate::Random;
using generate::Scenario;
using generate::Size;
using generate::Step;
using reference::CaseStep;

constexpr std::size_t kCourses = 4;  // for each scenario: compiling costs more than deciding
constexpr std::size_t kSteps = 60;   // of a course
constexpr std::size_t kAfterwards = 4;

void count(const Step& step, const Report& report, const Duel& duel, Tally& tally) {
  if (step.reload) tally.count("step: saved and restored");
  const char* const yes = report.ok ? "" : " refused";
  switch (step.call.kind) {
    case CaseStep::Kind::approve: return tally.count(std::string("step: approve") + yes);
    case CaseStep::Kind::open_child:
      tally.count(std::string("step: delegate") + yes);
      if (report.ok) tally.count("depth: " + std::to_string(duel.depth(step.call.as)));
      return;
    case CaseStep::Kind::revoke: return tally.count("step: revoke");
    case CaseStep::Kind::end: return tally.count("step: end");
    case CaseStep::Kind::check: break;
  }
  tally.count(std::string("reason: ") + to_string(report.outcome.reason));
  if (report.early) tally.count("limit: denied early, within D/64");
  if (step.settle == Step::Settle::roll_back && report.outcome.effect == Effect::allow)
    tally.count("step: rolled back");
}

void count(const Scenario& scenario, const Ground& ground, Tally& tally) {
  tally.count("scenario: " + std::to_string(scenario.layers.size()) + " layers");
  for (const lang::Resolved* document : ground.resolved) {
    for (const lang::Rule& rule : document->rules) {
      if (rule.guard.after) tally.count("rule: after");
      if (rule.guard.between) tally.count("rule: between");
      if (!rule.amount) continue;
      tally.count(rule.from_rule ? "limit: at most" : "limit: limit");
      tally.count(rule.amount->per ? "limit: sliding" : "limit: whole session");
      tally.count(rule.amount->count ? "limit: count" : "limit: sum");
    }
    if (document->lifetime.idle) tally.count("rule: idle");
    if (document->lifetime.delegate) tally.count("rule: delegate");
  }
}

// One course of steps. Where it ends in a difference, `steps` are those that lead there.
std::string run_course(Random& random, const Scenario& scenario, const Ground& ground, Tally& tally,
                       std::vector<Step>& steps) {
  Duel duel(scenario, ground);
  ++tally.cases;
  if (!duel.opening_difference().empty()) return duel.opening_difference();
  tally.count(duel.opened() ? "opening: ok" : "opening: refused");
  if (!duel.opened()) return {};
  generate::StepMaker maker(random, scenario, ground.resolved);
  // A few steps more when all is over, for nothing may come back to life.
  for (std::size_t left = kSteps; left > 0;) {
    left = duel.over() ? std::min(left - 1, kAfterwards) : left - 1;
    steps.push_back(maker.next());
    Report report;
    const std::string difference = duel.take(steps.back(), report);
    if (!difference.empty()) return difference;
    const CaseStep::Kind kind = steps.back().call.kind;
    maker.note(steps.back(), {report.asked, report.outcome.effect == Effect::allow,
                              report.ok && kind == CaseStep::Kind::open_child});
    ++tally.cases;
    count(steps.back(), report, duel, tally);
  }
  return {};
}

}  // namespace

std::string Tally::text() const {
  std::string result;
  for (const auto& [feature, times] : counts_) {
    std::string name = feature;
    name.resize(std::max<std::size_t>(name.size(), 36), ' ');
    result += "  " + name + std::to_string(times) + "\n";
  }
  return result;
}

std::optional<Failure> run_world(std::uint64_t seed, Tally& tally) {
  Random random(seed);
  const std::size_t kind = random.below(200);
  const Size size = kind == 0 ? Size::large : kind < 40 ? Size::middle : Size::tiny;
  generate::World world = generate::make_world(random, size);
  std::string problem;
  const auto compiled = generate::compile_world(world, problem);
  tally.count("document sets");
  if (!compiled) {
    tally.count("document sets that do not compile");
    return std::nullopt;
  }
  const std::size_t requests = size == Size::large ? 400 : size == Size::middle ? 80 : 40;
  for (reference::HeldRequest& request :
       generate::make_requests(random, world, compiled->resolved, requests)) {
    reference::Outcome outcome;
    reference::Notes notes;
    const std::string found =
        generate::difference(*compiled, world.facts, request, &outcome, &notes);
    ++tally.cases;
    tally.count(std::string("stateless: ") + to_string(outcome.reason));
    if (notes.unknown_rules > 0) tally.count("stateless: met an unknown rule");
    if (found.empty()) continue;
    generate::shrink(world, request);
    const auto smallest = generate::compile_world(world, problem);
    return Failure{"seed " + std::to_string(seed) + "\n" + generate::text_of(world, request) +
                       (smallest ? generate::difference(*smallest, world.facts, request) : found),
                   std::nullopt};
  }
  return std::nullopt;
}

std::optional<Failure> run_scenario(std::uint64_t seed, Tally& tally) {
  Random random(seed);
  return run_scenario_from(random, std::to_string(seed), tally);
}

std::optional<Failure> run_scenario_from(Random& random, const std::string& name, Tally& tally) {
  Scenario scenario = generate::make_scenario(random);
  std::string problem;
  const auto ground = prepare(scenario, problem);
  tally.count("document sets");
  if (!ground) {
    tally.count("document sets that do not compile");
    return std::nullopt;
  }
  count(scenario, *ground, tally);
  for (std::size_t i = 0; i < kCourses; ++i) {
    std::vector<Step> steps;
    const std::string found = run_course(random, scenario, *ground, tally, steps);
    if (found.empty()) continue;
    shrink(scenario, steps);
    return Failure{"seed " + name + "\n" + text_of(scenario, steps) + replay(scenario, steps),
                   case_of(scenario, steps, "found-" + name)};
  }
  return std::nullopt;
}

std::optional<reference::Case> make_case(std::uint64_t seed) {
  Random random(seed);
  Scenario scenario = generate::make_scenario(random);
  scenario.host_refuses = false;  // has no place in a case
  std::string problem;
  const auto ground = prepare(scenario, problem);
  if (!ground) return std::nullopt;
  std::vector<Step> steps;
  Tally tally;
  if (!run_course(random, scenario, *ground, tally, steps).empty() || steps.empty())
    return std::nullopt;
  return case_of(scenario, steps, "seed-" + std::to_string(seed));
}

}  // namespace remit::differential
