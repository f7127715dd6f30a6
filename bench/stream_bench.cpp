// What a decision costs by what is asked: the same request, four thousand in turn, requests spread over all
// rules so that the caches miss, and requests that no rule covers. Each decision is also timed by itself into
// a histogram of whole nanoseconds, because a mean hides the slow ones.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "bench/allocations.h"
#include "bench/folders.h"

namespace {

using namespace remit;
using namespace remit::bench;

// Exact up to 100 microseconds; what is slower is counted there. The clock's own cost, the median of pairs
// of readings with nothing between them, is taken off.
class Histogram {
 public:
  void add(std::int64_t nanoseconds) noexcept {
    ++counts_[static_cast<std::size_t>(std::clamp<std::int64_t>(nanoseconds, 0, kMost))];
    ++total_;
  }
  double quantile(double part) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(part * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted) return static_cast<double>(i);
    }
    return static_cast<double>(kMost);
  }

 private:
  static constexpr std::int64_t kMost = 100'000;
  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(kMost + 1);
  std::uint64_t total_ = 0;
};

template <class Work>
std::int64_t timed(Work&& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin).count();
}

double clock_cost() {
  Histogram empty;
  for (int i = 0; i < 100'000; ++i) empty.add(timed([] { benchmark::ClobberMemory(); }));
  return empty.quantile(0.5);
}

enum class Stream : std::uint8_t { same, in_turn, spread, miss };

std::vector<std::string> requests(Stream stream, std::size_t rules) {
  std::mt19937_64 random(rules);
  std::vector<std::string> resources;
  switch (stream) {
    case Stream::same: return {folder(rules / 2) + "/protocol.pdf"};
    case Stream::in_turn: return requests_of(rules);
    // As many as there are rules, but no fewer than 4,096: one below each folder, in random order.
    case Stream::spread:
      for (std::size_t i = 0; i < std::max<std::size_t>(rules, 4096); ++i) resources.push_back(folder(i % rules) + "/protocol.pdf");
      std::shuffle(resources.begin(), resources.end(), random);
      return resources;
    case Stream::miss:
      for (std::size_t i = 0; i < 4096; ++i) resources.push_back("docs:/personal/site-" + std::to_string(i % 89) + "/study-" + std::to_string(i) + "/notes.pdf");
      return resources;
  }
  return resources;
}

// Compiling hundreds of thousands of rules takes a while, so every benchmark of one size shares them.
const Layers& layers_of(std::size_t rules) {
  static std::size_t made = 0;
  static std::optional<Layers> layers;
  if (made != rules) layers = Layers::link(compile_or_die(scope_of(rules))).value(), made = rules;
  return *layers;
}

// The texts of requests one after the other, in the order in which they are asked: a request that has just arrived
// is near, as the processor reads ahead of what is read in a row. What is far away is the index.
class Arrived {
 public:
  explicit Arrived(const std::vector<std::string>& resources) {
    for (const std::string& resource : resources) texts_ += resource;
    std::size_t at = 0;
    for (const std::string& resource : resources) views_.push_back(std::string_view(texts_).substr(at, resource.size())), at += resource.size();
  }
  Arrived(const Arrived&) = delete;
  Arrived& operator=(const Arrived&) = delete;
  const std::vector<std::string_view>& views() const noexcept { return views_; }

 private:
  std::string texts_;
  std::vector<std::string_view> views_;
};

// Asks for the resources in turn, warmed up: the mean, the allocations, and each decision by itself.
void measure(benchmark::State& state, const Layers& layers, const std::vector<std::string>& asked) {
  const Arrived arrived(asked);
  const std::vector<std::string_view>& resources = arrived.views();
  std::size_t i = 0;
  const auto decide = [&] {
    benchmark::DoNotOptimize(layers.decide(Request("read", resources[i]), Facts{}, kNow));
    if (++i == resources.size()) i = 0;
  };
  for (std::size_t warm = 0; warm < std::min<std::size_t>(resources.size(), 100'000); ++warm) decide();
  const std::uint64_t before = allocations();
  for (auto _ : state) decide();
  state.counters["allocations"] = static_cast<double>(allocations() - before) / static_cast<double>(state.iterations());

  const double clock = clock_cost();
  Histogram histogram;
  for (int sample = 0; sample < 400'000; ++sample) histogram.add(timed(decide));
  const auto quantile = [&](double part) { return std::max(0.0, histogram.quantile(part) - clock); };
  state.counters["p50_ns"] = quantile(0.5);
  state.counters["p99_ns"] = quantile(0.99);
  state.counters["p999_ns"] = quantile(0.999);
  state.counters["clock_ns"] = clock;
}

void decide_stream(benchmark::State& state) {
  const auto rules = static_cast<std::size_t>(state.range(0));
  measure(state, layers_of(rules), requests(static_cast<Stream>(state.range(1)), rules));
}
// A document has at most 16 MiB, which is a little over 300,000 rules of these.
BENCHMARK(decide_stream)
    ->ArgNames({"rules", "stream"})
    ->Apply([](auto* benchmark) {
      for (const std::int64_t rules : {10, 100, 1000, 10'000, 100'000, 300'000}) {
        for (const std::int64_t stream : {0, 1, 2, 3}) benchmark->Args({rules, stream});
      }
    });

// The same through the door for many requests: 256 in each call.
void decide_batch(benchmark::State& state) {
  const auto rules = static_cast<std::size_t>(state.range(0));
  const Layers& layers = layers_of(rules);
  const Arrived arrived(requests(static_cast<Stream>(state.range(1)), rules));
  std::vector<Request> asked;
  for (const std::string_view resource : arrived.views()) asked.emplace_back("read", resource);
  constexpr std::size_t kAtOnce = 256;
  std::vector<Decision> out(kAtOnce);
  std::size_t i = 0;
  for (auto _ : state) {
    layers.decide(std::span<const Request>(asked).subspan(i, std::min(kAtOnce, asked.size() - i)), Facts{}, kNow, out);
    benchmark::DoNotOptimize(out.data());
    i = i + kAtOnce < asked.size() ? i + kAtOnce : 0;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kAtOnce));
}
BENCHMARK(decide_batch)->ArgNames({"rules", "stream"})->ArgsProduct({{1000, 10'000, 100'000, 300'000}, {1, 2}});

// A million rules fit into one document where their paths are short.
void decide_million(benchmark::State& state) {
  constexpr std::size_t kRules = 1'000'000;
  const auto path = [](std::size_t i) {
    constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::string text = "k:/";
    for (int digit = 0; digit < 5; ++digit, i /= 36) (text += kDigits[i % 36]) += digit == 1 ? "/" : "";
    return text;
  };
  static const Layers layers = [&] {
    std::string text = "system k {\n  action read\n}\nexpires 2h\n";
    for (std::size_t i = 0; i < kRules; ++i) text += (i % 12 == 11 ? "deny read " : "read ") + path(i) + "\n";
    return Layers::link(compile_or_die(text)).value();
  }();
  std::vector<std::string> resources;
  for (std::size_t i = 0; i < 4096; ++i) resources.push_back(path(i * 7919 % (2 * kRules)) + (i % 3 ? "/protocol-" + std::to_string(i) + ".pdf" : ""));
  measure(state, layers, resources);
}
BENCHMARK(decide_million);

// One folder in ten thousand rules, asked for at growing depth.
void decide_depth(benchmark::State& state) {
  const Layers& layers = layers_of(10'000);
  std::string resource = folder(5);
  for (std::int64_t i = 4; i < state.range(0); ++i) resource += "/part-" + std::to_string(i);
  for (auto _ : state) benchmark::DoNotOptimize(layers.decide(Request("read", resource), Facts{}, kNow));
}
BENCHMARK(decide_depth)->RangeMultiplier(2)->Range(4, 64);

// The same hundred rules as task scope and as one, two, three guardrails above it.
void decide_layers(benchmark::State& state) {
  std::string text;
  for (std::size_t i = 0; i < 100; ++i) text += "read " + folder(i) + "\n";
  const std::vector<Program> guardrails(static_cast<std::size_t>(state.range(0)) - 1, compile_or_die("guardrail g\n" + text));
  const Layers layers = Layers::link(compile_or_die("expires 2h\n" + text), guardrails).value();
  const std::vector<std::string> resources = requests_of(100);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(layers.decide(Request("read", resources[i]), Facts{}, kNow));
    i = (i + 1) % resources.size();
  }
}
BENCHMARK(decide_layers)->DenseRange(1, 4);

void decide_threads(benchmark::State& state) {
  static const Layers layers = Layers::link(compile_or_die(scope_of(10'000))).value();
  static const std::vector<std::string> resources = requests_of(10'000);
  std::size_t i = static_cast<std::size_t>(state.thread_index()) * 1009;
  for (auto _ : state) {
    benchmark::DoNotOptimize(layers.decide(Request("read", resources[i]), Facts{}, kNow));
    i = (i + 1) % resources.size();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decide_threads)->ThreadRange(1, 2)->UseRealTime();

}  // namespace
