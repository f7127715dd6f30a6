// What a decision costs, from a raw string, hot: the nine-rule example, how the cost grows with the number
// of rules, wildcards, conditions and layers; and what compiling and loading cost. Compare rows of one run
// with one another; machines differ and are noisy. scripts/bench says which bars a run meets.
#include <benchmark/benchmark.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "bench/folders.h"
#include "engine/image/layout.h"

namespace {

using namespace remit;
using namespace remit::bench;

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// The index and the rules: what decisions touch. Places and texts, for who asks why, lie behind it.
std::size_t hot_bytes(std::span<const std::byte> bytes) {
  image::Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header.sections[static_cast<std::size_t>(image::Section::references)].offset - sizeof header;
}

void decide_all(benchmark::State& state, const Layers& layers, const std::vector<std::string>& resources, std::span<const Attribute> attributes = {}) {
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(layers.decide(Request("read", resources[i], attributes), Facts{}, kNow));
    i = (i + 1) % resources.size();
  }
}

void decide_by_rules(benchmark::State& state) {
  const auto rules = static_cast<std::size_t>(state.range(0));
  const Layers layers = Layers::link(compile_or_die(scope_of(rules))).value();
  decide_all(state, layers, requests_of(rules));
  const std::span<const std::byte> image = layers.program(0).image();
  state.counters["image_bytes_per_rule"] = static_cast<double>(image.size()) / static_cast<double>(rules);
  state.counters["hot_bytes_per_rule"] = static_cast<double>(hot_bytes(image)) / static_cast<double>(rules);
}
BENCHMARK(decide_by_rules)->RangeMultiplier(10)->Range(10, 100'000);

// One rule in two has a `*`: a name's end, or a whole segment with more behind it; one in ten a `**`.
void decide_wildcards(benchmark::State& state) {
  const auto rules = static_cast<std::size_t>(state.range(0));
  std::string text = "expires 2h\n";
  for (std::size_t i = 0; i < rules; ++i) {
    const char* const tail = i % 10 == 0 ? "/**/final" : i % 4 == 1 ? "/*.pdf" : i % 4 == 3 ? "/*/raw" : "";
    text += (i % 12 == 11 ? "deny read " : "read ") + folder(i) + tail + "\n";
  }
  decide_all(state, Layers::link(compile_or_die(text)).value(), requests_of(rules));
}
BENCHMARK(decide_wildcards)->RangeMultiplier(10)->Range(10, 100'000);

// Every rule has a condition that the request meets.
void decide_conditions(benchmark::State& state) {
  const auto rules = static_cast<std::size_t>(state.range(0));
  std::string text = "expires 2h\n";
  for (std::size_t i = 0; i < rules; ++i) text += "read " + folder(i) + " when size <= " + std::to_string(5 + i % 7) + "MB and classification in [\"internal\", \"public\"]\n";
  const Attribute attributes[] = {{"size", bytes(20'000)}, {"classification", "internal"}};
  decide_all(state, Layers::link(compile_or_die(text)).value(), requests_of(rules), attributes);
}
BENCHMARK(decide_conditions)->RangeMultiplier(10)->Range(10, 100'000);

// All kinds of rules in one document. Of twenty, eleven cover a subtree and four one document; three have a `*` in the
// middle or at a name's end, one a `**` in the middle; four have conditions, two of them hours of the day, and two an
// `except`. Groups of actions and single ones.
void decide_mix(benchmark::State& state) {
  const auto rules = static_cast<std::size_t>(state.range(0));
  std::string text = "expires 2h\n";
  for (std::size_t i = 0; i < rules; ++i) {
    const std::size_t kind = i % 20;
    text += kind == 13 ? "deny write " : kind % 3 == 0 ? "read, write " : "read ";
    text += (kind >= 11 && kind < 15 ? "only " : "") + folder(i);
    text += kind == 15 || kind == 16 ? "/*/raw" : kind == 17 ? "/*.pdf" : kind == 18 ? "/**/final" : "";
    if (kind == 4 || kind == 9) text += " except " + folder(i) + "/private";
    if (kind == 2 || kind == 12) text += " when size <= " + std::to_string(5 + i % 7) + "MB and classification in [\"internal\", \"public\"]";
    if (kind == 6 || kind == 16) text += " between 09:00 and 18:00 on mon-fri";
    text += "\n";
  }
  const Attribute attributes[] = {{"size", bytes(20'000)}, {"classification", "internal"}};
  decide_all(state, Layers::link(compile_or_die(text)).value(), requests_of(rules), attributes);
}
BENCHMARK(decide_mix)->RangeMultiplier(10)->Range(10, 100'000);

// Patterns that cannot be hashed, all in one folder: each is tried, and none fits.
void decide_tried_patterns(benchmark::State& state) {
  std::string text = "expires 2h\n";
  for (std::int64_t i = 0; i < state.range(0); ++i) text += "read docs:/clinical/**/visit-" + std::to_string(i) + "/*.pdf\n";
  const Layers layers = Layers::link(compile_or_die(text)).value();
  const std::string resource = "docs:/clinical/site-7/visit-x/2026/protocol.pdf";
  for (auto _ : state) benchmark::DoNotOptimize(layers.decide(Request("read", resource), Facts{}, kNow));
}
BENCHMARK(decide_tried_patterns)->RangeMultiplier(4)->Range(1, 256);

// A task of 20 rules, a guardrail of 100, grants of 100,000.
void decide_three_layers(benchmark::State& state) {
  const auto rules = [](const char* head, std::size_t count) {
    std::string text = head;
    for (std::size_t i = 0; i < count; ++i) text += (i % 12 == 11 ? "deny read " : "read ") + folder(i) + "\n";
    return compile_or_die(text);
  };
  const Program task = rules("expires 2h\nread docs:/clinical\n", 20), guardrail = rules("guardrail g\nallow any anything\n", 100), grants = rules("grants m\n", 100'000);
  decide_all(state, Layers::link(task, {guardrail}, {grants}).value(), requests_of(1000));
}
BENCHMARK(decide_three_layers);

// The example of the README's tour: task scope of nine rules alone, then with guardrail and grants.
void decide_example(benchmark::State& state) {
  const std::string dir = std::string(REMIT_SOURCE_DIR) + "/examples/clinical-summary/";
  const Program task = compile_or_die(read_file(dir + "task.scope"),
                                      {.file = "task.scope",
                                       .arguments = {lang::Argument::written("folder", "docs:/clinical/A"), lang::Argument::written("project", "ws:/proj/B")}});
  const Program guardrail = compile_or_die(read_file(dir + "acme_policy.scope"));
  const Program grants = compile_or_die(read_file(dir + "mikes_access.scope"));
  const Layers layers = (state.range(0) == 1 ? Layers::link(task) : Layers::link(task, {guardrail}, {grants})).value();
  const Request request("read", "docs:/clinical/A/2026/week-47/protocol.pdf");
  Facts facts;
  facts.agent = "spiffe://acme.example/agent/summarizer";
  facts.user = "mike@acme.example";
  for (auto _ : state) benchmark::DoNotOptimize(layers.decide(request, facts, kNow));
}
BENCHMARK(decide_example)->ArgName("layers")->Arg(1)->Arg(3);

void decide_prepared(benchmark::State& state) {
  const Layers layers = Layers::link(compile_or_die(scope_of(1000))).value();
  const Prepared prepared = layers.prepare("read", folder(5) + "/protocol.pdf").value();
  for (auto _ : state) benchmark::DoNotOptimize(layers.decide(prepared, {}, Facts{}, kNow));
}
BENCHMARK(decide_prepared);

void decide_malformed(benchmark::State& state) {
  const Layers layers = Layers::link(compile_or_die(scope_of(1000))).value();
  const std::string resource = folder(5) + "/../visit-6";
  for (auto _ : state) benchmark::DoNotOptimize(layers.decide(Request("read", resource), Facts{}, kNow));
}
BENCHMARK(decide_malformed);

void compile_rules(benchmark::State& state) {
  const std::string text = scope_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(lang::compile(text).image().size());
  state.counters["rules_per_second"] = benchmark::Counter(static_cast<double>(state.range(0)), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(compile_rules)->RangeMultiplier(10)->Range(1000, 100'000)->Unit(benchmark::kMillisecond);

// Copied, verified and ready.
void load_image_copied(benchmark::State& state) {
  const Program program = compile_or_die(scope_of(static_cast<std::size_t>(state.range(0))));
  for (auto _ : state) benchmark::DoNotOptimize(Program::load(program.image()).ok());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(program.image().size()));
}
BENCHMARK(load_image_copied)->RangeMultiplier(10)->Range(1000, 100'000)->Unit(benchmark::kMicrosecond);

void load_image(benchmark::State& state) {
  const Program program = compile_or_die(scope_of(static_cast<std::size_t>(state.range(0))));
  for (auto _ : state) benchmark::DoNotOptimize(Program::load_borrowed(program.image()).ok());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(program.image().size()));
}
BENCHMARK(load_image)->RangeMultiplier(10)->Range(1000, 100'000)->Unit(benchmark::kMicrosecond);

}  // namespace
