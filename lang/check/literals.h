// Literals: the text of a scalar -> its value. Every range check of language.md section 2 is here.
// Covered by tests/check_literals_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <remit/lang/constant.h>

namespace remit::lang::checker {

// What is wrong with a literal; an empty code means that nothing is.
struct LiteralFault {
  std::string code, message, help;
  bool ok() const { return code.empty(); }
};

// int, size, duration or time, told apart by how the text looks. A clock time (`09:00`) is a fault:
// it stands in `between` only.
LiteralFault decode_scalar(std::string_view text, Constant& out);

// `09:00` -> minutes since midnight, 0 to 1439.
LiteralFault decode_clock(std::string_view text, std::uint16_t& minutes);

// Days since 1970-01-01 of a date of the Gregorian calendar (also before its adoption).
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) noexcept;

// The first character that section 1 forbids in a document, as `U+202E`; empty where there is none.
// For strings that people read. `text` is valid UTF-8.
std::string hidden_character(std::string_view text);

}  // namespace remit::lang::checker
