// See remit/id.h.
#include <remit/id.h>

namespace remit {

std::string to_string(const Id& id) noexcept {
  try {
    std::string text;
    text.reserve(32);
    for (const std::uint8_t byte : id.bytes) {
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
    return text;
  } catch (...) {
    return {};
  }
}

bool parse_id(std::string_view text, Id& out) noexcept {
  if (text.size() != 32) return false;
  Id id;
  for (std::size_t i = 0; i < 32; ++i) {
    const char c = text[i];
    int digit;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return false;
    }
    id.bytes[i / 2] = static_cast<std::uint8_t>(id.bytes[i / 2] << 4 | digit);
  }
  out = id;
  return true;
}

}  // namespace remit
