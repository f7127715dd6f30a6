// What must hold of every session, whatever its documents say: on all small documents with all
// short sequences of calls, and on random scenarios. That `would` tells what the next check says,
// and that saving and restoring changes nothing, is part of every step of a duel.
//
//   REMIT_SEED, REMIT_PROPERTY_CASES  the first scenario's seed, and how many for each property
#include <catch2/catch.hpp>

#include <cstdlib>
#include <functional>

#include "tests/differential/duel.h"
#include "tests/differential/shrink.h"

namespace {

using namespace remit;
using differential::Duel;
using differential::Ground;
using differential::Report;
using generate::Draft;
using generate::Random;
using generate::Scenario;
using generate::Step;
using reference::CaseStep;

constexpr std::int64_t kMinute = 60'000'000;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Calls `use` with random scenarios that compile, each with the random source that made it.
void for_scenarios(std::uint64_t salt,
                   const std::function<void(Scenario&, const Ground&, Random&)>& use) {
  const std::uint64_t first = number_from("REMIT_SEED", 1),
                      count = number_from("REMIT_PROPERTY_CASES", 150);
  for (std::uint64_t i = 0; i < count; ++i) {
    Random random((first + i) * 1000 + salt);
    Scenario scenario = generate::make_scenario(random);
    std::string problem;
    const auto ground = differential::prepare(scenario, problem);
    if (ground) use(scenario, *ground, random);
  }
}

int rank(Effect effect) { return effect == Effect::deny ? 0 : effect == Effect::ask ? 1 : 2; }

// --- All small documents, all short sequences ----------------------------------------------------

Scenario small_scenario(const std::vector<std::string>& statements) {
  Scenario scenario;
  Draft draft;
  draft.statements = {
      "system s { action read, list, write; attribute n: int; attribute flag: bool }", "expires 2h",
      "allow read, write s:/"};
  draft.statements.insert(draft.statements.end(), statements.begin(), statements.end());
  scenario.world.documents = {draft};
  scenario.layers = {0};
  scenario.opening.user = "ann";
  return scenario;
}

Step call(const char* action, const char* resource, std::int64_t now,
          std::optional<std::int64_t> n = std::nullopt) {
  Step step;
  step.call.now = step.call.request.now = now;
  step.call.request.action = action;
  step.call.request.resource = resource;
  if (n) step.call.request.attributes = {{"n", {Type::integer, Type::any, *n, {}, {}}}};
  return step;
}

// The approval answers the last ask of the sequence.
std::vector<Step> all_calls() {
  Step approve;
  approve.call.kind = CaseStep::Kind::approve;
  approve.call.approver = "ann";
  Step reload = call("write", "s:/a", 0, 3);
  reload.reload = true;
  return {call("read", "s:/a", 0),
          call("read", "s:/b", 10 * kMinute - 1),
          call("write", "s:/a", 0, 3),
          call("write", "s:/a", 10 * kMinute, 3),
          call("list", "s:/a", 0),
          approve,
          reload};
}

const std::vector<std::string> kStatements = {
    "limit read s:/ to 1 times",
    "limit any s:/a to 1 times per 10m",
    "limit write s:/ to 5 of n",
    "limit any anything to 2 times after read s:/",
    "limit write s:/ to 0 times unless flag",
    "allow read s:/a at most 1 times",
    "allow list s:/ after write s:/",
    "deny write s:/ after read s:/a",
    "ask write s:/",
    "ask write s:/ when flag",
    "ask write s:/ at most 1 times after read s:/",
    "idle 10m",
};

}  // namespace

