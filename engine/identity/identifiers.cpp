// The grammars of identifiers; the door is remit/identifier.h. Each is read left to right over
// bytes, with tables of characters: no locale, no regular expression, linear time.
#include "engine/identity/identifiers.h"

#include "engine/identity/refuse.h"

namespace remit {
namespace identity {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// RFC 3986's character classes.
bool is_unreserved(char c) { return is_letter(c) || is_digit(c) || is_one_of(c, "-._~"); }
bool is_sub_delim(char c) { return is_one_of(c, "!$&'()*+,;="); }

bool starts_with_scheme(std::string_view text, std::string_view scheme) {
  if (text.size() <= scheme.size() || text[scheme.size()] != ':') return false;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    if (lower(text[i]) != scheme[i]) return false;
  }
  return true;
}

void check_segment(std::string_view segment, IdentifierKind kind) {
  if (segment.empty()) refuse(RefusalCode::identifier_empty_segment);
  if (segment == "." || segment == "..") refuse(RefusalCode::identifier_dot_segment);
  for (const char c : segment) {
    const bool fine = kind == IdentifierKind::spiffe
                          ? is_letter(c) || is_digit(c) || is_one_of(c, "._-")
                          : is_unreserved(c) || is_sub_delim(c) || c == ':' || c == '@';
    if (!fine) refuse(RefusalCode::identifier_character);
  }
}

void check_path(std::string_view path, IdentifierKind kind) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = path.find('/');
    check_segment(path.substr(0, end), kind);
    path.remove_prefix(end == path.npos ? path.size() : end);
  }
}

Identifier read_workload(std::string_view text, IdentifierKind kind, std::string_view scheme) {
  // The whole before its parts: so the refusal names what is wrong, not where a part would have
  // ended.
  if (text.find('#') != text.npos) refuse(RefusalCode::identifier_fragment);
  if (text.find('?') != text.npos) refuse(RefusalCode::identifier_query);
  std::string_view rest = text.substr(scheme.size() + 1);
  if (rest.substr(0, 2) != "//") refuse(RefusalCode::identifier_authority);
  rest.remove_prefix(2);
  const std::size_t slash = rest.find('/');
  const std::string_view authority = rest.substr(0, slash);
  if (authority.empty()) refuse(RefusalCode::identifier_authority);
  if (authority.find('@') != authority.npos) refuse(RefusalCode::identifier_userinfo);
  if (authority.find(':') != authority.npos) refuse(RefusalCode::identifier_port);
  Identifier out;
  out.kind = kind;
  for (const char c : authority) {
    if (!is_letter(c) && !is_digit(c) && !is_one_of(c, "._-"))
      refuse(RefusalCode::identifier_trust_domain);
    out.trust_domain.push_back(lower(c));
  }
  if (authority.size() > 255) refuse(RefusalCode::identifier_trust_domain);
  if (slash != rest.npos) out.path = rest.substr(slash);
  check_path(out.path, kind);
  out.text.append(scheme).append("://").append(out.trust_domain).append(out.path);
  return out;
}

Identifier read_uri(std::string_view text) {
  const std::string_view scheme = text.substr(0, text.find(':'));
  if (scheme.empty() || !is_letter(scheme[0])) refuse(RefusalCode::identifier_character);
  for (const char c : scheme) {
    if (!is_letter(c) && !is_digit(c) && !is_one_of(c, "+-."))
      refuse(RefusalCode::identifier_character);
  }
  const std::string_view rest = text.substr(scheme.size() + 1);
  if (rest.empty()) refuse(RefusalCode::identifier_character);
  const auto is_hex = [](char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); };
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '#') refuse(RefusalCode::identifier_fragment);
    const bool escape =
        c == '%' && i + 2 < rest.size() && is_hex(rest[i + 1]) && is_hex(rest[i + 2]);
    if (!escape && !is_unreserved(c) && !is_sub_delim(c) && !is_one_of(c, ":/?[]@"))
      refuse(RefusalCode::identifier_character);
  }
  return {IdentifierKind::uri, std::string(text), {}, {}};
}

// A dot-atom and a host name, without the comments, quotes and literals that RFC 5322 also allows:
// those let one mailbox be written in many ways.
Identifier read_email(std::string_view text, std::size_t at) {
  const std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
  const auto dotted = [](std::string_view part, auto&& fine) {
    if (part.empty() || part.front() == '.' || part.back() == '.') return false;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] == '.' ? part[i + 1] == '.' : !fine(part[i])) return false;
    }
    return true;
  };
  const auto atom = [](char c) {
    return is_letter(c) || is_digit(c) || is_one_of(c, "!#$%&'*+-/=?^_`{|}~");
  };
  const auto host = [](char c) { return is_letter(c) || is_digit(c) || c == '-'; };
  if (local.size() > 64 || !dotted(local, atom) || !dotted(domain, host))
    refuse(RefusalCode::identifier_email);
  return {IdentifierKind::email, std::string(text), {}, {}};
}

}  // namespace

Identifier read_identifier(std::string_view text) {
  if (text.empty()) refuse(RefusalCode::identifier_empty);
  if (text.size() > kMaxIdentifier) refuse(RefusalCode::identifier_too_long);
  for (const char c : text) {
    // Visible ASCII: neither spaces nor controls, and nothing that only looks like something else.
    if (c <= ' ' || c > '~' || c == '"' || c == '\\') refuse(RefusalCode::identifier_character);
  }
  if (starts_with_scheme(text, "spiffe"))
    return read_workload(text, IdentifierKind::spiffe, "spiffe");
  if (starts_with_scheme(text, "wimse")) return read_workload(text, IdentifierKind::wimse, "wimse");
  if (text.find(':') != text.npos) return read_uri(text);
  if (text.size() > kMaxPlainName) refuse(RefusalCode::identifier_too_long);
  const std::size_t at = text.find('@');
  if (at != text.npos) return read_email(text, at);
  return {IdentifierKind::name, std::string(text), {}, {}};
}

}  // namespace identity

const char* to_string(IdentifierKind kind) noexcept {
  switch (kind) {
    case IdentifierKind::spiffe: return "spiffe";
    case IdentifierKind::wimse: return "wimse";
    case IdentifierKind::uri: return "uri";
    case IdentifierKind::email: return "email";
    case IdentifierKind::name: return "name";
  }
  return "unknown";
}

Result<Identifier, Refusal> parse_identifier(std::string_view text) noexcept {
  return identity::guarded<Identifier>([&] { return identity::read_identifier(text); });
}

}  // namespace remit
