// Resources and patterns (patterns.h). Covered by tests/check_patterns_test.cpp.
#include "lang/check/patterns.h"

#include <fmt/format.h>

#include "engine/image/resource.h"
#include "lang/check/names.h"
#include "lang/check/resolved.h"

namespace remit::lang::checker {
namespace {

LiteralFault fault(std::string_view code, std::string message, std::string help = {}) {
  return {std::string(code), std::move(message), std::move(help)};
}

bool marker(char c) { return c == kStar || c == kQuestion || c == kDeep; }

// The wildcards as plain characters again: what the canonical form is checked on.
std::string literal_of(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (const char c : path) {
    if (c == kStar) out += '*';
    else if (c == kQuestion) out += '?';
    else if (c == kDeep) out += "**";
    else out += c;
  }
  return out;
}

// Escapes and wildcards of one path. `quoted`: between quotes, which are not part of `raw`.
LiteralFault decode_path(std::string_view raw, bool quoted, std::string_view written, std::string& out) {
  out.reserve(out.size() + raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (marker(c))
      return fault("malformed-pattern", fmt::format("{} holds a control character", quote(written)));
    if (c == '\\') {
      const char next = i + 1 < raw.size() ? raw[i + 1] : '\0';
      if (next == '*' || next == '?' || (quoted ? next == '"' : next == ' ')) {
        out += next;
        ++i;
        continue;
      }
      return fault("bad-escape",
                   next == '\\' ? fmt::format("{} has a `\\`, which no resource can hold, escaped or not", quote(written))
                                : fmt::format("{} has an escape `\\` before {}", quote(written),
                                              next == '\0' ? "nothing" : fmt::format("`{}`", next)),
                   quoted ? "in quotes `\\` escapes `*`, `?` and the quote only"
                          : "`\\` escapes `*`, `?` and a space only; paths use `/`");
    }
    if (c == '*') out += kStar;
    else if (c == '?') out += kQuestion;
    else out += c;
  }
  return {};
}

// `**` as a whole segment becomes kDeep; beside other text it is a fault.
LiteralFault find_deep(std::string& path, std::string_view written) {
  std::string out;
  out.reserve(path.size());
  for (std::size_t begin = 0;;) {
    const std::size_t slash = path.find('/', begin);
    const std::size_t end = slash == std::string::npos ? path.size() : slash;
    const std::string_view segment = std::string_view(path).substr(begin, end - begin);
    constexpr char kTwo[] = {kStar, kStar, '\0'};
    if (segment == kTwo)
      out += kDeep;
    else if (segment.find(kTwo) != std::string_view::npos)
      return fault("double-star",
                   fmt::format("`**` stands beside other text in {}; it must be a whole segment", quote(written)),
                   "write `*` within a segment, or `/**/` between slashes");
    else
      out += segment;
    if (slash == std::string::npos) break;
    out += '/';
    begin = slash + 1;
  }
  path = std::move(out);
  return {};
}

// The first `%xx` that a canonical resource may not hold, as written.
std::string_view encoding_in(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    const std::string probe = "x:" + std::string(text.substr(at, 3));
    detail::ResourceParts parts;
    if (detail::scan_resource(probe, parts) == detail::ResourceFault::percent_encoding) return text.substr(at, 3);
  }
  return {};
}

// What keeps `whole` (system, colon, path) from being canonical; `written` is how the text has it.
LiteralFault canonical_fault(std::string_view whole, std::string_view written) {
  using detail::ResourceFault;
  detail::ResourceParts parts;
  const ResourceFault found = detail::scan_resource(whole, parts);
  if (found == ResourceFault::none) return {};
  const std::string shown = quote(written);
  switch (found) {
    case ResourceFault::too_long:
      return fault("pattern-too-long", fmt::format("the resource {} has {} bytes; at most {} are allowed", shown, whole.size(), kMaxPattern));
    case ResourceFault::too_many_segments:
      return fault("too-many-segments", fmt::format("the resource {} has more than {} segments", shown, kMaxSegments));
    case ResourceFault::empty_segment:
      return fault("malformed-pattern", fmt::format("{} has an empty segment: two slashes in a row", shown), "write one slash");
    case ResourceFault::dot_segment:
      return fault("malformed-pattern", fmt::format("{} has a segment `.` or `..`, which no resource can have", shown), "write the path that it means");
    case ResourceFault::percent_encoding:
      return fault("malformed-pattern", fmt::format("{} has the encoding `{}`, which no resource can hold", shown, encoding_in(whole)),
                   "write the character itself: resources are compared as they are stored, never decoded");
    case ResourceFault::not_nfc:
      return fault("malformed-pattern", fmt::format("{} is not in Unicode's normal form NFC", shown), "write accented letters as single characters (NFC)");
    case ResourceFault::no_system:
    case ResourceFault::bad_system_name:
      return fault("malformed-pattern", fmt::format("{} does not begin with the name of a system and a colon", shown),
                   "a system's name is lower-case letters, digits, `+` and `-`, first a letter: `docs:/clinical/A`");
    default: return fault("malformed-pattern", fmt::format("{} is refused because {}", shown, detail::describe(found)));
  }
}

// Canonical form and limits of what is not a wildcard, then the trailing slash.
LiteralFault finish(PatternText& out, std::string_view written) {
  // `docs:` covers the whole system: a pattern, though no resource.
  if (out.path.empty()) return {};
  const std::string whole = out.system + ":" + literal_of(out.path);
  if (LiteralFault found = canonical_fault(whole, written); !found.ok()) return found;
  if (out.path.size() > 1 && out.path.back() == '/') out.path.pop_back();
  return {};
}

}  // namespace

