// Hashes: of names and other short texts one by one, of a path for all of its prefixes at once. The same functions, bit
// for bit, on every processor, because the compiler stores what the vm looks up. They are for an index only (keys are
// compared byte for byte on a hit), so they need not be cryptographic; they must be fast on texts of a few dozen bytes
// and never read outside of them.
//
// The hash of a path's first n bytes is a sum over its blocks of 16 bytes, each hashed with its own key, the last one
// filled up with zeros. So a path is read once, and what every prefix costs beyond is its last block. Chaining from
// segment to segment instead would make each wait for the one before it, and cost by the segment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace remit::image {

__extension__ typedef unsigned __int128 Wide;

inline constexpr std::uint64_t kHashA = 0x9e3779b97f4a7c15u;
inline constexpr std::uint64_t kHashB = 0xd1b54a32d192ed03u;
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

// Folds a 128-bit product. The sum of the inputs keeps a zero factor from swallowing the other. The halves are asked for one
// by one: g++ 12 takes a product of both apart through memory.
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  const std::uint64_t low = a * b, high = static_cast<std::uint64_t>(static_cast<Wide>(a) * b >> 64);
  return (low ^ high) + (a ^ (b << 32 | b >> 32));
}

// The first 16 bytes, or all of them where there are fewer, as a little-endian number.
inline Wide first_bytes(const char* text, std::size_t size) noexcept {
  if (size >= 16) return Wide{load64(text + 8)} << 64 | load64(text);
  if (size >= 8) return Wide{load64(text + size - 8)} << (8 * (size - 8)) | load64(text);
  if (size >= 4) return load32(text) | std::uint64_t{load32(text + size - 4)} << (8 * (size - 4));
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < size; ++i) bytes |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
  return bytes;
}

// --- Paths ---

// Block `index` of a path, its bytes as two words.
inline std::uint64_t hash_block(std::uint64_t low, std::uint64_t high, std::size_t index) noexcept {
  return fold(low ^ (index + 1) * kHashA, high ^ kHashB);
}

// 16 bytes from the place 16 + n on keep the first 16 - n bytes of a block, from n on the last n.
alignas(64) inline constexpr unsigned char kBlockMasks[48] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

// Of `head`, the first bytes of a text, `size` of them, and zeros; `size` is 1 to 16.
inline Wide cut_head(Wide head, std::size_t size) noexcept {
  const char* const mask = reinterpret_cast<const char*>(kBlockMasks) + 32 - size;
  return head & (Wide{load64(mask + 8)} << 64 | load64(mask));
}

// The block in which the first `size` bytes of a text end, which is not 0; `head` is first_bytes of the text.
inline std::uint64_t hash_last_block(const char* text, Wide head, std::size_t size) noexcept {
  const std::size_t index = (size - 1) / 16, length = size - 16 * index;
  if (index == 0) {
    const Wide block = cut_head(head, length);
    return hash_block(static_cast<std::uint64_t>(block), static_cast<std::uint64_t>(block >> 64), 0);
  }
  // The 16 bytes that end there: nothing is read that follows.
  const char* const mask = reinterpret_cast<const char*>(kBlockMasks) + length;
  return hash_block(load64(text + size - 16) & load64(mask), load64(text + size - 8) & load64(mask + 8), index);
}

// The hash of a path that is a key of the index, system and all, such as `docs:` or `docs:/a`; not empty.
inline std::uint64_t hash_path(std::string_view path) noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; 16 * (i + 1) < path.size(); ++i) sum += hash_block(load64(path.data() + 16 * i), load64(path.data() + 16 * i + 8), i);
  return sum + hash_last_block(path.data(), first_bytes(path.data(), path.size()), path.size());
}

// --- Names, and pieces of paths ---

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
  const std::size_t size = text.size();
  std::uint64_t hash = seed ^ size * kHashA;
  if (size <= 16) {
    const Wide bytes = first_bytes(text.data(), size);
    return fold(static_cast<std::uint64_t>(bytes) ^ hash, static_cast<std::uint64_t>(bytes >> 64) ^ kHashB);
  }
  for (std::size_t i = 0; i + 16 < size; i += 16) hash = fold(load64(text.data() + i) ^ hash, load64(text.data() + i + 8) ^ kHashB);
  const char* const last = text.data() + size - 16;  // reaches back into the block before it
  return fold(load64(last) ^ hash, load64(last + 8) ^ kHashB);
}

inline std::uint32_t hash_name(std::string_view name) noexcept {
  return static_cast<std::uint32_t>(hash_bytes(kHashWord, name) >> 32);
}

// The node of a system's root, or of all that is named in it; `system` is the hash of its key, `docs:`.
inline std::uint64_t hash_root(std::uint64_t system, bool rooted) noexcept {
  return fold(system ^ (rooted ? kHashRooted : kHashNamed), kHashB);
}
// `word` tells apart the action words.
inline std::uint64_t with_word(std::uint64_t hash, std::uint32_t word) noexcept {
  return word == 0 ? hash : fold(hash ^ kHashWord, word * kHashA);
}
// A path with one `*`, below the node of hash `prefix`: what its segment begins with, and all behind the `*`, to the end.
inline std::uint64_t hash_star(std::uint64_t prefix, std::string_view before, std::string_view after) noexcept {
  const std::uint64_t hash = prefix ^ kHashStar;
  return hash_bytes(before.empty() ? hash : hash_bytes(hash, before), after);
}

// Where a hash lives: which of so many groups it belongs to, and its tag there. Groups follow the order of hashes.
inline std::size_t hash_group(std::uint64_t hash, std::size_t groups) noexcept { return static_cast<std::size_t>(static_cast<Wide>(hash) * groups >> 64); }
inline std::uint8_t hash_tag(std::uint64_t hash) noexcept { return static_cast<std::uint8_t>(hash); }

}  // namespace remit::image
