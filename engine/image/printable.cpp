// See printable.h.
#include "engine/image/printable.h"

#include "engine/image/unicode.h"

namespace remit::detail {
namespace {

void append_hex(std::string& out, std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    ((out += "\\x") += kHex[byte >> 4]) += kHex[byte & 15];
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (const char *at = text.data(), *const end = at + text.size(); at != end;) {
    const char* const begin = at;
    if (valid_utf8_prefix(text.substr(static_cast<std::size_t>(at - text.data()), 4)) == 0) {
      append_hex(out, {at++, 1});
      continue;
    }
    const char32_t c = decode_utf8(at, end);
    const std::string_view bytes(begin, static_cast<std::size_t>(at - begin));
    if (is_forbidden(c) || c == '\t' || c == '\n' || c == '\r') append_hex(out, bytes);
    else out += bytes;
  }
  return out;
}

}  // namespace remit::detail
