// Id: 128 bits that name a session or an approval. Drawn from the system's generator, so that nobody
// can guess one that was given to somebody else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace remit {

struct Id {
  std::array<std::uint8_t, 16> bytes{};  // all zero: no id

  constexpr bool empty() const noexcept {
    for (const std::uint8_t byte : bytes) {
      if (byte != 0) return false;
    }
    return true;
  }
  friend constexpr bool operator==(const Id& a, const Id& b) noexcept {
    for (std::size_t i = 0; i < 16; ++i) {
      if (a.bytes[i] != b.bytes[i]) return false;
    }
    return true;
  }
  friend constexpr bool operator!=(const Id& a, const Id& b) noexcept { return !(a == b); }
};

// 32 lower-case hexadecimal digits. Empty where there is no memory for them.
std::string to_string(const Id& id) noexcept;
// Reads what to_string writes, in either case; false for anything else, and `out` stays as it was.
bool parse_id(std::string_view text, Id& out) noexcept;

}  // namespace remit
