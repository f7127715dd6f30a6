// XXH3-64: guards stored bytes against damage. Not against forgery: whoever can write the bytes can write
// the checksum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace remit::image {

std::uint64_t xxh3(std::span<const std::byte> bytes) noexcept;
// The same of a copy that it makes, piece by piece: what is larger than the caches comes from memory once, not twice.
std::uint64_t xxh3_of_copy(std::byte* to, std::span<const std::byte> bytes) noexcept;

}  // namespace remit::image
