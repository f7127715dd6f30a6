// Globs and patterns matched one by one, against the reference's matcher: all small ones on all small
// texts. That the index finds what these match is index_test's.
#include <catch2/catch.hpp>

#include <cstring>
#include <string>
#include <vector>

#include "engine/vm/index.h"
#include "engine/vm/match.h"
#include "tests/reference/canonical.h"
#include "tests/reference/match.h"
#include "tests/support.h"

namespace remit {
namespace {

using image::kDeep;
using image::kQuestion;
using image::kStar;

// All strings of up to `longest` pieces, the empty one among them.
std::vector<std::string> all_of(const std::vector<std::string>& pieces, std::size_t longest, const std::string& between = "") {
  std::vector<std::string> result{""};
  for (std::size_t begin = 0, length = 1; length <= longest; ++length) {
    const std::size_t end = result.size();
    for (; begin < end; ++begin) {
      for (const std::string& piece : pieces) result.push_back(result[begin].empty() ? piece : result[begin] + between + piece);
    }
  }
  return result;
}

std::string shown(std::string text) {
  for (char& c : text) c = c == kStar ? '*' : c == kQuestion ? '?' : c == kDeep ? '#' : c;
  return text;
}

const std::string kStarText(1, kStar), kQuestionText(1, kQuestion), kDeepText(1, kDeep);

TEST_CASE("every small glob on every small text") {
  const auto globs = all_of({"a", "b", "é", kStarText, kQuestionText}, 5);
  const auto texts = all_of({"a", "b", "é"}, 5);
  std::size_t wrong = 0;
  for (const std::string& glob : globs) {
    for (const std::string& text : texts) {
      if (vm::matches_glob(glob, text) == reference::glob_matches(glob, text)) continue;
      if (++wrong < 5) UNSCOPED_INFO(shown(glob) << " on " << text);
    }
  }
  CHECK(wrong == 0);
}

// A view with the one pattern, which is all that matches_pattern looks at.
class OnePattern {
 public:
  OnePattern(std::string_view text, bool exact) : text_(text), pattern_{{0, static_cast<std::uint32_t>(text.size())}, 0, exact ? 1u : 0u} {
    view_.texts = text_;
  }
  bool matches(const vm::Path& path) const { return vm::matches_pattern(view_, pattern_, 0, path); }

