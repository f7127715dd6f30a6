// Decisions in words: pinned, because people read them.
#include <algorithm>

#include "engine/image/unicode.h"
#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

// What explain adds for a denied request, behind the last "; " that begins it.
std::string why(Session& session, const Request& request) {
  const Decision decision = session.check(request, after(0));
  REQUIRE(decision.effect == Effect::deny);
  return session.explain(request, decision);
}

bool ends_with(const std::string& text, const std::string& end) { return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0; }

}  // namespace

TEST_CASE("a deny for lack of a rule names the nearest one and what of it failed") {
  struct Case {
    const char* rule;
    std::vector<Attribute> attributes;
    const char* words;
  };
  const std::vector<Value> tags{"b", "c"};
  const Case cases[] = {
      {"read lab:/a when size <= 5MB", {{"size", bytes(12'000'000)}}, "would have allowed this for size up to 5MB; size was 12MB"},
      {"read lab:/a when size < 5MiB", {{"size", bytes(12'345'678)}}, "would have allowed this for size under 5MiB; size was 12345678B"},
      {"read lab:/a when size <= 5MB", {{"size", 12}}, "would have allowed this for size up to 5MB; size was given as int, declared size"},
      {"read lab:/a when size <= 5MB", {}, "would have allowed this for size up to 5MB; size was not given"},
      {"ask read lab:/a when n > 5", {{"n", 5}}, "would have asked for this for n over 5; n was 5"},
      {"read lab:/a unless n == 5", {{"n", 5}}, "would have allowed this for n other than 5; n was 5"},
      {"read lab:/a when region in [\"eu\", \"us\"]", {{"region", "cn"}}, "would have allowed this for region in [\"eu\", \"us\"]; region was \"cn\""},
      {"read lab:/a when region like \"eu*\" or n == 1", {{"region", "cn"}, {"n", 2}}, "would have allowed this for region like \"eu*\" or n 1; n was 2; region was \"cn\""},
      {"read lab:/a when n == 1 and flag", {{"n", 1}, {"flag", false}}, "would have allowed this for flag; flag was false"},
      {"read lab:/a when has region", {}, "would have allowed this for requests with region"},
      {"read lab:/a when \"a\" in labels", {{"labels", std::span<const Value>(tags)}}, "would have allowed this for labels that has \"a\"; labels was [\"b\", \"c\"]"},
      {"read lab:/a when took >= 1h30m", {{"took", std::chrono::minutes(61)}}, "would have allowed this for took of at least 1h30m; took was 1h1m"},
      {"read lab:/a when due < 2026-12-01T09:00Z", {{"due", time_from_micros(1'796'115'600'250'000)}},
       "would have allowed this for due under 2026-12-01T09:00:00Z; due was 2026-12-01T09:00:00.250000Z"},
      {"read lab:/a except lab:/a/b", {}, "would have allowed this for resources outside its `except`"},
      {"list lab:/a", {}, "permits other actions on this, not `read`: list lab:/a"},
      {"read lab:/a/c; list lab:/z", {}, "the nearest rule for `read` is line 4 of <text>: read lab:/a/c"},
      {"list lab:/z", {}, "no rule is about `read` in lab"},
  };
  for (const Case& each : cases) {
    Session session = open(std::string("expires 1h\nlist lab:/q\n") + each.rule);
    const std::string text = why(session, {"read", "lab:/a/b", each.attributes});
    INFO(text);
    CHECK(ends_with(text, each.words));
  }
}

TEST_CASE("limits, layers, reasons and faults in words") {
  Session session = open(layers_of(scope("expires 1h\nread lab:/ at most 1 times per 10m because \"enough\"\nany lab:/w"), {guardrail("allow any anything\ndeny create anything because \"frozen\"")}));
  CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
  CHECK(why(session, {"read", "lab:/a"}) == "deny read lab:/a: a limit has no room for it (scope, <text>:3): enough; 1 of 1 times used within the last 10m");
  CHECK(why(session, {"create", "lab:/w"}) == "deny create lab:/w: a deny rule matches (guardrail g, <text>:4): frozen");
  CHECK(why(session, {"read", "lab:/../a"}).find("the resource is refused because") != std::string::npos);
}

TEST_CASE("what a request holds cannot act on a terminal or break a line of a log") {
  Session session = open("expires 1h\nread docs:/a");
  for (const std::string& text : {std::string("\x1b[2J"), std::string("a\nallow"), std::string("\0b", 2), std::string("\xff\xc3"), std::string("\xe2\x80\xae" "deny")}) {
    for (const bool in_action : {true, false}) {
      const std::string action = in_action ? text : "read", resource = in_action ? "docs:/a" : "docs:/" + text;
      const Request request(action, resource);
      const std::string words = session.explain(request, session.check(request, after(0)));
      INFO(words);
      CHECK(detail::valid_utf8_prefix(words) == words.size());
      CHECK(std::none_of(words.begin(), words.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
      CHECK(words.find("\xe2\x80\xae") == std::string::npos);
      CHECK(words.find("\\x") != std::string::npos);
    }
  }
}
