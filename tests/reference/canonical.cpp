// Canonical form of resources and requests. See canonical.h. NFC is utf8proc's word, so that the
// engine's own tables are judged by somebody else's.
#include "tests/reference/canonical.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <set>

#include <utf8proc.h>

namespace remit::reference {
namespace {

using CodePoint = std::uint32_t;

// RFC 3629: the code points of `text`; nothing where it is not UTF-8.
std::optional<std::vector<CodePoint>> decode(std::string_view text) {
  std::vector<CodePoint> result;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    std::size_t length = 0;
    CodePoint code = 0, least = 0;
    if (lead < 0x80) {
      length = 1, code = lead, least = 0;
    } else if (lead >= 0xc0 && lead < 0xe0) {
      length = 2, code = lead & 0x1fu, least = 0x80;
    } else if (lead >= 0xe0 && lead < 0xf0) {
      length = 3, code = lead & 0x0fu, least = 0x800;
    } else if (lead >= 0xf0 && lead < 0xf8) {
      length = 4, code = lead & 0x07u, least = 0x10000;
    } else {
      return std::nullopt;
    }
    if (at + length > text.size()) return std::nullopt;
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if (next < 0x80 || next >= 0xc0) return std::nullopt;
      code = code << 6 | (next & 0x3fu);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return std::nullopt;
    result.push_back(code);
    at += length;
  }
  return result;
}

bool is_nfc(std::string_view text) {
  utf8proc_uint8_t* composed = nullptr;
  const auto length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &composed,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const bool same = length >= 0 && static_cast<std::size_t>(length) == text.size() &&
                    (text.empty() || std::memcmp(composed, text.data(), text.size()) == 0);
  std::free(composed);
  return same;
}

// Section 1: the characters that no document may hold; section 3 adds tab and line ends (which are
// controls as well), and the backslash.
bool is_forbidden(CodePoint code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;  // category Cc
  if (code == 0x2028 || code == 0x2029) return true;
  if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return true;
  return code == '\\';
}

int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Section 3: "no `%` with two hexadecimal digits that stand for a control, an unreserved character
// of RFC 3986, `/`, `\` or `%`".
bool has_forbidden_escape(std::string_view text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] != '%') continue;
    const int high = hexadecimal(text[i + 1]), low = hexadecimal(text[i + 2]);
    if (high < 0 || low < 0) continue;
    const int byte = high * 16 + low;
    if (byte < 0x20 || byte == 0x7f) return true;
    if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
        (byte >= 'A' && byte <= 'Z'))
      return true;
    if (byte < 0x80 && std::strchr("-._~/\\%", byte) != nullptr) return true;
  }
  return false;
}

// Section 3: "The system is `[a-z][a-z0-9+-]*`".
bool is_system_name(std::string_view name) {
  if (name.empty() || name[0] < 'a' || name[0] > 'z') return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-';
    if (!letter) return false;
  }
  return true;
}

// Section 4: `agent`, `user`, `sponsor`, `purpose`, `trigger`, `user.NAME`, `agent.NAME`.
bool is_session_fact(std::string_view name) {
  for (const std::string_view fact : {"agent", "user", "sponsor", "purpose", "trigger"}) {
    if (name == fact) return true;
  }
  return name.substr(0, 5) == "user." || name.substr(0, 6) == "agent.";
}

bool is_text(Type type) { return type == Type::string || type == Type::resource; }

bool is_sound_text(std::string_view text) {
  return text.size() <= kMaxAttributeString && is_utf8(text);
}

// The limits of remit/request.h; "list: of one type" (section 2), and a list of lists is none of
// those.
bool is_sound(const Value& value) {
  if (is_text(value.type())) return is_sound_text(value.text());
  if (value.type() != Type::list) return true;
  if (value.items().size() > kMaxListItems) return false;
  return std::all_of(value.items().begin(), value.items().end(), [&](const Value& item) {
    if (item.type() == Type::list || item.type() != value.items()[0].type()) return false;
    return !is_text(item.type()) || is_sound_text(item.text());
  });
}

}  // namespace

bool is_utf8(std::string_view text) { return decode(text).has_value(); }

bool read_resource(std::string_view text, Asked& asked) {
  if (text.size() > 4096) return false;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !is_system_name(text.substr(0, colon))) return false;
  const auto code_points = decode(text);
  if (!code_points) return false;
  for (const CodePoint code : *code_points) {
    if (is_forbidden(code)) return false;
  }
  if (!is_nfc(text) || has_forbidden_escape(text)) return false;

  asked.system = text.substr(0, colon);
  asked.segments.clear();
  std::string_view path = text.substr(colon + 1);
  if (path.empty()) return false;  // `docs:` is not canonical
  asked.rooted = path[0] == '/';
  if (asked.rooted) path.remove_prefix(1);
  if (path.empty()) return true;                  // `docs:/` is the root
  if (path.back() == '/') path.remove_suffix(1);  // "one trailing `/` is dropped"
  for (;;) {
    const auto slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return false;
    asked.segments.emplace_back(segment);
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return asked.segments.size() <= 64;
}

std::optional<Reason> read_request(const Request& request, Asked& asked) {
  // Section 6, step 1, in its order: the resource first.
  if (!read_resource(request.resource, asked)) return Reason::malformed_resource;
  if (request.attributes.size() > kMaxAttributes) return Reason::malformed_request;
  std::set<std::string_view> names;
  for (const Attribute& attribute : request.attributes) {
    const bool sound = !attribute.name.empty() && attribute.name.size() <= kMaxAttributeName &&
                       is_utf8(attribute.name) && is_sound(attribute.value);
    if (!sound || is_session_fact(attribute.name)) return Reason::malformed_request;
    if (!names.insert(attribute.name).second) return Reason::malformed_request;
    asked.attributes.emplace_back(attribute.name, own(attribute.value));
  }
  asked.action = request.action;
  return std::nullopt;
}

}  // namespace remit::reference
