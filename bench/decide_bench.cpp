// What a decision costs, from a raw string, hot: the nine-rule example, and how the cost grows with
// the number of rules. Compare rows of one run with one another; machines differ and are noisy.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <remit/lang/compile.h>
#include <remit/remit.h>

namespace {

using namespace remit;

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Program compile_or_die(const std::string& text, lang::CompileOptions options = {}) {
  const lang::Compiled compiled = lang::compile(text, options);
  if (!compiled.program()) {
    std::fputs(compiled.diagnostics().render().c_str(), stderr);
    std::exit(1);
  }
  return *compiled.program();
}

// Folders like those of real document stores: 60 bytes and six segments on average. Seven in ten
// rules cover a subtree, the others one document; one in twelve forbids.
std::string folder(std::size_t i) {
  return "docs:/clinical/site-" + std::to_string(i % 89) + "/study-" + std::to_string(i % 977) + "/visit-" + std::to_string(i);
}

std::string scope_of(std::size_t rules) {
  std::string text = "expires 2h\n";
  for (std::size_t i = 0; i < rules; ++i) {
    text += i % 12 == 11 ? "deny read " : "read ";
    text += (i % 10 < 7 ? "" : "only ") + folder(i) + "\n";
  }
  return text;
}

const Time kNow = time_from_micros(1'000'000);

void decide_by_rules(benchmark::State& state) {
  const auto rules = static_cast<std::size_t>(state.range(0));
  const Layers layers = Layers::link(compile_or_die(scope_of(rules))).value();
  std::vector<std::string> resources;
  for (std::size_t i = 0; i < 4096; ++i) resources.push_back(folder(i * 7919 % (2 * rules)) + (i % 3 ? "/protocol-" + std::to_string(i) + ".pdf" : ""));
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(layers.decide(Request("read", resources[i]), Facts{}, kNow));
    i = (i + 1) % resources.size();
  }
  state.counters["image_bytes_per_rule"] = static_cast<double>(layers.program(0).image().size()) / static_cast<double>(rules);
}
BENCHMARK(decide_by_rules)->RangeMultiplier(10)->Range(10, 100'000);

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

void load_image(benchmark::State& state) {
  const Program program = compile_or_die(scope_of(static_cast<std::size_t>(state.range(0))));
  for (auto _ : state) benchmark::DoNotOptimize(Program::load_borrowed(program.image()).ok());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(program.image().size()));
}
BENCHMARK(load_image)->RangeMultiplier(10)->Range(1000, 100'000)->Unit(benchmark::kMicrosecond);

}  // namespace
