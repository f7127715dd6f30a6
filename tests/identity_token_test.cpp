// Every rule of a token's form, header, times and claims: one row each. A row takes a good token,
// spoils one thing and names the code it must be refused with (written from RFC 7515, 7518, 7519,
// 8693, 8725, 9068 and 9396, the SPIFFE JWT-SVID standard and the drafts that docs/identity.md
// names).
#include <catch2/catch.hpp>

#include "tests/identity/forge.h"

using namespace remit;
using namespace remit::test;

namespace {

struct Spoilt {
  Json header, claims;
  std::string text;  // made of the two above, unless `raw` has changed it
  Json trust = world().trust_json();
  std::string key = "ES256";  // signs
  Time now = kNow;
};

struct Row {
  const char* name;
  TokenKind kind;
  std::function<void(Spoilt&)> spoil;  // before it is signed
  RefusalCode expected;
  std::function<void(Spoilt&)> raw = nullptr;  // afterwards
};

constexpr auto kAccess = TokenKind::access_token;
constexpr auto kObo = TokenKind::on_behalf_of;
constexpr auto kTxn = TokenKind::transaction;
constexpr auto kSvid = TokenKind::jwt_svid;

void nothing(Spoilt&) {}

std::vector<std::string> parts(const std::string& token) {
  const std::size_t first = token.find('.'), second = token.rfind('.');
  return {token.substr(0, first), token.substr(first + 1, second - first - 1),
          token.substr(second + 1)};
}
std::string joined(const std::vector<std::string>& all) {
  return all[0] + "." + all[1] + "." + all[2];
}

// Signs these two texts with the row's key.
std::function<void(Spoilt&)> with_header(const std::string& header) {
  return [header](Spoilt& s) { s.text = token_of(world().key(s.key), header, s.claims.dump()); };
}
std::function<void(Spoilt&)> with_claims(const std::string& claims) {
  return [claims](Spoilt& s) { s.text = token_of(world().key(s.key), s.header.dump(), claims); };
}
std::function<void(Spoilt&)> part(std::size_t index,
                                  const std::function<std::string(std::string)>& change) {
  return [=](Spoilt& s) {
    auto all = parts(s.text);
    all[index] = change(all[index]);
    s.text = joined(all);
  };
}
auto header(const char* name, const Json& value) {
  return [=](Spoilt& s) { s.header[name] = value; };
}
auto claim(const char* name, const Json& value) {
  return [=](Spoilt& s) { s.claims[name] = value; };
}
auto without(const char* name) {
  return [=](Spoilt& s) { s.claims.erase(name); };
}
auto issuer(const char* name, const Json& value) {
  return [=](Spoilt& s) { s.trust["issuers"][0][name] = value; };
}

Json nested(int depth) {
  Json act = {{"sub", "spiffe://acme.example/agent/a0"}};
  for (int i = 1; i < depth; ++i)
    act = {{"sub", "spiffe://acme.example/agent/a" + std::to_string(i)}, {"act", act}};
  return act;
}

Json deep(int levels) {
  Json out = 1;
  for (int i = 0; i < levels; ++i) out = Json::array({out});
  return out;
}

std::vector<Row> form_rows() {
  return {
      {"empty", kAccess, nothing, RefusalCode::not_compact, [](Spoilt& s) { s.text = "."; }},
      {"two parts", kAccess, nothing, RefusalCode::not_compact,
       [](Spoilt& s) { s.text = s.text.substr(0, s.text.rfind('.')); }},
      {"four parts", kAccess, nothing, RefusalCode::not_compact,
       [](Spoilt& s) { s.text += ".AA"; }},
      {"five parts, as encrypted tokens have", kAccess, nothing, RefusalCode::token_encrypted,
       [](Spoilt& s) { s.text += ".AA.AA"; }},
      {"no header", kAccess, nothing, RefusalCode::not_compact,
       part(0, [](std::string) { return ""; })},
      {"no claims", kAccess, nothing, RefusalCode::not_compact,
       part(1, [](std::string) { return ""; })},
      {"JSON serialization", kAccess, nothing, RefusalCode::not_compact,
       [](Spoilt& s) { s.text = R"({"payload":"e30","signatures":[]})"; }},
      {"longer than 16 KiB", kAccess, claim("pad", std::string(13000, 'x')),
       RefusalCode::token_too_large},
      {"padding in the header", kAccess, nothing, RefusalCode::base64_padding,
       part(0, [](auto t) { return t + "="; })},
      {"padding in the signature", kAccess, nothing, RefusalCode::base64_padding,
       part(2, [](auto t) { return t + "=="; })},
      {"a plus of plain base64", kAccess, nothing, RefusalCode::base64_character,
       part(1, [](auto t) { return t.replace(0, 1, "+"); })},
      {"a slash of plain base64", kAccess, nothing, RefusalCode::base64_character,
       part(2, [](auto t) { return t.replace(0, 1, "/"); })},
      {"a blank before", kAccess, nothing, RefusalCode::base64_character,
       [](Spoilt& s) { s.text = " " + s.text; }},
      {"a line end after", kAccess, nothing, RefusalCode::base64_character,
       [](Spoilt& s) { s.text += "\n"; }},
      {"a line end inside", kAccess, nothing, RefusalCode::base64_character,
       part(1, [](auto t) { return t.insert(4, "\n"); })},
      {"a NUL", kAccess, nothing, RefusalCode::base64_character,
       part(1, [](auto t) { return t.insert(4, 1, '\0'); })},
      {"a length that does not exist", kAccess, nothing, RefusalCode::base64_length,
       part(2, [](auto t) { return t.substr(0, 85); })},
      {"stray bits at the end", kAccess, nothing, RefusalCode::base64_trailing_bits,
       part(2, [](auto t) { return t.substr(0, 85) + (t[85] == 'B' ? "C" : "B"); })},
      {"header no JSON", kAccess, nothing, RefusalCode::json_malformed,
       with_header("{'alg':'ES256'}")},
      {"header cut off", kAccess, nothing, RefusalCode::json_malformed,
       with_header(R"({"alg":"ES256")")},
      {"header with something after", kAccess, nothing, RefusalCode::json_malformed,
       with_header(R"({"alg":"ES256"} {})")},
      {"header with a byte-order mark", kAccess, nothing, RefusalCode::json_malformed,
       with_header("\xEF\xBB\xBF{\"alg\":\"ES256\"}")},
      {"header an array", kAccess, nothing, RefusalCode::json_not_object, with_header("[]")},
      {"claims a text", kAccess, nothing, RefusalCode::json_not_object, with_claims("\"sub\"")},
      {"claims not in UTF-8", kAccess, nothing, RefusalCode::json_malformed,
       with_claims("{\"sub\":\"\xFF\"}")},
      {"claims with an overlong slash", kAccess, nothing, RefusalCode::json_malformed,
       with_claims("{\"sub\":\"\xC0\xAF\"}")},
      {"claims with half a surrogate", kAccess, nothing, RefusalCode::json_malformed,
       with_claims(R"({"sub":"\ud800"})")},
      {"a header name twice", kAccess, nothing, RefusalCode::json_duplicate_name,
       with_header(R"({"alg":"none","alg":"ES256","typ":"at+jwt"})")},
      {"a claim twice", kAccess, nothing, RefusalCode::json_duplicate_name,
       with_claims(R"({"sub":"a","sub":"b"})")},
      {"a claim twice, once escaped", kAccess, nothing, RefusalCode::json_duplicate_name,
       with_claims(R"({"sub":"a","\u0073ub":"b"})")},
      {"an inner name twice", kAccess, nothing, RefusalCode::json_duplicate_name,
       with_claims(R"({"act":{"sub":"a","sub":"b"}})")},
      {"17 levels", kAccess, claim("deep", deep(16)), RefusalCode::json_too_deep},
      {"six thousand levels", kAccess, nothing, RefusalCode::json_too_deep,
       with_claims(std::string(6000, '[') + std::string(6000, ']'))},
      {"a number beyond 64 bits", kAccess, nothing, RefusalCode::json_number,
       with_claims(R"({"exp":18446744073709551616})")},
      {"an unsigned number beyond int64", kAccess, nothing, RefusalCode::json_number,
       with_claims(R"({"exp":9223372036854775808})")},
  };
}

std::vector<Row> header_rows() {
  const auto signature = [](std::string (*change)(std::string)) {
    return [=](Spoilt& s) {
      auto all = parts(s.text);
      all[2] = change(all[2]);
      s.text = joined(all);
    };
  };
  return {
      {"no alg", kAccess, [](Spoilt& s) { s.header.erase("alg"); }, RefusalCode::alg_missing},
      {"alg no text", kAccess, header("alg", 7), RefusalCode::header_malformed},
      {"alg none", kAccess, header("alg", "none"), RefusalCode::alg_none},
      {"alg none, unsigned", kAccess, header("alg", "none"), RefusalCode::alg_none,
       signature([](std::string) { return std::string(); })},
      {"alg nOnE", kAccess, header("alg", "nOnE"), RefusalCode::alg_none},
      {"alg HS256", kAccess, header("alg", "HS256"), RefusalCode::alg_symmetric},
      {"alg hs512", kAccess, header("alg", "hs512"), RefusalCode::alg_symmetric},
      {"alg es256 in lower case", kAccess, header("alg", "es256"), RefusalCode::alg_unknown},
      {"alg ES384", kAccess, header("alg", "ES384"), RefusalCode::alg_unknown},
      {"alg ES256K", kAccess, header("alg", "ES256K"), RefusalCode::alg_unknown},
      {"alg with a blank", kAccess, header("alg", "ES256 "), RefusalCode::alg_unknown},
      {"alg not on the issuer's list", kAccess, issuer("algorithms", {"EdDSA"}),
       RefusalCode::alg_not_allowed},
      {"alg of another key", kAccess, header("alg", "EdDSA"), RefusalCode::alg_key_mismatch},
      {"RS256 key used with PS256", kAccess,
       [](Spoilt& s) {
         s.header["alg"] = "PS256";
         s.header["kid"] = "RS256";
         s.key = "PS256";
       },
       RefusalCode::alg_key_mismatch},
      {"jwk", kAccess, header("jwk", world().key().public_jwk), RefusalCode::embedded_key},
      {"x5c", kAccess, header("x5c", Json::array({"MIIB"})), RefusalCode::embedded_key},
      {"jku", kAccess, header("jku", "https://evil.example/keys"), RefusalCode::linked_key},
      {"x5u", kAccess, header("x5u", "https://evil.example/cert"), RefusalCode::linked_key},
      {"crit with an unknown name", kAccess, header("crit", {"exp"}),
       RefusalCode::crit_unsupported},
      {"crit empty", kAccess, header("crit", Json::array()), RefusalCode::crit_unsupported},
      {"crit of b64", kAccess,
       [](Spoilt& s) {
         s.header["crit"] = {"b64"};
         s.header["b64"] = false;
       },
       RefusalCode::crit_unsupported},
      {"cty JWT", kAccess, header("cty", "JWT"), RefusalCode::nested_token},
      {"no typ", kAccess, [](Spoilt& s) { s.header.erase("typ"); }, RefusalCode::typ_missing},
      {"typ JWT", kAccess, header("typ", "JWT"), RefusalCode::typ_wrong},
      {"typ of another application", kAccess, header("typ", "application/at+jwt+x"),
       RefusalCode::typ_wrong},
      {"typ a number", kAccess, header("typ", 1), RefusalCode::header_malformed},
      {"typ too long", kAccess, header("typ", std::string(257, 'a')),
       RefusalCode::header_malformed},
      {"kid unknown", kAccess, header("kid", "other"), RefusalCode::kid_unknown},
      {"kid a path", kAccess, header("kid", "../../dev/null"), RefusalCode::kid_unknown},
      {"kid a number", kAccess, header("kid", 1), RefusalCode::header_malformed},
      {"kid empty", kAccess, header("kid", ""), RefusalCode::header_malformed},
      {"no kid, and two keys of the algorithm", kAccess,
       [](Spoilt& s) {
         s.header.erase("kid");
         static const TestKey second = make_key("ES256", "second");
         s.trust["issuers"][0]["keys"]["keys"].push_back(second.public_jwk);
       },
       RefusalCode::kid_missing},
      {"another key of the same kid", kAccess, nothing, RefusalCode::signature_wrong,
       [](Spoilt& s) {
         static const TestKey forger = make_key("ES256", "ES256");
         s.text = token_of(forger, s.header, s.claims);
       }},
      {"signature of another token", kAccess, nothing, RefusalCode::signature_wrong,
       [](Spoilt& s) {
         s.text = joined({parts(s.text)[0], parts(s.text)[1], parts(world().token(kObo))[2]});
       }},
      {"claims changed after signing", kAccess, nothing, RefusalCode::signature_wrong,
       [](Spoilt& s) {
         s.claims["client_id"] = "evil";
         s.text = joined({parts(s.text)[0], encode(s.claims.dump()), parts(s.text)[2]});
       }},
      {"no signature", kAccess, nothing, RefusalCode::signature_length,
       signature([](std::string) { return std::string(); })},
      {"ES256 signature in DER", kAccess, nothing, RefusalCode::signature_length,
       signature([](std::string) { return encode(std::string(70, '\x30')); })},
      {"ES256 signature of zeros", kAccess, nothing, RefusalCode::signature_wrong,
       signature([](std::string) { return encode(std::string(64, '\0')); })},
      {"ES256 signature of ones", kAccess, nothing, RefusalCode::signature_wrong,
       signature([](std::string) { return encode(std::string(64, '\xFF')); })},
      {"Ed25519 signature too long", kAccess,
       [](Spoilt& s) {
         s.header = World::header(kAccess, "EdDSA");
         s.key = "EdDSA";
       },
       RefusalCode::signature_length,
       signature([](std::string) { return encode(std::string(65, 'x')); })},
      {"RS256 signature with a byte less", kAccess,
       [](Spoilt& s) {
         s.header = World::header(kAccess, "RS256");
         s.key = "RS256";
       },
       RefusalCode::signature_length,
       signature([](std::string) { return encode(std::string(255, 'x')); })},
      {"RS256 signature above the modulus", kAccess,
       [](Spoilt& s) {
         s.header = World::header(kAccess, "RS256");
         s.key = "RS256";
       },
       RefusalCode::signature_wrong,
       signature([](std::string) { return encode(std::string(256, '\xFF')); })},
      {"PS256 header over an RS256 signature", kAccess,
       [](Spoilt& s) {
         s.header = World::header(kAccess, "PS256");
         s.key = "RS256";
       },
       RefusalCode::signature_wrong},
      {"JWT-SVID by EdDSA", kSvid,
       [](Spoilt& s) {
         s.header = World::header(kSvid, "EdDSA");
         s.key = "EdDSA";
       },
       RefusalCode::alg_not_for_kind},
  };
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

void run(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.name);
    Spoilt spoilt;
    spoilt.header = World::header(row.kind);
    spoilt.claims = world().claims(row.kind);
    row.spoil(spoilt);
    spoilt.text = token_of(world().key(spoilt.key), spoilt.header, spoilt.claims);
    if (row.raw) row.raw(spoilt);
    const auto result = present(World::read(spoilt.trust), {{row.kind, spoilt.text}}, spoilt.now);
    CHECK(code_of(result) == to_string(row.expected));
  }
}

}  // namespace

TEST_CASE("tokens of a wrong form") { run(form_rows()); }
TEST_CASE("tokens with a wrong header or signature") { run(header_rows()); }
TEST_CASE("tokens with wrong claims") { run(claim_rows()); }
TEST_CASE("tokens with wrong actors") { run(actor_rows()); }
TEST_CASE("tokens with wrong scopes") { run(scope_rows()); }

// The rows mean something only if what they spoil was good, for each kind and each algorithm.
TEST_CASE("the unspoilt tokens") {
  const Trust trust = world().trust();
  for (const TokenKind kind : {kAccess, kObo, kTxn, kSvid}) {
    for (const char* algorithm : {"EdDSA", "ES256", "RS256", "PS256"}) {
      INFO(to_string(kind) << " " << algorithm);
      const bool refused = kind == kSvid && std::string(algorithm) == "EdDSA";
      CHECK(code_of(present(trust, {{kind, world().token(kind, algorithm)}})) ==
            (refused ? "alg_not_for_kind" : "ok"));
    }
  }
}

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
