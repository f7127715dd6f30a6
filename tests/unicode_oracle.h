// What utf8proc says of Unicode, for the tests that judge our own tables by it, and what they
// print.
#pragma once

#include <utf8proc.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/image/unicode.h"

namespace remit::unicode_oracle {

inline std::string encode(char32_t c) {
  utf8proc_uint8_t bytes[4];
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

inline std::string encode(const std::vector<char32_t>& text) {
  std::string bytes;
  for (const char32_t c : text) bytes += encode(c);
  return bytes;
}

inline const utf8proc_uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

inline std::string mapped(std::string_view text, int form) {
  utf8proc_uint8_t* result = nullptr;
  const auto size = utf8proc_map(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()),
                                 &result, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | form));
  REQUIRE(size >= 0);
  std::string copy(reinterpret_cast<const char*>(result), static_cast<std::size_t>(size));
  std::free(result);
  return copy;
}

inline bool nfc_by_oracle(std::string_view text) { return mapped(text, UTF8PROC_COMPOSE) == text; }

inline std::vector<char32_t> decomposed(char32_t c) {
  const std::string bytes = mapped(encode(c), UTF8PROC_DECOMPOSE);
  std::vector<char32_t> text;
  for (std::size_t i = 0; i < bytes.size();) {
    utf8proc_int32_t code;
    i += static_cast<std::size_t>(utf8proc_iterate(
        bytes_of(bytes) + i, static_cast<utf8proc_ssize_t>(bytes.size() - i), &code));
    text.push_back(static_cast<char32_t>(code));
  }
  return text;
}

// Where the oracle knows another version of Unicode than the tables, they are compared only below
// U+0590: nothing that composes or has a combining class was added there since Unicode 5.1.
inline bool known_to_both(char32_t c) {
  static const bool same =
      std::string_view(utf8proc_unicode_version()) == detail::unicode_version();
  return same || c < 0x590;
}

inline bool is_surrogate(char32_t c) { return c >= 0xd800 && c <= 0xdfff; }
inline int combining_class(char32_t c) {
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class;
}

inline bool forbidden_by_text(
    char32_t c) {  // a control of any kind, a separator, a bidirectional control
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

inline std::string shown(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    char hex[5];
    std::snprintf(hex, sizeof hex, "\\x%02x", byte);
    if (byte < 0x20 || byte >= 0x7f)
      out += hex;
    else
      out += c;
  }
  return out + "\" (" + std::to_string(text.size()) + " bytes)";
}

}  // namespace remit::unicode_oracle
