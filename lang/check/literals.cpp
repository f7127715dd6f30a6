// Literals (literals.h). All arithmetic is checked in 64 bits with the compiler's overflow builtins;
// calendar arithmetic is Howard Hinnant's published days_from_civil algorithm.
// Covered by tests/check_literals_test.cpp.
#include "lang/check/literals.h"

#include <limits>

#include <fmt/format.h>

#include "engine/image/unicode.h"
#include "lang/check/names.h"
#include "lang/check/units.h"
#include "lang/check/write.h"

namespace remit::lang::checker {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

const Unit* find(const auto& units, std::string_view name) {
  for (const Unit& unit : units)
    if (unit.name == name) return &unit;
  return nullptr;
}

LiteralFault fault(std::string_view code, std::string message, std::string help = {}) {
  return {std::string(code), std::move(message), std::move(help)};
}

LiteralFault overflow(std::string_view text, std::string_view what) {
  return fault("overflow", fmt::format("{} overflows: {} is kept in 64-bit", quote(text), what),
               fmt::format("the largest is {}", what == "a size" ? "9223372036854775807B" : "about 292,000 years"));
}

// Digits with `_` between them, from `at` on.
struct Digits {
  std::uint64_t value = 0;
  bool overflow = false, bad_underscore = false;
  std::size_t end = 0;
};
Digits read_digits(std::string_view text, std::size_t at) {
  Digits out;
  bool after_underscore = true;  // one may not come first
  for (; at < text.size(); ++at) {
    if (text[at] == '_') {
      if (after_underscore) out.bad_underscore = true;
      after_underscore = true;
    } else if (digit(text[at])) {
      after_underscore = false;
      const auto add = static_cast<std::uint64_t>(text[at] - '0');
      if (__builtin_mul_overflow(out.value, std::uint64_t{10}, &out.value) ||
          __builtin_add_overflow(out.value, add, &out.value)) {
        out.overflow = true;
        out.value = std::numeric_limits<std::uint64_t>::max() / 16;  // keeps going, stays too large
      }
    } else {
      break;
    }
  }
  if (after_underscore) out.bad_underscore = true;
  out.end = at;
  return out;
}

// `1.5MB` -> `1500KB`: the same as a whole number of a smaller unit, or nothing. `whole` and `part`
// are the digits on either side of the point.
std::string without_point(std::string_view whole, std::string_view part, const Unit& unit,
                          bool is_size) {
  if (whole.size() > 6 || part.size() > 6) return {};
  std::int64_t scaled = 0, ten = 1;
  for (const char c : whole) scaled = scaled * 10 + (c - '0');
  for (const char c : part) {
    scaled = scaled * 10 + (c - '0');
    ten *= 10;
  }
  if (__builtin_mul_overflow(scaled, unit.factor, &scaled) || scaled % ten != 0) return {};
  const std::int64_t exact = scaled / ten;
  if (!is_size) return exact % 1000 == 0 ? write_duration(exact) : std::string();
  const bool binary = unit.name.size() == 3;
  for (const Unit& smaller : kSizes) {
    if (smaller.name != "B" && (smaller.name.size() == 3) != binary) continue;
    if (smaller.factor < unit.factor && exact % smaller.factor == 0)
      return fmt::format("{}{}", exact / smaller.factor, smaller.name);
  }
  return {};
}

LiteralFault fraction(std::string_view text, std::size_t point) {
  const std::string_view whole = text.substr(0, point);
  std::size_t end = point + 1;
  while (end < text.size() && digit(text[end])) ++end;
  const std::string_view part = text.substr(point + 1, end - point - 1);
  const std::string_view unit = text.substr(end);
  std::string instead;
  bool plain = !part.empty();
  for (const char c : whole) plain = plain && digit(c);
  if (plain) {
    if (const Unit* size = find(kSizes, unit))
      instead = without_point(whole, part, *size, true);
    else if (const Unit* duration = find(kDurations, unit))
      instead = without_point(whole, part, *duration, false);
  }
  return fault("no-fractions",
               fmt::format("{} has a fraction; numbers in Scope are whole", quote(text)),
               instead.empty() ? "write a whole number of a smaller unit"
                               : fmt::format("write `{}`", instead));
}

LiteralFault decode_duration(std::string_view text, std::size_t at, std::uint64_t first,
                             bool too_large, Constant& out) {
  // `at` is behind the first number; its unit is known to be one of kDurations or to be unknown.
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  std::uint64_t number = first;
  for (;;) {
    std::size_t end = at;
    while (end < text.size() && letter(text[end])) ++end;
    const std::string_view name = text.substr(at, end - at);
    const Unit* unit = find(kDurations, name);
    if (unit == nullptr) {
      if (name.empty())
        return fault("bad-duration", fmt::format("{} ends without a unit", quote(text)),
                     "the units are w, d, h, m, s and ms, as in `1h30m`");
      return fault("bad-duration",
                   fmt::format("{} is no unit of time in {}", quote(name), quote(text)),
                   "the units are w, d, h, m, s and ms, as in `1h30m`");
    }
    const auto index = static_cast<std::size_t>(unit - kDurations.data());
    if (index < next_unit) {
      const bool twice = index + 1 == next_unit;
      return fault("bad-duration",
                   twice ? fmt::format("the unit `{}` stands twice in the duration {}", name, quote(text))
                         : fmt::format("the units of the duration {} are out of order", quote(text)),
                   "write each unit once, the largest first, as in `1h30m`");
    }
    next_unit = index + 1;
    std::int64_t part = 0;
    if (too_large || number > static_cast<std::uint64_t>(kLargest) ||
        __builtin_mul_overflow(static_cast<std::int64_t>(number), unit->factor, &part) ||
        __builtin_add_overflow(total, part, &total))
      return overflow(text, "a duration in microseconds");
    at = end;
    if (at == text.size()) break;
    const Digits digits = read_digits(text, at);
    if (digits.end == at || digits.bad_underscore) {
      if (text[at] == '.') return fraction(text, at);
      return fault("bad-duration", fmt::format("{} is no duration", quote(text)),
                   "write it like `2h`, `1h30m` or `500ms`");
    }
    if (digits.end < text.size() && text[digits.end] == '.') return fraction(text, digits.end);
    number = digits.value;
    too_large = digits.overflow;
    at = digits.end;
  }
  out.type = Type::duration;
  out.number = total;
  return {};
}

// Exactly `count` digits at `at`, or false.
bool fixed(std::string_view text, std::size_t at, std::size_t count, std::int64_t& out) {
  if (at + count > text.size()) return false;
  out = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!digit(text[i])) return false;
    out = out * 10 + (text[i] - '0');
  }
  return true;
}

