// Literals: every unit and range at its limit and one past it, the calendar against the standard
// library's, and what is written read back as what it was.
#include <catch2/catch.hpp>

#include <array>
#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/image/unicode.h"
#include "lang/check/literals.h"
#include "lang/check/write.h"
#include "lang/parse/literal_text.h"
#include "lang/parse/text.h"
#include "tests/generate/random.h"

using namespace remit;
using namespace remit::lang;
using namespace remit::lang::checker;
using generate::Random;

namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
__extension__ typedef __int128 Wide;

// `int 5`, `size 1024`, ... or the code of what is wrong.
std::string read(std::string_view text) {
  Constant out;
  const LiteralFault fault = decode_scalar(text, out);
  if (!fault.ok()) return fault.code;
  static constexpr const char* kNames[] = {"int", "size", "duration", "time"};
  static constexpr Type kTypes[] = {Type::integer, Type::size, Type::duration, Type::time};
  for (std::size_t i = 0; i < 4; ++i) {
    if (out.type == kTypes[i]) return fmt::format("{} {}", kNames[i], out.number);
  }
  return "?";
}

std::string help(std::string_view text) {
  Constant out;
  return decode_scalar(text, out).help;
}

struct Unit {
  const char* name;
  std::int64_t factor;
};
constexpr Unit kSizes[] = {{"B", 1},
                           {"KB", 1'000},
                           {"MB", 1'000'000},
                           {"GB", 1'000'000'000},
                           {"TB", 1'000'000'000'000},
                           {"KiB", std::int64_t{1} << 10},
                           {"MiB", std::int64_t{1} << 20},
                           {"GiB", std::int64_t{1} << 30},
                           {"TiB", std::int64_t{1} << 40}};
constexpr Unit kDurations[] = {{"w", 7 * 86'400'000'000}, {"d", 86'400'000'000},
                               {"h", 3'600'000'000},      {"m", 60'000'000},
                               {"s", 1'000'000},          {"ms", 1'000}};

// Digits with an `_` between some of them.
std::string with_underscores(Random& random, std::string digits) {
  for (std::size_t at = digits.size(); at > 1; --at) {
    if (random.chance(20)) digits.insert(at - 1, "_");
  }
  return digits;
}

std::string utf8(std::uint32_t code) { return decode_string(fmt::format("\"\\u{{{:X}}}\"", code)); }

}  // namespace

TEST_CASE("ints are 64-bit, and no further", "[literals]") {
  CHECK(read("0") == "int 0");
  CHECK(read("-0") == "int 0");
  CHECK(read("007") == "int 7");
  CHECK(read("1_000_000") == "int 1000000");
  CHECK(read("9223372036854775807") == "int 9223372036854775807");
  CHECK(read("9223372036854775808") == "overflow");
  CHECK(read("-9223372036854775808") == "int -9223372036854775808");
  CHECK(read("-9223372036854775809") == "overflow");
  // Around the end of 64 bits, where an unsigned sum could wrap.
  for (const char* large : {"18446744073709551615", "18446744073709551616", "18446744073709551617",
                            "184467440737095516160", "99999999999999999999999999"}) {
    CHECK(read(large) == "overflow");
    CHECK(read("-" + std::string(large)) == "overflow");
    CHECK(read(std::string(large) + "B") == "overflow");
    CHECK(read(std::string(large) + "ms") == "overflow");
    CHECK(read("1w" + std::string(large) + "ms") == "overflow");
  }
  for (const char* bad : {"_1", "1_", "1__0", "-_1", "1_B", "1_h"})
    CHECK(read(bad) == "bad-number");
  for (const char* bad : {"", "-", "x", "--1", "+1"}) CHECK(read(bad) == "bad-number");
  CHECK(read("09:00") == "unexpected-clock-time");
}

TEST_CASE("sizes: every unit at its limit and one past it", "[literals]") {
  for (const Unit& unit : kSizes) {
    const std::int64_t most = kLargest / unit.factor;
    CHECK(read(fmt::format("{}{}", most, unit.name)) == fmt::format("size {}", most * unit.factor));
    CHECK(read(fmt::format("{}{}", static_cast<std::uint64_t>(most) + 1, unit.name)) == "overflow");
    CHECK(read(fmt::format("0{}", unit.name)) == "size 0");
    CHECK(read(fmt::format("-1{}", unit.name)) == "negative");
  }
  for (const char* bad :
       {"5mb", "5Mb", "5kB", "5kb", "5K", "5mib", "5PB", "5MBs", "5MB5KB", "5bytes"})
    CHECK(read(bad) == "unknown-unit");
  CHECK(help("5mb") == "write `5MB`");
  CHECK(help("5k") == "write `5KB`");
  CHECK(help("5gib") == "write `5GiB`");
  CHECK(help("1.5GB") == "write `1500MB`");
  for (const char* odd : {"1234567.5MB", "1.1234567TB", "999999.999999TiB", "0.3KiB", "0.5B", "1.0B", "1.x"})
    CHECK(help(odd) == "write a whole number of a smaller unit");
}

TEST_CASE("durations: every unit at its limit and one past it, largest first, each once",
          "[literals]") {
  for (const Unit& unit : kDurations) {
    const std::int64_t most = kLargest / unit.factor;
    CHECK(read(fmt::format("{}{}", most, unit.name)) ==
          fmt::format("duration {}", most * unit.factor));
    CHECK(read(fmt::format("{}{}", most + 1, unit.name)) == "overflow");
    CHECK(read(fmt::format("-1{}", unit.name)) == "negative");
  }
  for (std::size_t first = 0; first < 6; ++first) {
    for (std::size_t then = 0; then < 6; ++then) {
      const std::string text = fmt::format("1{}1{}", kDurations[first].name, kDurations[then].name);
      CHECK(read(text) == (first < then ? fmt::format("duration {}", kDurations[first].factor +
                                                                         kDurations[then].factor)
                                        : "bad-duration"));
    }
  }
  // The sum may overflow where no part does.
  CHECK(read("15250284452w3d4h12s854ms") == "overflow");
  for (const char* bad : {"1h30", "1h30x", "1h_30m", "1h30m5", "1h 30m"})
    CHECK(read(bad) == "bad-duration");
  for (const char* bad : {"1y", "1us", "5minutes", "1H", "1{"}) CHECK(read(bad) == "unknown-unit");
  CHECK(help("5minutes") == "write `5m`");
  CHECK(help("5hours") == "write `5h`");
}

TEST_CASE("any parts and digits add up as wide arithmetic says", "[literals]") {
  Random random(20);
  std::size_t overflows = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    Wide sum = 0;
    for (const Unit& unit : kDurations) {
      if (!text.empty() && random.chance(50)) continue;
      const auto number = static_cast<std::int64_t>(random.next() >> (random.below(62) + 1));
      text += with_underscores(random, std::to_string(number)) + unit.name;
      sum += Wide{number} * unit.factor;
    }
    overflows += sum > kLargest ? 1 : 0;
    INFO(text);
    REQUIRE(
        read(text) ==
        (sum > kLargest ? "overflow" : fmt::format("duration {}", static_cast<std::int64_t>(sum))));
    const Unit& unit = random.pick(kSizes);
    const auto number = static_cast<std::int64_t>(random.next() >> (random.below(62) + 1));
    const Wide size = Wide{number} * unit.factor;
    REQUIRE(
        read(with_underscores(random, std::to_string(number)) + unit.name) ==
        (size > kLargest ? "overflow" : fmt::format("size {}", static_cast<std::int64_t>(size))));
  }
  CHECK(overflows > 1'000);
}

TEST_CASE("a fraction is refused with the whole number that it means", "[literals]") {
  for (const auto& [text, instead] : std::vector<std::pair<const char*, const char*>>{
           {"1.5MB", "write `1500KB`"},
           {"0.5h", "write `30m`"},
           {"1.5h", "write `1h30m`"},
           {"2.5KiB", "write `2560B`"},
           {"0.25d", "write `6h`"},
           {"1.5B", "write a whole number of a smaller unit"},
           {"0.0001ms", "write a whole number of a smaller unit"},
           {"1.5", "write a whole number of a smaller unit"},
           {"1.5x", "write a whole number of a smaller unit"},
           {"1.", "write a whole number of a smaller unit"},
           {"1.1234567h", "write a whole number of a smaller unit"},
           {"1h1.5m", "write a whole number of a smaller unit"}}) {
    INFO(text);
    CHECK(read(text) == "no-fractions");
    CHECK(help(text) == instead);
  }
}

TEST_CASE("days of the calendar are those of the standard library", "[literals]") {
  using namespace std::chrono;
  // Every day of four-digit years, by counting.
  std::int64_t count = sys_days(year{0} / 1 / 1).time_since_epoch().count();
  bool same = true;
  for (int y = 0; y <= 9'999; ++y) {
    for (unsigned m = 1; m <= 12; ++m) {
      const auto length = static_cast<unsigned>((year{y} / month{m} / last).day());
      for (unsigned d = 1; d <= length; ++d) same = same && days_from_civil(y, m, d) == count++;
    }
  }
  CHECK(same);
  CHECK(count == sys_days(year{10'000} / 1 / 1).time_since_epoch().count());
  // Beyond them, the first and last day of every month that <chrono> knows.
  for (int y = -32'767; y <= 32'767; ++y) {
    for (unsigned m = 1; m <= 12; ++m) {
      const sys_days first = year{y} / month{m} / 1, end = year{y} / month{m} / last;
      same = same && days_from_civil(y, m, 1) == first.time_since_epoch().count();
      same = same && days_from_civil(y, m, static_cast<unsigned>(year_month_day(end).day())) ==
                         end.time_since_epoch().count();
    }
  }
  CHECK(same);
}

TEST_CASE("times are RFC 3339, seconds optional, offset required", "[literals]") {
  CHECK(read("1970-01-01T00:00Z") == "time 0");
  CHECK(read("1969-12-31T23:59:59.999999Z") == "time -1");
  CHECK(read("2026-12-01T09:00Z") == "time 1796115600000000");
  CHECK(read("2026-12-01T09:00:30.250+01:00") == "time 1796112030250000");
  CHECK(read("2026-12-01T09:00:30.25-01:00") == "time 1796119230250000");
  CHECK(read("0000-01-01T00:00+23:59") == "time -62167305540000000");
  CHECK(read("9999-12-31T23:59:59.999999-23:59") == "time 253402387139999999");
  CHECK(read("2026-12-01T09:00-00:00") == read("2026-12-01T09:00Z"));
  CHECK(read("2026-12-01T09:00:00.1234560000Z") == read("2026-12-01T09:00:00.123456Z"));
  // Every day of every month, in a leap year and in none, in a century that leaps and one that does
  // not.
  for (const int year : {2023, 2024, 2000, 1900, 2100}) {
    for (int month = 0; month <= 13; ++month) {
      for (int day = 0; day <= 32; ++day) {
        const auto date = std::chrono::year{year} / month / day;
        const std::string got = read(fmt::format("{:04}-{:02}-{:02}T00:00Z", year, month, day));
        const std::int64_t days =
            date.ok() ? std::chrono::sys_days(date).time_since_epoch().count() : 0;
        REQUIRE(got == (date.ok() ? fmt::format("time {}", days * 86'400'000'000) : "bad-time"));
      }
    }
  }
  for (int number = 0; number <= 99; ++number) {
    CHECK((read(fmt::format("2026-12-01T{:02}:00Z", number)) != "bad-time") == (number <= 23));
    CHECK((read(fmt::format("2026-12-01T00:{:02}Z", number)) != "bad-time") == (number <= 59));
    CHECK((read(fmt::format("2026-12-01T00:00:{:02}Z", number)) != "bad-time") == (number <= 59));
    CHECK((read(fmt::format("2026-12-01T00:00+{:02}:00", number)) != "bad-time") == (number <= 23));
    CHECK((read(fmt::format("2026-12-01T00:00-00:{:02}", number)) != "bad-time") == (number <= 59));
  }
  for (const char* bad : {"2026-12-01",
                          "2026-12-01T",
                          "2026-12-01T09",
                          "2026-12-01T09:00",
                          "2026-12-01T09:00:",
                          "2026-12-01T09:00:30",
                          "2026-12-01T09:00:30.Z",
                          "2026-12-01T09:00:30.1234567Z",
                          "2026-12-01 09:00Z",
                          "2026-12-01t09:00Z",
                          "2026-12-01T09:00z",
                          "2026-12-01T9:00Z",
                          "2026-12-1T09:00Z",
                          "2026-1-01T09:00Z",
                          "2026-12-01T09:00+1:00",
                          "2026-12-01T09:00+0100",
                          "2026-12-01T09:00+01",
                          "2026-12-01T09:00+",
                          "2026-12-01T09:00ZZ",
                          "2026-12-01T09:00:30,5Z",
                          "2026-12-01T09:00Zulu",
                          "2026-12",
                          "2026-",
                          "2026-12-01T09:00:60Z",
                          "2026-12-01T24:00Z"}) {
    INFO(bad);
    CHECK(read(bad) == "bad-time");
  }
  // Cut anywhere, with any byte replaced: right or refused, never out of bounds (under the
  // sanitizers).
  const std::string whole = "2026-12-01T09:00:30.250+01:00";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    CHECK(read(std::string(whole.substr(0, cut))) != read(whole));
    for (const char c : std::string(":-+.TZ09x_")) {
      std::string changed = whole;
      changed[cut] = c;
      CHECK((changed == whole) == (read(changed) == read(whole)));
    }
  }
}

TEST_CASE("times of day are all 1440 minutes and nothing else", "[literals]") {
  for (int hour = 0; hour <= 99; ++hour) {
    for (int minute = 0; minute <= 99; ++minute) {
      std::uint16_t minutes = 9'999;
      const bool good = decode_clock(fmt::format("{:02}:{:02}", hour, minute), minutes).ok();
      REQUIRE(good == (hour <= 23 && minute <= 59));
      if (good) REQUIRE(minutes == hour * 60 + minute);
    }
  }
  std::uint16_t minutes = 0;
  for (const char* bad : {"", "9:00", "09:0", "0900", "09-00", "09:00:00", "-9:00", "09:00Z", "9h"})
    CHECK(decode_clock(bad, minutes).code == "bad-clock");
  CHECK(decode_clock("24:00", minutes).help == "write `00:00` for midnight");
  CHECK(decode_clock("9:00", minutes).help == "write `09:00`");
}

TEST_CASE("what is written reads back as what it was", "[literals]") {
  Random random(21);
  const auto same = [](Type type, std::int64_t number) {
    Constant value, back;
    value.type = type;
    value.number = number;
    INFO(write_constant(value));
    REQUIRE(decode_scalar(write_constant(value), back).ok());
    REQUIRE(back == value);
  };
  const std::int64_t first = days_from_civil(0, 1, 1) * 86'400'000'000,
                     last = days_from_civil(10'000, 1, 1) * 86'400'000'000 - 1;
  for (const std::int64_t edge :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{999}, std::int64_t{1'000}, kLargest}) {
    same(Type::integer, edge);
    same(Type::integer, -edge - 1);
    same(Type::size, edge);
    same(Type::duration, edge / 1'000 * 1'000);
  }
  for (const std::int64_t time : {first, last, std::int64_t{-1}, std::int64_t{0},
                                  std::int64_t{60'000'000}, std::int64_t{-60'000'000}})
    same(Type::time, time);
  for (int round = 0; round < 20'000; ++round) {
    const auto number = static_cast<std::int64_t>(random.next() >> (1 + random.below(62)));
    same(Type::integer, random.chance(50) ? number : -number);
    same(Type::size, number);
    same(Type::size, number >> 20 << 20);
    same(Type::duration, number / 1'000 * 1'000);
    same(Type::duration, random.between(0, 5'000'000) * 1'000);
    same(Type::time, random.between(first, last));
    same(Type::time, random.between(first / 60'000'000, last / 60'000'000) * 60'000'000);
  }
  CHECK(write_duration(5'400'000'000) == "1h30m");
  CHECK(write_duration(0) == "0s");
  // A host may give what no document can write.
  CHECK(write_duration(-5'400'000'000) == "-1h30m");
  CHECK(write_duration(1'500) == "1ms500us");
  CHECK(write_time(1'796'112'030'250'000) == "2026-12-01T08:00:30.250Z");
}

TEST_CASE("a string is written as a document may hold it", "[literals]") {
  Random random(22);
  Constant value;
  value.type = Type::string;
  for (int round = 0; round < 3'000; ++round) {
    value.text.clear();
    for (std::size_t left = random.below(12); left > 0; --left) {
      static constexpr std::uint32_t kEdges[] = {
          0x00,   0x09,   0x0A,   0x0D,   0x22,   0x5C,   0x7F,   0x80,   0x9F,    0xA0,
          0x2028, 0x2029, 0x202A, 0x202E, 0x2066, 0x2069, 0xFEFF, 0xFFFD, 0x10FFFF};
      std::uint32_t code =
          random.chance(60)
              ? random.pick(kEdges)
              : static_cast<std::uint32_t>(random.below(random.chance(50) ? 0x100 : 0x110000));
      if (code >= 0xD800 && code <= 0xDFFF) code = 0xE000;
      value.text += utf8(code);
    }
    const std::string written = write_constant(value);
    INFO(written);
    REQUIRE(decode_string(written) == value.text);
    REQUIRE_FALSE(parsing::check_string(written, false));
    REQUIRE(parsing::check_text(Source("x", written), 1).empty());
    REQUIRE(written.find('\n') == std::string::npos);
  }
  Constant list;
  list.type = Type::list;
  list.element = Type::integer;
  CHECK(write_constant(list) == "[]");
  list.items.resize(2);
  list.items[0].type = list.items[1].type = Type::integer;
  list.items[1].number = -7;
  CHECK(write_constant(list) == "[0, -7]");
}

TEST_CASE("what is hidden in a string is what a document forbids", "[literals]") {
  for (std::uint32_t code = 1; code <= 0x10FFFF; ++code) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    const std::string name = fmt::format("U+{:04X}", code);
    const std::string found = hidden_character("a" + utf8(code) + "b");
    const bool forbidden = detail::is_forbidden(code) || code == '\r';
    if (found != (forbidden && code != '\t' && code != '\n' ? name : ""))
      FAIL(name << " gives " << found);
  }
  CHECK(hidden_character("a\r\nb").empty());
  CHECK(hidden_character("a\r") == "U+000D");
  CHECK(hidden_character(std::string_view("\0", 1)) == "U+0000");
}
