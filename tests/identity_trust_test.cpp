// The trust file: what is refused and how it is said, and reloading under load.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/identity/forge.h"

using namespace remit;
using namespace remit::test;

namespace {

struct Answer {
  std::string code, text;
};
Answer read(const Json& json) {
  const auto result = Trust::parse(json.dump());
  if (result.ok()) return {"ok", ""};
  return {to_string(result.error().code), result.error().text};
}
Answer read_text(const std::string& text) {
  const auto result = Trust::parse(text);
  if (result.ok()) return {"ok", ""};
  return {to_string(result.error().code), result.error().text};
}

std::filesystem::path folder() {
  static const std::filesystem::path path = [] {
    auto made = std::filesystem::temp_directory_path() /
                ("remit-trust-" + std::to_string(std::random_device()()));
    std::filesystem::create_directory(made);
    return made;
  }();
  return path;
}
std::string write(const char* name, const Json& json) {
  const auto path = folder() / name;
  std::ofstream(path) << json.dump();
  return path.string();
}

}  // namespace

TEST_CASE("a trust file that is not right says where and what") {
  using Change = std::function<void(Json&)>;
  const auto issuer = [](const char* name, const Json& value) -> Change {
    return [=](Json& j) { j["issuers"][0][name] = value; };
  };
  const auto gone = [](const char* name) -> Change {
    return [=](Json& j) { j["issuers"][0].erase(name); };
  };
  const std::vector<std::tuple<Change, const char*, const char*>> rows = {
      {[](Json&) {}, "ok", ""},
      {[](Json& j) { j["clock_skw"] = 5; }, "trust_malformed",
       "trust file: there is no `clock_skw` here; did you mean `clock_skew`?"},
      {[](Json& j) { j["clock_skew"] = 301; }, "trust_malformed",
       "`clock_skew` must be a whole number from 0 to 300"},
      {[](Json& j) { j["clock_skew"] = 1.5; }, "trust_malformed",
       "`clock_skew` must be a whole number"},
      {[](Json& j) { j["remember"] = 0; }, "trust_malformed",
       "`remember` must be a whole number from 1"},
      {[](Json& j) { j["issuers"] = Json::array(); }, "trust_malformed",
       "a list of 1 to 256 issuers"},
      {[](Json& j) { j.erase("issuers"); }, "trust_malformed", "`issuers` is missing"},
      {[](Json& j) { j["issuers"].push_back(j["issuers"][0]); }, "trust_malformed",
       "issuers[1]: this issuer has an entry already"},
      {[](Json& j) { j["issuers"][0] = "x"; }, "trust_malformed",
       "issuers[0]: an object is needed"},
      {issuer("audience", "x"), "trust_malformed",
       "issuers[0]: there is no `audience` here; did you mean `audiences`?"},
      {issuer("unheard_of_at_all", "x"), "trust_malformed", "there is no `unheard_of_at_all` here"},
      {issuer("issuer", ""), "trust_malformed", "`issuer` must be a text of one line"},
      {issuer("issuer", 5), "trust_malformed", "`issuer` must be a text of one line"},
      {gone("issuer"), "trust_malformed", "`issuer` is missing"},
      {issuer("kinds", Json::object()), "trust_malformed", "at least one kind"},
      {issuer("kinds", {{"jwt_svd", Json::object()}}), "trust_malformed",
       "did you mean `jwt_svid`?"},
      {issuer("kinds", {{"jwt_svid", true}}), "trust_malformed",
       "issuers[0].kinds.jwt_svid: an object is needed"},
      {issuer("kinds", {{"workload_proof", Json::object()}}), "trust_malformed",
       "`workload_proof` needs `workload`"},
      {issuer("kinds", {{"access_token", {{"max_lifetime", 86401}}}}), "trust_malformed",
       "`max_lifetime` must be a whole number from 1 to 86400"},
      {issuer("kinds", {{"transaction", {{"max_lifetime", 3601}}}}), "trust_malformed",
       "from 1 to 3600"},
      {issuer("kinds", {{"access_token", {{"single_use", "yes"}}}}), "trust_malformed",
       "`single_use` must be true or false"},
      {issuer("kinds", {{"workload", {{"single_use", true}}}}), "trust_malformed",
       "there is no `single_use` here"},
      {issuer("kinds", {{"access_token", {{"typ", "JWT"}}}}), "trust_malformed",
       "there is no `typ` here"},
      {issuer("kinds", {{"on_behalf_of", {{"typ", "AT+jwt"}}}}), "trust_malformed",
       "`typ` at+jwt belongs to another kind"},
      {issuer("algorithms", Json::array()), "trust_malformed",
       "`algorithms` must be a list of at least one text"},
      {issuer("algorithms", {"none"}), "alg_none", "issuers[0]"},
      {issuer("algorithms", {"HS256"}), "alg_symmetric", "issuers[0]"},
      {issuer("algorithms", {"RS512"}), "alg_unknown", "issuers[0]"},
      {gone("audiences"), "trust_malformed", "`audiences` is missing"},
      {gone("users"), "trust_malformed", "`users` is missing"},
      {gone("agents"), "trust_malformed", "`agents` is missing"},
      {gone("trust_domain"), "trust_malformed", "`trust_domain` is missing"},
      {issuer("trust_domain", "acme example"), "identifier_character", "issuers[0]"},
      {gone("replacement"), "trust_malformed", "`replacement` is missing"},
      {issuer("replacement", "guess"), "trust_malformed", "`replacement` is `keeps` or `nests`"},
      {gone("keys"), "trust_malformed", "either `keys` or `keys_file` is needed"},
      {issuer("keys_file", "x.json"), "trust_malformed", "either `keys` or `keys_file` is needed"},
      {issuer("keys", {{"keys", {world().key().private_jwk}}}), "key_unexpected_private",
       "issuers[0]"},
      {issuer("keys", {{"keys", "x"}}), "key_set_malformed", "issuers[0]"},
      {issuer("scopes", {{"a", 5}}), "trust_malformed", "each OAuth scope must have a text"},
      {issuer("scopes", "a"), "trust_malformed", "issuers[0].scopes: an object is needed"},
  };
  for (const auto& [change, code, text] : rows) {
    Json json = world().trust_json();
    change(json);
    const Answer answer = read(json);
    INFO(text);
    CHECK(answer.code == code);
    CHECK_THAT(answer.text, Catch::Contains(text));
  }
}

