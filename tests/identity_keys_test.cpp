// Keys: every way in which a JWK or a set of them can be wrong, one row each; and that a point is
// taken exactly if it is on its curve.
#include <openssl/evp.h>
#include <catch2/catch.hpp>

#include "engine/identity/base64url.h"
#include "engine/identity/keys.h"
#include "engine/identity/refuse.h"
#include "tests/identity/forge.h"

using namespace remit;
using namespace remit::test;

namespace {

std::string key_code(const Json& jwk, identity::KeyPart part = identity::KeyPart::only_public) {
  const auto result = identity::guarded<int>([&] { return identity::read_key(jwk, part), 0; });
  return result.ok() ? "ok" : to_string(result.error().code);
}
std::string set_code(const Json& set) {
  const auto result = identity::guarded<int>([&] { return identity::read_key_set(set), 0; });
  return result.ok() ? "ok" : to_string(result.error().code);
}

Json with(Json jwk, const char* name, const Json& value) {
  jwk[name] = value;
  return jwk;
}
Json without(Json jwk, const char* name) {
  jwk.erase(name);
  return jwk;
}

std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

}  // namespace

TEST_CASE("keys that are refused") {
  const Json ed = world().key("EdDSA").public_jwk, ec = world().key("ES256").public_jwk,
             rsa = world().key("RS256").public_jwk;
  const Json small = make_key("RS256", "small", 1024).public_jwk;
  std::string other_y = ec["y"];
  other_y[5] = other_y[5] == 'A' ? 'B' : 'A';
  const Json ed_private = world().key("EdDSA").private_jwk,
             ec_private = world().key("ES256").private_jwk;
  const std::vector<std::tuple<const char*, Json, const char*>> rows = {
      {"Ed25519", ed, "ok"},
      {"P-256", ec, "ok"},
      {"RSA", rsa, "ok"},
      {"no object", "key", "key_malformed"},
      {"no kty", without(ed, "kty"), "key_malformed"},
      {"kty unknown", with(ed, "kty", "AKP"), "key_type_unknown"},
      {"symmetric", Json{{"kty", "oct"}, {"k", "AAAA"}, {"alg", "HS256"}}, "key_symmetric"},
      {"symmetric in disguise", with(ed, "k", "AAAA"), "key_symmetric"},
      {"private where public belongs", ed_private, "key_unexpected_private"},
      {"a prime of RSA", with(rsa, "p", "AQAB"), "key_unexpected_private"},
      {"for encryption", with(ec, "use", "enc"), "key_wrong_use"},
      {"for deriving", with(ec, "key_ops", {"deriveKey"}), "key_wrong_use"},
      {"for verifying", with(ec, "key_ops", {"verify"}), "ok"},
      {"key_ops no list", with(ec, "key_ops", "verify"), "key_malformed"},
      {"alg of another type", with(ec, "alg", "EdDSA"), "key_alg_mismatch"},
      {"alg symmetric", with(ec, "alg", "HS256"), "alg_symmetric"},
      {"alg unknown", with(ec, "alg", "ES384"), "alg_unknown"},
      {"RSA without alg", without(rsa, "alg"), "key_alg_missing"},
      {"P-256 without alg", without(ec, "alg"), "ok"},
      {"kid empty", with(ec, "kid", ""), "key_malformed"},
      {"kid a number", with(ec, "kid", 1), "key_malformed"},
      {"P-384", with(ec, "crv", "P-384"), "key_wrong_curve"},
      {"secp256k1", with(ec, "crv", "secp256k1"), "key_wrong_curve"},
      {"X25519", with(ed, "crv", "X25519"), "key_wrong_curve"},
      {"Ed448", with(ed, "crv", "Ed448"), "key_wrong_curve"},
      {"no crv", without(ec, "crv"), "key_malformed"},
      {"x too short", with(ec, "x", "AAAA"), "key_malformed"},
      {"x with padding", with(ec, "x", ec["x"].get<std::string>() + "="), "base64_padding"},
      {"y missing", without(ec, "y"), "key_malformed"},
      {"y of another point", with(ec, "y", other_y), "key_off_curve"},
      {"the point at infinity",
       with(with(ec, "x", encode(std::string(32, '\0'))), "y", encode(std::string(32, '\0'))),
       "key_off_curve"},
      {"x above the field", with(ec, "x", encode(std::string(32, '\xFF'))), "key_off_curve"},
      {"RSA of 1024 bits", small, "key_too_small"},
      {"RSA of 8200 bits", with(rsa, "n", encode(std::string(1025, '\xFF'))), "key_too_large"},
      {"RSA modulus even", with(rsa, "n", encode(std::string(256, '\xFE'))), "key_malformed"},
      {"RSA modulus with a zero before it",
       with(rsa, "n", encode(std::string(1, '\0') + std::string(256, '\xFF'))), "key_malformed"},
      {"RSA exponent 1", with(rsa, "e", "AQ"), "key_exponent"},
      {"RSA exponent 3", with(rsa, "e", "Aw"), "key_exponent"},
      {"RSA exponent even", with(rsa, "e", encode("\x01\x01\x02")), "key_exponent"},
      {"RSA exponent of 9 bytes", with(rsa, "e", encode(std::string(9, '\x01'))), "key_exponent"},
      {"RSA exponent empty", with(rsa, "e", ""), "key_malformed"},
  };
  for (const auto& [name, jwk, expected] : rows) {
    INFO(name);
    CHECK(key_code(jwk) == expected);
  }
}

