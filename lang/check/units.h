// The units of durations and sizes (language.md section 2). Private to lang/check: what reads them is
// literals.cpp, what writes them is write.cpp. Covered by tests/check_literals_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace remit::lang::checker {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
// Largest first: the order in which durations must use theirs.
inline constexpr std::array<Unit, 6> kDurations = {{{"w", 604'800'000'000},
                                             {"d", 86'400'000'000},
                                             {"h", 3'600'000'000},
                                             {"m", 60'000'000},
                                             {"s", 1'000'000},
                                             {"ms", 1'000}}};
inline constexpr std::array<Unit, 9> kSizes = {{{"TiB", std::int64_t{1} << 40},
                                         {"TB", 1'000'000'000'000},
                                         {"GiB", 1 << 30},
                                         {"GB", 1'000'000'000},
                                         {"MiB", 1 << 20},
                                         {"MB", 1'000'000},
                                         {"KiB", 1 << 10},
                                         {"KB", 1'000},
                                         {"B", 1}}};

}  // namespace remit::lang::checker
