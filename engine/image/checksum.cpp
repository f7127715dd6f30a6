// See checksum.h. The one translation unit that needs xxHash.
#define XXH_INLINE_ALL
#include "engine/image/checksum.h"

#include <xxhash.h>

namespace remit::image {

std::uint64_t xxh3(std::span<const std::byte> bytes) noexcept { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace remit::image