unsigned days_in_month(std::int64_t year, std::int64_t month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// `text` has its first `-` behind four characters.
LiteralFault decode_time(std::string_view text, Constant& out) {
  constexpr std::string_view kForm = "write a time like `2026-12-01T09:00Z` or "
                                     "`2026-12-01T09:00:30.250+01:00`";
  const auto bad = [&](std::string_view what) {
    return fault("bad-time", fmt::format("{} is no time: {}", quote(text), what), std::string(kForm));
  };
  std::int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
  if (!fixed(text, 0, 4, year) || !fixed(text, 5, 2, month) || !fixed(text, 8, 2, day) ||
      text[7] != '-')
    return bad("the date is written YYYY-MM-DD");
  if (month < 1 || month > 12) return bad("there is no such month");
  if (day < 1 || day > days_in_month(year, month)) return bad("that month has no such day");
  if (text.size() == 10) return bad("the time of day is missing");
  if (text[10] != 'T') return bad("a `T` stands between the date and the time of day");
  if (!fixed(text, 11, 2, hour) || text.size() < 16 || text[13] != ':' || !fixed(text, 14, 2, minute))
    return bad("the time of day is written HH:MM");
  if (hour > 23) return bad("hours go from 00 to 23");
  if (minute > 59) return bad("minutes go from 00 to 59");
  std::size_t at = 16;
  if (at < text.size() && text[at] == ':') {
    if (!fixed(text, at + 1, 2, second)) return bad("seconds are written with two digits");
    if (second > 59) return bad("seconds go from 00 to 59 (leap seconds cannot be named)");
    at += 3;
    if (at < text.size() && text[at] == '.') {
      const std::size_t begin = ++at;
      std::int64_t scale = 100'000;
      for (; at < text.size() && digit(text[at]); ++at, scale /= 10) {
        if (scale == 0 && text[at] != '0') return bad("microseconds are the finest that is kept");
        micros += (text[at] - '0') * scale;
      }
      if (at == begin) return bad("digits are missing after the point");
    }
  }
  std::int64_t offset = 0;
  if (at < text.size() && text[at] == 'Z') {
    ++at;
  } else if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    std::int64_t hours = 0, minutes = 0;
    if (!fixed(text, at + 1, 2, hours) || at + 6 > text.size() || text[at + 3] != ':' ||
        !fixed(text, at + 4, 2, minutes))
      return bad("the offset from UTC is written like `+01:00`");
    if (hours > 23 || minutes > 59) return bad("there is no such offset from UTC");
    offset = (hours * 60 + minutes) * 60 * (text[at] == '-' ? -1 : 1);
    at += 6;
  } else {
    return bad("the offset from UTC is missing: end it with `Z` or with one like `+01:00`");
  }
  if (at != text.size()) return bad("something stands after it");
  const std::int64_t days =
      days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  out.type = Type::time;
  out.number = (days * 86'400 + hour * 3'600 + minute * 60 + second - offset) * 1'000'000 + micros;
  return {};
}

}  // namespace

