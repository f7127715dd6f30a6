// Identifier patterns, against a plain recursive matcher: all small patterns on all small identifiers.
#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "engine/session/identifier.h"
#include "tests/processor_time.h"

namespace remit {
namespace {

// Within a segment.
bool segment_matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') return segment_matches(pattern.substr(1), text) || (!text.empty() && segment_matches(pattern, text.substr(1)));
  return !text.empty() && text[0] == pattern[0] && segment_matches(pattern.substr(1), text.substr(1));
}

std::vector<std::string> cut(std::string_view text) {
  std::vector<std::string> segments(1);
  for (const char c : text) c == '/' ? (void)segments.emplace_back() : segments.back().push_back(c);
  return segments;
}

bool segments_match(const std::vector<std::string>& pattern, std::size_t p, const std::vector<std::string>& text, std::size_t t) {
  if (p == pattern.size()) return t == text.size();
  if (pattern[p] == "**") return segments_match(pattern, p + 1, text, t) || (t < text.size() && segments_match(pattern, p, text, t + 1));
  if (t == text.size() || (pattern[p] == "*" && text[t].empty())) return false;
  return segment_matches(pattern[p], text[t]) && segments_match(pattern, p + 1, text, t + 1);
}

std::vector<std::string> all_of(std::string_view alphabet, std::size_t longest) {
  std::vector<std::string> result{""};
  for (std::size_t begin = 0, length = 1; length <= longest; ++length) {
    const std::size_t end = result.size();
    for (; begin < end; ++begin) {
      for (const char c : alphabet) result.push_back(result[begin] + c);
    }
  }
  return result;
}

TEST_CASE("case is kept where the scheme only looks like a workload's") {
  CHECK(matches_identifier("spiffe://acme/a", "SPIFFE://ACME/a"));
  for (const char* const other : {"xpiffe://ACME/a", "yimse://ACME/a", "spiffe:/ACME/a", "ssh://ACME/a"}) {
    std::string pattern = other;
    pattern.replace(pattern.find("ACME"), 4, "acme");
    INFO(other);
    CHECK_FALSE(matches_identifier(pattern, other));
  }
}

TEST_CASE("every small pattern on every small identifier") {
  const auto patterns = all_of("ab/*", 6);
  const auto identifiers = all_of("ab/", 5);
  std::size_t wrong = 0, matched = 0;
  for (const std::string& pattern : patterns) {
    const auto cut_pattern = cut(pattern);
    for (const std::string& identifier : identifiers) {
      const bool expected = segments_match(cut_pattern, 0, cut(identifier), 0);
      matched += expected;
      if (matches_identifier(pattern, identifier) == expected) continue;
      if (++wrong < 5) UNSCOPED_INFO("`" << pattern << "` on `" << identifier << "`");
    }
  }
  CHECK(wrong == 0);
  CHECK(matched > 1000);
}

TEST_CASE("identifiers as they are") {
  CHECK(matches_identifier("spiffe://acme.example/agent/*", "spiffe://acme.example/agent/summarizer"));
  CHECK_FALSE(matches_identifier("spiffe://acme.example/agent/*", "spiffe://acme.example/agent/a/b"));
  CHECK(matches_identifier("spiffe://acme.example/**", "spiffe://acme.example/agent/a/b"));
  CHECK_FALSE(matches_identifier("spiffe://acme.example/**", "spiffe://acme.example.evil/agent"));
  CHECK_FALSE(matches_identifier("*@acme.example", "eve@evil.example/x@acme.example"));
}

TEST_CASE("of a workload's id, scheme and trust domain are without case, and nothing else is") {
  for (const std::string scheme : {"spiffe", "SPIFFE", "Wimse"}) {
    const std::string pattern = (scheme == "Wimse" ? "wimse" : "spiffe") + std::string("://acme.zone/agent/a");
    CHECK(matches_identifier(pattern, scheme + "://Acme.ZONE/agent/a"));
    CHECK(matches_identifier(pattern, scheme + "://acme.zone/agent/a"));
    CHECK_FALSE(matches_identifier(pattern, scheme + "://acme.zone/Agent/a"));
    CHECK_FALSE(matches_identifier(pattern, scheme + "://acme.zone/agent/A"));
    CHECK_FALSE(matches_identifier(pattern, scheme + "://acme.zon/agent/a"));
  }
  for (const char* const other : {"spiffe:/Acme/a", "spiffe:x/Acme/a", "wimsex://Acme/a", "xspiffe://Acme/a", "urn://Acme/a", "Acme@zone"}) {
    std::string pattern(other);
    pattern.replace(pattern.find('A'), 1, "a");
    CHECK(matches_identifier(other, other));
    CHECK_FALSE(matches_identifier(pattern, other));
  }
  // What stands beside the letters is no letter.
  for (const auto& [mark, other] : {std::pair("@", "`"), std::pair("[", "{")}) {
    CHECK_FALSE(matches_identifier(std::string("spiffe://a") + other + "/x", std::string("spiffe://a") + mark + "/x"));
  }
}

TEST_CASE("hostile patterns do not take exponential time") {
  std::string pattern, identifier;
  for (int i = 0; i < 500; ++i) pattern += "**/a*a*a*b/", identifier += "aaaaaaaaaa/";
  const double start = remit::test::processor_seconds();
  CHECK_FALSE(matches_identifier(pattern, identifier));
  CHECK(remit::test::processor_seconds() - start < 1);  // it takes microseconds
}

}  // namespace
}  // namespace remit
