// How the engines of C++ are timed: as timing.rs, timing.go and Sapl.java do (docs/peers.md, "How
// it is measured").
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

namespace remit::peers {

// Of single calls, in whole nanoseconds of the steady clock, reading it included.
struct Times {
  std::int64_t median = std::numeric_limits<std::int64_t>::max(), p99 = median;
  std::size_t samples = 0;
};

// A quarter of a second of warming up, then five rounds. Each has its own median and p99, exact
// from all its samples, and the lowest of the five stand, because a neighbour's burst can only add.
template <typename Call>
Times measure(std::size_t batch, Call call) {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t kMost = std::size_t{1} << 22;
  constexpr auto kRound = std::chrono::milliseconds(100);
  std::size_t next = 0;
  for (const auto begin = Clock::now(); Clock::now() - begin < kRound * 5 / 2; ++next) call(next);
  std::vector<std::int64_t> times;
  times.reserve(kMost);
  Times best;
  for (int round = 0; round < 5; ++round) {
    times.clear();
    for (const auto begin = Clock::now(); times.size() < kMost;) {
      const auto start = Clock::now();
      if (start - begin >= kRound) break;
      for (std::size_t i = 0; i < batch; ++i) call(next++);
      const auto took = std::chrono::nanoseconds(Clock::now() - start).count();
      times.push_back(took / static_cast<std::int64_t>(batch));
    }
    std::ranges::sort(times);
    best.samples += times.size();
    best.median = std::min(best.median, times[times.size() / 2]);
    best.p99 = std::min(best.p99, times[times.size() * 99 / 100]);
  }
  return best;
}

// What reading the clock costs: the median of pairs of readings with nothing between them.
inline std::int64_t clock_cost() {
  using Clock = std::chrono::steady_clock;
  std::vector<std::int64_t> times(100'000);
  for (std::int64_t& time : times) {
    const auto start = Clock::now();
    time = std::chrono::nanoseconds(Clock::now() - start).count();
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

}  // namespace remit::peers
