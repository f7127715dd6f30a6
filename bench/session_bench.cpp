// What a session adds to a decision, what opening one costs, and how both grow with the number of sessions and of
// sub-sessions. Compare rows of one run with one another; machines differ and are noisy.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "bench/allocations.h"
#include "bench/folders.h"

namespace {

using namespace remit;
using namespace remit::bench;

std::string rules(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "read docs:/clinical/site-" + std::to_string(i % 89) + "/visit-" + std::to_string(i) + "\n";
  return text;
}

// Three layers of 9, 100 and 10,000 rules, as the bar asks for.
Layers three_layers(const std::string& memory) {
  const Program task = compile_or_die("expires 9h\nread docs:/clinical\n" + memory + rules(8));
  const Program rail = compile_or_die("guardrail g\nallow any anything\n" + rules(99));
  const Program grants = compile_or_die("grants m\nread docs:/clinical\n" + rules(9999));
  return Layers::link(task, {rail}, {grants}).value();
}

Session open(const Layers& layers) {
  Opening opening;
  opening.agent = "spiffe://acme.example/agent/summarizer";
  opening.user = "mike@acme.example";
  opening.layers = layers;
  return Session::open(opening, kNow).value();
}

const Request kRequest("read", "docs:/clinical/site-7/visit-7/2026/week-47/protocol.pdf");

void check_plain_bare(benchmark::State& state) {
  const Layers layers = three_layers("");
  Facts facts;
  facts.user = "mike@acme.example";
  facts.opened = kNow;
  for (auto _ : state) benchmark::DoNotOptimize(layers.decide(kRequest, facts, kNow));
}
BENCHMARK(check_plain_bare);

void check_plain_session(benchmark::State& state) {
  Session session = open(three_layers(""));
  for (auto _ : state) benchmark::DoNotOptimize(session.check(kRequest, kNow));
}
BENCHMARK(check_plain_session)->ThreadRange(1, 2);

void check_limit_and_history(benchmark::State& state) {
  Session session = open(three_layers("limit read docs:/clinical to 9_000_000_000_000 times\ndeny write docs:/ after read docs:/clinical\n"));
  for (auto _ : state) benchmark::DoNotOptimize(session.check(kRequest, kNow));
}
BENCHMARK(check_limit_and_history);

void check_window(benchmark::State& state) {
  Session session = open(three_layers("limit read docs:/clinical to 9_000_000_000_000 times per 1h\n"));
  Time now = kNow;
  for (auto _ : state) benchmark::DoNotOptimize(session.check(kRequest, now += Duration(100)));
}
BENCHMARK(check_window);

void open_session(benchmark::State& state) {
  const Layers layers = three_layers("limit read docs:/clinical to 9 times\ndeny write docs:/ after read docs:/clinical\n");
  for (auto _ : state) benchmark::DoNotOptimize(open(layers));
}
BENCHMARK(open_session);

// Sessions over the same layers, asked in turn in an order that no processor foresees: how much memory each takes, and
// what a check costs where that memory has left the caches.
void check_many_sessions(benchmark::State& state) {
  const Layers layers = three_layers("limit read docs:/clinical to 9_000_000_000_000 times\ndeny write docs:/ after read docs:/clinical\n");
  const auto count = static_cast<std::size_t>(state.range(0));
  std::vector<Session> sessions;
  sessions.reserve(count);
  const std::int64_t before = live_bytes();
  for (std::size_t i = 0; i < count; ++i) sessions.push_back(open(layers));
  state.counters["bytes_per_session"] = static_cast<double>(live_bytes() - before) / static_cast<double>(count);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(sessions[i].check(kRequest, kNow));
    i = (i + 40'503) & (count - 1);  // odd, and counts are powers of two: every session once in a round
  }
}
BENCHMARK(check_many_sessions)->RangeMultiplier(16)->Range(1, 65'536);

// The session at the end of a chain of sub-sessions: each adds its own scope as a layer and its limit to what is charged.
void check_sub_session(benchmark::State& state) {
  Session session = open(three_layers("delegate up to 32 levels\n"));
  Delegation delegation;
  delegation.agent = "spiffe://acme.example/agent/helper";
  delegation.task = compile_or_die("expires 9h\nread docs:/clinical\nlimit read docs:/clinical to 9_000_000_000_000 times\ndelegate up to 32 levels\n");
  for (std::int64_t i = 0; i < state.range(0); ++i) session = session.delegate(delegation, kNow).value();
  for (auto _ : state) benchmark::DoNotOptimize(session.check(kRequest, kNow));
}
BENCHMARK(check_sub_session)->Arg(0)->RangeMultiplier(2)->Range(1, 32);

void delegate_session(benchmark::State& state) {
  Session session = open(three_layers("delegate\n"));
  Delegation delegation;
  delegation.agent = "spiffe://acme.example/agent/helper";
  delegation.task = compile_or_die("expires 9h\nread docs:/clinical\n");
  for (auto _ : state) benchmark::DoNotOptimize(session.delegate(delegation, kNow));
}
BENCHMARK(delegate_session)->Unit(benchmark::kMicrosecond);

void save_session(benchmark::State& state) {
  Session session = open(three_layers("limit read docs:/clinical to 9 times\n"));
  for (auto _ : state) benchmark::DoNotOptimize(session.save());
}
BENCHMARK(save_session);

}  // namespace
