// Hashes of path prefixes: the keys of the index. The same function, bit for bit, on every processor,
// because the compiler stores what the vm looks up. It is an index only (keys are compared byte for
// byte on a hit), so it need not be cryptographic; it must be fast on short segments and never read
// outside the string.
//
// A segment is read as 16-byte blocks that *end* at its end: a block reaches back into bytes before
// the segment, which are in the same string, and shifts them away. So there is no tail to special-case
// and nothing is read past the end. Blocks that would begin before the string are shifted out of its
// first 16 bytes, which are kept as a number: through memory they would wait for the stores before them.
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
inline std::uint32_t load32(const char* at) noexcept {
  std::uint32_t word;
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
  explicit PrefixHasher(std::string_view text) noexcept : text_(text.data()), head_(first_bytes(text.data(), text.size())) {}

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
    std::uint64_t low, high;
    if (end >= 16) {
      low = load64(text_ + end - 16), high = load64(text_ + end - 8);
    } else {
      const Wide block = head_ << (8 * (16 - end) & 127);  // of no bytes nothing is kept, whatever it is
      low = static_cast<std::uint64_t>(block), high = static_cast<std::uint64_t>(block >> 64);
    }
    // Keep the last `length` bytes of the 16: the top ones, little-endian. Written without a branch,
    // because segment lengths are what a predictor cannot know.
    const bool small = length <= 8;
    low = (small ? high : low) >> ((128 - 8 * length) & 63);
    low = length == 0 ? 0 : low;
    high = small ? 0 : high;
    return fold(low ^ hash, high ^ kHashB);
  }

 private:
  // The first 16 bytes, or all of them where there are fewer, as a little-endian number.
  static Wide first_bytes(const char* text, std::size_t size) noexcept {
    if (size >= 16) return Wide{load64(text + 8)} << 64 | load64(text);
    if (size >= 8) return Wide{load64(text + size - 8)} << (8 * (size - 8)) | load64(text);
    if (size >= 4) return load32(text) | std::uint64_t{load32(text + size - 4)} << (8 * (size - 4));
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < size; ++i) bytes |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
    return bytes;
  }

  const char* text_;
  Wide head_;
};

// Equality of names: a call costs more than comparing a word or two.
inline bool same_name(std::string_view a, std::string_view b) noexcept {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
  if (size >= 8) return load64(a.data()) == load64(b.data()) && load64(a.data() + size - 8) == load64(b.data() + size - 8);
  if (size >= 4) return load32(a.data()) == load32(b.data()) && load32(a.data() + size - 4) == load32(b.data() + size - 4);
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

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
