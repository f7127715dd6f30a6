// Every rule of a token's times, claims, actors and scopes, one row each (RFC 7519, 8693, 9068 and
// 9396, the SPIFFE JWT-SVID standard and the drafts that docs/identity.md names).
#include "tests/identity/rows.h"

using namespace remit;
using namespace remit::test;

namespace {

Json nested(int depth) {
  Json act = {{"sub", "spiffe://acme.example/agent/a0"}};
  for (int i = 1; i < depth; ++i)
    act = {{"sub", "spiffe://acme.example/agent/a" + std::to_string(i)}, {"act", act}};
  return act;
}

std::vector<Row> claim_rows() {
  return {
      {"no iss", kAccess, without("iss"), RefusalCode::claim_missing},
      {"iss unknown", kAccess, claim("iss", "https://evil.example"), RefusalCode::issuer_unknown},
      {"iss with a slash more", kAccess, claim("iss", std::string(kIssuer) + "/"),
       RefusalCode::issuer_unknown},
      {"iss in another case", kAccess, claim("iss", "https://AS.acme.example"),
       RefusalCode::issuer_unknown},
      {"iss a list", kAccess, claim("iss", {kIssuer}), RefusalCode::claim_malformed},
      {"kind not trusted", kAccess, issuer("kinds", {{"jwt_svid", Json::object()}}),
       RefusalCode::kind_not_trusted},
      {"no aud", kAccess, without("aud"), RefusalCode::claim_missing},
      {"aud somebody else", kAccess, claim("aud", "https://other.example"),
       RefusalCode::audience_wrong},
      {"aud a longer name", kAccess, claim("aud", std::string(kAudience) + ".evil.example"),
       RefusalCode::audience_wrong},
      {"aud empty list", kAccess, claim("aud", Json::array()), RefusalCode::claim_malformed},
      {"aud a list of numbers", kAccess, claim("aud", {1}), RefusalCode::claim_malformed},
      {"aud a list of 33", kAccess, claim("aud", std::vector<std::string>(33, kAudience)),
       RefusalCode::claim_malformed},
      {"no exp", kAccess, without("exp"), RefusalCode::claim_missing},
      {"exp a text", kAccess, claim("exp", "1800000300"), RefusalCode::time_malformed},
      {"exp negative", kAccess, claim("exp", -1), RefusalCode::time_malformed},
      {"exp in milliseconds", kAccess, claim("exp", 1'800'000'300'000),
       RefusalCode::time_malformed},
      {"exp beyond any date", kAccess, claim("exp", 1e300), RefusalCode::time_malformed},
      {"exp passed, at the end of the grace", kAccess, claim("exp", kNowSeconds - 10),
       RefusalCode::expired, nullptr},
      {"exp before iat", kAccess,
       [](Spoilt& s) {
         s.claims["iat"] = kNowSeconds + 5;
         s.claims["exp"] = kNowSeconds + 5;
       },
       RefusalCode::time_malformed},
      {"nbf ahead", kAccess, claim("nbf", kNowSeconds + 11), RefusalCode::not_yet_valid},
      {"nbf ahead by a fraction more than the grace", kAccess, claim("nbf", kNowSeconds + 10.5),
       RefusalCode::not_yet_valid},
      {"nbf a text", kAccess, claim("nbf", "soon"), RefusalCode::time_malformed},
      {"no iat", kAccess, without("iat"), RefusalCode::claim_missing},
      {"iat ahead", kAccess, claim("iat", kNowSeconds + 11), RefusalCode::issued_in_future},
      {"lives for a second too long", kAccess, claim("exp", kNowSeconds - 5 + 3601),
       RefusalCode::lifetime_too_long},
      {"a transaction of 16 minutes", kTxn, claim("exp", kNowSeconds - 5 + 16 * 60),
       RefusalCode::lifetime_too_long},
      {"a JWT-SVID without iat, for two hours", kSvid,
       [](Spoilt& s) {
         s.claims.erase("iat");
         s.claims["exp"] = kNowSeconds + 7200;
       },
       RefusalCode::lifetime_too_long},
      {"no sub", kAccess, without("sub"), RefusalCode::claim_missing},
      {"sub a number", kAccess, claim("sub", 5), RefusalCode::claim_malformed},
      {"sub empty", kAccess, claim("sub", ""), RefusalCode::identifier_empty},
      {"sub with a control", kAccess, claim("sub", "mike\n@acme.example"),
       RefusalCode::identifier_character},
      {"sub with a letter that looks like an a", kAccess, claim("sub", "mike@\u0430cme.example"),
       RefusalCode::identifier_character},
      {"sub neither user nor agent", kAccess, claim("sub", "mike@other.example"),
       RefusalCode::actor_not_allowed},
      {"no client_id", kAccess, without("client_id"), RefusalCode::claim_missing},
      {"client_id empty", kAccess, claim("client_id", ""), RefusalCode::claim_malformed},
      {"client_id with a control", kAccess, claim("client_id", "a\u0007"),
       RefusalCode::claim_malformed},
      {"client_id too long", kAccess, claim("client_id", std::string(1025, 'c')),
       RefusalCode::claim_malformed},
      {"no jti", kAccess, without("jti"), RefusalCode::claim_missing},
      {"scope a list", kAccess, claim("scope", {"a", "b"}), RefusalCode::claim_malformed},
      {"scope with two blanks", kAccess, claim("scope", "a  b"), RefusalCode::claim_malformed},
      {"on behalf of nobody but a workload", kObo, claim("sub", kHelper),
       RefusalCode::subject_not_person},
      {"on behalf of a stranger", kObo, claim("sub", "mike@other.example"),
       RefusalCode::subject_not_person},
      {"no txn", kTxn, without("txn"), RefusalCode::claim_missing},
      {"no scope", kTxn, without("scope"), RefusalCode::claim_missing},
      {"no req_wl", kTxn, without("req_wl"), RefusalCode::claim_missing},
      {"two audiences", kTxn, claim("aud", {kDomain, "other.example"}),
       RefusalCode::audience_not_single},
      {"rctx a text", kTxn, claim("rctx", "192.0.2.7"), RefusalCode::claim_malformed},
      {"tctx a list", kTxn, claim("tctx", Json::array()), RefusalCode::claim_malformed},
      {"purpose that turns the line around", kTxn, claim("tctx", {{"purpose", "pay \u202e01"}}),
       RefusalCode::claim_malformed},
      {"no iss, and no entry with that audience", kTxn,
       [](Spoilt& s) {
         s.claims.erase("iss");
         s.claims["aud"] = "other.example";
       },
       RefusalCode::audience_wrong},
      {"no iss, and two entries with that audience", kTxn,
       [](Spoilt& s) {
         s.claims.erase("iss");
         Json second = s.trust["issuers"][0];
         second["issuer"] = "https://second.example";
         s.trust["issuers"].push_back(second);
       },
       RefusalCode::issuer_missing},
      {"SVID: sub a mail address", kSvid, claim("sub", kMike), RefusalCode::subject_not_workload},
      {"SVID: sub of WIMSE", kSvid, claim("sub", "wimse://acme.example/agent"),
       RefusalCode::subject_not_workload},
      {"SVID: sub a whole trust domain", kSvid, claim("sub", "spiffe://acme.example"),
       RefusalCode::subject_without_path},
      {"SVID: sub of another trust domain", kSvid, claim("sub", "spiffe://other.example/agent"),
       RefusalCode::trust_domain_wrong},
      {"SVID: the same without iss", kSvid,
       [](Spoilt& s) {
         s.claims["sub"] = "spiffe://other.example/agent";
         s.claims.erase("iss");
       },
       RefusalCode::trust_domain_wrong},
      {"SVID: no aud", kSvid, without("aud"), RefusalCode::claim_missing},
      {"SVID: no exp", kSvid, without("exp"), RefusalCode::claim_missing},
      {"SVID: with an actor", kSvid, claim("act", {{"sub", kHelper}}),
       RefusalCode::actor_unexpected},
      {"SVID: typ of something else", kSvid, header("typ", "JWS"), RefusalCode::typ_wrong},
  };
}

std::vector<Row> actor_rows() {
  const Json foreign = {{"sub", "batch-1"}, {"iss", "https://other.example"}};
  return {
      {"OBO without act", kObo, without("act"), RefusalCode::actor_missing},
      {"act a text", kObo, claim("act", kAgent), RefusalCode::actor_malformed},
      {"act null", kObo, claim("act", nullptr), RefusalCode::actor_malformed},
      {"act without sub", kObo, claim("act", {{"client_id", "x"}}), RefusalCode::actor_malformed},
      {"act a whole trust domain", kObo, claim("act", {{"sub", "spiffe://acme.example"}}),
       RefusalCode::actor_malformed},
      {"act.sub a number", kObo, claim("act", {{"sub", 1}}), RefusalCode::claim_malformed},
      {"act.sub malformed", kObo, claim("act", {{"sub", "spiffe://acme.example/../x"}}),
       RefusalCode::identifier_dot_segment},
      {"act.sub of nobody the issuer may name", kObo,
       claim("act", {{"sub", "spiffe://evil.example/agent"}}), RefusalCode::actor_not_allowed},
      {"act of another issuer", kObo, claim("act", foreign), RefusalCode::actor_foreign},
      {"nine actors", kObo, claim("act", nested(9)), RefusalCode::actors_too_deep},
      {"an actor twice", kObo,
       claim("act", {{"sub", kAgent}, {"act", {{"sub", kHelper}, {"act", {{"sub", kAgent}}}}}}),
       RefusalCode::actors_loop},
      {"an actor twice, once in capitals", kObo,
       claim("act", {{"sub", kAgent}, {"act", {{"sub", "SPIFFE://ACME.example/agent/tickets"}}}}),
       RefusalCode::actors_loop},
      {"the subject acts for itself", kAccess,
       [](Spoilt& s) {
         s.claims["sub"] = kAgent;
         s.claims["act"] = {{"sub", kAgent}};
       },
       RefusalCode::actors_loop},
      {"an earlier actor malformed", kObo, claim("act", {{"sub", kAgent}, {"act", {{"sub", ""}}}}),
       RefusalCode::identifier_empty},
      {"transaction: kept, yet nested", kTxn,
       [](Spoilt& s) {
         s.trust["issuers"][0]["replacement"] = "keeps";
         s.claims["act"] = {{"sub", kAgent}, {"act", {{"sub", kHelper}}}};
       },
       RefusalCode::actor_nested},
      {"transaction: kept, and requested by nobody the issuer may name", kTxn,
       [](Spoilt& s) {
         s.trust["issuers"][0]["replacement"] = "keeps";
         s.claims["req_wl"] = "gateway.other.example";
       },
       RefusalCode::actor_not_allowed},
  };
}

std::vector<Row> scope_rows() {
  const auto details = [](const Json& value) { return claim("authorization_details", value); };
  const Json good = {{"type", "remit"}, {"scope", "grants g\nread docs:/a"}};
  const auto with = [&](const char* name, const Json& value) {
    Json entry = good;
    entry[name] = value;
    return Json::array({entry});
  };
  return {
      {"details an object", kAccess, details(good), RefusalCode::details_malformed},
      {"an entry no object", kAccess, details({"remit"}), RefusalCode::details_malformed},
      {"an entry without type", kAccess, details(Json::array({Json{{"scope", "x"}}})),
       RefusalCode::details_malformed},
      {"an entry without scope", kAccess, details(Json::array({Json{{"type", "remit"}}})),
       RefusalCode::details_malformed},
      {"scope a list", kAccess, details(with("scope", {"a"})), RefusalCode::details_malformed},
      {"scope empty", kAccess, details(with("scope", "")), RefusalCode::details_malformed},
      {"an unknown field", kAccess, details(with("limit", "5")),
       RefusalCode::details_unknown_field},
      {"a scope of 8 KiB and a byte", kAccess, details(with("scope", std::string(8193, 'x'))),
       RefusalCode::scope_too_large},
      {"seventeen scopes", kAccess, details(std::vector<Json>(17, good)),
       RefusalCode::scope_too_large},
      {"65 entries", kAccess, details(std::vector<Json>(65, Json{{"type", "x"}})),
       RefusalCode::details_malformed},
      {"a digest of something else", kAccess, details(with("sha256", std::string(64, '0'))),
       RefusalCode::scope_digest_wrong},
      {"the same in tctx", kTxn, claim("tctx", {{"authorization_details", with("limit", "5")}}),
       RefusalCode::details_unknown_field},
      {"the same beside tctx", kTxn, details(with("limit", "5")),
       RefusalCode::details_unknown_field},
  };
}

}  // namespace

