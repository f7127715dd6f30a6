// What the identity tests are made of: fresh keys, tokens with any header and any claims, and one
// trust configuration that accepts a good token of every kind. A test takes something good and
// spoils it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <remit/token.h>
#include <nlohmann/json.hpp>

struct evp_pkey_st;

namespace remit::test {

using Json = nlohmann::json;

inline constexpr std::int64_t kNowSeconds = 1'800'000'000;
inline constexpr Time kNow{std::chrono::seconds(kNowSeconds)};

inline constexpr const char* kIssuer = "https://as.acme.example";
inline constexpr const char* kAudience = "https://tickets.acme.example";
inline constexpr const char* kDomain = "acme.example";
inline constexpr const char* kMike = "mike@acme.example";
inline constexpr const char* kAgent = "spiffe://acme.example/agent/tickets";
inline constexpr const char* kHelper = "spiffe://acme.example/agent/helper";

// A key pair made for this run; signs by its algorithm with OpenSSL, apart from the code under
// test.
struct TestKey {
  std::string algorithm;
  Json public_jwk, private_jwk;  // private_jwk is null for RSA: nothing here signs with RSA
  std::shared_ptr<evp_pkey_st> handle;

  std::string sign(const std::string& text) const;
};
// "EdDSA", "ES256", "RS256" or "PS256"; `bits` is for RSA.
TestKey make_key(const std::string& algorithm, const std::string& kid, unsigned bits = 2048);

std::string encode(const std::string& bytes);  // base64url, without padding
// A compact token of these two texts, which need not be JSON.
std::string token_of(const TestKey& key, const std::string& header, const std::string& claims);
inline std::string token_of(const TestKey& key, const Json& header, const Json& claims) {
  return token_of(key, header.dump(), claims.dump());
}

std::string sha256_base64url(const std::string& text);

// The keys of the issuer, of one workload, and what a good token of each kind holds.
struct World {
  std::map<std::string, TestKey> keys;  // by algorithm; the kid is the algorithm's name
  TestKey workload_key;                 // of the workload's `cnf`

  World();
  const TestKey& key(const std::string& algorithm = "ES256") const { return keys.at(algorithm); }
  Json trust_json() const;  // may be spoilt before it is read
  Trust trust() const { return read(trust_json()); }
  static Trust read(const Json& json);

  static Json header(TokenKind kind, const std::string& algorithm = "ES256");
  Json claims(TokenKind kind) const;
  std::string token(TokenKind kind, const std::string& algorithm = "ES256") const {
    return token_of(key(algorithm), header(kind, algorithm), claims(kind));
  }
  // A proof for `workload`, with the hashes of what else is presented.
  Json proof_claims(const std::string& workload, const std::string& access = {},
                    const std::string& transaction = {}) const;
  std::string proof(const Json& proof_claims) const {
    return token_of(workload_key, {{"alg", "EdDSA"}, {"typ", "wpt+jwt"}}, proof_claims);
  }
};

// One world for a whole test program: making RSA keys takes time.
const World& world();

struct Given {
  TokenKind kind;
  std::string text;
};
Result<Authenticated, Refusal> present(const Trust& trust, const std::vector<Given>& tokens,
                                       Time now = kNow, const std::string& target = kAudience);

// The refusal's code by name, or "ok".
std::string code_of(const Result<Authenticated, Refusal>& result);

}  // namespace remit::test
