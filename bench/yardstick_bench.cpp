// What this machine is, in two figures: one load after the other, each address read by the one before, from the cache
// next to the core and from memory as large as the index of a hundred thousand rules. The bars in nanoseconds were
// set on a core whose near load takes 0.95 ns; bars.py prints this one's beside them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

namespace {

struct alignas(64) Line {
  const Line* next;
};

void yardstick_load(benchmark::State& state) {
  std::vector<Line> lines(static_cast<std::size_t>(state.range(0)) * 1024 / sizeof(Line));
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
  for (std::size_t i = 0; i < order.size(); ++i) lines[order[i]].next = &lines[order[(i + 1) % order.size()]];
  constexpr std::int64_t kLoads = 64;
  const Line* at = &lines[0];
  for (auto _ : state) {
    for (std::int64_t i = 0; i < kLoads; ++i) at = at->next;
    benchmark::DoNotOptimize(at);
  }
  state.counters["ns_per_load"] = benchmark::Counter(static_cast<double>(state.iterations() * kLoads) * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(yardstick_load)->ArgName("kilobytes")->Arg(4)->Arg(11 * 1024);

}  // namespace
