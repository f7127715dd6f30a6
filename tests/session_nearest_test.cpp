// Which rule came nearest, where there are several to choose from, where there is none, and where the
// decision is not one of this session's.
#include <catch2/catch.hpp>

#include <string>

#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

std::string nearest(Session& session, const Request& request) {
  const Decision decision = session.check(request, after(0));
  REQUIRE(decision.reason == Reason::no_matching_rule);
  return session.nearest(request, decision, after(0));
}

}  // namespace

TEST_CASE("the rule with most of the path in common, and of equals the first") {
  Session session = open("expires 1h\nread lab:/z\nread lab:/a/q\nread lab:/a/b/x\nread lab:/a/b/y\nlist lab:/a/b/c\ndeny read lab:/a/b/c/d\nread lab:elsewhere\nread lab:/a/b/cd/e");
  CHECK(nearest(session, {"read", "lab:/a/b/c"}) == "line 7 of <text> permits other actions on this, not `read`: list lab:/a/b/c");
  CHECK(nearest(session, {"create", "lab:/a/b/c"}) == "line 7 of <text> permits other actions on this, not `create`: list lab:/a/b/c");
  CHECK(nearest(session, {"read", "lab:/a/b/z"}) == "the nearest rule for `read` is line 5 of <text>: read lab:/a/b/x");
  CHECK(nearest(session, {"read", "lab:/a/b"}) == "the nearest rule for `read` is line 5 of <text>: read lab:/a/b/x");
  CHECK(nearest(session, {"read", "lab:/a"}) == "the nearest rule for `read` is line 4 of <text>: read lab:/a/q");
  CHECK(nearest(session, {"read", "lab:/q/b"}) == "the nearest rule for `read` is line 3 of <text>: read lab:/z");
  CHECK(nearest(session, {"update", "lab:/q"}) == "no rule is about `update` in lab");
}

TEST_CASE("no rule of another system or of other actions is near") {
  std::string actions, text = "expires 1h\nsystem big { ";
  for (int i = 0; i < 70; ++i) text += "action a" + std::to_string(i) + "; ";
  Session session = open(layers_of(compile_or_die(text + "}\nsystem far { action a1 }\na1 big:/x\na69 big:/y\na1 far:/x/z\n")));
  CHECK(nearest(session, {"a69", "big:/x"}) == "the nearest rule for `a69` is line 5 of <text>: a69 big:/y");
  CHECK(nearest(session, {"a1", "big:/y"}) == "the nearest rule for `a1` is line 4 of <text>: a1 big:/x");
  CHECK(nearest(session, {"a2", "big:/z"}) == "no rule is about `a2` in big");
}

TEST_CASE("a rule of another system is not near, however few there are, and a deny permits nothing") {
  Session session = open(layers_of(compile_or_die("expires 1h\nsystem here { action read, list, fly }\nsystem far { action read, list, fly; attribute n: int }\nlist here:/\nfly far:/x\n"
                                                  "read far:/\ndeny list far:/y when n > 5\n")));
  CHECK(nearest(session, {"fly", "here:/z/1"}) == "line 4 of <text> permits other actions on this, not `fly`: list here:/");
  CHECK(nearest(session, {"fly", "far:/q"}) == "line 6 of <text> permits other actions on this, not `fly`: read far:/");
  CHECK(nearest(session, {"list", "far:/y", {{"n", 1}}}) == "line 6 of <text> permits other actions on this, not `list`: read far:/");
  Session bare = open(layers_of(compile_or_die("expires 1h\nsystem here { action read, fly }\nsystem far { action read, fly }\nfly far:/x\n")));
  CHECK(nearest(bare, {"fly", "here:/z"}) == "no rule is about `fly` in here");
}

TEST_CASE("a guardrail that only speaks of anything names its rule, or nothing") {
  Session session = open(layers_of(scope("expires 1h\nany lab:/"), {compile_or_die("guardrail g\nsystem lab { action read, list; attribute n: int }\nsystem other { action read }\nallow read anything when n > 5\nread other:/")}));
  const std::string text = nearest(session, {"read", "lab:/a", {{"n", 3}}});
  CHECK(text.find("would have allowed this for n over 5; n was 3") != std::string::npos);
  // Of a system that the guardrail does not know.
  Session stranger = open(layers_of(scope("expires 1h\nany lab:/"), {compile_or_die("guardrail g\nsystem other { action read; attribute n: int }\nallow read anything when n > 5\n")}));
  CHECK(nearest(stranger, {"read", "lab:/a", {{"n", 3}}}).find("would have allowed this for n over 5") != std::string::npos);
  CHECK(nearest(stranger, {"list", "lab:/a"}) == "");
}

TEST_CASE("of a decision that is not this session's nothing is told") {
  Session session = open("expires 1h\nread lab:/a\nread lab:/b when n == 1");
  Decision decision = session.check({"list", "lab:/a"}, after(0));
  REQUIRE(decision.reason == Reason::no_matching_rule);
  const auto words = [&](const Request& request) { return session.nearest(request, decision, after(0)); };
  CHECK(words({"list", "lab:/../a"}) == "");
  CHECK(words({"fly", "lab:/a"}) == "");
  CHECK(words({"list", "moon:/a"}) == "");
  // What would have been allowed after all has no condition that failed: the rule itself is named.
  CHECK(words({"read", "lab:/b", {{"n", 1}}}) == "line 4 of <text> permits other actions on this, not `read`: read lab:/b when n == 1");
  CHECK(words({"read", "lab:/a"}) == "line 3 of <text> permits other actions on this, not `read`: read lab:/a");
  decision.layer = 7;
  CHECK(words({"list", "lab:/a"}) == "");
  CHECK(session.explain({"list", "lab:/a"}, decision) == "deny list lab:/a: no rule permits it");
  decision.reason = Reason::expired;
  CHECK(words({"list", "lab:/a"}) == "");
}

TEST_CASE("the limit that had no room is told among several, with its unit and its window") {
  Session session = open("expires 1h\nread lab:/\nlimit read lab:/ to 100 times\nlimit read lab:/ to 3MB of size\nlimit list lab:/ to 2 times per 10m\nlist lab:/");
  CHECK(check(session, {"read", "lab:/a", {{"size", bytes(2'000'000)}}}) == "allowed_by_rule");
  const std::vector<Attribute> attributes{{"size", bytes(2'000'000)}};
  const Request request("read", "lab:/a", attributes);
  Decision decision = session.check(request, after(0));
  CHECK(session.explain(request, decision) == "deny read lab:/a: a limit has no room for it (scope, <text>:5); 2MB of 3MB of size used");
  decision.rule = kNoRule;
  CHECK(session.explain(request, decision).find("used") == std::string::npos);
  decision.rule = 2;
  decision.layer = kNoLayer;
  CHECK(session.explain(request, decision) == "deny read lab:/a: a limit has no room for it");
}