std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) noexcept {
  // Years begin in March, so that the leap day is the last; eras are of 400 years.
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

LiteralFault decode_scalar(std::string_view text, Constant& out) {
  out = {};
  const bool negative = !text.empty() && text[0] == '-';
  std::string_view rest = text.substr(negative ? 1 : 0);
  if (rest.empty() || !digit(rest[0]))
    return fault("bad-number", fmt::format("{} is no number", quote(text)), "write digits, like `200`");
  // A date is four digits and a minus; a clock time is digits and a colon.
  if (!negative && rest.size() > 4 && rest[4] == '-') return decode_time(rest, out);
  const Digits digits = read_digits(rest, 0);
  if (digits.end < rest.size() && rest[digits.end] == ':')
    return fault("unexpected-clock-time",
                 fmt::format("{} is a time of day, which stands in `between` only", quote(text)),
                 "write a time like `2026-12-01T09:00Z` or a duration like `9h`");
  if (digits.end < rest.size() && rest[digits.end] == '.') return fraction(rest, digits.end);
  if (digits.bad_underscore)
    return fault("bad-number", fmt::format("`_` stands between two digits only, not as in {}", quote(text)),
                 "write it like `1_000_000`");
  const std::string_view unit = rest.substr(digits.end);
  if (unit.empty()) {
    const auto limit = static_cast<std::uint64_t>(kLargest) + (negative ? 1 : 0);
    if (digits.overflow || digits.value > limit)
      return fault("overflow",
                   fmt::format("{} overflows: an int is kept in 64-bit", quote(text)),
                   negative ? "the smallest is -9223372036854775808"
                            : "the largest is 9223372036854775807");
    out.type = Type::integer;
    out.number = negative ? static_cast<std::int64_t>(-digits.value)
                          : static_cast<std::int64_t>(digits.value);
    return {};
  }
  if (negative)
    return fault("negative", fmt::format("{} is negative; only an int may be", quote(text)),
                 "write it without the `-`");
  if (const Unit* size = find(kSizes, unit)) {
    out.type = Type::size;
    if (digits.overflow || digits.value > static_cast<std::uint64_t>(kLargest) ||
        __builtin_mul_overflow(static_cast<std::int64_t>(digits.value), size->factor, &out.number))
      return overflow(text, "a size");
    return {};
  }
  // The first run of letters decides whether a duration was meant.
  std::size_t letters = 0;
  while (letters < unit.size() && letter(unit[letters])) ++letters;
  if (find(kDurations, unit.substr(0, letters)) != nullptr)
    return decode_duration(rest, digits.end, digits.value, digits.overflow, out);
  std::string help = "sizes have the units B KB MB GB TB KiB MiB GiB TiB, durations w d h m s ms";
  for (const Unit& known : kSizes) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    std::string have(unit), want(known.name);
    for (char& c : have) c = lower(c);
    for (char& c : want) c = lower(c);
    if (have == want || have + "b" == want)
      help = fmt::format("write `{}{}`", rest.substr(0, digits.end), known.name);
  }
  for (const auto& [long_name, name] :
       {std::pair<std::string_view, std::string_view>{"min", "m"}, {"mins", "m"}, {"minutes", "m"},
        {"minute", "m"}, {"hour", "h"}, {"hours", "h"}, {"hr", "h"}, {"hrs", "h"}, {"day", "d"},
        {"days", "d"}, {"sec", "s"}, {"secs", "s"}, {"second", "s"}, {"seconds", "s"},
        {"week", "w"}, {"weeks", "w"}, {"H", "h"}, {"D", "d"}, {"W", "w"}, {"S", "s"}, {"M", "m"}})
    if (unit == long_name) help = fmt::format("write `{}{}`", rest.substr(0, digits.end), name);
  return fault("unknown-unit", fmt::format("{} is no unit in {}", quote(unit), quote(text)), help);
}

LiteralFault decode_clock(std::string_view text, std::uint16_t& minutes) {
  std::int64_t hour = 0, minute = 0;
  const bool shaped = text.size() == 5 && fixed(text, 0, 2, hour) && text[2] == ':' &&
                      fixed(text, 3, 2, minute);
  if (!shaped) {
    std::string help = "write it with two digits each, like `09:00`";
    if (text.size() == 4 && text[1] == ':') help = fmt::format("write `0{}`", text);
    return fault("bad-clock", fmt::format("{} is no time of day", quote(text)), help);
  }
  if (hour == 24 && minute == 0)
    return fault("bad-clock", "the day ends before 24:00; there is no such time of day",
                 "write `00:00` for midnight");
  if (hour > 23) return fault("bad-clock", fmt::format("{} is no time of day: hours go from 00 to 23", quote(text)));
  if (minute > 59) return fault("bad-clock", fmt::format("{} is no time of day: minutes go from 00 to 59", quote(text)));
  minutes = static_cast<std::uint16_t>(hour * 60 + minute);
  return {};
}

std::string hidden_character(std::string_view text) {
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const char32_t c = detail::decode_utf8(at, end);
    const bool line_end = c == '\r' && at != end && *at == '\n';
    if (detail::is_forbidden(c) || (c == '\r' && !line_end)) return fmt::format("U+{:04X}", static_cast<std::uint32_t>(c));
  }
  return {};
}

}  // namespace remit::lang::checker