TEST_CASE("every small document remembers as the reference does, whatever is called") {
  const std::vector<Step> calls = all_calls();
  std::vector<std::vector<std::string>> documents = {{}};
  for (const std::string& first : kStatements) {
    documents.push_back({first});
    for (const std::string& second : kStatements) {
      if (second != first || second.rfind("idle", 0) != 0) documents.push_back({first, second});
    }
  }
  std::size_t sequences = 0, granted = 0;
  for (const auto& statements : documents) {
    const Scenario scenario = small_scenario(statements);
    std::string problem;
    const auto ground = differential::prepare(scenario, problem);
    INFO(problem);
    REQUIRE(ground);
    for (std::size_t code = 0; code < calls.size() * calls.size() * calls.size(); ++code) {
      Duel duel(scenario, *ground);
      REQUIRE(duel.opened());
      ++sequences;
      std::vector<Step> steps;
      std::optional<std::size_t> asked;
      for (std::size_t i = 0, rest = code; i < 3; ++i, rest /= calls.size()) {
        steps.push_back(calls[rest % calls.size()]);
        if (steps.back().call.kind == CaseStep::Kind::approve) {
          if (!asked) break;  // the shorter sequence is there by itself
          steps.back().call.asked = *asked;
        }
        Report report;
        const std::string difference = duel.take(steps.back(), report);
        if (report.asked) asked = i;
        granted += report.outcome.effect == Effect::allow ? 1 : 0;
        if (difference.empty()) continue;
        INFO(differential::text_of(scenario, steps));
        CHECK(difference.empty());
        break;
      }
    }
  }
  CHECK(documents.size() == 1 + kStatements.size() + kStatements.size() * kStatements.size() - 1);
  CHECK(granted * 4 > sequences);
}

TEST_CASE("a sub-session never exceeds its parent") {
  std::size_t compared = 0, permitted = 0;
  for_scenarios(1, [&](Scenario& scenario, const Ground& ground, Random& random) {
    auto main = differential::open_session(scenario, ground);
    if (!main) return;
    const auto requests = generate::make_requests(random, scenario.world, ground.resolved, 30);
    const Time now = time_from_micros(scenario.world.facts.opened);
    for (const auto& layers : scenario.children) {
      // The same agent with the same facts of its own, so that only the documents differ.
      CaseStep delegation;
      delegation.layers = layers;
      delegation.opening.agent = scenario.opening.agent;
      delegation.now = scenario.world.facts.opened;
      for (const auto& fact : scenario.opening.named) {
        if (fact.first.rfind("agent.", 0) == 0) delegation.opening.named.push_back(fact);
      }
      auto child = differential::delegate_session(main.value(), ground, delegation);
      if (!child) continue;
      for (const reference::HeldRequest& held : requests) {
        const reference::Loan loan(held);
        const Effect parents = main.value().would(loan.request(), now).effect;
        const Effect childs = child.value().would(loan.request(), now).effect;
        ++compared;
        permitted += childs != Effect::deny ? 1 : 0;
        if (rank(childs) > rank(parents)) {
          INFO(differential::text_of(scenario, {}) << held.text());
          CHECK(std::string("child: ") + to_string(childs) == to_string(parents));
        }
        // What is granted to one is remembered by both.
        if (random.chance(30)) (void)child.value().check(loan.request(), now);
        if (random.chance(10)) (void)main.value().check(loan.request(), now);
      }
    }
  });
  CHECK(compared > 100);
  CHECK(permitted * 20 > compared);
}

TEST_CASE("the order of rules never changes what is remembered") {
  std::size_t compared = 0;
  for_scenarios(2, [&](Scenario& scenario, const Ground& ground, Random& random) {
    Scenario shuffled = scenario;
    for (Draft& draft : shuffled.world.documents) {
      for (std::size_t i = draft.rules.size(); i > 1; --i)
        std::swap(draft.rules[i - 1], draft.rules[random.below(i)]);
    }
    std::string problem;
    const auto other_ground = differential::prepare(shuffled, problem);
    INFO(problem);
    REQUIRE(other_ground);
    Duel one(scenario, ground), other(shuffled, *other_ground);
    REQUIRE(one.opened() == other.opened());
    if (!one.opened()) return;
    generate::StepMaker maker(random, scenario, ground.resolved);
    std::vector<Step> steps;
    for (int i = 0; i < 60; ++i) {
      steps.push_back(maker.next());
      Report report, other_report;
      const std::string difference =
          one.take(steps.back(), report) + other.take(steps.back(), other_report);
      maker.note(steps.back(), {report.asked, report.outcome.effect == Effect::allow,
                                report.ok && steps.back().call.kind == CaseStep::Kind::open_child});
      ++compared;
      // Which of two limits is named first may differ, and so whether it is full or unmeasurable.
      const bool same = report.outcome.effect == other_report.outcome.effect &&
                        report.outcome.layer == other_report.outcome.layer &&
                        report.ok == other_report.ok && report.asked == other_report.asked;
      if (same && difference.empty()) continue;
      INFO(differential::text_of(scenario, steps) << difference);
      CHECK(generate::text_of(report.outcome) == generate::text_of(other_report.outcome));
      FAIL("the order of rules changes what comes of the last step");
    }
  });
  CHECK(compared > 1000);
}
