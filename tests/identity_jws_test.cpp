// Every rule of a token's form, header and signature (RFC 7515, 7518, 7519, 8037 and 8725), one row
// each.
#include "tests/identity/rows.h"

using namespace remit;
using namespace remit::test;

namespace {

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

}  // namespace

TEST_CASE("tokens of a wrong form") { run(form_rows()); }
TEST_CASE("tokens with a wrong header or signature") { run(header_rows()); }

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
