// SHA-256 (FIPS 180-4), for names that an adversary must not be able to make collide: the digest of a
// request that a person approves, and of a program that a saved state is bound to. Plain code without
// dependencies; the engine hashes a few hundred bytes at a time. Covered by tests/sha256_test.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace remit::image {

using Digest = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  void update(const void* data, std::size_t size) noexcept;
  // Ends the computation; the object may not be used again.
  Digest finish() noexcept;

 private:
  void block(const std::uint8_t* bytes) noexcept;

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> pending_{};
  std::uint64_t size_ = 0;
};

Digest sha256(std::span<const std::byte> bytes) noexcept;

}  // namespace remit::image
