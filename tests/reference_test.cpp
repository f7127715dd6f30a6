// The reference evaluator against the conformance cases that need no memory, and against what
// language.md says in so many words. It judges the vm, so it is judged first.
#include <catch2/catch.hpp>

#include <cstdio>
#include <initializer_list>

#include "tests/reference/canonical.h"
#include "tests/reference/cases.h"
#include "tests/reference/checked.h"
#include "tests/reference/match.h"
#include "tests/reference/reference.h"

#ifndef REMIT_CONFORMANCE_DIR
#define REMIT_CONFORMANCE_DIR "../shared/conformance"
#endif

namespace {

using namespace remit;
using reference::Checked;
using reference::Outcome;

constexpr std::int64_t kHour = 3'600'000'000;
constexpr const char* kLab =
    "system lab { action read, list; action write { create, update }; attribute size: size; "
    "attribute n: int; attribute region: string; attribute labels: list of string; attribute flag: "
    "bool }\n";

// Plays the cases of one file.
void play_file(const std::string& name) {
  const std::string path = reference::conformance_folder(REMIT_CONFORMANCE_DIR) + "/" + name;
  std::size_t played = 0;
  for (const reference::Case& one : reference::read_cases(path)) {
    for (const std::string& difference : reference::play(one, played)) {
      UNSCOPED_INFO(difference);
      CHECK(difference.empty());
    }
  }
  if (played == 0) std::printf("note: no conformance cases at %s, skipped\n", path.c_str());
}

// Decides by documents over the system `lab`, opened at time zero: the task scope, then other
// layers.
class World {
 public:
  explicit World(std::initializer_list<std::string> texts) {
    for (const std::string& text : texts) {
      documents_.push_back(reference::check_text(text));
      INFO(text);
      INFO(documents_.back().diagnostics.render());
      REQUIRE(documents_.back().complete());
    }
    for (const Checked& document : documents_) layers_.push_back({&document.document});
  }
  Outcome decide(const Request& request, std::int64_t now = 0, const Facts& facts = {}) const {
    return reference::decide(layers_, request, facts, time_from_micros(now));
  }
  std::vector<Outcome> verdicts(const Request& request) const {
    return reference::verdicts(layers_, request, {}, time_from_micros(0));
  }

 private:
  std::vector<Checked> documents_;
  std::vector<reference::Layer> layers_;
};

World lab(const std::string& rules) { return World({kLab + ("expires 2h\n" + rules)}); }

bool canonical(std::string_view text) {
  reference::Asked asked;
  return reference::read_resource(text, asked);
}

}  // namespace

TEST_CASE("the reference agrees with the conformance cases") {
  play_file("decisions.jsonl");
  play_file("valid.jsonl");
}

TEST_CASE("a requested resource must be canonical") {
  for (const char* text : {"docs:/", "docs:/a", "docs:/a/", "docs:a", "mail:bob@acme.example",
                           "a+b-9:/x", "docs:/a b", "docs:/*", "docs:/?", "docs:/%zz", "docs:/100%",
                           "docs:/%20", "docs:/...", "docs:/é", "docs:/a:b"}) {
    INFO(text);
    CHECK(canonical(text));
  }
  for (const char* text : {"",
                           "docs",
                           ":/a",
                           "docs:",
                           "docs://",
                           "docs:/a//",
                           "docs:/a//b",
                           "docs:/.",
                           "docs:/a/..",
                           "docs:/./a",
                           "Docs:/a",
                           "9docs:/a",
                           "d_s:/a",
                           "docs:/a\\b",
                           "docs:/%2e",
                           "docs:/%2F",
                           "docs:/%68",
                           "docs:/%5c",
                           "docs:/%25",
                           "docs:/%7f",
                           "docs:/%0a",
                           "docs:/e\xcc\x81",
                           "docs:/\xff",
                           "docs:/\xed\xa0\x80",
                           "docs:/\xe2\x80\xae",
                           "docs:/\xe2\x80\xa8",
                           "docs:/a\tb",
                           "docs:/\xc2\x85"}) {
    INFO(text);
    CHECK_FALSE(canonical(text));
  }
  std::string deep = "docs:";
  for (int i = 0; i < 64; ++i) deep += "/a";
  CHECK(canonical(deep));
  CHECK_FALSE(canonical(deep + "/a"));
  CHECK(canonical("docs:/" + std::string(4090, 'x')));
  CHECK_FALSE(canonical("docs:/" + std::string(4091, 'x')));
}

TEST_CASE("a pattern covers what it names and everything beneath it") {
  const World world = lab(
      "read lab:/clinical/A\nlist only lab:/clinical/A, lab:x/*\nwrite lab:/p/**/q, lab:/r/?b*");
  const auto allows = [&](const char* action, const char* resource) {
    return world.decide({action, resource}).effect == Effect::allow;
  };
  CHECK(allows("read", "lab:/clinical/A"));
  CHECK(allows("read", "lab:/clinical/A/2024/x.pdf"));
  CHECK_FALSE(allows("read", "lab:/clinical/AB"));
  CHECK_FALSE(allows("read", "lab:clinical/A"));
  CHECK(allows("list", "lab:/clinical/A"));
  CHECK_FALSE(allows("list", "lab:/clinical/A/x"));
  CHECK_FALSE(allows("list", "lab:x"));
  CHECK(allows("list", "lab:x/y/z"));
  CHECK(allows("create", "lab:/p/q"));
  CHECK(allows("create", "lab:/p/a/b/q/c"));
  CHECK_FALSE(allows("create", "lab:/p/a/b"));
  CHECK(allows("write", "lab:/r/éb"));
  CHECK_FALSE(allows("write", "lab:/r/b"));
}

