// For tests that hold a bar on time: this process's own, which a busy machine takes nothing of, and how much
// slower than others a build that checks or counts what runs may be.
#pragma once

#include <ctime>

namespace remit::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(REMIT_COVERAGE) || !defined(__OPTIMIZE__)
inline constexpr double kSlower = 10;
#else
inline constexpr double kSlower = 1;
#endif

inline double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace remit::test
