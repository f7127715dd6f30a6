// Issuing: what is minted is accepted as what it says, never outlives its session, and a
// replacement is never wider than what it replaces.
#include <catch2/catch.hpp>

#include <remit/mint.h>

#include "engine/identity/base64url.h"
#include "engine/identity/signature.h"
#include "tests/identity/forge.h"

using namespace remit;
using namespace remit::test;

namespace {

constexpr Time kEnds = kNow + std::chrono::minutes(10);

Signer signer(const std::string& algorithm = "EdDSA") {
  return Signer::from_jwk(world().key(algorithm).private_jwk.dump(), kIssuer).value();
}

TransactionGrant grant() {
  TransactionGrant out;
  out.identity.agent = kAgent;
  out.identity.user = kMike;
  out.identity.expires = kEnds;
  out.trust_domain = kDomain;
  out.purpose = "Open a ticket";
  out.scope = "tickets.read tickets.write";
  out.scopes = {"scope ticket\nexpires 1h\nwrite cases:/acme/1042"};
  out.expires = kEnds;
  out.session_ends = kEnds;
  return out;
}

Json claims_of(const std::string& token) {
  const std::size_t first = token.find('.'), second = token.rfind('.');
  return Json::parse(identity::decode_base64url(token.substr(first + 1, second - first - 1)));
}

std::string code(const Result<std::string, Refusal>& result) {
  return result.ok() ? "ok" : to_string(result.error().code);
}

std::string minted(const std::function<void(TransactionGrant&)>& change) {
  TransactionGrant asked = grant();
  change(asked);
  return code(mint_transaction(signer(), asked, kNow));
}

Trust trusting(const char* replacement) {
  Json json = world().trust_json();
  json["issuers"][0]["replacement"] = replacement;
  return World::read(json);
}

}  // namespace

TEST_CASE("a minted transaction token is what the grant says") {
  for (const char* algorithm : {"EdDSA", "ES256"}) {
    const std::string token = mint_transaction(signer(algorithm), grant(), kNow).value();
    const Authenticated found = present(world().trust(), {{TokenKind::transaction, token}}).value();
    CHECK(found.identity.agent == kAgent);
    CHECK(found.identity.user == kMike);
    CHECK(found.identity.expires == kEnds);
    CHECK(found.purpose == "Open a ticket");
    CHECK(found.scopes == grant().scopes);
    CHECK(found.transaction.size() == 22);
    const Json claims = claims_of(token);
    CHECK(claims["iat"] == kNowSeconds);
    CHECK(claims["req_wl"] == kAgent);
    CHECK(claims["tctx"]["authorization_details"][0]["sha256"] ==
          identity::sha256_hex(grant().scopes[0]));
    CHECK(claims_of(mint_transaction(signer(), grant(), kNow).value())["txn"] != claims["txn"]);
  }
  TransactionGrant chained = grant();
  chained.identity.chain = {"spiffe://acme.example/a", "spiffe://acme.example/b"};
  chained.transaction = "t-1";
  const auto found =
      present(world().trust(),
              {{TokenKind::transaction, mint_transaction(signer(), chained, kNow).value()}});
  CHECK(found.value().identity.chain == chained.identity.chain);
  CHECK(found.value().transaction == "t-1");
  // An agent that runs by itself is the subject: whoever receives it must know who answers for it.
  TransactionGrant alone = grant();
  alone.identity.user.clear();
  alone.identity.sponsor = kMike;
  const auto unaccountable = present(
      world().trust(), {{TokenKind::transaction, mint_transaction(signer(), alone, kNow).value()}});
  CHECK(unaccountable.value().identity.habit == BadHabit::unaccountable);
}

TEST_CASE("what is not minted") {
  CHECK(minted([](auto&) {}) == "ok");
  CHECK(minted([](auto& g) { g.expires = kEnds + std::chrono::microseconds(1); }) ==
        "mint_too_late");
  CHECK(minted([](auto& g) { g.session_ends = kEnds - std::chrono::seconds(1); }) ==
        "mint_too_late");
  CHECK(minted([](auto& g) { g.identity.expires = kEnds - std::chrono::seconds(1); }) ==
        "mint_too_late");
  CHECK(minted([](auto& g) { g.expires = kNow; }) == "mint_malformed");
  CHECK(minted([](auto& g) { g.trust_domain = ""; }) == "mint_malformed");
  CHECK(minted([](auto& g) { g.scope = ""; }) == "mint_malformed");
  CHECK(minted([](auto& g) { g.purpose = "a\nb"; }) == "mint_malformed");
  CHECK(minted([](auto& g) { g.purpose = "\xFF"; }) == "mint_malformed");
  CHECK(minted([](auto& g) { g.scopes = {""}; }) == "mint_malformed");
  CHECK(minted([](auto& g) { g.scopes = {std::string(8193, 'x')}; }) == "mint_malformed");
  CHECK(minted([](auto& g) { g.scopes = std::vector<std::string>(3, std::string(8000, 'x')); }) ==
        "mint_malformed");
  CHECK(minted([](auto& g) { g.identity.agent = ""; }) == "identifier_empty");
  CHECK(minted([](auto& g) { g.identity.agent = "spiffe://acme.example/../x"; }) ==
        "identifier_dot_segment");
  CHECK(minted([](auto& g) { g.identity.chain = {kAgent}; }) == "actors_loop");
  CHECK(minted([](auto& g) { g.identity.chain = std::vector<std::string>(9, "x"); }) ==
        "actors_too_deep");
  CHECK(minted([](auto& g) { g.identity.habit = BadHabit::impersonation; }) == "mint_malformed");
  CHECK(code_of(present(world().trust(),
                        {{TokenKind::transaction,
                          mint_transaction(signer(), grant(), kNow).value() + "A"}})) != "ok");
}

