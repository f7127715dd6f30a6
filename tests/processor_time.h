// For tests that hold a bar on time: this process's own, which a busy machine takes nothing of, and how much
// slower than others a build that checks or counts what runs may be.
#pragma once

#include <ctime>

namespace remit::test {

// Said by tests/CMakeLists.txt: the compiler knows how a test's own lines are built, not what they test.
#ifdef REMIT_FULL_SPEED
inline constexpr bool kFullSpeed = true;
#else
inline constexpr bool kFullSpeed = false;
#endif
inline constexpr double kSlower = kFullSpeed ? 1 : 10;

inline double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace remit::test
