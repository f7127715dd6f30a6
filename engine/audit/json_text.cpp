// See json_text.h.
#include "engine/audit/json_text.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/image/sha256.h"
#include "engine/image/unicode.h"

namespace remit::audit {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

// What may stand in a string as it is, bytes of UTF-8 included.
constexpr bool is_plain(char c) noexcept {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

void write_escape(std::string& out, char c) {
  out.push_back('\\');
  switch (c) {
    case '"':
    case '\\': out.push_back(c); return;
    case '\b': out.push_back('b'); return;
    case '\t': out.push_back('t'); return;
    case '\n': out.push_back('n'); return;
    case '\f': out.push_back('f'); return;
    case '\r': out.push_back('r'); return;
    default: out.append("u00").append(1, kDigits[c >> 4]).append(1, kDigits[c & 15]);
  }
}

// These two look at every byte, whatever they find: so compilers take many at once.
bool is_all_plain(std::string_view text) noexcept {
  unsigned char odd = 0;
  for (const char c : text) odd |= static_cast<unsigned char>(is_plain(c) ? 0 : 1);
  return odd == 0;
}

bool is_ascii(std::string_view text) noexcept {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

// In UTF-16, characters beyond U+FFFF begin with a surrogate, which is less than U+E000 to U+FFFF.
// Only where the first bytes of two characters differ can that turn the order of bytes around.
constexpr int weight(char c) noexcept {
  const int byte = static_cast<unsigned char>(c);
  return byte < 0xee ? byte : byte < 0xf0 ? byte + 0x10 : byte - 2;
}

// The years that have four digits: [0000, 10000).
constexpr std::int64_t kYear0 = -62'167'219'200'000'000, kYear10000 = 253'402'300'800'000'000;

void write_whole(std::string& out, std::string_view type, std::int64_t number) {
  if (number >= -kMaxExact && number <= kMaxExact) {
    if (type.empty()) return write_number(out, number);
    out.append("{\"").append(type).append("\":");
    write_number(out, number);
  } else {
    out.append("{\"").append(type.empty() ? "int" : type).append("\":\"");
    write_number(out, number);
    out.push_back('"');
  }
  out.push_back('}');
}

}  // namespace

bool utf16_less(std::string_view a, std::string_view b) noexcept {
  const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at == a.end() || other == b.end()) return a.size() < b.size();
  return weight(*at) < weight(*other);
}

void write_string(std::string& out, std::string_view text) {
  out.push_back('"');
  if (is_all_plain(text)) {
    out.append(text);
    text = {};
  }
  while (!text.empty()) {
    const auto special = std::find_if_not(text.begin(), text.end(), is_plain);
    const auto plain = static_cast<std::size_t>(special - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    write_escape(out, text.front());
    text.remove_prefix(1);
  }
  out.push_back('"');
}

void write_whole(std::string& out, std::int64_t number) { write_whole(out, {}, number); }

void write_text(std::string& out, std::string_view text) {
  if (text.size() <= kMaxText && (is_ascii(text) || detail::valid_utf8_prefix(text) == text.size()))
    return write_string(out, text);
  out.append("{\"bytes\":");
  write_number(out, text.size());
  out.append(",\"sha256\":");
  write_hex(out, image::sha256(std::as_bytes(std::span(text))));
  out.push_back('}');
}

void write_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  const std::size_t at = out.size();
  out.resize(at + 2 * bytes.size() + 2, '"');
  char* digit = out.data() + at + 1;
  for (const std::uint8_t byte : bytes) {
    *digit++ = kDigits[byte >> 4];
    *digit++ = kDigits[byte & 15];
  }
}

void write_time(std::string& out, std::int64_t micros) {
  out.push_back('"');
  if (micros < kYear0 || micros >= kYear10000) {
    write_number(out, micros);
  } else {
    const Time time = time_from_micros(micros);
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    const auto rest = static_cast<std::uint64_t>((time - day).count());
    const auto fraction = static_cast<unsigned>(rest % 1'000'000),
               second = static_cast<unsigned>(rest / 1'000'000);
    const std::pair<char, unsigned> parts[] = {{0, year / 100},
                                               {0, year % 100},
                                               {'-', unsigned{date.month()}},
                                               {'-', unsigned{date.day()}},
                                               {'T', second / 3600},
                                               {':', second / 60 % 60},
                                               {':', second % 60},
                                               {'.', fraction / 10'000},
                                               {0, fraction / 100 % 100},
                                               {0, fraction % 100}};
    char text[std::string_view("YYYY-MM-DDThh:mm:ss.ffffffZ").size()];
    char* at = text;
    for (const auto& [before, two] : parts) {
      if (before != 0) *at++ = before;
      *at++ = static_cast<char>('0' + two / 10);
      *at++ = static_cast<char>('0' + two % 10);
    }
    *at++ = 'Z';
    out.append(text, at);
  }
  out.push_back('"');
}

void write_value(std::string& out, const Value& value) {
  switch (value.type()) {
    case Type::boolean: out.append(value.number() != 0 ? "true" : "false"); return;
    case Type::size: return write_whole(out, "size", value.number());
    case Type::duration: return write_whole(out, "duration", value.number());
    case Type::time: return write_whole(out, "time", value.number());
    case Type::string: return write_text(out, value.text());
    case Type::resource:
      out.append("{\"resource\":");
      write_text(out, value.text());
      out.push_back('}');
      return;
    case Type::list: {
      char before = '[';
      for (const Value& item : value.items()) {
        out.push_back(before);
        before = ',';
        write_value(out, item);
      }
      out.append(before == '[' ? "[]" : "]");
      return;
    }
    default: return write_whole(out, {}, value.number());
  }
}

}  // namespace remit::audit
