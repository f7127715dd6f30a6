// Containment and overlap of patterns, judged by the reference matcher over all resources of small
// alphabets: where `covers` says no, one of them must show it.
#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "lang/check/pattern_cover.h"
#include "tests/generate/random.h"
#include "tests/processor_time.h"
#include "tests/small_patterns.h"

namespace {

using remit::generate::Random;
using remit::lang::covers;
using remit::lang::meets;
using remit::lang::Pattern;
using remit::reference::Asked;
using remit::test::all_resources;
using remit::test::pattern;

// Bit i of word w stands for resource 64 * w + i.
using Set = std::vector<std::uint64_t>;

// Which of the resources the reference says that a pattern covers.
Set covered(const Pattern& one, const std::vector<Asked>& resources) {
  Set result(resources.size() / 64 + 1);
  for (std::size_t i = 0; i < resources.size(); ++i) {
    if (remit::reference::covers(remit::test::small_document(), one, resources[i]))
      result[i / 64] |= std::uint64_t{1} << i % 64;
  }
  return result;
}

bool subset(const Set& inner, const Set& outer) {
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if ((inner[i] & ~outer[i]) != 0) return false;
  }
  return true;
}

bool disjoint(const Set& one, const Set& other) {
  for (std::size_t i = 0; i < one.size(); ++i) {
    if ((one[i] & other[i]) != 0) return false;
  }
  return true;
}

// Both answers for every pair, against what the resources show. `z` is a character that no pattern
// names; the resources are as long as any witness for patterns of this size.
void compare_all(const std::vector<std::string>& texts, const std::vector<Asked>& resources) {
  std::vector<Pattern> patterns;
  std::vector<Set> sets;
  for (const std::string& text : texts) {
    patterns.push_back(pattern(text));
    sets.push_back(covered(patterns.back(), resources));
  }
  std::size_t wrong = 0, contained = 0;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    for (std::size_t j = 0; j < patterns.size(); ++j) {
      const bool within = subset(sets[j], sets[i]), apart = disjoint(sets[i], sets[j]);
      if (within) ++contained;
      if (covers(patterns[i], patterns[j]) != within || meets(patterns[i], patterns[j]) == apart) {
        if (++wrong > 10) continue;
        INFO(texts[i] << " and " << texts[j]);
        CHECK(covers(patterns[i], patterns[j]) == within);
        CHECK(meets(patterns[i], patterns[j]) == !apart);
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(contained > patterns.size());
}

std::vector<std::string> strings(const std::string& letters, std::size_t most) {
  std::vector<std::string> result, level = {""};
  for (std::size_t i = 0; i < most; ++i) {
    std::vector<std::string> next;
    for (const std::string& one : level) {
      for (const char c : letters) next.push_back(one + c);
    }
    result.insert(result.end(), next.begin(), next.end());
    level = std::move(next);
  }
  return result;
}

}  // namespace

TEST_CASE("every pair of one-segment patterns, against every segment") {
  std::vector<std::string> texts;
  for (const std::string& segment : strings("a*?", 4)) {
    if (segment.find("**") == std::string::npos) texts.push_back("!/" + segment);
  }
  compare_all(texts, all_resources(strings("az", 7), 1));
}

TEST_CASE("every pair of patterns with dots: `.` and `..` are no segments") {
  std::vector<std::string> texts;
  for (const std::string& segment : strings(".*?", 4)) {
    if (segment.find("**") == std::string::npos && segment != "." && segment != "..")
      texts.push_back("!" + segment);
  }
  compare_all(texts, all_resources(strings(".z", 6), 1));
}

TEST_CASE("every pair of patterns of up to three segments, rooted, named, `only` or not") {
  std::vector<std::string> texts = {"", "/", "!/", "!"};
  const std::vector<std::string> segments = {"a", "b", "*", "@", "a*", "?"};
  std::vector<std::string> level = {""};
  for (int depth = 0; depth < 3; ++depth) {
    std::vector<std::string> next;
    for (const std::string& path : level) {
      for (const std::string& segment : segments) {
        next.push_back(path + (path.empty() ? "" : "/") + segment);
        for (const char* const before : {"/", "!/", "", "!"}) texts.push_back(before + next.back());
      }
    }
    level = std::move(next);
  }
  // Every fifth of the largest level, and all of the smaller ones.
  std::vector<std::string> some;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i < 172 || i % 5 == 0) some.push_back(texts[i]);
  }
  compare_all(some, all_resources({"a", "b", "z", "az", "zz"}, 5));
}

