// The two ways to compare a group's tags, against a loop.
#include <catch2/catch.hpp>

#include <random>

#include "engine/vm/tags.h"

using namespace remit;

TEST_CASE("the taken slots that have a tag are found, and no byte behind the tags counts") {
  std::mt19937_64 random(7);
  std::size_t several = 0;
  for (int round = 0; round < 20'000; ++round) {
    image::Group group{};
    const unsigned count = static_cast<unsigned>(random() % (image::kGroupSlots + 1));
    group.taken = static_cast<std::uint16_t>((1u << count) - 1);
    // Few values, next to one another and at both ends, so that tags are often equal or nearly so; the rest of the group
    // and its free slots hold them, too.
    const std::uint8_t values[] = {0, 1, 0x7f, 0x80, 0x81, 0xff};
    const auto any = [&] { return values[random() % std::size(values)]; };
    for (std::uint8_t& tag : group.tags) tag = any();
    for (std::uint8_t& offset : group.offsets) offset = any();
    group.goes_on = any(), group.behind = any();
    for (const std::uint8_t tag : values) {
      unsigned expected = 0;
      for (unsigned slot = 0; slot < count; ++slot) expected |= (group.tags[slot] == tag ? 1u : 0u) << slot;
      REQUIRE(vm::tag_hits(group, tag) == expected);
      REQUIRE(vm::tag_hits_by_words(group, tag) == expected);
      several += (expected & (expected - 1)) != 0 ? 1 : 0;
    }
  }
  CHECK(several > 10'000);
}
