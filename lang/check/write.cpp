// Values as text (write.h). Covered by tests/check_literals_test.cpp.
#include "lang/check/write.h"

#include <fmt/format.h>

#include "engine/image/unicode.h"
#include "lang/check/units.h"

namespace remit::lang::checker {

std::string write_duration(std::int64_t micros) {
  if (micros == 0) return "0s";
  std::string out = micros < 0 ? "-" : "";
  std::uint64_t left = micros < 0 ? -static_cast<std::uint64_t>(micros) : static_cast<std::uint64_t>(micros);
  for (const Unit& unit : kDurations) {
    const auto factor = static_cast<std::uint64_t>(unit.factor);
    if (left >= factor) out += fmt::format("{}{}", left / factor, unit.name);
    left %= factor;
  }
  if (left != 0) out += fmt::format("{}us", left);  // only an argument from a host has these
  return out;
}

std::string write_time(std::int64_t micros) {
  std::int64_t seconds = micros / 1'000'000, rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  std::int64_t days = seconds / 86'400, of_day = seconds % 86'400;
  if (of_day < 0) {
    of_day += 86'400;
    --days;
  }
  // The inverse of days_from_civil, by the same eras.
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * shifted + 2) / 5 + 1;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}", year, month, day, of_day / 3'600,
                                of_day / 60 % 60);
  if (of_day % 60 != 0 || rest != 0) out += fmt::format(":{:02}", of_day % 60);
  if (rest % 1'000 != 0)
    out += fmt::format(".{:06}", rest);
  else if (rest != 0)
    out += fmt::format(".{:03}", rest / 1'000);
  return out + "Z";
}

std::string write_string(std::string_view text) {
  std::string out = "\"";
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const char* const begin = at;
    const char32_t c = detail::decode_utf8(at, end);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += *begin;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r' || detail::is_forbidden(c)) {
      out += fmt::format("\\u{{{:X}}}", static_cast<std::uint32_t>(c));
    } else {
      out.append(begin, at);
    }
  }
  return out + "\"";
}

std::string write_constant(const Constant& value) {
  switch (value.type) {
    case Type::boolean: return value.number != 0 ? "true" : "false";
    case Type::integer: return fmt::format("{}", value.number);
    case Type::size: {
      for (const Unit& unit : kSizes)
        if (value.number != 0 && value.number % unit.factor == 0)
          return fmt::format("{}{}", value.number / unit.factor, unit.name);
      return "0B";
    }
    case Type::duration: return write_duration(value.number);
    case Type::time: return write_time(value.number);
    case Type::string: return write_string(value.text);
    case Type::resource: return value.text;
    case Type::list: {
      std::string out = "[";
      for (const Constant& item : value.items) {
        if (out.size() > 1) out += ", ";
        out += write_constant(item);
      }
      return out + "]";
    }
    case Type::any: break;
  }
  return "?";
}

}  // namespace remit::lang::checker
