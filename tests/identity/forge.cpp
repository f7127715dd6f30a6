// See forge.h.
#include "tests/identity/forge.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <cstdio>
#include <cstdlib>

#include "engine/identity/base64url.h"
#include "engine/identity/signature.h"

namespace remit::test {
namespace {

void require(bool worked) {
  if (!worked) {
    std::fputs("forge: OpenSSL failed\n", stderr);
    std::abort();
  }
}

std::string number(const TestKey& key, const char* name, std::size_t size) {
  BIGNUM* value = nullptr;
  require(EVP_PKEY_get_bn_param(key.handle.get(), name, &value) == 1);
  std::string out(size == 0 ? static_cast<std::size_t>(BN_num_bytes(value)) : size, '\0');
  require(BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()),
                       static_cast<int>(out.size())) >= 0);
  BN_clear_free(value);
  return encode(out);
}

std::string raw(const TestKey& key, int (*get)(const EVP_PKEY*, unsigned char*, std::size_t*)) {
  std::string out(32, '\0');
  std::size_t size = out.size();
  require(get(key.handle.get(), reinterpret_cast<unsigned char*>(out.data()), &size) == 1);
  return encode(out);
}

}  // namespace

std::string encode(const std::string& bytes) { return identity::encode_base64url(bytes); }
std::string sha256_base64url(const std::string& text) { return encode(identity::sha256(text)); }

TestKey make_key(const std::string& algorithm, const std::string& kid, unsigned bits) {
  TestKey key;
  key.algorithm = algorithm;
  const auto own = [&](EVP_PKEY* made) {
    require(made != nullptr);
    key.handle.reset(made, EVP_PKEY_free);
  };
  Json base = {{"kid", kid}, {"alg", algorithm}, {"use", "sig"}};
  if (algorithm == "EdDSA") {
    own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    base.update({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", raw(key, EVP_PKEY_get_raw_public_key)}});
    key.private_jwk = base;
    key.private_jwk["d"] = raw(key, EVP_PKEY_get_raw_private_key);
  } else if (algorithm == "ES256") {
    own(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    base.update({{"kty", "EC"},
                 {"crv", "P-256"},
                 {"x", number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32)},
                 {"y", number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32)}});
    key.private_jwk = base;
    key.private_jwk["d"] = number(key, OSSL_PKEY_PARAM_PRIV_KEY, 32);
  } else {
    own(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits}));
    base.update({{"kty", "RSA"},
                 {"n", number(key, OSSL_PKEY_PARAM_RSA_N, 0)},
                 {"e", number(key, OSSL_PKEY_PARAM_RSA_E, 0)}});
  }
  key.public_jwk = base;
  return key;
}

std::string TestKey::sign(const std::string& text) const {
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* how = nullptr;
  require(EVP_DigestSignInit(context, &how, algorithm == "EdDSA" ? nullptr : EVP_sha256(), nullptr,
                             handle.get()) == 1);
  if (algorithm == "PS256") {
    require(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  std::size_t size = 0;
  require(EVP_DigestSign(context, nullptr, &size, data, text.size()) == 1);
  std::string out(size, '\0');
  require(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size, data,
                         text.size()) == 1);
  out.resize(size);
  EVP_MD_CTX_free(context);
  if (algorithm != "ES256") return out;
  const auto* der = reinterpret_cast<const unsigned char*>(out.data());
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(out.size()));
  std::string both(64, '\0');
  auto* at = reinterpret_cast<unsigned char*>(both.data());
  require(BN_bn2binpad(ECDSA_SIG_get0_r(pair), at, 32) == 32 &&
          BN_bn2binpad(ECDSA_SIG_get0_s(pair), at + 32, 32) == 32);
  ECDSA_SIG_free(pair);
  return both;
}

std::string token_of(const TestKey& key, const std::string& header, const std::string& claims) {
  const std::string text = encode(header) + "." + encode(claims);
  return text + "." + encode(key.sign(text));
}

World::World() : workload_key(make_key("EdDSA", "workload")) {
  for (const char* algorithm : {"EdDSA", "ES256", "RS256", "PS256"})
    keys.emplace(algorithm, make_key(algorithm, algorithm));
}

