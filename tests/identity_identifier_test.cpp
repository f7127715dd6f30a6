// Identifiers: the grammar of each form, what is the same principal, and that whatever is accepted
// is its own canonical form (generated, over the characters that matter).
#include <catch2/catch.hpp>
#include <random>

#include <remit/identifier.h>

#include "engine/session/identifier.h"

using namespace remit;

namespace {

std::string code(std::string_view text) {
  const auto result = parse_identifier(text);
  return result.ok() ? to_string(result->kind) : to_string(result.error().code);
}

std::string canonical(std::string_view text) {
  const auto result = parse_identifier(text);
  return result.ok() ? result->text : "refused";
}

}  // namespace

TEST_CASE("what is an identifier, and what is not") {
  const std::string long_path = "spiffe://a/" + std::string(2048 - 11, 'x');
  const std::vector<std::pair<std::string, const char*>> rows = {
      {"spiffe://acme.example/agent/tickets", "spiffe"},
      {"spiffe://acme.example", "spiffe"},
      {"spiffe://a_b-c.1/x._-Z9", "spiffe"},
      {long_path, "spiffe"},
      {long_path + "x", "identifier_too_long"},
      {"spiffe:/acme.example/a", "identifier_authority"},
      {"spiffe:acme.example/a", "identifier_authority"},
      {"spiffe:///a", "identifier_authority"},
      {"spiffe://", "identifier_authority"},
      {"spiffe://acme.example/", "identifier_empty_segment"},
      {"spiffe://acme.example/a/", "identifier_empty_segment"},
      {"spiffe://acme.example//a", "identifier_empty_segment"},
      {"spiffe://acme.example/./a", "identifier_dot_segment"},
      {"spiffe://acme.example/a/..", "identifier_dot_segment"},
      {"spiffe://acme.example/...", "spiffe"},
      {"spiffe://acme.example/a%2Fb", "identifier_character"},
      {"spiffe://acme.example/a b", "identifier_character"},
      {"spiffe://acme.example/a\tb", "identifier_character"},
      {"spiffe://acme.example/\xC3\xA4", "identifier_character"},
      {"spiffe://acme.example/a~b", "identifier_character"},
      {"spiffe://acme.example/a?x=1", "identifier_query"},
      {"spiffe://acme.example?x", "identifier_query"},
      {"spiffe://acme.example/a#x", "identifier_fragment"},
      {"spiffe://acme.example:8080/a", "identifier_port"},
      {"spiffe://acme.example:/a", "identifier_port"},
      {"spiffe://mike@acme.example/a", "identifier_userinfo"},
      {"spiffe://acme%2Eexample/a", "identifier_trust_domain"},
      {"spiffe://acme~example/a", "identifier_trust_domain"},
      {"spiffe://" + std::string(255, 'a') + "/a", "spiffe"},
      {"spiffe://" + std::string(256, 'a') + "/a", "identifier_trust_domain"},
      {"SPIFFE://ACME.example/a", "spiffe"},
      {"wimse://acme.example/agent:1,2;v=(3)@home", "wimse"},
      {"wimse://acme.example/a%41", "identifier_character"},
      {"wimse://acme.example/a/../b", "identifier_dot_segment"},
      {"wimse://acme.example:443/a", "identifier_port"},
      {"wimse://acme.example/a?b", "identifier_query"},
      {"https://acme.example/agents/7?x=%2F", "uri"},
      {"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "uri"},
      {"https://acme.example/agents#7", "identifier_fragment"},
      {"https://acme.example/%zz", "identifier_character"},
      {"https://acme.example/%2", "identifier_character"},
      {":no-scheme", "identifier_character"},
      {"1a:b", "identifier_character"},
      {"a_b:c", "identifier_character"},
      {"urn:", "identifier_character"},
      {"mike@acme.example", "email"},
      {"mike+tickets@acme.example", "email"},
      {"mike@localhost", "email"},
      {"@acme.example", "identifier_email"},
      {"mike@", "identifier_email"},
      {"mike@@acme.example", "identifier_email"},
      {"mike@acme..example", "identifier_email"},
      {".mike@acme.example", "identifier_email"},
      {"mike.@acme.example", "identifier_email"},
      {"mi..ke@acme.example", "identifier_email"},
      {"mike@acme_example", "identifier_email"},
      {std::string(65, 'm') + "@acme.example", "identifier_email"},
      {"\"mike\"@acme.example", "identifier_character"},
      {"mike", "name"},
      {"auth0|5f7c8ec7c33c6c004bbafe82", "name"},
      {std::string(255, 'n'), "name"},
      {std::string(256, 'n'), "identifier_too_long"},
      {"", "identifier_empty"},
      {"mike smith", "identifier_character"},
      {std::string("mike\0", 5), "identifier_character"},
      {"mike\x7F", "identifier_character"},
      {"m\xC4\xB1ke", "identifier_character"},
      {"a\\b", "identifier_character"},
  };
  for (const auto& [text, expected] : rows) {
    INFO(text.substr(0, 60));
    CHECK(code(text) == expected);
  }
}

TEST_CASE("scheme and trust domain without case, all else byte for byte") {
  CHECK(canonical("SPIFFE://ACME.Example/Agent/A") == "spiffe://acme.example/Agent/A");
  CHECK(canonical("Wimse://ACME.Example/Agent") == "wimse://acme.example/Agent");
  CHECK(canonical("HTTPS://ACME.example/A") == "HTTPS://ACME.example/A");
  CHECK(canonical("Mike@Acme.Example") == "Mike@Acme.Example");
}

TEST_CASE("the language's patterns match canonical identifiers") {
  const std::string agent = canonical("SPIFFE://Acme.example/agent/tickets");
  CHECK(matches_identifier("spiffe://acme.example/agent/*", agent));
  CHECK(matches_identifier("spiffe://acme.example/**", agent));
  CHECK_FALSE(matches_identifier("spiffe://acme.example/*", agent));
  CHECK_FALSE(matches_identifier("spiffe://acme.example/agent/Tickets", agent));
  CHECK_FALSE(matches_identifier("spiffe://evil.example/**", agent));
  CHECK(matches_identifier("*@acme.example", canonical("mike@acme.example")));
  // However the pattern or the host writes scheme and trust domain; the path byte for byte.
  CHECK(matches_identifier("SPIFFE://ACME.example/agent/*", agent));
  CHECK(matches_identifier("spiffe://acme.example/agent/*", "Spiffe://Acme.Example/agent/tickets"));
  CHECK(matches_identifier("spiffe://*.EXAMPLE/agent/*", agent));
  CHECK(matches_identifier("**/agent/tickets", "SPIFFE://ACME.EXAMPLE/agent/tickets"));
  CHECK_FALSE(matches_identifier("spiffe://acme.example/AGENT/*", agent));
  CHECK_FALSE(matches_identifier("HTTPS://acme.example/a", "https://acme.example/a"));
  CHECK_FALSE(matches_identifier("*@ACME.example", "mike@acme.example"));
}

// Whatever is accepted: is bounded, visible ASCII, parses to itself, and has the parts that it
// says.
TEST_CASE("accepted identifiers are their own canonical form") {
  std::mt19937 random(4);
  const std::vector<std::string> pieces = {
      "spiffe", "SPIFFE", "wimse", "://", ":", "//",       "/", "acme.example", "A", "..", ".", "@",
      "%2e",    "?",      "#",     "*",   " ", "\xC3\xA4", "~", "mike",         "-", "_",  "8"};
  std::size_t accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text = random() % 2 == 0 ? "spiffe://" : "";
    for (unsigned i = random() % 8; i > 0; --i) text += pieces[random() % pieces.size()];
    const auto first = parse_identifier(text);
    if (!first.ok()) continue;
    ++accepted;
    const auto second = parse_identifier(first->text);
    REQUIRE(second.ok());
    REQUIRE(second->text == first->text);
    REQUIRE(second->kind == first->kind);
    REQUIRE(first->text.size() == text.size());
    if (first->is_workload()) {
      REQUIRE(first->text ==
              std::string(to_string(first->kind)) + "://" + first->trust_domain + first->path);
      REQUIRE((first->path + "/").find("/../") == std::string::npos);
      REQUIRE(first->text.find_first_of("?#%") == std::string::npos);
    }
  }
  CHECK(accepted > 10'000);
}
