// A search for the worst document: knobs are turned towards whatever makes a decision, or its compilation, dearer.
// However far it gets, a decision keeps to the verifier's count of steps, and compiling to about n log n. The short
// search is for every day; `worst_document_test "[long]"` searches for ten minutes and prints what it found.
#include <catch2/catch.hpp>

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "tests/generate/worst.h"
#include "tests/processor_time.h"
#include "tests/support.h"

using namespace remit;
using generate::Random;
using generate::WorstDraft;

namespace {

constexpr double kSlower = test::kFullSpeed ? 1 : 40;

// What a step may take, at most, and a decision beside its steps: several times what was ever measured, because
// other programs run on the machine as well. A decision that ignores the bound misses it by orders of magnitude.
constexpr double kStepNanoseconds = 10 * kSlower, kDecisionNanoseconds = 20'000 * kSlower;
// Nanoseconds of compiling for each byte of text and each doubling of them, beside what warnings may spend on
// comparing patterns: their effort is limited for a whole document (lang/check/pattern_cover.h).
constexpr double kCompileNanoseconds = 150 * kSlower, kEffortNanoseconds = 250e6 * kSlower;

// Of this thread alone: others run on the machine, too.
double processor_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct Cost {
  double decision = 0, steps = 0, compile = 0;
  std::size_t bytes = 0;

  double share() const { return decision / steps; }
  double for_each_byte() const { return compile / (static_cast<double>(bytes) * std::log2(static_cast<double>(bytes))); }
};

// The least of a few runs: the others measure the neighbours.
Cost cost_of(const WorstDraft& draft) {
  Cost cost;
  const std::string text = draft.text();
  const double from = processor_nanoseconds();
  const lang::Compiled compiled = lang::compile(text);
  cost.compile = processor_nanoseconds() - from;
  cost.bytes = text.size();
  INFO(draft.knobs());
  if (!compiled.program()) FAIL(compiled.diagnostics().render());
  cost.steps = static_cast<double>(compiled.program()->worst_case_steps());
  const Layers layers = Layers::link(*compiled.program()).value();
  const std::string resource = draft.resource(), words = draft.attribute_text();
  const std::vector<std::string> items = draft.attribute_items();
  const std::vector<std::string_view> views(items.begin(), items.end());
  const std::vector<Value> list(views.begin(), views.end());
  const Attribute attributes[] = {{"s", std::string_view(words)}, {"l", std::span<const Value>(list)}};
  cost.decision = 1e18;
  for (int run = 0; run < 3; ++run) {
    std::vector<Decision> verdict(1);
    const double begin = processor_nanoseconds();
    layers.verdicts(Request("read", resource, attributes), {}, Time{}, verdict);
    cost.decision = std::min(cost.decision, processor_nanoseconds() - begin);
    CHECK(verdict[0].reason != Reason::malformed_request);
  }
  return cost;
}

void require_bounded(const WorstDraft& draft, const Cost& cost) {
  INFO(draft.knobs());
  INFO("decision " << cost.decision << " ns, bound " << cost.steps << " steps; compiling " << cost.compile << " ns for " << cost.bytes << " bytes");
  REQUIRE(cost.decision <= kDecisionNanoseconds + kStepNanoseconds * cost.steps);
  REQUIRE(cost.compile <= kEffortNanoseconds + kCompileNanoseconds * static_cast<double>(cost.bytes) * std::log2(static_cast<double>(cost.bytes)));
}

// Climbs from a few random places, `rounds` turns from each, by `measure`; answers the worst.
template <class Measure>
std::pair<WorstDraft, Cost> climb(Random& random, std::chrono::milliseconds budget, Measure&& measure) {
  const auto from = std::chrono::steady_clock::now();
  WorstDraft worst(random), here = worst;
  Cost worst_cost = cost_of(worst), here_cost = worst_cost;
  for (int idle = 0; std::chrono::steady_clock::now() - from < budget;) {
    const WorstDraft next = idle > 60 ? WorstDraft(random) : here.turned(random);
    const Cost cost = cost_of(next);
    require_bounded(next, cost);
    if (idle > 60 || measure(cost) > measure(here_cost)) here = next, here_cost = cost, idle = 0;
    else ++idle;
    if (measure(cost) > measure(worst_cost)) worst = next, worst_cost = cost;
  }
  return {worst, worst_cost};
}

void search(std::chrono::milliseconds budget, bool tell) {
  Random random(20);
  struct Goal {
    const char* name;
    double (*measure)(const Cost&);
  };
  const Goal goals[] = {{"the dearest decision", [](const Cost& cost) { return cost.decision; }},
                        {"the dearest step", [](const Cost& cost) { return cost.share(); }},
                        {"the dearest byte to compile", [](const Cost& cost) { return cost.for_each_byte(); }}};
  for (const Goal& goal : goals) {
    const auto [draft, cost] = climb(random, budget / std::size(goals), goal.measure);
    if (tell) {
      std::printf("%s: %.0f us, bound %.3g steps, %.3f ns a step; compiled in %.1f ms, %zu bytes, %.1f ns a byte and doubling\n    %s\n", goal.name,
                  cost.decision / 1e3, cost.steps, cost.share(), cost.compile / 1e6, cost.bytes, cost.for_each_byte(), draft.knobs().c_str());
    }
    // Twice the rules: about twice the time, to compile and to decide.
    const Cost twice = cost_of(draft.times(2));
    INFO(goal.name << ": " << draft.knobs());
    CHECK(twice.decision <= 4 * cost.decision + kDecisionNanoseconds);
    require_bounded(draft.times(2), twice);
  }
}

}  // namespace

TEST_CASE("no document is worse than its bound says") { search(std::chrono::seconds(6), false); }

TEST_CASE("compiling grows about as the document does, however bad it is") {
  Random random(7);
  for (int kind = 0; kind < 4; ++kind) {
    WorstDraft draft(random);
    while (draft.times(8).text().size() > (std::size_t{1} << 18)) draft = WorstDraft(random);
    const WorstDraft small = draft.times(8), large = draft.times(64);
    const Cost one = cost_of(small), eight = cost_of(large);
    INFO(draft.knobs() << "; " << one.bytes << " bytes " << one.compile << " ns, " << eight.bytes << " bytes " << eight.compile << " ns");
    // Eight times the text, and three more doublings: n log n gives 10 times. A square would give 64.
    CHECK(eight.compile <= 20 * one.compile + kEffortNanoseconds);
    require_bounded(large, eight);
  }
}

TEST_CASE("the worst document that ten minutes find", "[.long]") { search(std::chrono::minutes(10), true); }
