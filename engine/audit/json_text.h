// Writes RFC 8785 canonical JSON straight into a string: no tree of values, no sorting. Whoever
// calls must give an object's members in order (`utf16_less`); numbers are integers that a double
// holds exactly. Covered by tests/audit_record_test.cpp, against another writer.
#pragma once

#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <remit/id.h>
#include <remit/value.h>

namespace remit::audit {

// Longer texts, and what is no UTF-8, are kept by their hash.
inline constexpr std::size_t kMaxText = 4096;
// The largest whole number that every double up to it holds exactly.
inline constexpr std::int64_t kMaxExact = (std::int64_t{1} << 53) - 1;

// The order of RFC 8785, section 3.2.3: by UTF-16 code units. Both are UTF-8.
bool utf16_less(std::string_view a, std::string_view b) noexcept;

// In quotes, with the escapes of section 3.2.2.2. `text` is UTF-8.
void write_string(std::string& out, std::string_view text);
// The same, or {"bytes":n,"sha256":"..."} for what is none or too long.
void write_text(std::string& out, std::string_view text);

template <class Number>
void write_number(std::string& out, Number number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

// A number that may be beyond what JSON's can hold; then in the notation of values.
void write_whole(std::string& out, std::int64_t number);

void write_hex(std::string& out, std::span<const std::uint8_t> bytes);  // in quotes
inline void write_id(std::string& out, const Id& id) { write_hex(out, id.bytes); }

// "2026-11-23T09:14:07.123456Z"; a year that has no four digits is written as microseconds since
// 1970.
void write_time(std::string& out, std::int64_t micros);

// As conformance cases write values; see remit/audit_reader.h.
void write_value(std::string& out, const Value& value);

}  // namespace remit::audit