TEST_CASE("a glob takes whole code points for a question mark") {
  using reference::glob_matches;
  const std::string star(1, lang::kStar), one(1, lang::kQuestion);
  CHECK(glob_matches(star, ""));
  CHECK(glob_matches(one, "é"));
  CHECK_FALSE(glob_matches(one + one, "é"));
  CHECK(glob_matches(star + one, "é"));
  CHECK(glob_matches("a" + star + "b" + star + "c", "aXbYbc"));
  CHECK_FALSE(glob_matches("a" + star + "b", "a"));
}

TEST_CASE("deny wins over ask, ask over allow, and order never matters") {
  const World world = lab("read lab:/\nask read lab:/a\ndeny read lab:/a/b because \"no\"");
  CHECK(world.decide({"read", "lab:/x"}) == Outcome{Effect::allow, Reason::allowed_by_rule, 0, 0});
  CHECK(world.decide({"read", "lab:/a"}) == Outcome{Effect::ask, Reason::asked_by_rule, 0, 1});
  CHECK(world.decide({"read", "lab:/a/b"}) == Outcome{Effect::deny, Reason::denied_by_rule, 0, 2});
  CHECK(world.decide({"list", "lab:/a"}) ==
        Outcome{Effect::deny, Reason::no_matching_rule, 0, std::nullopt});
  CHECK(world.decide({"cut", "lab:/a"}).reason == Reason::unknown_action);
  CHECK(world.decide({"read", "labs:/a"}).reason == Reason::unknown_system);
  CHECK(world.decide({"read", "labs:/../a"}).reason == Reason::malformed_resource);
  CHECK(world.decide({"read", "lab:/a", {{"user", "x"}}}).reason == Reason::malformed_request);
}

TEST_CASE("unknown falls on the restrictive side") {
  const World world =
      lab("read lab:/ when n == 1\ndeny list lab:/ when n == 1\nlist lab:/\nask write lab:/ when n "
          "== 1\nwrite lab:/a");
  CHECK(world.decide({"read", "lab:/"}).reason == Reason::no_matching_rule);
  CHECK(world.decide({"read", "lab:/", {{"n", 1}}}).effect == Effect::allow);
  CHECK(world.decide({"read", "lab:/", {{"n", bytes(1)}}}).reason == Reason::no_matching_rule);
  CHECK(world.decide({"list", "lab:/"}) == Outcome{Effect::deny, Reason::denied_by_rule, 0, 1});
  CHECK(world.decide({"list", "lab:/", {{"n", 2}}}).effect == Effect::allow);
  CHECK(world.decide({"write", "lab:/a"}) == Outcome{Effect::ask, Reason::asked_by_rule, 0, 3});
  CHECK(world.decide({"write", "lab:/b"}).reason == Reason::no_matching_rule);
}

TEST_CASE("a task scope has a lifetime, measured from its opening") {
  const World world({std::string(kLab) + "expires 2h\nstarts 1970-01-01T00:30Z\nread lab:/"});
  CHECK(world.decide({"read", "lab:/"}, kHour / 2 - 1).reason == Reason::not_yet_valid);
  CHECK(world.decide({"read", "lab:/"}, kHour / 2).effect == Effect::allow);
  CHECK(world.decide({"read", "lab:/"}, 2 * kHour - 1).effect == Effect::allow);
  CHECK(world.decide({"read", "lab:/"}, 2 * kHour).reason == Reason::expired);
}

TEST_CASE("layers must all permit, and the first that denies is reported") {
  const World world({std::string(kLab) + "expires 2h\nread, write lab:/",
                     "guardrail rail\nsystem box { action write { create, put } }\nallow any "
                     "anything\ndeny write anything"});
  // The guardrail does not know `lab`: its `anything` rules are judged by the scope's declaration.
  CHECK(world.decide({"read", "lab:/a"}).effect == Effect::allow);
  CHECK(world.decide({"create", "lab:/a"}) == Outcome{Effect::deny, Reason::denied_by_rule, 1, 1});
  CHECK(world.decide({"put", "box:/a"}) ==
        Outcome{Effect::deny, Reason::unknown_system, 0, std::nullopt});
  const auto each = world.verdicts({"create", "lab:/a"});
  REQUIRE(each.size() == 2);
  CHECK(each[0].effect == Effect::allow);
  CHECK(each[1].effect == Effect::deny);
}

TEST_CASE("what the task scope states goes before the facts of the host") {
  const World world({std::string(kLab) + "expires 2h\npurpose \"weekly\"\nread lab:/ when purpose "
                                         "== \"weekly\" and not has trigger"});
  Facts facts;
  facts.purpose = "other";
  CHECK(world.decide({"read", "lab:/"}, 0, facts).effect == Effect::allow);
  facts.trigger = "x";
  CHECK(world.decide({"read", "lab:/"}, 0, facts).effect == Effect::deny);
}
