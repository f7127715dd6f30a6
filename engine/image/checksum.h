// XXH3-64: guards stored bytes against damage. Not against forgery: whoever can write the bytes can write
// the checksum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace remit::image {

std::uint64_t xxh3(std::span<const std::byte> bytes) noexcept;

}  // namespace remit::image