Json World::trust_json() const {
  Json set = Json::array();
  for (const auto& [name, one] : keys) set.push_back(one.public_jwk);
  const Json issuer = {
      {"issuer", kIssuer},
      {"kinds",
       {{"access_token", Json::object()},
        {"on_behalf_of", Json::object()},
        {"transaction", Json::object()},
        {"jwt_svid", Json::object()},
        {"workload", Json::object()}}},
      {"algorithms", {"EdDSA", "ES256", "RS256", "PS256"}},
      {"audiences", {kAudience, kDomain}},
      {"trust_domain", kDomain},
      {"users", {"*@acme.example"}},
      {"agents", {"spiffe://acme.example/**", "wimse://acme.example/**", "batch-*"}},
      {"replacement", "nests"},
      {"keys", {{"keys", set}}}};
  return {{"clock_skew", 10}, {"issuers", {issuer}}};
}

Trust World::read(const Json& json) {
  auto trust = Trust::parse(json.dump());
  if (!trust) {
    std::fprintf(stderr, "forge: %s: %s\n", to_string(trust.error().code),
                 trust.error().text.c_str());
    std::abort();
  }
  return std::move(trust).value();
}

Json World::header(TokenKind kind, const std::string& algorithm) {
  static const std::map<TokenKind, const char*> types = {
      {TokenKind::access_token, "at+jwt"},      {TokenKind::on_behalf_of, "JWT"},
      {TokenKind::transaction, "txntoken+jwt"}, {TokenKind::jwt_svid, "JWT"},
      {TokenKind::workload, "wit+jwt"},         {TokenKind::workload_proof, "wpt+jwt"}};
  return {{"alg", algorithm}, {"kid", algorithm}, {"typ", types.at(kind)}};
}

Json World::claims(TokenKind kind) const {
  const Json base = {
      {"iss", kIssuer}, {"iat", kNowSeconds - 5}, {"exp", kNowSeconds + 300}, {"jti", "id-1"}};
  Json out = base;
  const Json person = {{"sub", kMike}, {"aud", kAudience}, {"act", {{"sub", kAgent}}}};
  switch (kind) {
    case TokenKind::access_token:
      out.update(person);
      out.update({{"client_id", "tickets-client"}, {"scope", "tickets.read tickets.write"}});
      break;
    case TokenKind::on_behalf_of: out.update(person); break;
    case TokenKind::transaction:
      out.update({{"sub", kMike},
                  {"aud", kDomain},
                  {"act", {{"sub", kAgent}}},
                  {"txn", "t-77"},
                  {"scope", "tickets.write"},
                  {"req_wl", kAgent},
                  {"tctx", {{"purpose", "Open a ticket"}}},
                  {"rctx", {{"req_ip", "192.0.2.7"}}}});
      break;
    case TokenKind::jwt_svid: out.update({{"sub", kAgent}, {"aud", kAudience}}); break;
    case TokenKind::workload:
      out.update({{"sub", kAgent}, {"cnf", {{"jwk", workload_key.public_jwk}}}});
      break;
    case TokenKind::workload_proof: return proof_claims({});
  }
  return out;
}

Json World::proof_claims(const std::string& workload, const std::string& access,
                         const std::string& transaction) const {
  Json out = {{"aud", kAudience},
              {"exp", kNowSeconds + 60},
              {"jti", "proof-1"},
              {"wth", sha256_base64url(workload)}};
  if (!access.empty()) out["ath"] = sha256_base64url(access);
  if (!transaction.empty()) out["tth"] = sha256_base64url(transaction);
  return out;
}

const World& world() {
  static const World one;
  return one;
}

Result<Authenticated, Refusal> present(const Trust& trust, const std::vector<Given>& tokens,
                                       Time now, const std::string& target) {
  std::vector<PresentedToken> presented;
  presented.reserve(tokens.size());
  for (const Given& one : tokens) presented.push_back({one.kind, one.text});
  return authenticate({presented, target}, trust, now);
}

std::string code_of(const Result<Authenticated, Refusal>& result) {
  return result.ok() ? "ok" : to_string(result.error().code);
}

}  // namespace remit::test
