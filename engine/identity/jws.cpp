// See jws.h.
#include "engine/identity/jws.h"

#include <algorithm>
#include <array>

#include <remit/token.h>

#include "engine/identity/base64url.h"
#include "engine/identity/refuse.h"
#include "engine/identity/signature.h"

namespace remit::identity {
namespace {

constexpr std::size_t kMaxHeaderText = 256;  // bytes of one header value

// Null where the header has no such parameter.
const std::string* header_text(const Json& header, const char* name) {
  const auto found = header.find(name);
  if (found == header.end()) return nullptr;
  if (!found->is_string()) refuse(RefusalCode::header_malformed, name);
  const std::string& text = found->get_ref<const std::string&>();
  if (text.empty() || text.size() > kMaxHeaderText) refuse(RefusalCode::header_malformed, name);
  return &text;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// RFC 7515 section 4.1.9: a media type, where `application/` may be left out.
std::string media_type(const std::string& text) {
  constexpr std::string_view kPrefix = "application/";
  std::string type = lower(text);
  if (type.size() > kPrefix.size() && type.substr(0, kPrefix.size()) == kPrefix)
    type.erase(0, kPrefix.size());
  return type;
}

void read_header(Jws& jws) {
  const Json& header = jws.header;
  // First what would redirect the verification itself.
  for (const char* name : {"jwk", "x5c"}) {
    if (header.contains(name)) refuse(RefusalCode::embedded_key, name);
  }
  for (const char* name : {"jku", "x5u"}) {
    if (header.contains(name)) refuse(RefusalCode::linked_key, name);
  }
  // No extension is supported, so whatever `crit` lists is not understood (RFC 7515
  // section 4.1.11).
  if (header.contains("crit")) refuse(RefusalCode::crit_unsupported);
  const std::string* alg = header_text(header, "alg");
  if (alg == nullptr) refuse(RefusalCode::alg_missing);
  jws.algorithm = read_algorithm(*alg);
  if (const std::string* kid = header_text(header, "kid")) jws.kid = *kid;
  if (const std::string* typ = header_text(header, "typ")) jws.typ = media_type(*typ);
  if (header.contains("cty")) refuse(RefusalCode::nested_token);
}

}  // namespace

Jws read_jws(std::string_view text) {
  if (text.size() > kMaxToken) refuse(RefusalCode::token_too_large);
  const auto dots = std::count(text.begin(), text.end(), '.');
  if (dots == 4) refuse(RefusalCode::token_encrypted);
  if (dots != 2) refuse(RefusalCode::not_compact);
  const std::size_t first = text.find('.'), second = text.rfind('.');
  if (first == 0 || second == first + 1) refuse(RefusalCode::not_compact);
  Jws jws;
  jws.text = text;
  jws.signed_text = text.substr(0, second);
  jws.header = read_object(decode_base64url(text.substr(0, first)));
  read_header(jws);
  jws.claims = read_object(decode_base64url(text.substr(first + 1, second - first - 1)));
  jws.signature = decode_base64url(text.substr(second + 1));
  return jws;
}

void verify(const Jws& jws, std::span<const Key> keys, std::span<const Algorithm> allowed) {
  if (std::find(allowed.begin(), allowed.end(), jws.algorithm) == allowed.end())
    refuse(RefusalCode::alg_not_allowed);
  const Key* chosen = nullptr;
  for (const Key& key : keys) {
    if (jws.kid.empty() ? key.algorithm != jws.algorithm : key.kid != jws.kid) continue;
    if (chosen != nullptr) refuse(RefusalCode::kid_missing);  // only without a kid: kids are unique
    chosen = &key;
  }
  if (chosen == nullptr) refuse(RefusalCode::kid_unknown);
  if (chosen->algorithm != jws.algorithm) refuse(RefusalCode::alg_key_mismatch);
  verify_signature(*chosen, jws.signed_text, jws.signature);
}

std::string write_jws(const Json& header, const Json& claims, const Key& key) {
  std::string out = encode_base64url(header.dump()) + "." + encode_base64url(claims.dump());
  return out += "." + encode_base64url(make_signature(key, out));
}

}  // namespace remit::identity