TEST_CASE("a pattern covered only by several together") {
  const auto together = [](std::vector<std::string> general, const std::string& special) {
    std::vector<Pattern> patterns;
    for (const std::string& one : general) patterns.push_back(pattern(one));
    return covers(patterns, pattern(special));
  };
  CHECK(together({"!/a", "/a/*"}, "/a"));
  CHECK(together({"/", "@"}, ""));
  CHECK(together({"/", "*"}, ""));
  CHECK_FALSE(together({"/", "!*"}, ""));
  CHECK_FALSE(together({"/a/*", "/b"}, "/a"));
  CHECK(together({"!/?", "!/??*"}, "!/*"));
  CHECK_FALSE(together({"!/?", "!/???*"}, "!/*"));
  CHECK(together({}, "!"));

  // And at random: a union covers exactly what one or other of it covers.
  const std::vector<Asked> resources = all_resources({"a", "b", "z", "az", "zz", "ab", "zb"}, 4);
  const std::vector<std::string> texts = {"/a", "!/a",    "/a/*", "/@/a", "!/*",   "/*/b",
                                          "/b", "/a*",    "/?",   "/*/*", "!/@/b", "/a/@/b",
                                          "/z", "!/?*/a", "/",    "!/"};
  std::vector<Set> sets;
  for (const std::string& text : texts) sets.push_back(covered(pattern(text), resources));
  Random random(7);
  std::size_t held = 0;
  for (int i = 0; i < 3'000; ++i) {
    std::vector<Pattern> general;
    Set united(sets[0].size());
    for (std::size_t count = 1 + random.below(4); count > 0; --count) {
      const std::size_t one = random.below(texts.size());
      general.push_back(pattern(texts[one]));
      for (std::size_t at = 0; at < united.size(); ++at) united[at] |= sets[one][at];
    }
    const std::size_t special = random.below(texts.size());
    const bool within = subset(sets[special], united);
    held += within ? 1 : 0;
    INFO(texts[special]);
    REQUIRE(covers(general, pattern(texts[special])) == within);
  }
  CHECK(held > 500);
}

TEST_CASE("characters, not bytes; systems; anything") {
  CHECK(covers(pattern("!/?"), pattern("!/é")));
  CHECK_FALSE(covers(pattern("!/??"), pattern("!/é")));
  CHECK(covers(pattern("!/日*"), pattern("!/日本")));
  Pattern other = pattern("/a"), anything;
  other.system = 1;
  anything.anything = true;
  Pattern everything = other;
  everything.anything = true;
  CHECK(anything == everything);  // nothing else of it matters
  CHECK_FALSE(anything == other);
  CHECK_FALSE(covers(pattern("/a"), other));
  CHECK_FALSE(meets(pattern("/a"), other));
  CHECK(covers(anything, other));
  CHECK(meets(other, anything));
  CHECK_FALSE(covers(pattern(""), anything));
}

TEST_CASE("the twisted are given up in time, on the safe side") {
  // An `a` at the 30th place from the end: sets of states double with every place that is read.
  std::string places;
  for (int i = 0; i < 30; ++i) places += "?";
  const Pattern general = pattern("!/*a" + places), special = pattern("!/*ba" + places);
  const double start = remit::test::processor_seconds();
  CHECK_FALSE(covers(general, special));  // though it does
  std::string stars = "/";
  for (int i = 0; i < 1'000; ++i) stars += "a*";
  CHECK(meets(pattern(stars), pattern(stars + "b")));
  remit::lang::Effort effort;
  for (int i = 0; i < 1'000; ++i) covers(general, special, &effort);
  CHECK(effort.left == 0);
  CHECK(remit::test::processor_seconds() - start < remit::test::kSlower);
}

TEST_CASE("where a pattern's literal beginning ends") {
  const auto beginning = [](const std::string& text) {
    return std::string(literal_beginning(pattern(text)));
  };
  CHECK(beginning("/a/b") == "/a/b");
  CHECK(beginning("/a/b*/c") == "/a");
  CHECK(beginning("/*") == "/");
  CHECK(beginning("/") == "/");
  CHECK(beginning("").empty());
  CHECK(beginning("*@acme").empty());
  CHECK(beginning("a/@") == "a");
}

TEST_CASE("where the effort is used up, nothing is covered and all may meet") {
  const Pattern stars = pattern("!/*a*"), more = pattern("!/*b*"), literal = pattern("!/a");
  const auto with = [](std::size_t left, auto&& ask) {
    remit::lang::Effort effort;
    effort.left = left;
    return ask(&effort);
  };
  const std::vector<Pattern> two = {pattern("!/*a"), pattern("!/*b")};
  Pattern anything;
  anything.anything = true;
  const std::vector<Pattern> all = {anything, literal};
  for (const std::size_t left : {std::size_t{0}, std::size_t{17}}) {
    CHECK(with(left, [&](auto* effort) { return meets(pattern("!/a*"), pattern("!/b*"), effort); }));
    CHECK_FALSE(with(left, [&](auto* effort) { return covers(stars, pattern("!/*ab*"), effort); }));
    CHECK_FALSE(with(left, [&](auto* effort) { return covers(two, pattern("!/?a"), effort); }));
  }
  CHECK_FALSE(with(0, [&](auto* effort) { return covers(all, literal, effort); }));
  CHECK(with(100, [&](auto* effort) { return covers(all, literal, effort); }));
  CHECK_FALSE(meets(pattern("!/a*"), pattern("!/b*")));
  CHECK(covers(stars, pattern("!/*ab*")));
  CHECK(meets(stars, more));
}
