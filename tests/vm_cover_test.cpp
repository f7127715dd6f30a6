// The vm's own containment and overlap of patterns, which `could` rests on, judged by the reference
// matcher over all small resources: where `covers` says yes and where `overlaps` says no, none of them
// may show otherwise. How often the answer is as sharp as it can be is held too.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "engine/vm/cover.h"
#include "tests/small_patterns.h"

namespace {

using remit::reference::Asked;
using remit::test::pattern;
using remit::vm::PatternText;

PatternText in_vm(const remit::lang::Pattern& one) { return {one.text, one.only}; }

bool covers(const std::string& all, const std::string& some) {
  const remit::lang::Pattern a = pattern(all), b = pattern(some);
  return remit::vm::covers(in_vm(a), in_vm(b));
}
bool overlaps(const std::string& one, const std::string& other) {
  const remit::lang::Pattern a = pattern(one), b = pattern(other);
  const bool answer = remit::vm::overlaps(in_vm(a), in_vm(b));
  CHECK(remit::vm::overlaps(in_vm(b), in_vm(a)) == answer);
  return answer;
}

}  // namespace

TEST_CASE("yes from covers and no from overlaps are certain, over all small resources") {
  const std::vector<Asked> resources = remit::test::all_resources({"a", "b", "ab", "z", "azb"}, 4);
  std::vector<std::string> texts;
  for (const char* const text : {"", "/", "a", "*", "a/b", "/a", "/b", "/*", "/?", "/a*", "/*b", "/a*b", "/?b", "/a/b", "/a/*", "/*/b", "/a/*/b", "/@/b", "/a/@/b", "/@/a/@/b", "/@/*b",
                                 "@/b", "@/a/*", "/a/b/ab", "/*/*/*"}) {
    for (const char* const only : {"", "!"}) texts.push_back(std::string(only) + text);
  }
  std::vector<remit::lang::Pattern> patterns;
  std::vector<std::vector<bool>> sets;
  for (const std::string& text : texts) {
    patterns.push_back(pattern(text));
    sets.emplace_back();
    for (const Asked& asked : resources) sets.back().push_back(remit::reference::covers(remit::test::small_document(), patterns.back(), asked));
  }
  std::size_t certain = 0, contained = 0, apart = 0, disjoint = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t j = 0; j < texts.size(); ++j) {
      bool within = true, meets = false;
      for (std::size_t k = 0; k < resources.size(); ++k) {
        within = within && (sets[i][k] || !sets[j][k]);
        meets = meets || (sets[i][k] && sets[j][k]);
      }
      INFO(texts[i] << " and " << texts[j]);
      const bool says_covers = remit::vm::covers(in_vm(patterns[i]), in_vm(patterns[j]));
      const bool says_overlaps = remit::vm::overlaps(in_vm(patterns[i]), in_vm(patterns[j]));
      if (says_covers) REQUIRE(within);
      if (!says_overlaps) REQUIRE_FALSE(meets);
      contained += within ? 1 : 0;
      certain += says_covers ? 1 : 0;
      disjoint += meets ? 0 : 1;
      apart += says_overlaps ? 0 : 1;
    }
  }
  CHECK(certain * 10 >= contained * 8);
  CHECK(apart * 10 >= disjoint * 9);
}

TEST_CASE("what `only` and `**` make of containment") {
  CHECK(covers("/a", "!/a"));
  CHECK_FALSE(covers("!/a", "/a"));
  CHECK(covers("!/a", "!/a"));
  CHECK_FALSE(covers("!/a", "!/a/b"));
  CHECK_FALSE(covers("!/*", "/a"));
  CHECK(covers("/@/b", "/a/b"));
  CHECK(covers("/@/b", "/@/b"));
  CHECK_FALSE(covers("/*/b", "/@/b"));
  CHECK_FALSE(covers("/a", "a"));
  CHECK_FALSE(covers("/a", ""));
  CHECK(covers("", "a"));
}

TEST_CASE("overlap is told apart at both ends of a segment") {
  CHECK_FALSE(overlaps("!/a*x", "!/b*x"));
  CHECK_FALSE(overlaps("!/x*a", "!/x*b"));
  CHECK(overlaps("!/a*", "!/*b"));
  CHECK(overlaps("!/?a", "!/b?"));
  CHECK_FALSE(overlaps("!/ab*", "!/ac*"));
  CHECK(overlaps("!/ab*", "!/abc*"));
  CHECK(overlaps("!/@/b", "!/a/@/b"));
  CHECK_FALSE(overlaps("!/a", "!/a/b"));
  CHECK(overlaps("!/@/a", "/b"));
  CHECK_FALSE(overlaps("!/a/@/b", "!/c"));
  CHECK_FALSE(overlaps("!", "/a"));
  CHECK(overlaps("!/a/@", "!/a"));
  CHECK_FALSE(overlaps("!/a/@/b", "!/a"));
  // Inside a segment no compiler writes `**`: there it is a byte like any other, which no resource has.
  CHECK(overlaps("!/a@", "!/a@"));
  CHECK_FALSE(overlaps("!/a@", "!/a@b"));
  CHECK_FALSE(overlaps("!/@a", "!/b@a"));
  CHECK_FALSE(covers("/a@", "/ab"));
}

TEST_CASE("of a pattern with more segments than the table has, nothing is certain") {
  const auto long_one = [](std::size_t segments) {
    std::string text;
    for (std::size_t i = 0; i < segments; ++i) text += "/a";
    return text;
  };
  CHECK(covers(long_one(128), long_one(128)));
  CHECK(covers("/@/a", long_one(128)));
  CHECK_FALSE(covers("/@/b", long_one(128)));
  CHECK(overlaps("/@/b", long_one(128)));
  CHECK_FALSE(overlaps("!/@/b", "!" + long_one(128)));
  CHECK_FALSE(covers(long_one(129), long_one(129)));
  CHECK_FALSE(covers("/a", long_one(129)));
  CHECK_FALSE(covers(long_one(129), "/a"));
  CHECK(overlaps(long_one(129), "/b"));
  CHECK_FALSE(overlaps(long_one(128), "/b"));
}
