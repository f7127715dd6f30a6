// Strings and names as written (literal_text.h). Covered by tests/parse_test.cpp.
#include "lang/parse/literal_text.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/image/unicode.h"
#include "lang/check/names.h"
#include "lang/parse/scan.h"

namespace remit::lang {
namespace {

// One character of a string's inside: how many bytes it is written with, and what it stands for.
struct Piece {
  std::size_t size = 1;
  bool escape = false, good = true;
  char32_t code = 0;  // of an escape
};

Piece unicode_escape(std::string_view rest) {  // rest begins with `\u`
  Piece piece{2, true, false, 0};
  if (rest.size() < 3 || rest[2] != '{') return piece;
  std::size_t i = 3;
  std::uint32_t code = 0;
  for (; i < rest.size() && rest[i] != '}'; ++i) {
    const char c = rest[i];
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0 || i >= 3 + 6) return {i, true, false, 0};
    code = code * 16 + static_cast<std::uint32_t>(digit);
  }
  if (i == rest.size()) return {i, true, false, 0};
  piece.size = i + 1;
  piece.good = i > 3 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  piece.code = code;
  return piece;
}

Piece next_piece(std::string_view rest) {
  if (rest.front() != '\\') return {};
  if (rest.size() < 2) return {1, true, false, 0};
  switch (rest[1]) {
    case '"': return {2, true, true, U'"'};
    case '\\': return {2, true, true, U'\\'};
    case 'n': return {2, true, true, U'\n'};
    case 't': return {2, true, true, U'\t'};
    case 'u': return unicode_escape(rest);
    default: break;
  }
  std::size_t size = 2;  // with all bytes of the character
  while (size < rest.size() && (static_cast<unsigned char>(rest[size]) & 0xC0U) == 0x80U) ++size;
  return {size, true, false, 0};
}

void append_utf8(std::string& out, char32_t code) {
  const auto c = static_cast<std::uint32_t>(code);
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | c >> 6U), put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | c >> 12U), put(0x80U | (c >> 6U & 0x3FU)), put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | c >> 18U), put(0x80U | (c >> 12U & 0x3FU)), put(0x80U | (c >> 6U & 0x3FU)), put(0x80U | (c & 0x3FU));
  }
}

bool closed(std::string_view quoted) {
  if (quoted.size() < 2 || quoted.back() != '"') return false;
  std::size_t backslashes = 0;  // the last quote may itself be escaped
  while (backslashes < quoted.size() - 2 && quoted[quoted.size() - 2 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 0;
}

std::string_view inside(std::string_view quoted) {
  if (!quoted.empty() && quoted.front() == '"') quoted.remove_prefix(1);
  if (!quoted.empty() && quoted.back() == '"') quoted.remove_suffix(1);
  return quoted;
}

}  // namespace

std::string decode_string(std::string_view quoted) {
  std::string out;
  for (std::string_view rest = inside(quoted); !rest.empty();) {
    const Piece piece = next_piece(rest);
    if (piece.escape && piece.good) {
      append_utf8(out, piece.code);
    } else {
      out += rest.substr(0, piece.size);
    }
    rest.remove_prefix(piece.size);
  }
  return out;
}

namespace parsing {

std::optional<TokenFault> check_closed(std::string_view quoted) {
  if (closed(quoted)) return std::nullopt;
  return TokenFault{0, quoted.size(), "unterminated-string", "this string has no closing quote on its line",
                    "end it with `\"`; a line end within a string is written `\\n`"};
}

std::optional<TokenFault> check_string(std::string_view quoted, bool for_people) {
  if (auto fault = check_closed(quoted)) return fault;
  std::string_view rest = inside(quoted);
  for (std::size_t at = 1; !rest.empty();) {
    const Piece piece = next_piece(rest);
    const std::string_view written = rest.substr(0, piece.size);
    if (!piece.good)
      return TokenFault{at, at + piece.size, "bad-escape", "the string has no such escape: " + checker::quote(written),
                        "the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{1F600}` (1 to 6 hexadecimal digits)"};
    if (for_people && piece.escape && (piece.code == U'\r' || detail::is_forbidden(piece.code))) {
      const std::string name = fmt::format("U+{:04X}", static_cast<std::uint32_t>(piece.code));
      const std::string_view kind = piece.code <= 0xFF ? "control character"
                                    : piece.code == 0x2028 || piece.code == 0x2029 ? "line separator"
                                                                                   : "bidirectional (bidi) control";
      return TokenFault{at, at + piece.size, "hidden-character",
                        fmt::format("a string that people read may not hold the {} {}", kind, name), "leave it out"};
    }
    rest.remove_prefix(piece.size);
    at += piece.size;
  }
  if (quoted.size() - 2 > kMaxString && decode_string(quoted).size() > kMaxString)
    return TokenFault{0, quoted.size(), "string-too-long", "a string has at most 64 KiB (65536 bytes)", ""};
  return std::nullopt;
}

std::optional<TokenFault> check_name(std::string_view name, bool action) {
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.size() > checker::kMaxName)
      return TokenFault{0, name.size(), "name-too-long",
                        fmt::format("a name has at most 64 bytes; {} has {}", checker::quote(part), part.size()), ""};
    const bool upper = std::any_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (upper || part.front() == '_') {
      std::string lower(part);
      for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      std::string help = action ? fmt::format("write a foreign action in quotes: `\"{}\"`", name)
                         : upper ? "write " + checker::quote(lower)
                                 : "begin it with a letter";
      if (action && checker::is_reserved(lower)) help = fmt::format("the words of the language are lower case: `{}`", lower);
      return TokenFault{0, name.size(), "bad-name",
                        checker::quote(name) + " is not a name: names are lower-case letters, digits and `_`, first a letter",
                        std::move(help)};
    }
    begin = end + 1;
  }
  return std::nullopt;
}

std::optional<TokenFault> check_system_name(std::string_view name) {
  if (name.size() > checker::kMaxName)
    return TokenFault{0, name.size(), "name-too-long",
                      fmt::format("a name has at most 64 bytes; {} has {}", checker::quote(name), name.size()), ""};
  const auto bad = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; };
  if (std::none_of(name.begin(), name.end(), bad)) return std::nullopt;
  return TokenFault{0, name.size(), "bad-name",
                    checker::quote(name) + " is not a system name: those are lower-case letters, digits, `+` and `-`, first a letter",
                    ""};
}

std::optional<TokenFault> check_quoted_action(std::string_view quoted) {
  if (auto fault = check_closed(quoted)) return fault;
  const std::string_view name = inside(quoted);
  const auto good = [](char c) { return is_word_character(c) || c == '.' || c == ':' || c == '/' || c == '-'; };
  if (name.size() > checker::kMaxName)
    return TokenFault{0, quoted.size(), "name-too-long",
                      fmt::format("an action in quotes has 1 to 64 characters; this one has {}", name.size()), ""};
  if (name.empty() || !std::all_of(name.begin(), name.end(), good))
    return TokenFault{0, quoted.size(), "bad-name", "an action in quotes is 1 to 64 of the characters `A-Za-z0-9_.:/-`", ""};
  return std::nullopt;
}

}  // namespace parsing
}  // namespace remit::lang
