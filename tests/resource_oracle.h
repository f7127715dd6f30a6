// The canonical form of resources, read a second time: slowly and straight from language.md section 3,
// with utf8proc for Unicode. What the scanners are judged by.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/image/resource.h"
#include "tests/unicode_oracle.h"

namespace remit::resource_oracle {

using namespace detail;
using namespace unicode_oracle;

struct Reading {
  ResourceFault fault = ResourceFault::none;
  std::string system;
  bool rooted = false;
  std::vector<std::string> segments;
};

inline bool is_hex(char c) {
  return std::strchr("0123456789abcdefABCDEF", c) != nullptr && c != '\0';
}

inline bool may_not_be_escaped(int c) {
  const bool control = c < 0x20 || c == 0x7f;
  const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
  return control || unreserved || c == '/' || c == '\\' || c == '%';
}

inline ResourceFault character_fault_of(const std::string& text) {
  if (text.find('\\') != std::string::npos) return ResourceFault::backslash;
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] == '%' && is_hex(text[i + 1]) && is_hex(text[i + 2]) &&
        may_not_be_escaped(std::stoi(text.substr(i + 1, 2), nullptr, 16))) {
      return ResourceFault::percent_encoding;
    }
  }
  bool forbidden = false;
  bool ascii = true;
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t c = -1;
    const auto size =
        utf8proc_iterate(bytes_of(text) + i, static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    if (size <= 0) return ResourceFault::invalid_utf8;
    forbidden = forbidden || forbidden_by_text(static_cast<char32_t>(c));
    ascii = ascii && c < 0x80;
    i += static_cast<std::size_t>(size);
  }
  if (forbidden) return ResourceFault::forbidden_character;
  return ascii || nfc_by_oracle(text) ? ResourceFault::none : ResourceFault::not_nfc;
}

inline Reading read_plainly(const std::string& text) {
  Reading r;
  const auto refuse = [&](ResourceFault fault) {
    r.fault = fault;
    return r;
  };
  if (text.size() > 4096) return refuse(ResourceFault::too_long);
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string::npos) return refuse(ResourceFault::no_system);
  r.system = text.substr(0, colon);
  if (r.system[0] < 'a' || r.system[0] > 'z') return refuse(ResourceFault::bad_system_name);
  if (r.system.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-") != std::string::npos) {
    return refuse(ResourceFault::bad_system_name);
  }
  std::string path = text.substr(colon + 1);
  if (path.empty()) return refuse(ResourceFault::empty_path);
  r.rooted = path[0] == '/';
  if (r.rooted) path.erase(0, 1);
  if (!path.empty()) {  // else the root
    if (path.back() == '/') path.pop_back();
    r.segments.emplace_back();
    for (const char c : path) {
      if (c == '/')
        r.segments.emplace_back();
      else
        r.segments.back() += c;
    }
  }
  if (r.segments.size() > 64) return refuse(ResourceFault::too_many_segments);
  for (const auto& segment : r.segments) {
    if (segment.empty()) return refuse(ResourceFault::empty_segment);
  }
  for (const auto& segment : r.segments) {
    if (segment == "." || segment == "..") return refuse(ResourceFault::dot_segment);
  }
  return refuse(character_fault_of(text));
}

// Does a scanner's answer say the same?
inline bool agrees(const Reading& wanted, ResourceFault fault, const ResourceParts& parts,
                   std::string_view text) {
  if (fault != wanted.fault) return false;
  if (fault != ResourceFault::none) return true;
  if (text.substr(0, parts.system) != wanted.system || (parts.rooted != 0) != wanted.rooted ||
      parts.rooted > 1)
    return false;
  if (parts.segments != wanted.segments.size()) return false;
  std::size_t begin = parts.first();
  for (std::size_t i = 0; i < wanted.segments.size(); ++i) {
    const std::size_t end = parts.ends[i];
    if (end > text.size() || begin > end || text.substr(begin, end - begin) != wanted.segments[i])
      return false;
    begin = end + 1;
  }
  const std::size_t length = wanted.segments.empty() ? parts.first() : begin - 1;
  return parts.length == length && length + 1 >= text.size();
}

}  // namespace remit::resource_oracle
