// The short list of a decision: what does not fit inside goes to the heap, and where there is no heap
// left, items are lost and the list says so.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "engine/vm/few.h"
#include "tests/failing_memory.h"

using remit::vm::Few;

TEST_CASE("a list grows beyond its own room and keeps what it holds") {
  Few<int, 4> list;
  CHECK(list.empty());
  for (int i = 0; i < 100; ++i) {
    list.push(i);
    REQUIRE(list.size() == static_cast<std::size_t>(i) + 1);
    for (int j = 0; j <= i; ++j) REQUIRE(list[static_cast<std::size_t>(j)] == j);
  }
  CHECK_FALSE(list.failed());
  const Few<int, 4>& same = list;
  CHECK(same.end() - same.begin() == 100);
  CHECK(same.begin()[99] == 99);
  list.shorten(2);
  list.push(7);
  CHECK(list[2] == 7);
}

TEST_CASE("a list that grows stays within what it was given") {
  Few<long, 2> list;
  std::vector<std::string> around;
  for (long i = 0; i < 300; ++i) {
    list.push(-i);
    around.emplace_back(24, 'x');  // lies behind, of the sizes that the list had before
    around.emplace_back(200, 'x');
  }
  for (long i = 0; i < 300; ++i) REQUIRE(list[static_cast<std::size_t>(i)] == -i);
  for (const std::string& text : around) REQUIRE(text.find_first_not_of('x') == std::string::npos);
}

TEST_CASE("without memory an item is lost, the others stay, and the list says that it failed") {
  Few<int, 4> list;
  for (int i = 0; i < 4; ++i) list.push(i);
  remit::test::g_left = 0;
  list.push(4);
  remit::test::g_left = -1;
  CHECK(list.failed());
  REQUIRE(list.size() == 4);
  for (int i = 0; i < 4; ++i) CHECK(list[static_cast<std::size_t>(i)] == i);
  list.clear();
  CHECK_FALSE(list.failed());
  CHECK(list.empty());
}
