// Windows. See window.h.
#include "tests/reference/window.h"

namespace remit::reference {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kDay = 24 * 60 * kMinute;
constexpr std::int64_t kYear2100 = 4'102'444'800 * kSecond;  // 2100-01-01T00:00Z

std::int64_t offset_at(const lang::Zone& zone, std::int64_t now) {
  std::int64_t offset = 0;
  for (const auto& step : zone.steps) {
    if (step.start <= now) offset = step.offset;
  }
  return offset * kSecond;
}

}  // namespace

Kleene in_window(const lang::Resolved& document, const lang::Window& window, std::int64_t now) {
  if (now < 0 || now >= kYear2100) return Kleene::unknown;
  // Local time may be a day before 1970: count from a Monday long before, so that nothing is
  // negative.
  constexpr std::int64_t kDaysBefore = 3 + 7;  // 1970-01-01 was a Thursday
  const std::int64_t local = now + offset_at(document.zones[window.zone], now) + kDaysBefore * kDay;
  const std::int64_t today = local / kDay, time_of_day = local % kDay;
  const auto starts_on = [&](std::int64_t day) { return (window.days >> (day % 7) & 1) != 0; };
  const bool begun = time_of_day >= window.from * kMinute;  // "start included"
  const bool ended = time_of_day >= window.to * kMinute;    // "end excluded"
  if (window.from < window.to) return kleene(begun && !ended && starts_on(today));
  // "an end before the start crosses midnight (the day is that of the start)"
  return kleene((begun && starts_on(today)) || (!ended && starts_on(today - 1)));
}

}  // namespace remit::reference