bool PatternText::wild() const {
  for (const char c : path)
    if (marker(c)) return true;
  return false;
}

PatternText decode_pattern(std::string_view written) {
  PatternText out;
  const std::size_t colon = written.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    out.fault = fault("malformed-pattern", fmt::format("{} is no resource", quote(written)),
                      "write a system, a colon and a path, like `docs:/clinical/A`");
    return out;
  }
  out.system = written.substr(0, colon);
  if (out.system.size() > kMaxName) {
    out.fault = fault("name-too-long", fmt::format("a name has at most {} bytes; the system {} has {}", kMaxName, quote(out.system), out.system.size()));
    return out;
  }
  std::string_view raw = written.substr(colon + 1);
  const bool quoted = raw.size() >= 2 && raw.front() == '"' && raw.back() == '"';
  if (quoted) raw = raw.substr(1, raw.size() - 2);
  out.fault = decode_path(raw, quoted, written, out.path);
  if (out.fault.ok()) out.fault = find_deep(out.path, written);
  if (out.fault.ok()) out.fault = finish(out, written);
  return out;
}

PatternText extend_pattern(const PatternText& base, std::string_view more, std::string_view written) {
  PatternText out;
  out.system = base.system;
  std::string path;
  out.fault = decode_path(more, false, written, path);
  if (out.fault.ok()) out.fault = find_deep(path, written);
  if (!out.fault.ok()) return out;
  // Beneath a root the slash is there already; beneath `docs:` it makes the path a rooted one.
  out.path = base.path == "/" ? path : base.path + path;
  out.fault = finish(out, written);
  return out;
}

PatternText decode_resource_value(std::string_view text) {
  PatternText out;
  const std::size_t colon = text.find(':');
  out.system = text.substr(0, colon);
  if (colon != std::string_view::npos) out.path = text.substr(colon + 1);
  out.fault = canonical_fault(text, text);
  if (!out.fault.ok()) return out;
  if (text.find_first_of("*?") != std::string_view::npos) {
    out.fault = fault("wildcard-in-argument",
                      fmt::format("{} has a wildcard; an argument is one resource, without `*` and `?`", quote(text)),
                      "name the folder itself: a pattern covers everything beneath it");
    return out;
  }
  if (out.path.size() > 1 && out.path.back() == '/') out.path.pop_back();
  return out;
}

std::string decode_request(std::string_view written) {
  const std::size_t colon = written.find(':');
  if (colon == std::string_view::npos) return std::string(written);
  std::string out(written.substr(0, colon + 1));
  std::string_view raw = written.substr(colon + 1);
  const bool quoted = raw.size() >= 2 && raw.front() == '"' && raw.back() == '"';
  if (quoted) raw = raw.substr(1, raw.size() - 2);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char next = i + 1 < raw.size() ? raw[i + 1] : '\0';
    // An escape that means nothing stays: such a request is malformed, and a test may say so.
    if (raw[i] == '\\' && (next == '*' || next == '?' || (quoted ? next == '"' : next == ' '))) ++i;
    out += raw[i];
  }
  return out;
}

std::string write_pattern(std::string_view system, std::string_view path) {
  std::string out(system);
  out += ':';
  const bool quoted = path.find_first_of(" ,;()[]{}\"#\t") != std::string_view::npos;
  if (quoted) out += '"';
  for (const char c : path) {
    if (c == '*' || c == '?' || (quoted && c == '"')) {
      out += '\\';
      out += c;
    } else if (marker(c)) {
      out += literal_of(std::string_view(&c, 1));
    } else {
      out += c;
    }
  }
  if (quoted) out += '"';
  return out;
}

LiteralFault decode_glob(std::string_view text, std::string& out) {
  out.clear();
  for (const char c : text) {
    if (marker(c))
      return fault("bad-glob", fmt::format("a pattern of `like` cannot hold the control character U+{:04X}",
                                           static_cast<unsigned>(c)),
                   "compare with `==` instead");
    out += c == '*' ? kStar : c == '?' ? kQuestion : c;
  }
  return {};
}

LiteralFault check_identifier_pattern(std::string_view text) {
  if (text.empty()) return fault("bad-identifier", "an identifier cannot be empty");
  if (text.size() > kMaxPattern)
    return fault("bad-identifier", fmt::format("{} is longer than {} bytes", quote(text), kMaxPattern));
  if (const std::string hidden = hidden_character(text);
      !hidden.empty() || text.find_first_of("\t\r\n") != std::string_view::npos)
    return fault("bad-identifier", "an identifier cannot hold a control character or a line end");
  for (std::size_t begin = 0;;) {
    const std::size_t slash = text.find('/', begin);
    const std::size_t end = slash == std::string_view::npos ? text.size() : slash;
    const std::string_view segment = text.substr(begin, end - begin);
    if (segment != "**" && segment.find("**") != std::string_view::npos)
      return fault("double-star",
                   fmt::format("`**` stands beside other text in {}; it must be a whole segment", quote(text)),
                   "write `*` within a segment, or `/**` for all segments beneath");
    if (slash == std::string_view::npos) break;
    begin = slash + 1;
  }
  return {};
}

}  // namespace remit::lang::checker
