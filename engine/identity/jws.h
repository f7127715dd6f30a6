// Compact JWS (RFC 7515 section 7.1): from text to header, claims and signature, every rule of form
// checked, nothing trusted. Only what follows from `verify` may decide anything.
// Covered by tests/identity_jws_test.cpp and fuzz/token_fuzz.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/identity/keys.h"
#include "engine/identity/strict_json.h"

namespace remit::identity {

struct Jws {
  std::string_view text;         // the whole token; borrowed
  std::string_view signed_text;  // header and claims as they were signed
  Algorithm algorithm = Algorithm::eddsa;
  std::string typ;      // lower case, without `application/`; empty where there is none
  std::string kid;      // empty where there is none
  Json header, claims;  // objects
  std::string signature;
};

// Refuses by form: size, parts, base64url, JSON, and every header parameter that would let the
// token say how it is to be verified (RFC 8725 sections 2 and 3).
Jws read_jws(std::string_view text);

// Signed by one of `keys`? `kid` only looks up; without one there must be a single key for the
// algorithm. The algorithm must be in `allowed` and be the key's own.
void verify(const Jws& jws, std::span<const Key> keys, std::span<const Algorithm> allowed);

// Header and claims as a signed token.
std::string write_jws(const Json& header, const Json& claims, const Key& key);

}  // namespace remit::identity
