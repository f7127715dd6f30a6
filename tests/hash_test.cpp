// The hash is part of the image format: who compiled an image chose its slots by it, so it must be the
// same everywhere. Against a plain version that goes byte by byte, and against values of format 2.0.
#include <catch2/catch.hpp>

#include <string>
#include <string_view>

#include "engine/image/hash.h"

namespace remit::image {
namespace {

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

// The product's halves, by 32 bits at a time.
std::uint64_t plain_fold(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
  const std::uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & 0xffffffffu);
  const std::uint64_t high = a1 * b1 + (middle >> 32) + (other >> 32);
  return (a * b ^ high) + (a ^ ((b << 32) + b1));
}

// From the end, 16 bytes at a time; of 9 to 16 that are left the last 8 stand alone.
std::uint64_t plain_hash(std::uint64_t hash, std::string_view bytes) {
  hash ^= bytes.size() * kHashA;
  for (; bytes.size() > 16; bytes.remove_suffix(16)) {
    const std::string_view block = bytes.substr(bytes.size() - 16);
    hash = plain_fold(little_endian(block.substr(0, 8)) ^ hash, little_endian(block.substr(8)) ^ kHashB);
  }
  const bool small = bytes.size() <= 8;
  const std::uint64_t low = little_endian(small ? bytes : bytes.substr(0, bytes.size() - 8));
  const std::uint64_t high = small ? 0 : little_endian(bytes.substr(bytes.size() - 8));
  return plain_fold(low ^ hash, high ^ kHashB);
}

std::string sample(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(33 + i * 89 % 190);
  return text;
}

TEST_CASE("every part of every short text hashes as it does byte by byte") {
  for (std::size_t size = 0; size <= 50; ++size) {
    const std::string text = sample(size);
    const PrefixHasher hasher(text);
    for (std::size_t begin = 0; begin <= size; ++begin) {
      for (std::size_t end = begin; end <= size; ++end) {
        const std::uint64_t seed = kHashStar * (begin + 1);
        INFO(begin << " to " << end << " of " << size);
        REQUIRE(hasher.segment(seed, begin, end) == plain_hash(seed, std::string_view(text).substr(begin, end - begin)));
      }
    }
    CHECK(hash_bytes(kHashSystem, text) == plain_hash(kHashSystem, text));
    CHECK(hash_name(text) == static_cast<std::uint32_t>(plain_hash(kHashWord, text) >> 32));
  }
}

TEST_CASE("roots, action words and forms of patterns each go into the hash") {
  const std::uint64_t hash = plain_hash(kHashSystem, "docs");
  CHECK(hash_root(hash, true) == plain_fold(hash ^ kHashRooted, kHashB));
  CHECK(hash_root(hash, false) == plain_fold(hash ^ kHashNamed, kHashB));
  CHECK(with_word(hash, 0) == hash);
  CHECK(with_word(hash, 3) == plain_fold(hash ^ kHashWord, 3 * kHashA));
  CHECK(hash_shape(hash, 2, 5, 7) == plain_fold(hash ^ kHashStar, ((2ull << 32) + (5ull << 16) + 7) ^ kHashA));
  CHECK(hash_tag(0) == 0x80);
  CHECK(hash_tag(~std::uint64_t{0}) == 0xff);
  CHECK(hash_tag(std::uint64_t{5} << 57) == 0x85);
}

TEST_CASE("format 2.0 hashes so") {
  CHECK(hash_bytes(kHashSystem, "docs") == 0x6c17a757c367b3ebu);
  CHECK(hash_root(hash_bytes(kHashSystem, "docs"), true) == 0x37ff51b362178961u);
  CHECK(hash_bytes(0, "a text that is longer than sixteen bytes") == 0x029fc45d6fd090f9u);
  CHECK(hash_shape(1, 2, 3, 4) == 0x226473eb60f13e5au);
  CHECK(with_word(1, 2) == 0x364e9217ff878503u);
  CHECK(hash_name("size") == 0x2fb6d8b1u);
}

TEST_CASE("names are the same where every byte is") {
  for (std::size_t size = 0; size <= 40; ++size) {
    const std::string name = sample(size);
    CHECK(same_name(name, std::string(name)));
    CHECK_FALSE(same_name(name, name + "x"));
    for (std::size_t i = 0; i < size; ++i) {
      std::string other = name;
      other[i] ^= 1;
      CHECK_FALSE(same_name(name, other));
    }
  }
}

}  // namespace
}  // namespace remit::image
