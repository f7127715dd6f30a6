// Allocations of the whole process, counted: so that a benchmark can say how many one decision made.
#pragma once

#include <cstdint>

namespace remit::bench {

std::uint64_t allocations() noexcept;

}  // namespace remit::bench
