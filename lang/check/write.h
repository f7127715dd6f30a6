// Values -> how the language writes them: for messages, dumps and suggestions.
// Covered by tests/check_literals_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <remit/lang/constant.h>

namespace remit::lang::checker {

// `1h30m`, `5MB`, `"eu"`.
std::string write_constant(const Constant& value);
// In quotes, with escapes for what no document may hold. `text` is valid UTF-8.
std::string write_string(std::string_view text);
std::string write_duration(std::int64_t micros);
std::string write_time(std::int64_t micros);

}  // namespace remit::lang::checker
