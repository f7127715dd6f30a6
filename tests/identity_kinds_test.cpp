// Each kind of token against each kind's validator: taken by its own and by no other. And the WIMSE
// proof, rule by rule.
#include <catch2/catch.hpp>

#include "tests/identity/forge.h"

using namespace remit;
using namespace remit::test;

namespace {

constexpr auto kWorkload = TokenKind::workload;
constexpr auto kProof = TokenKind::workload_proof;
constexpr TokenKind kAll[] = {TokenKind::access_token,
                              TokenKind::on_behalf_of,
                              TokenKind::transaction,
                              TokenKind::jwt_svid,
                              kWorkload,
                              kProof};

// One for all: a signature by ES256 is never the same twice, and a proof is of one text.
const std::string& workload_token() {
  static const std::string token = world().token(kWorkload);
  return token;
}

// What is presented when `text` is passed off as a token of `kind`: the proof that belongs to it,
// too.
std::vector<Given> passed_off(TokenKind kind, const std::string& text) {
  const World& w = world();
  if (kind == kWorkload) return {{kWorkload, text}, {kProof, w.proof(w.proof_claims(text))}};
  if (kind == kProof) return {{kWorkload, workload_token()}, {kProof, text}};
  return {{kind, text}};
}

std::string good_token(TokenKind kind) {
  const World& w = world();
  return kind == kProof ? w.proof(w.proof_claims(workload_token())) : w.token(kind);
}

}  // namespace

TEST_CASE("each kind is refused by every other's validator") {
  // The refusals that say why: the type, where it is fixed; else what only the other kind has.
  const auto expected = [](TokenKind token, TokenKind as) -> std::string {
    if (token == as) return "ok";
    if (token == kProof && as != kWorkload) {
      if (as == TokenKind::on_behalf_of)
        return "claim_missing";  // no iss, by which its typ would be known
      if (as == TokenKind::jwt_svid) return "typ_wrong";
      return "typ_wrong";
    }
    if (token == TokenKind::on_behalf_of && as == TokenKind::jwt_svid)
      return "subject_not_workload";
    if (token == TokenKind::jwt_svid && as == TokenKind::on_behalf_of) return "subject_not_person";
    return "typ_wrong";
  };
  for (const TokenKind token : kAll) {
    const std::string text = good_token(token);
    for (const TokenKind as : kAll) {
      INFO(to_string(token) << " as " << to_string(as));
      // A fresh trust for each: a proof is taken once.
      CHECK(code_of(present(world().trust(), passed_off(as, text))) == expected(token, as));
    }
  }
}

// The two kinds whose typ may be the same are told apart by their subject, whatever else they hold.
TEST_CASE("an on-behalf-of token and a JWT-SVID can not be made to look alike") {
  const Trust trust = world().trust();
  Json both = world().claims(TokenKind::on_behalf_of);
  both["sub"] = kHelper;  // a workload, with an actor
  const std::string text = token_of(world().key(), World::header(TokenKind::jwt_svid), both);
  CHECK(code_of(present(trust, {{TokenKind::jwt_svid, text}})) == "actor_unexpected");
  CHECK(code_of(present(trust, {{TokenKind::on_behalf_of, text}})) == "subject_not_person");
}

TEST_CASE("an issuer's own typ for on-behalf-of tokens") {
  Json trust = world().trust_json();
  trust["issuers"][0]["kinds"]["on_behalf_of"]["typ"] = "OBO+jwt";
  Json header = World::header(TokenKind::on_behalf_of);
  const Json claims = world().claims(TokenKind::on_behalf_of);
  CHECK(code_of(present(World::read(trust),
                        {{TokenKind::on_behalf_of, token_of(world().key(), header, claims)}})) ==
        "typ_wrong");
  header["typ"] = "application/obo+jwt";
  CHECK(code_of(present(World::read(trust), {{TokenKind::on_behalf_of,
                                              token_of(world().key(), header, claims)}})) == "ok");
}

