// The vm against the reference evaluator, on random documents, layers and requests: effect, reason,
// layer and rule must agree, through decide(), Prepared handles and verdicts().
//
//   REMIT_SEED   the first case's seed (a failure prints its own, to run it alone)
//   REMIT_CASES  how many worlds (default: about 20 s at -O1)
#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "tests/generate/compiled.h"

namespace {

using namespace remit;
using generate::Random;
using generate::Size;

constexpr std::uint64_t kDefaultCases = 3000;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

struct Tally {
  std::uint64_t worlds = 0, refused = 0, requests = 0, with_unknowns = 0, layered = 0;
  std::map<std::string, std::uint64_t> reasons;
  std::map<Effect, std::uint64_t> effects;

  void print() const {
    std::printf(
        "%llu worlds (%llu with layers, %llu did not compile), %llu requests: %llu allow, %llu "
        "ask, %llu deny; "
        "%llu met an unknown rule\n",
        count(worlds), count(layered), count(refused), count(requests), count(at(Effect::allow)),
        count(at(Effect::ask)), count(at(Effect::deny)), count(with_unknowns));
    for (const auto& [reason, times] : reasons)
      std::printf("  %-20s %llu\n", reason.c_str(), count(times));
  }

 private:
  static unsigned long long count(std::uint64_t number) { return number; }
  std::uint64_t at(Effect effect) const {
    const auto found = effects.find(effect);
    return found == effects.end() ? 0 : found->second;
  }
};

// One world and its requests. False, and what differs in its smallest form, where something does.
bool run_world(std::uint64_t seed, Tally& tally, std::string& failure) {
  Random random(seed);
  const std::size_t kind = random.below(200);
  const Size size = kind == 0 ? Size::large : kind < 40 ? Size::middle : Size::tiny;
  generate::World world = generate::make_world(random, size);
  std::string problem;
  const auto compiled = generate::compile_world(world, problem);
  ++tally.worlds;
  if (!compiled) {
    if (tally.refused++ == 0)
      std::printf("note: seed %llu does not compile:\n%s\n", static_cast<unsigned long long>(seed),
                  problem.c_str());
    return true;
  }
  if (world.documents.size() > 1) ++tally.layered;
  const std::size_t count = size == Size::large ? 400 : size == Size::middle ? 80 : 40;
  for (reference::HeldRequest& request :
       generate::make_requests(random, world, compiled->resolved, count)) {
    reference::Outcome outcome;
    reference::Notes notes;
    const std::string found =
        generate::difference(*compiled, world.facts, request, &outcome, &notes);
    ++tally.requests;
    ++tally.effects[outcome.effect];
    ++tally.reasons[to_string(outcome.reason)];
    if (notes.unknown_rules > 0) ++tally.with_unknowns;
    if (found.empty()) continue;
    generate::shrink(world, request);
    const auto smallest = generate::compile_world(world, problem);
    failure = "REMIT_SEED=" + std::to_string(seed) + " REMIT_CASES=1\n" +
              generate::text_of(world, request) +
              (smallest ? generate::difference(*smallest, world.facts, request) : found);
    return false;
  }
  return true;
}

}  // namespace

TEST_CASE("the vm decides as the reference does") {
  const std::uint64_t seed = number_from("REMIT_SEED", 1);
  const std::uint64_t cases = number_from("REMIT_CASES", kDefaultCases);
  Tally tally;
  std::size_t failures = 0;
  for (std::uint64_t i = 0; i < cases && failures < 5; ++i) {
    std::string failure;
    if (run_world(seed + i, tally, failure)) continue;
    ++failures;
    UNSCOPED_INFO(failure);
    CHECK(failure.empty());
  }
  tally.print();
  // A generator that loses its grip on the language would make this test say nothing.
  CHECK(tally.refused * 20 <= tally.worlds);
}
