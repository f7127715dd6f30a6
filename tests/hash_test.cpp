// The hash is part of the image format: who compiled an image chose its slots by it, so it must be the
// same everywhere. Against a plain version that goes byte by byte, and against values of format 4.0.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/image/hash.h"
#include "engine/vm/path.h"

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

std::uint64_t plain_block(std::uint64_t hash, std::string_view bytes) {
  return plain_fold(little_endian(bytes.substr(0, std::min<std::size_t>(8, bytes.size()))) ^ hash,
                    (bytes.size() > 8 ? little_endian(bytes.substr(8)) : 0) ^ kHashB);
}

// Block after block, the last of a text longer than one reaching back into the block before it.
std::uint64_t plain_hash(std::uint64_t hash, std::string_view bytes) {
  hash ^= bytes.size() * kHashA;
  while (bytes.size() > 16) {
    hash = plain_block(hash, bytes.substr(0, 16));
    bytes.remove_prefix(std::min<std::size_t>(16, bytes.size() - 16));
  }
  return plain_block(hash, bytes);
}

// A sum over blocks, the last filled up with zeros: in front of its bytes, unless it is the first.
std::uint64_t plain_path_hash(std::string_view path) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; 16 * i < path.size(); ++i) {
    std::string block(path.substr(16 * i, 16));
    block.insert(i == 0 ? block.size() : 0, 16 - block.size(), '\0');
    sum += plain_block((i + 1) * kHashA, block);
  }
  return sum;
}

std::string sample(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(33 + i * 89 % 190);
  return text;
}

TEST_CASE("every short text hashes as it does byte by byte") {
  for (std::size_t size = 0; size <= 70; ++size) {
    const std::string text = sample(size);
    const std::uint64_t seed = kHashStar * (size + 1);
    INFO(size);
    CHECK(hash_bytes(seed, text) == plain_hash(seed, text));
    CHECK(hash_name(text) == static_cast<std::uint32_t>(plain_hash(kHashWord, text) >> 32));
    if (size != 0) CHECK(hash_path(text) == plain_path_hash(text));
  }
}

TEST_CASE("of every path each wanted prefix is hashed, as if it were alone") {
  std::string text = "lab:/";
  for (std::size_t i = 1; i <= 64; ++i) text += (i == 1 ? "" : "/") + std::string(i * 37 % 23 + 1, static_cast<char>('a' + i % 26));
  for (std::string cut = text;; cut.resize(cut.rfind('/'))) {
    vm::Path path(cut);
    REQUIRE(path.scan());
    const std::uint64_t all = ~std::uint64_t{0} >> (64 - path.parts.segments);
    for (const std::uint64_t wanted : {~std::uint64_t{0}, std::uint64_t{0xa5c3'0f96'1248'7eb1}, std::uint64_t{0}}) {
      path.hash(wanted, true);
      REQUIRE(path.depths == (wanted & all));
      for (std::size_t i = 0; i < path.parts.segments; ++i) {
        if (wanted >> i & 1) REQUIRE(path.prefix[i] == plain_path_hash(std::string_view(cut).substr(0, path.end(i))));
      }
    }
    CHECK(path.system_hash == plain_path_hash("lab:"));
    if (path.parts.segments == 1) break;
  }
}

// As long as a resource may be, and longer than its hashed part by the slash that is dropped: nothing is written or read
// beyond what there is room for.
TEST_CASE("the longest paths hash as if each prefix were alone") {
  for (const std::size_t size : {4079u, 4080u, 4081u, 4095u, 4096u}) {
    for (const bool slash : {false, true}) {
      std::string text = "lab:/" + std::string(size / 2, 'a') + "/";
      text.resize(size - slash, 'b');
      if (slash) text += '/';
      vm::Path path(text);
      REQUIRE(path.scan());
      path.hash(~std::uint64_t{0}, true);
      REQUIRE(path.depths == 3);
      for (std::size_t i = 0; i < 2; ++i) CHECK(path.prefix[i] == plain_path_hash(std::string_view(text).substr(0, path.end(i))));
    }
  }
}

TEST_CASE("roots, action words and what stands around a star each go into the hash") {
  const std::uint64_t hash = plain_path_hash("docs:");
  CHECK(hash_root(hash, true) == plain_fold(hash ^ kHashRooted, kHashB));
  CHECK(hash_root(hash, false) == plain_fold(hash ^ kHashNamed, kHashB));
  CHECK(with_word(hash, 0) == hash);
  CHECK(with_word(hash, 3) == plain_fold(hash ^ kHashWord, 3 * kHashA));
  CHECK(hash_star(hash, "re", ".pdf/x") == plain_hash(plain_hash(hash ^ kHashStar, "re"), ".pdf/x"));
  CHECK(hash_star(hash, "", ".pdf") == plain_hash(hash ^ kHashStar, ".pdf"));
  CHECK(hash_tag(0) == 0);
  CHECK(hash_tag(0x1285) == 0x85);
  CHECK(hash_tag(~std::uint64_t{0}) == 0xff);
}

TEST_CASE("groups are of the order of hashes, and of one size") {
  constexpr std::uint64_t kLast = ~std::uint64_t{0};
  for (const std::size_t groups : {1u, 2u, 3u, 7u, 1000u, 0xffffffffu}) {
    const std::uint64_t size = kLast / groups;
    CHECK(hash_group(0, groups) == 0);
    CHECK(hash_group(kLast, groups) == groups - 1);
    CHECK(hash_group(size - 1, groups) == 0);
    CHECK(hash_group(kLast - size + 1, groups) == groups - 1);
  }
  CHECK(hash_group(kLast / 3, 3) == 0);
  CHECK(hash_group(kLast / 3 + 1, 3) == 1);
}

TEST_CASE("format 4.0 hashes so") {
  CHECK(hash_path("docs:") == 0x8e698ce2b898594eu);
  CHECK(hash_root(hash_path("docs:"), true) == 0xef019d3e57846169u);
  CHECK(hash_bytes(0, "a text that is longer than sixteen bytes") == 0x5f0f550782dbf27cu);
  CHECK(hash_path("docs:/clinical/A/2026/week-47") == 0x5f5a95ed123e9c4eu);
  CHECK(hash_star(1, "re", ".pdf") == 0x8f8758cbff008109u);
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
