// See checksum.h. The one translation unit that needs xxHash.
#define XXH_INLINE_ALL
#include "engine/image/checksum.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace remit::image {

std::uint64_t xxh3(std::span<const std::byte> bytes) noexcept { return XXH3_64bits(bytes.data(), bytes.size()); }

std::uint64_t xxh3_of_copy(std::byte* to, std::span<const std::byte> bytes) noexcept {
  constexpr std::size_t kPiece = std::size_t{256} << 10;  // both ends of it stay in a second-level cache
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kPiece);
    std::memcpy(to, bytes.data(), size);
    XXH3_64bits_update(&state, to, size);
    to += size;
    bytes = bytes.subspan(size);
  }
  return XXH3_64bits_digest(&state);
}

}  // namespace remit::image
