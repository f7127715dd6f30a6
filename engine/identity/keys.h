// Keys: JWK and JWK Set (RFC 7517, RFC 7518 section 6, RFC 8037) to keys that OpenSSL can use. What
// comes out is sound: the right size, on its curve, not of small order, and for one algorithm only.
// Covered by tests/identity_keys_test.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/identity/strict_json.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace remit::identity {

// The signature algorithms there are here. EdDSA is Ed25519 alone.
enum class Algorithm { rs256, ps256, es256, eddsa };
const char* to_string(Algorithm algorithm);
// As a header's or key's `alg` writes it. Tells `none` and the symmetric ones from the unknown.
Algorithm read_algorithm(std::string_view name);

struct Key {
  std::string kid;  // empty where the JWK has none
  Algorithm algorithm = Algorithm::eddsa;
  bool is_private = false;
  // Immutable once made, so that many threads may verify with one.
  std::shared_ptr<evp_pkey_st> handle;
};

enum class KeyPart { only_public, with_private };

// One key. `otherwise` is the algorithm of an RSA key that states none (RSA has two here); an EC or
// OKP key has only one. A public door refuses a private key: whoever put it there has leaked it.
Key read_key(const Json& jwk, KeyPart part, std::optional<Algorithm> otherwise = std::nullopt);

// A JWK Set of public keys, 1 to 64. Each kid once; at most one key without.
std::vector<Key> read_key_set(const Json& set, std::optional<Algorithm> otherwise = std::nullopt);

}  // namespace remit::identity
