// Allocations of the whole process, counted: so that a benchmark can say how many one decision made, and how much
// memory a session keeps.
#pragma once

#include <cstdint>

namespace remit::bench {

std::uint64_t allocations() noexcept;
// Bytes in use, with what the allocator rounds up to.
std::int64_t live_bytes() noexcept;

}  // namespace remit::bench