TEST_CASE("tokens with wrong claims") { run(claim_rows()); }
TEST_CASE("tokens with wrong actors") { run(actor_rows()); }
TEST_CASE("tokens with wrong scopes") { run(scope_rows()); }

// The edges of what is accepted, next to the rows that are just beyond them.
TEST_CASE("what is only just right") {
  const auto accepted = [](TokenKind kind, const std::function<void(Spoilt&)>& change) {
    Spoilt s;
    s.header = World::header(kind);
    s.claims = world().claims(kind);
    change(s);
    return code_of(present(World::read(s.trust),
                           {{kind, token_of(world().key(), s.header, s.claims)}}, s.now));
  };
  CHECK(accepted(kAccess, header("typ", "application/AT+JWT")) ==
        "ok");  // RFC 9068 section 4, RFC 7515 section 4.1.9
  CHECK(accepted(kAccess, [](Spoilt& s) { s.header.erase("kid"); }) == "ok");
  CHECK(accepted(kAccess, header("unknown", "ignored")) == "ok");
  CHECK(accepted(kAccess, claim("unknown", {{"ignored", true}})) == "ok");
  CHECK(accepted(kAccess, claim("aud", {"https://other.example", kAudience})) == "ok");
  CHECK(accepted(kAccess, claim("exp", kNowSeconds - 5 + 3600)) == "ok");
  CHECK(accepted(kAccess, claim("exp", kNowSeconds + 299.9)) == "ok");
  CHECK(accepted(kAccess, claim("nbf", kNowSeconds + 10)) == "ok");
  CHECK(accepted(kAccess, claim("iat", kNowSeconds + 10)) == "ok");
  CHECK(accepted(kAccess, [](Spoilt& s) {
          s.claims["iat"] = kNowSeconds - 500;
          s.claims["exp"] = kNowSeconds - 9;
        }) == "ok");
  CHECK(accepted(kAccess, claim("deep", deep(15))) == "ok");
  CHECK(accepted(kObo, claim("act", nested(8))) == "ok");
  CHECK(accepted(kObo, claim("act", {{"sub", kAgent}, {"iss", "https://other.example"}})) == "ok");
  CHECK(accepted(kSvid, [](Spoilt& s) { s.header.erase("typ"); }) == "ok");
  CHECK(accepted(kSvid, header("typ", "JOSE")) == "ok");
  CHECK(accepted(kSvid, [](Spoilt& s) {
          s.claims.erase("iss");
          s.claims.erase("iat");
        }) == "ok");
  CHECK(accepted(kSvid, claim("sub", "SPIFFE://Acme.Example/agent/tickets")) == "ok");
  CHECK(accepted(kTxn, without("iss")) == "ok");
  CHECK(accepted(kTxn, without("rctx")) == "ok");
}
