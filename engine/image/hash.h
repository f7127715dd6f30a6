// Hashes of path prefixes: the keys of the index. The same function, bit for bit, on every processor,
// because the compiler stores what the vm looks up. It is an index only (keys are compared byte for
// byte on a hit), so it need not be cryptographic; it must be fast on short segments and never read
// outside the string.
//
// A segment is read as 16-byte blocks that *end* at its end: a block reaches back into bytes before
// the segment, which are in the same string, and shifts them away. So there is no tail to special-case
// and nothing is read past the end. The first 15 bytes of a string have no 16 bytes before them;
// those blocks are read from `head`, a copy of the string's start behind 16 zero bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace remit::image {

__extension__ typedef unsigned __int128 Wide;

inline constexpr std::uint64_t kHashA = 0x9e3779b97f4a7c15u;
inline constexpr std::uint64_t kHashB = 0xd1b54a32d192ed03u;
inline constexpr std::uint64_t kHashSystem = 0x8cb92ba72f3d8dd7u;
inline constexpr std::uint64_t kHashRooted = 0xaef17502108ef2d9u;
inline constexpr std::uint64_t kHashNamed = 0x6a09e667f3bcc909u;
inline constexpr std::uint64_t kHashStar = 0xbb67ae8584caa73bu;
inline constexpr std::uint64_t kHashWord = 0x3c6ef372fe94f82bu;

inline std::uint64_t load64(const char* at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Folds a 128-bit product. The sum of the inputs keeps a zero factor from swallowing the other.
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  const Wide product = static_cast<Wide>(a) * b;
  return (static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64)) + (a ^ (b << 32 | b >> 32));
}

class PrefixHasher {
 public:
  explicit PrefixHasher(std::string_view text) noexcept : text_(text.data()) {
    std::memset(head_, 0, 16);
    if (text.size() >= 16) {  // the usual case, without a call
      std::memcpy(head_ + 16, text.data(), 16);
    } else if (!text.empty()) {
      std::memcpy(head_ + 16, text.data(), text.size());
    }
  }

  // Goes on from `hash` over the bytes [begin, end) of the text.
  std::uint64_t segment(std::uint64_t hash, std::size_t begin, std::size_t end) const noexcept {
    std::size_t length = end - begin;
    hash ^= length * kHashA;
    while (length > 16) {
      const char* block = text_ + end - 16;  // end > 16 here
      hash = fold(load64(block) ^ hash, load64(block + 8) ^ kHashB);
      end -= 16;
      length -= 16;
    }
    const char* block = end >= 16 ? text_ + end - 16 : head_ + end;
    std::uint64_t low = load64(block), high = load64(block + 8);
    // Keep the last `length` bytes of the 16: the top ones, little-endian. Written without a branch,
    // because segment lengths are what a predictor cannot know.
    const bool small = length <= 8;
    low = (small ? high : low) >> ((128 - 8 * length) & 63);
    low = length == 0 ? 0 : low;
    high = small ? 0 : high;
    return fold(low ^ hash, high ^ kHashB);
  }

 private:
  const char* text_;
  char head_[32];
};

inline std::uint64_t hash_bytes(std::uint64_t seed, std::string_view text) noexcept {
  return PrefixHasher(text).segment(seed, 0, text.size());
}

inline std::uint32_t hash_name(std::string_view name) noexcept {
  return static_cast<std::uint32_t>(hash_bytes(kHashWord, name) >> 32);
}

// Chain: system -> root or named -> segment after segment. `word` tells apart the action words.
inline std::uint64_t hash_root(std::uint64_t system, bool rooted) noexcept {
  return fold(system ^ (rooted ? kHashRooted : kHashNamed), kHashB);
}
inline std::uint64_t with_word(std::uint64_t hash, std::uint32_t word) noexcept {
  return word == 0 ? hash : fold(hash ^ kHashWord, word * kHashA);
}
inline std::uint64_t hash_shape(std::uint64_t prefix, std::uint16_t before, std::uint16_t after, std::uint8_t tail) noexcept {
  const std::uint64_t form = static_cast<std::uint64_t>(before) << 32 | static_cast<std::uint64_t>(after) << 16 | tail;
  return fold(prefix ^ kHashStar, form ^ kHashA);
}

// Where a hash lives: its group, and its tag within the group (never 0, which is an empty slot).
inline std::uint8_t hash_tag(std::uint64_t hash) noexcept { return static_cast<std::uint8_t>(hash >> 57 | 0x80); }

}  // namespace remit::image