TEST_CASE("text that is no JSON says where, and does not quote it") {
  const Answer answer = read_text("{\"clock_skew\": 5,\n  \"issuers\": hunter2 }");
  CHECK(answer.code == "json_malformed");
  CHECK_THAT(answer.text, Catch::Contains("line 2, column"));
  CHECK_THAT(answer.text, !Catch::Contains("hunter"));
  CHECK(read_text("{\"issuers\": [], \"issuers\": []}").code == "json_duplicate_name");
  CHECK(read_text(std::string(100, '[')).code == "json_too_deep");
  CHECK(read_text("").code == "json_malformed");
}

TEST_CASE("an RSA key without alg has the issuer's only RSA algorithm") {
  Json json = world().trust_json();
  Json rsa = world().key("PS256").public_jwk;
  rsa.erase("alg");
  json["issuers"][0]["keys"] = {{"keys", {rsa}}};
  CHECK(read(json).code == "key_alg_missing");
  json["issuers"][0]["algorithms"] = {"PS256"};
  CHECK(read(json).code == "ok");
  CHECK(code_of(present(
            World::read(json),
            {{TokenKind::access_token, world().token(TokenKind::access_token, "PS256")}})) == "ok");
}

TEST_CASE("keys in a file beside the trust file") {
  Json json = world().trust_json();
  const Json keys = json["issuers"][0]["keys"];
  json["issuers"][0].erase("keys");
  json["issuers"][0]["keys_file"] = "as.jwks.json";
  const std::string file = write("trust.json", json);
  CHECK(read(json).code == "trust_malformed");  // no folder to look in
  CHECK(Trust::load(file).error().code == RefusalCode::trust_unreadable);
  write("as.jwks.json", keys);
  const auto trust = Trust::load(file);
  REQUIRE(trust.ok());
  CHECK(code_of(present(trust.value(), {{TokenKind::access_token,
                                         world().token(TokenKind::access_token)}})) == "ok");
  CHECK(Trust::load((folder() / "nowhere.json").string()).error().code ==
        RefusalCode::trust_unreadable);
  CHECK(Trust::load(folder().string()).error().code == RefusalCode::trust_unreadable);
}

TEST_CASE("a reload is whole or nothing, and used tokens stay used") {
  Trust trust = world().trust();
  const std::string workload = world().token(TokenKind::workload);
  const std::string proof = world().proof(world().proof_claims(workload));
  const auto show = [&] {
    return code_of(
        present(trust, {{TokenKind::workload, workload}, {TokenKind::workload_proof, proof}}));
  };
  CHECK(show() == "ok");
  Json other = world().trust_json();
  other["issuers"][0]["issuer"] = "https://other.example";
  CHECK(trust.reload("{}")->code == RefusalCode::trust_malformed);
  CHECK(show() == "replayed");
  CHECK_FALSE(trust.reload(other.dump()).has_value());
  CHECK(show() == "issuer_unknown");
  CHECK_FALSE(trust.reload_file(write("again.json", world().trust_json())).has_value());
  CHECK(show() == "replayed");
  CHECK(trust.reload_file((folder() / "nowhere.json").string())->code ==
        RefusalCode::trust_unreadable);
  // Keys from the host.
  const TestKey rotated = make_key("ES256", "rotated");
  CHECK(trust.replace_keys("https://nobody.example", Json{{"keys", {rotated.public_jwk}}}.dump())
            ->code == RefusalCode::issuer_unknown);
  CHECK(trust.replace_keys(kIssuer, "{\"keys\":[]}")->code == RefusalCode::key_set_malformed);
  CHECK_FALSE(trust.replace_keys(kIssuer, Json{{"keys", {rotated.public_jwk}}}.dump()).has_value());
  const auto access = [&](const TestKey& key, const char* kid) {
    Json header = World::header(TokenKind::access_token);
    header["kid"] = kid;
    return code_of(
        present(trust, {{TokenKind::access_token,
                         token_of(key, header, world().claims(TokenKind::access_token))}}));
  };
  CHECK(access(world().key(), "ES256") == "kid_unknown");
  CHECK(access(rotated, "rotated") == "ok");
}

TEST_CASE("verification goes on while the file is reloaded") {
  Trust trust = world().trust();
  Json closed = world().trust_json();
  closed["issuers"][0]["issuer"] = "https://other.example";
  const std::string open_text = world().trust_json().dump(), closed_text = closed.dump();
  const std::string token = world().token(TokenKind::access_token);
  std::atomic<bool> stop{false};
  std::atomic<int> accepted{0}, other{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        const std::string code = code_of(present(trust, {{TokenKind::access_token, token}}));
        if (code == "ok")
          ++accepted;
        else if (code != "issuer_unknown")
          ++other;
      }
    });
  }
  for (int i = 0; i < 60; ++i)
    REQUIRE_FALSE(trust.reload(i % 2 == 0 ? closed_text : open_text).has_value());
  while (accepted == 0) std::this_thread::yield();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(accepted > 0);
  CHECK(other == 0);
}
