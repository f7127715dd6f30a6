// The rules that hold for every byte of a text (text.h). Covered by tests/parse_test.cpp.
#include "lang/parse/text.h"

#include <array>

#include <fmt/format.h>

#include "engine/image/unicode.h"
#include "lang/parse/scan.h"

namespace remit::lang::parsing {
namespace {

constexpr bool is_plain(unsigned char c) { return c == '\t' || c == '\n' || (c >= 0x20 && c < 0x7F); }

std::array<bool, 256> plain_bytes() {
  std::array<bool, 256> plain{};
  for (unsigned i = 0; i < plain.size(); ++i) plain[i] = is_plain(static_cast<unsigned char>(i));
  return plain;
}

TextFault fault_of(Span span, char32_t c) {
  const std::string name = fmt::format("U+{:04X}", static_cast<std::uint32_t>(c));
  if (c == '\r')
    return {span, "control-character", "a carriage return (U+000D) stands without a line feed after it",
            "end lines with LF or with CR LF"};
  if (c == 0x2028 || c == 0x2029)
    return {span, "line-separator", "the line separator " + name + " may not stand in a document",
            "end lines with LF or with CR LF"};
  if (c > 0xFF)
    return {span, "bidi-control", "the bidirectional control " + name + " may not stand in a document",
            "remove it: it makes text look other than it is"};
  return {span, "control-character", "the control character " + name + " may not stand in a document", "remove it"};
}

}  // namespace

std::vector<TextFault> check_text(const Source& source, std::size_t most) {
  static const std::array<bool, 256> kPlain = plain_bytes();
  std::vector<TextFault> faults;
  const std::string_view text = source.text();
  for (std::size_t i = source.start(); i < text.size() && faults.size() < most;) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (kPlain[lead]) {
      ++i;
      continue;
    }
    const std::size_t wanted = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::string_view bytes = text.substr(i, wanted);
    const auto begin = static_cast<std::uint32_t>(i);
    if (detail::valid_utf8_prefix(bytes) != wanted) {
      // Neighbouring bad bytes are one finding: a Latin-1 or UTF-16 text is all of them.
      if (!faults.empty() && faults.back().code == "invalid-utf8" && faults.back().span.end == begin) {
        faults.back().span.end = begin + 1;
      } else {
        faults.push_back({{begin, begin + 1}, "invalid-utf8", fmt::format("the byte 0x{:02X} is not valid UTF-8 here", lead),
                          "save the document as UTF-8"});
      }
      ++i;
      continue;
    }
    const char* at = bytes.data();
    const char32_t c = detail::decode_utf8(at, bytes.data() + bytes.size());
    const bool bad = c == '\r' ? text.substr(i + 1, 1) != "\n" : detail::is_forbidden(c);
    if (bad) faults.push_back(fault_of({begin, static_cast<std::uint32_t>(i + wanted)}, c));
    i += wanted;
  }
  return faults;
}

std::vector<Span> find_comments(const Source& source) {
  const std::string_view text = source.text();
  const char* const begin = text.data() + source.start();
  const char* const end = text.data() + text.size();
  std::vector<Span> comments;
  for (const char* at = begin; at < end;) {
    const Cursor here{begin, at, end};
    if (*at == '"') {
      at = scan_string(here);
    } else if (*at == '\\') {
      // Takes a quote with it in a path; a `#` behind a blank is a comment all the same.
      at += at + 1 < end && at[1] == '"' ? 2 : 1;
    } else if (const char* after = *at == '#' ? scan_comment(here) : nullptr) {
      comments.push_back({static_cast<std::uint32_t>(at - text.data()), static_cast<std::uint32_t>(after - text.data())});
      at = after;
    } else {
      ++at;
    }
  }
  return comments;
}

}  // namespace remit::lang::parsing
