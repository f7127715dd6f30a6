// Arithmetic on times that cannot overflow: a session may open at any representable microsecond.
#pragma once

#include <cstdint>

#include <remit/value.h>

namespace remit {

inline std::int64_t micros(Time time) noexcept { return time.time_since_epoch().count(); }

// Microseconds from `since` to `now`; 0 where `now` is before it.
inline std::uint64_t elapsed(std::int64_t since, std::int64_t now) noexcept {
  return now <= since ? 0 : static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(since);
}

}  // namespace remit