TEST_CASE("private keys, for signing") {
  const Json ed = world().key("EdDSA").private_jwk, ec = world().key("ES256").private_jwk;
  const auto part = identity::KeyPart::with_private;
  CHECK(key_code(ed, part) == "ok");
  CHECK(key_code(ec, part) == "ok");
  CHECK(key_code(without(ed, "d"), part) == "key_not_private");
  CHECK(key_code(with(world().key("RS256").public_jwk, "d", "AQAB"), part) == "key_type_unknown");
  CHECK(key_code(with(ed, "x", world().workload_key.public_jwk["x"]), part) == "key_pair_mismatch");
  CHECK(key_code(with(ec, "d", encode(std::string(31, '\0') + "\x05")), part) ==
        "key_pair_mismatch");
  CHECK(key_code(with(ed, "key_ops", {"verify"}), part) == "key_wrong_use");
}

TEST_CASE("sets of keys") {
  const Json ed = world().key("EdDSA").public_jwk, ec = world().key("ES256").public_jwk;
  CHECK(set_code({{"keys", {ed, ec}}}) == "ok");
  CHECK(set_code(Json::array({ed})) == "key_set_malformed");
  CHECK(set_code({{"keys", Json::array()}}) == "key_set_malformed");
  CHECK(set_code({{"keys", ed}}) == "key_set_malformed");
  CHECK(set_code({{"keys", std::vector<Json>(65, ed)}}) == "key_set_malformed");
  CHECK(set_code({{"keys", {ed, with(ec, "kid", "EdDSA")}}}) == "key_duplicate_kid");
  CHECK(set_code({{"keys", {without(ed, "kid"), without(ec, "kid")}}}) == "key_duplicate_kid");
  CHECK(set_code({{"keys", {without(ed, "kid"), ec}}}) == "ok");
  CHECK(set_code({{"keys", {ed, with(ec, "use", "enc")}}}) == "key_wrong_use");
}

// RFC 8032 section 5.1.3. The points of small order are those that eight times themselves are
// neutral; the encodings below were computed from the curve's equation.
TEST_CASE("points of edwards25519") {
  const auto code = [](const std::string& x) {
    return key_code({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", encode(x)}});
  };
  const auto hex = [&](const char* digits) { return code(from_hex(digits)); };
  CHECK(hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a") ==
        "ok");  // RFC 8032, test 1
  CHECK(hex("0000000000000000000000000000000000000000000000000000000000000000") ==
        "key_weak_point");
  CHECK(hex("0000000000000000000000000000000000000000000000000000000000000080") ==
        "key_weak_point");
  CHECK(hex("0100000000000000000000000000000000000000000000000000000000000000") ==
        "key_weak_point");
  CHECK(hex("0100000000000000000000000000000000000000000000000000000000000080") == "key_off_curve");
  CHECK(hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f") ==
        "key_weak_point");
  CHECK(hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05") ==
        "key_weak_point");
  CHECK(hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85") ==
        "key_weak_point");
  CHECK(hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a") ==
        "key_weak_point");
  CHECK(hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa") ==
        "key_weak_point");
  CHECK(hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f") ==
        "key_off_curve");  // p itself
  CHECK(hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f") ==
        "key_off_curve");  // p + 1
  CHECK(hex("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff") == "key_off_curve");
  CHECK(hex("0200000000000000000000000000000000000000000000000000000000000000") == "key_off_curve");
  CHECK(code(std::string(31, 'x')) == "key_malformed");
  // About half of all y have a point; a real key always does.
  int on_curve = 0;
  for (unsigned char i = 3; i < 203; ++i)
    on_curve +=
        code(std::string(1, static_cast<char>(i)) + std::string(31, '\x11')) == "ok" ? 1 : 0;
  CHECK(on_curve > 60);
  CHECK(on_curve < 140);
  for (int i = 0; i < 200; ++i) REQUIRE(key_code(make_key("EdDSA", "k").public_jwk) == "ok");
}

// The neutral element as a key verifies one signature over every text: that is why it is refused.
TEST_CASE("what a weak key would do") {
  std::string neutral(32, '\0'), forged(64, '\0');
  neutral[0] = 1;
  forged[0] = 1;  // R is the neutral element and S is 0
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(neutral.data()), 32);
  REQUIRE(key != nullptr);  // OpenSSL takes it
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  REQUIRE(EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key) == 1);
  CHECK(EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(forged.data()), 64,
                         reinterpret_cast<const unsigned char*>("any"), 3) == 1);
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
}
