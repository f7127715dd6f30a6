// JWK to Key, the members and their rules; making OpenSSL's keys is in evp_keys.cpp.
#include "engine/identity/keys.h"

#include <algorithm>

#include "engine/identity/base64url.h"
#include "engine/identity/evp_keys.h"
#include "engine/identity/refuse.h"

namespace remit::identity {
namespace {

constexpr std::size_t kMaxKeys = 64;
constexpr std::size_t kMaxKid = 256;

bool has(const Json& jwk, const char* name) { return jwk.contains(name); }

const std::string& text(const Json& jwk, const char* name) {
  const auto found = jwk.find(name);
  if (found == jwk.end() || !found->is_string()) refuse(RefusalCode::key_malformed, name);
  return found->get_ref<const std::string&>();
}

std::string bytes(const Json& jwk, const char* name) { return decode_base64url(text(jwk, name)); }

// A number of fixed width (RFC 7518 section 6.2.1.2), such as a coordinate.
std::string bytes(const Json& jwk, const char* name, std::size_t size) {
  std::string out = bytes(jwk, name);
  if (out.size() != size) refuse(RefusalCode::key_malformed, name);
  return out;
}

// A number without leading zeros (RFC 7518 section 2, Base64urlUInt).
std::string number(const Json& jwk, const char* name) {
  std::string out = bytes(jwk, name);
  if (out.empty() || out.front() == '\0') refuse(RefusalCode::key_malformed, name);
  return out;
}

// `use` and `key_ops` (RFC 7517 sections 4.2 and 4.3).
void check_use(const Json& jwk, KeyPart part) {
  if (has(jwk, "use") && text(jwk, "use") != "sig") refuse(RefusalCode::key_wrong_use, "use");
  if (!has(jwk, "key_ops")) return;
  const Json& operations = jwk.at("key_ops");
  if (!operations.is_array()) refuse(RefusalCode::key_malformed, "key_ops");
  const char* wanted = part == KeyPart::only_public ? "verify" : "sign";
  if (std::find(operations.begin(), operations.end(), wanted) == operations.end())
    refuse(RefusalCode::key_wrong_use, "key_ops");
}

Algorithm algorithm_of(const Json& jwk, std::initializer_list<Algorithm> possible,
                       std::optional<Algorithm> otherwise) {
  const auto fits = [&](Algorithm one) {
    return std::find(possible.begin(), possible.end(), one) != possible.end();
  };
  if (has(jwk, "alg")) {
    const Algorithm stated = read_algorithm(text(jwk, "alg"));
    if (!fits(stated)) refuse(RefusalCode::key_alg_mismatch);
    return stated;
  }
  if (possible.size() == 1) return *possible.begin();
  if (!otherwise || !fits(*otherwise)) refuse(RefusalCode::key_alg_missing);
  return *otherwise;
}

}  // namespace

const char* to_string(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::rs256: return "RS256";
    case Algorithm::ps256: return "PS256";
    case Algorithm::es256: return "ES256";
    case Algorithm::eddsa: return "EdDSA";
  }
  return "unknown";
}

Algorithm read_algorithm(std::string_view name) {
  for (const Algorithm one :
       {Algorithm::rs256, Algorithm::ps256, Algorithm::es256, Algorithm::eddsa}) {
    if (name == to_string(one)) return one;
  }
  // Some libraries compare `alg` without case, so that "nOnE" slips past a list: it has no other
  // meaning.
  std::string folded(name);
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (folded == "none") refuse(RefusalCode::alg_none);
  if (folded.substr(0, 2) == "hs") refuse(RefusalCode::alg_symmetric);
  refuse(RefusalCode::alg_unknown);
}

Key read_key(const Json& jwk, KeyPart part, std::optional<Algorithm> otherwise) {
  if (!jwk.is_object()) refuse(RefusalCode::key_malformed);
  const std::string& type = text(jwk, "kty");
  if (type == "oct" || has(jwk, "k")) refuse(RefusalCode::key_symmetric);
  Key key;
  if (has(jwk, "kid")) {
    key.kid = text(jwk, "kid");
    if (key.kid.empty() || key.kid.size() > kMaxKid) refuse(RefusalCode::key_malformed, "kid");
  }
  key.is_private = has(jwk, "d");
  if (part == KeyPart::only_public) {
    // Any of RSA's private members would do to leak it.
    for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "oth"}) {
      if (has(jwk, member)) refuse(RefusalCode::key_unexpected_private);
    }
  } else if (!key.is_private) {
    refuse(RefusalCode::key_not_private);
  }
  check_use(jwk, part);
  if (type == "RSA") {
    key.algorithm = algorithm_of(jwk, {Algorithm::rs256, Algorithm::ps256}, otherwise);
    if (key.is_private) refuse(RefusalCode::key_type_unknown, "signing is with Ed25519 or P-256");
    key.handle = make_rsa(number(jwk, "n"), number(jwk, "e"));
  } else if (type == "EC") {
    if (text(jwk, "crv") != "P-256") refuse(RefusalCode::key_wrong_curve);
    key.algorithm = algorithm_of(jwk, {Algorithm::es256}, otherwise);
    Secret secret(key.is_private ? bytes(jwk, "d", 32) : std::string());
    key.handle = make_p256(bytes(jwk, "x", 32), bytes(jwk, "y", 32), secret.bytes);
  } else if (type == "OKP") {
    if (text(jwk, "crv") != "Ed25519") refuse(RefusalCode::key_wrong_curve);
    key.algorithm = algorithm_of(jwk, {Algorithm::eddsa}, otherwise);
    Secret secret(key.is_private ? bytes(jwk, "d", 32) : std::string());
    key.handle = make_ed25519(bytes(jwk, "x", 32), secret.bytes);
  } else {
    refuse(RefusalCode::key_type_unknown);
  }
  return key;
}

std::vector<Key> read_key_set(const Json& set, std::optional<Algorithm> otherwise) {
  if (!set.is_object() || !set.contains("keys")) refuse(RefusalCode::key_set_malformed);
  const Json& list = set.at("keys");
  if (!list.is_array() || list.empty() || list.size() > kMaxKeys)
    refuse(RefusalCode::key_set_malformed);
  std::vector<Key> keys;
  for (const Json& jwk : list) {
    Key key = read_key(jwk, KeyPart::only_public, otherwise);
    for (const Key& other : keys) {
      if (other.kid == key.kid) refuse(RefusalCode::key_duplicate_kid);
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace remit::identity
