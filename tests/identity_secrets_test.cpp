// No token text, key or secret reaches an error, the identity, or OpenSSL's error queue. A marker
// is planted wherever a stranger or a careless host can put one, and everything that comes out is
// searched.
#include <openssl/err.h>
#include <catch2/catch.hpp>

#include <remit/identifier.h>
#include <remit/mint.h>

#include "tests/identity/forge.h"

using namespace remit;
using namespace remit::test;

namespace {

const std::string kMarker = "hunter2-Tr0ub4dor";

struct Search {
  int searched = 0, refused = 0;

  void text(const std::string& out) {
    ++searched;
    CHECK(out.find("hunter2") == std::string::npos);
    CHECK(out.find(encode(kMarker).substr(0, 16)) == std::string::npos);
  }
  template <class T>
  void result(const Result<T, Refusal>& given) {
    if (!given.ok()) {
      ++refused;
      text(given.error().text);
      text(to_string(given.error().code));
    }
    CHECK(ERR_peek_error() == 0);
  }
};

}  // namespace

TEST_CASE("a marker planted in tokens comes out nowhere") {
  Search search;
  const Trust trust = world().trust();
  const TokenKind kinds[] = {TokenKind::access_token, TokenKind::on_behalf_of,
                             TokenKind::transaction, TokenKind::jwt_svid, TokenKind::workload};
  const Json markers[] = {kMarker,
                          kMarker + "\n",
                          Json::array({kMarker}),
                          {{"sub", kMarker}},
                          {{kMarker, kMarker}},
                          "spiffe://" + kMarker + "/../x"};
  for (const TokenKind kind : kinds) {
    const std::string good = world().token(kind);
    const Json good_claims = world().claims(kind);
    search.result(present(trust, {{kind, good + kMarker}}));
    search.result(present(trust, {{kind, kMarker}}));
    search.result(present(trust, {{kind, kMarker + "." + kMarker + "." + kMarker}}));
    search.result(present(trust, {{kind, token_of(world().key(), "{\"alg\":" + kMarker, "{}")}}));
    search.result(
        present(trust, {{kind, token_of(world().key(), World::header(kind).dump(),
                                        "{\"" + kMarker + "\":1,\"" + kMarker + "\":2}")}}));
    for (const Json& marker : markers) {
      for (const char* name : {"alg", "kid", "typ", "crit", "jwk", "jku", "cty"}) {
        Json header = World::header(kind);
        header[name] = marker;
        search.result(
            present(trust, {{kind, token_of(world().key(), header, world().claims(kind))}}));
      }
      for (const auto& [name, value] : good_claims.items()) {
        Json claims = world().claims(kind);
        claims[name] = marker;
        search.result(
            present(trust, {{kind, token_of(world().key(), World::header(kind), claims)}}));
      }
      Json claims = world().claims(kind);
      claims["authorization_details"] =
          Json::array({Json{{"type", "remit"}, {"scope", "x"}, {kMarker, marker}}});
      search.result(present(trust, {{kind, token_of(world().key(), World::header(kind), claims)}}));
    }
  }
  CHECK(search.refused > 300);
}

// What an identity says of a token is its digest.
TEST_CASE("an identity holds no part of its token") {
  for (const TokenKind kind : {TokenKind::access_token, TokenKind::on_behalf_of,
                               TokenKind::transaction, TokenKind::jwt_svid}) {
    const std::string token = world().token(kind);
    const Authenticated found = present(world().trust(), {{kind, token}}).value();
    std::string all = found.identity.agent + found.identity.user + found.identity.sponsor +
                      found.identity.issuer + found.purpose + found.transaction + found.workload +
                      found.client;
    for (const auto& list : {found.scopes, found.digests, found.identity.chain}) {
      for (const std::string& one : list) all += one;
    }
    for (std::size_t at = 0, end = 0; at < token.size(); at = end + 1) {
      end = std::min(token.find('.', at), token.size());
      CHECK(all.find(token.substr(at, 20)) == std::string::npos);
    }
  }
}

TEST_CASE("a marker planted in keys, trust files and grants comes out nowhere") {
  Search search;
  Json jwk = world().key("EdDSA").private_jwk;
  const std::string secret = jwk["d"];
  const auto check = [&](const auto& result) {
    search.result(result);
    if (!result.ok()) CHECK(result.error().text.find(secret) == std::string::npos);
  };
  for (const char* name : {"d", "x", "kty", "crv", "alg", "use", "kid", "key_ops"}) {
    Json spoilt = jwk;
    spoilt[name] = kMarker;
    check(Signer::from_jwk(spoilt.dump(), kIssuer));
  }
  check(Signer::from_jwk(jwk.dump() + kMarker, kIssuer));
  check(Signer::from_jwk(jwk.dump().substr(0, jwk.dump().size() - 3), kIssuer));
  check(Signer::from_jwk(kMarker, kIssuer));
  Json trust = world().trust_json();
  trust["issuers"][0]["keys"] = {{"keys", {jwk}}};
  check(Trust::parse(trust.dump()));
  const Json good_trust = world().trust_json();
  for (const auto& [name, value] : good_trust["issuers"][0].items()) {
    for (const Json& marker :
         {Json(kMarker), Json(kMarker + "\n"), Json::array({kMarker, 5}), Json{{kMarker, 1}}}) {
      Json spoilt = world().trust_json();
      spoilt["issuers"][0][name] = marker;
      check(Trust::parse(spoilt.dump()));
    }
  }
  check(Trust::parse("{\"" + kMarker + "\": 1}"));
  check(Trust::parse("{\"issuers\": " + kMarker + "}"));
  TransactionGrant grant;
  grant.identity.agent = kMarker + " ";
  check(mint_transaction(Signer::from_jwk(jwk.dump(), kIssuer).value(), grant, kNow));
  check(parse_identifier(kMarker + " "));
  CHECK(search.refused > 30);
}
