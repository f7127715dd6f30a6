// The generators' own source of chance: the same seed gives the same documents with every library
// and compiler, which the distributions of <random> do not promise. Or the bytes of a fuzzer: each choice
// follows from the next few of them, so that a small change of the input is a small change of what is made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace remit::generate {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // Borrows the bytes; when they are used up, goes on as from a seed.
  explicit Random(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint64_t next() {
    if (bytes_.size() >= 2) {
      const std::uint64_t value = bytes_[0] | std::uint64_t{bytes_[1]} << 8;
      bytes_ = bytes_.subspan(2);
      return value;
    }
    // splitmix64
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // From 0 to `count` - 1, `count` at least 1. The bias of the remainder does not matter here.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
  // Both ends included.
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::size_t>(most - least) + 1));
  }
  bool chance(unsigned percent) { return below(100) < percent; }

  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }
  template <class T, std::size_t N>
  const T& pick(const T (&items)[N]) {
    return items[below(N)];
  }

 private:
  std::uint64_t state_ = 0;
  std::span<const std::uint8_t> bytes_;
};

}  // namespace remit::generate
