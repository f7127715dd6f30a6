// The static bound on one decision's steps, by what each part of a document adds to it: architecture and
// image format promise that it counts every instruction, entry, slot group and 16 bytes of text.
#include <catch2/catch.hpp>

#include <string>

#include <remit/request.h>

#include "engine/image/layout.h"
#include "engine/image/limits.h"
#include "engine/image/resource.h"
#include "tests/support.h"

namespace remit {
namespace {

using detail::kMaxResourceBytes;
using detail::kMaxSegments;

constexpr std::uint64_t kText = kMaxAttributeString / 16, kList = kMaxListItems * kText, kFind = 2 * kMaxAttributes;
constexpr std::uint64_t kSearch = 1 + image::kGroupSlots * (1 + image::kMaxKey / 16);  // one group of slots, each with a key to compare
constexpr std::uint64_t kFlag = kFind + 1;

std::uint64_t steps(const std::string& rules) {
  return test::compile_or_die("expires 1h\n" + std::string(test::kLab) + rules).worst_case_steps();
}
std::uint64_t guarded(const std::string& condition) { return steps("read lab:/a when " + condition); }

TEST_CASE("a guard costs what its instructions may look at") {
  const std::uint64_t bare = steps("read lab:/a");
  CHECK(guarded("flag") == bare + kFlag);
  CHECK(guarded("not flag") == bare + kFlag + 1);
  CHECK(guarded("has n") == bare + kFind + 1);
  CHECK(guarded("n == 1") == bare + kFind + 1);
  CHECK(guarded("region == \"x\"") == bare + kFind + kText);
  CHECK(guarded("region in [\"x\", \"y\"]") == bare + kFind + 32 * kText);
  CHECK(guarded("\"x\" in labels") == bare + kFind + kList);
  CHECK(guarded("labels == [\"x\"]") == bare + kFind + kList);
  CHECK(guarded("region == agent") == bare + 2 * kFind + kList);
  CHECK(guarded("region like \"ab*\"") == bare + kFind + (kMaxAttributeString + 3) / 16 + 1);
  CHECK(guarded("region like \"a?*\"") == bare + kFind + kMaxAttributeString * (3 + 1));
  CHECK(steps("read lab:/a between 01:00 and 02:00") == bare + 32);
}

TEST_CASE("an ask's guard runs once more for its approvals, an allow's does not") {
  CHECK(steps("ask read lab:/a") == steps("read lab:/a"));
  CHECK(steps("ask read lab:/a when flag") == steps("read lab:/a") + 2 * kFlag);
  CHECK(steps("deny read lab:/a when flag\nread lab:/b") == steps("read lab:/a") + kFlag);
}

TEST_CASE("of the nodes that one path cannot meet together only the costliest counts") {
  const std::uint64_t one = guarded("flag");
  CHECK(steps("read lab:/a when flag\nread lab:/b") == one);
  CHECK(steps("read lab:/a\nread lab:/b when flag") == one);
  CHECK(steps("read lab:/a when flag\nlist lab:/a when flag") == one + 1 + kFlag);
  CHECK(steps("read lab:/a when flag\nread lab:/a/b when flag") == one + 1 + 1 + kFlag);
  CHECK(steps("read lab:/a when flag\nread lab:/a/b when flag\nread lab:/c/d when flag") == one + 1 + 1 + kFlag);
  CHECK(steps("read lab:/a when flag\nread lab:/ when flag") == one + 1 + 1 + kFlag);
  CHECK(steps("read lab:/a when flag\nread lab: when flag") == one + 1 + 1 + kFlag);
  // To the deepest that there are.
  std::string deep;
  for (int i = 0; i < 63; ++i) deep += "/a";
  CHECK(steps("read lab:" + deep + " when flag\nread lab:" + deep + "/b when flag") == one + 1 + 1 + kFlag);
  // What is only remembered runs no guard.
  CHECK(steps("read lab:/a when flag\ndeny list lab:/b after create lab:/a") == one + 1);
}

TEST_CASE("a form with one star costs its search and the costliest node that it may find") {
  const std::uint64_t shape = kMaxSegments + kText + kSearch;
  const std::uint64_t base = steps("read lab:/a");
  CHECK(steps("read lab:/a\nread lab:/a/*/x") == base + shape + 2);
  CHECK(steps("read lab:/a\nread lab:/a/*/x when flag\nread lab:/a/*/y") == base + shape + 2 + kFlag);
  CHECK(steps("read lab:/a\nread lab:/a/*/x\nread lab:/a/y*") == base + 2 * (shape + 2));
  // What is found by its form is met nowhere else, and what costs more on another node is not found so.
  CHECK(steps("read lab:/*x when flag") == base - 2 + 1 + shape + 2 + kFlag);
  CHECK(steps("read lab:/a when flag\nread lab:/a/*/x") == base + kFlag + shape + 2);
}

TEST_CASE("patterns that are matched one by one cost each place where a ** may end") {
  const auto pattern = [](std::uint64_t length, std::uint64_t deeps) {
    return (deeps == 0 ? 1 : deeps + kMaxSegments + 1) * ((kMaxResourceBytes + length) / 16 + 1 + kMaxSegments);
  };
  const std::uint64_t base = steps("read lab:/a");
  CHECK(steps("read lab:/a\nlist lab:/a/**/x") == base + 1 + pattern(6, 1));
  CHECK(steps("read lab:/a\nlist lab:/a/**/x/**/yz") == base + 1 + pattern(11, 2));
  CHECK(steps("read lab:/a\nlist lab:/a/**/x\nlist lab:/a/**/yz/**/x") == base + 2 + pattern(6, 1) + pattern(11, 2));
  CHECK(steps("read lab:/a except lab:/a/b") == base + 1 + pattern(4, 0) + 1);
  CHECK(steps("read lab:/a except lab:/a/b, lab:/a/**/x") == base + 1 + pattern(4, 0) + pattern(6, 1) + 1);
}

// Beside the list for systems that other layers declare, the system node of each known one holds it.
TEST_CASE("rules over anything are met by every request") {
  const auto rail = [](const std::string& rules) {
    return test::compile_or_die("guardrail g\n" + std::string(test::kLab) + rules).worst_case_steps();
  };
  const std::uint64_t none = rail("read lab:/a");
  CHECK(rail("read lab:/a\nallow any anything") == none + 1 + 2);
  // A history over anything, in both places; the entry and the guard that ask for it.
  CHECK(rail("read lab:/a\nallow any anything\ndeny list lab:/a after read anything") == none + 1 + 2 + 2 + 2);
  CHECK(rail("read lab:/a\nallow any anything\ndeny list anything when agent == \"x\"") == none + 1 + 2 + 2 * (1 + kFind + kText));
}

TEST_CASE("the request itself and the empty index are counted") {
  // Reading the request, then one group of slots for system, root and each of the segments.
  CHECK(steps("read lab:/a") == kText + kMaxAttributes * kList + (kMaxSegments + 3) * kSearch + 2);
}

}  // namespace
}  // namespace remit