TEST_CASE("keys that do not sign") {
  const auto refused = [](const Json& jwk, const char* issuer = kIssuer) {
    return std::string(to_string(Signer::from_jwk(jwk.dump(), issuer).error().code));
  };
  Json nameless = world().key("EdDSA").private_jwk;
  nameless.erase("kid");
  CHECK(refused(nameless) == "key_malformed");
  CHECK(refused(world().key("EdDSA").public_jwk) == "key_not_private");
  CHECK(refused(world().key("RS256").public_jwk) == "key_not_private");
  CHECK(refused(world().key("EdDSA").private_jwk, "") == "mint_malformed");
  CHECK(Signer::from_jwk("{", kIssuer).error().code == RefusalCode::json_malformed);
}

TEST_CASE("a replacement narrows") {
  const std::string first = mint_transaction(signer(), grant(), kNow).value();
  for (const char* how : {"nests", "keeps"}) {
    INFO(how);
    const Trust trust = trusting(how);
    Narrowing asked{kHelper,
                    "tickets.read",
                    {"scope part\nexpires 5m\nread cases:/acme/1042"},
                    kEnds - std::chrono::minutes(5)};
    const Time later = kNow + std::chrono::minutes(1);
    const std::string second =
        mint_replacement(signer("ES256"), first, trust, asked, later).value();
    const Json before = claims_of(first), after = claims_of(second);
    for (const char* fixed : {"txn", "sub", "aud"}) CHECK(before[fixed] == after[fixed]);
    CHECK(before["jti"] != after["jti"]);
    CHECK(after["scope"] == "tickets.read");
    CHECK(after["req_wl"] == kHelper);
    const Authenticated found = present(trust, {{TokenKind::transaction, second}}, later).value();
    CHECK(found.identity.agent == kHelper);
    CHECK(found.identity.chain == std::vector<std::string>{kAgent});
    CHECK(found.identity.user == kMike);
    // Every layer of the first is still there, and the new one beside it.
    CHECK(found.scopes == std::vector<std::string>{grant().scopes[0], asked.scopes[0]});
    CHECK(found.purpose == "Open a ticket");
  }
}

TEST_CASE("what is not replaced") {
  const Trust trust = world().trust();
  const std::string first = mint_transaction(signer(), grant(), kNow).value();
  const Narrowing good{kHelper, "", {}, kEnds};
  const auto answer = [&](const std::function<void(Narrowing&)>& change, Time now = kNow,
                          const std::string& token = {}) {
    Narrowing asked = good;
    change(asked);
    return code(mint_replacement(signer(), token.empty() ? first : token, trust, asked, now));
  };
  const auto nothing = [](Narrowing&) {};
  CHECK(answer(nothing) == "ok");
  CHECK(answer([](auto& n) { n.expires = kEnds + std::chrono::seconds(1); }) == "mint_too_late");
  CHECK(answer([](auto& n) { n.expires = kNow; }) == "mint_malformed");
  CHECK(answer(nothing, kEnds) ==
        "mint_too_late");  // in the grace that verification gives, not here
  CHECK(answer(nothing, kEnds + std::chrono::seconds(10)) == "expired");
  CHECK(answer([](auto& n) { n.scope = "tickets.read admin"; }) == "mint_wider");
  CHECK(answer([](auto& n) { n.scope = "tickets.rea"; }) == "mint_wider");
  CHECK(answer([](auto& n) { n.agent = kAgent; }) == "actors_loop");
  CHECK(answer([](auto& n) { n.agent = kMike; }) == "actor_not_allowed");
  CHECK(answer([](auto& n) { n.agent = "spiffe://evil.example/x"; }) == "actor_not_allowed");
  CHECK(answer([](auto& n) { n.scopes = {""}; }) == "mint_malformed");
  CHECK(answer(nothing, kNow, world().token(TokenKind::access_token)) == "typ_wrong");
  CHECK(answer(nothing, kNow, first + "A") != "ok");
  const Signer stranger =
      Signer::from_jwk(world().key("EdDSA").private_jwk.dump(), "https://other.example").value();
  CHECK(code(mint_replacement(stranger, first, trust, good, kNow)) == "mint_not_replaceable");
  // Down the whole chain, and no further than a validator would take.
  std::string token = first;
  int made = 0;
  for (; made < 20; ++made) {
    const auto next =
        mint_replacement(signer(), token, trust,
                         {"spiffe://acme.example/n" + std::to_string(made), "", {}, kEnds}, kNow);
    if (!next.ok()) {
      CHECK(code(next) == "actors_too_deep");
      break;
    }
    token = next.value();
    CHECK(code_of(present(trust, {{TokenKind::transaction, token}})) == "ok");
  }
  CHECK(made == 7);
}