TEST_CASE("workload identity tokens") {
  const World& w = world();
  struct Row {
    const char* name;
    std::function<void(Json& header, Json& claims)> spoil;
    const char* expected;
  };
  const Row rows[] = {
      {"good", [](Json&, Json&) {}, "ok"},
      {"without iss, jti and iat",
       [](Json&, Json& c) {
         c.erase("iss");
         c.erase("jti");
         c.erase("iat");
       },
       "ok"},
      {"of WIMSE", [](Json&, Json& c) { c["sub"] = "wimse://acme.example/agent/tickets"; }, "ok"},
      {"of another trust domain", [](Json&, Json& c) { c["sub"] = "wimse://evil.example/agent"; },
       "trust_domain_wrong"},
      {"of a person", [](Json&, Json& c) { c["sub"] = kMike; }, "subject_not_workload"},
      {"with an actor", [](Json&, Json& c) { c["act"] = {{"sub", kHelper}}; }, "actor_unexpected"},
      {"without exp", [](Json&, Json& c) { c.erase("exp"); }, "claim_missing"},
      {"for a year", [](Json&, Json& c) { c["exp"] = kNowSeconds + 31'536'000; },
       "lifetime_too_long"},
      {"without cnf", [](Json&, Json& c) { c.erase("cnf"); }, "confirmation_missing"},
      {"with cnf.jkt only", [](Json&, Json& c) { c["cnf"] = {{"jkt", "x"}}; },
       "confirmation_missing"},
      {"cnf a text", [](Json&, Json& c) { c["cnf"] = "x"; }, "claim_malformed"},
      {"cnf.jwk without alg", [](Json&, Json& c) { c["cnf"]["jwk"].erase("alg"); },
       "key_alg_missing"},
      {"cnf.jwk no object", [](Json&, Json& c) { c["cnf"]["jwk"] = "x"; }, "key_alg_missing"},
      {"cnf.jwk symmetric",
       [](Json&, Json& c) { c["cnf"]["jwk"] = {{"kty", "oct"}, {"k", "AAAA"}, {"alg", "HS256"}}; },
       "key_symmetric"},
      {"cnf.jwk with its private half",
       [](Json&, Json& c) { c["cnf"]["jwk"] = world().workload_key.private_jwk; },
       "key_unexpected_private"},
      {"cnf.jwk off the curve",
       [](Json&, Json& c) { c["cnf"]["jwk"]["x"] = encode("\x02" + std::string(31, '\0')); },
       "key_off_curve"},
      {"typ JWT", [](Json& h, Json&) { h["typ"] = "JWT"; }, "typ_wrong"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Json header = World::header(kWorkload), claims = w.claims(kWorkload);
    row.spoil(header, claims);
    const std::string text = token_of(w.key(), header, claims);
    CHECK(code_of(present(w.trust(), passed_off(kWorkload, text))) == row.expected);
  }
}

TEST_CASE("workload proofs") {
  const World& w = world();
  const std::string workload = w.token(kWorkload);
  const std::string access = w.token(TokenKind::access_token),
                    transaction = w.token(TokenKind::transaction);
  const auto answer = [&](const std::string& proof, std::vector<Given> beside = {},
                          const std::string& target = kAudience) {
    beside.push_back({kWorkload, workload});
    beside.push_back({kProof, proof});
    return code_of(present(w.trust(), beside, kNow, target));
  };
  const auto with = [&](const char* name, const Json& value) {
    Json claims = w.proof_claims(workload);
    claims[name] = value;
    return w.proof(claims);
  };
  const auto without = [&](const char* name) {
    Json claims = w.proof_claims(workload);
    claims.erase(name);
    return w.proof(claims);
  };
  CHECK(answer(w.proof(w.proof_claims(workload))) == "ok");
  CHECK(answer(without("aud")) == "claim_missing");
  CHECK(answer(without("exp")) == "claim_missing");
  CHECK(answer(without("jti")) == "claim_missing");
  CHECK(answer(without("wth")) == "proof_token_mismatch");
  CHECK(answer(with("wth", sha256_base64url("another token"))) == "proof_token_mismatch");
  CHECK(answer(with("wth", 5)) == "claim_malformed");
  CHECK(answer(with("aud", "https://other.example")) == "audience_wrong");
  CHECK(answer(with("aud", {kAudience, "https://other.example"})) == "audience_not_single");
  CHECK(answer(w.proof(w.proof_claims(workload)), {}, "") == "audience_wrong");
  CHECK(answer(with("exp", kNowSeconds - 10)) == "expired");
  CHECK(answer(with("exp", kNowSeconds + 301)) == "lifetime_too_long");
  CHECK(answer(with("iat", kNowSeconds + 60)) == "issued_in_future");
  CHECK(answer(with("oth", {{"x-token", "AAAA"}})) == "proof_other_tokens");
  // Signed by another key; by the right key under another algorithm; with a type of its own.
  CHECK(answer(token_of(w.key("EdDSA"), Json{{"alg", "EdDSA"}, {"typ", "wpt+jwt"}},
                        w.proof_claims(workload))) == "signature_wrong");
  CHECK(answer(token_of(w.key("ES256"), Json{{"alg", "ES256"}, {"typ", "wpt+jwt"}},
                        w.proof_claims(workload))) == "alg_key_mismatch");
  CHECK(answer(token_of(w.workload_key, Json{{"alg", "EdDSA"}, {"typ", "JWT"}},
                        w.proof_claims(workload))) == "typ_wrong");
  CHECK(answer(token_of(w.workload_key, Json{{"alg", "EdDSA"}}, w.proof_claims(workload))) ==
        "typ_missing");
  // The other tokens of the request: each needs its hash, and no hash may be left over.
  CHECK(answer(w.proof(w.proof_claims(workload, access)), {{TokenKind::access_token, access}}) ==
        "ok");
  CHECK(answer(w.proof(w.proof_claims(workload)), {{TokenKind::access_token, access}}) ==
        "proof_access_mismatch");
  CHECK(answer(w.proof(w.proof_claims(workload, "another")), {{TokenKind::access_token, access}}) ==
        "proof_access_mismatch");
  CHECK(answer(w.proof(w.proof_claims(workload, access))) == "proof_access_mismatch");
  const std::string obo = w.token(TokenKind::on_behalf_of);
  CHECK(answer(w.proof(w.proof_claims(workload, obo)), {{TokenKind::on_behalf_of, obo}}) == "ok");
  CHECK(answer(w.proof(w.proof_claims(workload, {}, transaction)),
               {{TokenKind::transaction, transaction}}) == "ok");
  CHECK(answer(w.proof(w.proof_claims(workload)), {{TokenKind::transaction, transaction}}) ==
        "proof_transaction_mismatch");
  CHECK(answer(w.proof(w.proof_claims(workload, {}, transaction))) == "proof_transaction_mismatch");
}

// An ES256 workload key: the proof's algorithm follows the token's key, not a list.
TEST_CASE("a proof by the workload's own algorithm") {
  const World& w = world();
  const TestKey p256 = make_key("ES256", "mine");
  Json claims = w.claims(kWorkload);
  claims["cnf"]["jwk"] = p256.public_jwk;
  const std::string workload = token_of(w.key(), World::header(kWorkload), claims);
  const Json header = {{"alg", "ES256"}, {"typ", "wpt+jwt"}};
  CHECK(code_of(present(w.trust(), {{kWorkload, workload},
                                    {kProof, token_of(p256, header, w.proof_claims(workload))}})) ==
        "ok");
}