 private:
  std::string text_;
  image::Pattern pattern_;
  image::View view_;
};

TEST_CASE("every small pattern on every small path") {
  lang::Resolved document;
  document.systems.resize(1);
  document.systems[0].name = "lab";
  const auto patterns = all_of({"a", "ab", kStarText, "a" + kStarText, kQuestionText, kDeepText}, 4, "/");
  const auto paths = all_of({"a", "ab", "é"}, 4, "/");
  std::size_t wrong = 0, matched = 0;
  for (const bool rooted : {false, true}) {
    for (const std::string& path_text : paths) {
      const std::string resource = std::string("lab:") + (rooted ? "/" : "") + path_text;
      reference::Asked asked;
      if (!reference::read_resource(resource, asked)) continue;
      vm::Path path(resource);
      REQUIRE(path.scan());
      for (const std::string& text : patterns) {
        // The image has no `**` at a pattern's end; see normalise() in lang/compile/guards.h.
        if (!text.empty() && text.back() == kDeep && text != kDeepText) continue;
        for (const bool only : {false, true}) {
          for (const std::string& whole : {text, "/" + text}) {
            if (whole == kDeepText && only) continue;  // normalised, too
            if (whole == "/" + kDeepText) continue;
            lang::Pattern pattern;
            pattern.text = whole;
            pattern.only = only;
            const bool expected = reference::covers(document, pattern, asked);
            matched += expected;
            if (OnePattern(whole, only).matches(path) == expected) continue;
            if (++wrong < 5) UNSCOPED_INFO((only ? "only " : "") << shown(whole) << " on " << resource);
          }
        }
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(matched > 1000);
}

// A search by hash may meet any node: what stands in its key decides.
TEST_CASE("a node of one star is taken for no other form") {
  vm::Path path("lab:/abc/x");
  REQUIRE(path.scan());
  const auto is = [&](std::string_view before, std::string_view after, const image::Shape& shape, image::NodeKind kind = image::NodeKind::star, std::uint16_t word = 0) {
    alignas(8) char room[64] = {};
    const image::Node node{0, 0, static_cast<std::uint16_t>(before.size() + 1 + after.size()), static_cast<std::uint16_t>(before.size()), word, kind, 0};
    std::memcpy(room, &node, sizeof node);
    std::memcpy(room + sizeof node, (std::string(before) + kStar + std::string(after)).data(), node.key_length);
    return vm::is_star_node(*reinterpret_cast<const image::Node*>(room), shape, path, 0, 0);
  };
  CHECK(is("lab:/a", "c", {1, 1, 0, 0, 0}));
  CHECK(is("lab:/", "bc/x", {0, 2, 1, 0, 0}));
  CHECK_FALSE(is("lab:/a", "c", {1, 1, 0, 0, 0}, image::NodeKind::path));
  CHECK_FALSE(is("lab:/a", "c", {1, 1, 0, 0, 0}, image::NodeKind::star, 1));
  CHECK_FALSE(is("lab:/a", "c/x", {1, 1, 0, 0, 0}));  // more stands in the key than in the form
  CHECK_FALSE(is("lab:/abc", "abc", {0, 3, 0, 0, 0}));
  CHECK_FALSE(is("lab:/a", "c", {0, 1, 0, 0, 0}));
  CHECK_FALSE(is("lab:/a", "b", {1, 1, 0, 0, 0}));
  CHECK_FALSE(is("lab:/b", "c", {1, 1, 0, 0, 0}));
}

TEST_CASE("what stands before a star and behind it does not overlap") {
  const Layers layers = Layers::link(test::compile_or_die("expires 1h\n" + std::string(test::kLab) + "read lab:/d/ab*ba/x\n")).value();
  const auto reads = [&](const char* resource) { return layers.decide({"read", resource}, {}, Time{}).allowed(); };
  CHECK(reads("lab:/d/abba/x"));
  CHECK(reads("lab:/d/ab-ba/x"));
  CHECK_FALSE(reads("lab:/d/aba/x"));
  CHECK_FALSE(reads("lab:/d/ab/x"));
}

TEST_CASE("a pattern of another system, and anything") {
  vm::Path path("lab:/a");
  REQUIRE(path.scan());
  image::View view;
  CHECK_FALSE(vm::matches_pattern(view, {{0, 0}, 1, 0}, 0, path));
  CHECK_FALSE(vm::matches_pattern(view, {{0, 0}, 0, 0}, image::kNone, path));
  CHECK(vm::matches_pattern(view, {{0, 0}, image::kNone, 0}, 0, path));
  CHECK(vm::matches_pattern(view, {{0, 0}, image::kNone, 0}, image::kNone, path));
}

// What a hostile image may hold, too: no glob on valid text reads outside it or takes more than linear
// time in it.
TEST_CASE("long globs take linear time") {
  const std::string text(4096, 'a');
  std::string stars;
  for (int i = 0; i < 2000; ++i) stars += "a" + kStarText;
  CHECK(vm::matches_glob(stars, text));
  CHECK_FALSE(vm::matches_glob(stars + "b", text));
  std::string pieces;
  for (int i = 0; i < 60; ++i) pieces += kStarText + std::string(64, 'a');
  CHECK(vm::matches_glob(pieces, text));
  CHECK_FALSE(vm::matches_glob(pieces + kStarText + "b" + kStarText, text));
  CHECK_FALSE(vm::matches_glob(kStarText + kQuestionText + std::string(2000, 'a') + "b" + kStarText, text));
}

}  // namespace
}  // namespace remit
