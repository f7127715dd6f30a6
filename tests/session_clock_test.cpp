// Clocks that jump: to the ends of time, back before the opening, a microsecond either side of what a document says.
// A tree goes by the largest time that it has seen, so it must decide as one whose clock never went back.
#include <algorithm>
#include <random>

#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

TEST_CASE("a clock that jumps is the largest time so far, at the ends of time too") {
  const Program task = scope("expires 9h\nidle 3h\ndelegate\nread lab:/ at most 40 times\nlist lab:/\nask write lab:/\nlimit list lab:/ to 3 times per 10m\n"
                             "deny list lab:/x after read lab:/secret");
  const Program child = scope("expires 5h\nany lab:/\nlimit read lab:/ to 4 times per 1h");
  const std::vector<Program> programs{task, child};
  constexpr std::int64_t kEdges[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, kOpened - 1, kOpened, kOpened + 1, INT64_MAX - 1, INT64_MAX};
  std::size_t granted = 0, at_an_end = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto pick = [&](std::uint64_t n) { return random() % n; };
    std::int64_t largest = kOpened;
    Session jumping = open(layers_of(task)), steady = open(layers_of(task));
    std::optional<Session> jumping_child, steady_child;
    for (int step = 0; step < 60; ++step) {
      // Mostly small steps in both directions; an end of time late in the story, because nothing comes after the last.
      std::int64_t now = std::min(largest, INT64_MAX - 40 * kMinute) + static_cast<std::int64_t>(pick(40 * kMinute)) - 15 * kMinute;
      if (step > 40 && pick(8) == 0) now = kEdges[pick(std::size(kEdges))];
      else if (pick(6) == 0) now = kEdges[pick(8)];
      else if (pick(10) == 0) now = kOpened + static_cast<std::int64_t>(pick(3)) * 3 * kHour + static_cast<std::int64_t>(pick(3)) - 1;
      largest = std::max(largest, now);
      const Time wild = time_from_micros(now), sane = time_from_micros(largest);
      const std::string resource = std::string("lab:/") + (pick(5) == 0 ? "secret" : pick(2) == 0 ? "x" : "y");
      const Request request(pick(2) == 0 ? "list" : "read", resource);
      if (pick(12) == 0 && !jumping_child) {
        Delegation delegation;
        delegation.agent = "urn:two";
        delegation.task = child;
        auto one = jumping.delegate(delegation, wild), other = steady.delegate(delegation, sane);
        REQUIRE(one.ok() == other.ok());
        if (one) jumping_child.emplace(std::move(one).value()), steady_child.emplace(std::move(other).value());
        continue;
      }
      const bool use_child = jumping_child && pick(2) == 0;
      Session& a = use_child ? *jumping_child : jumping;
      Session& b = use_child ? *steady_child : steady;
      if (pick(10) == 0) {
        const Decision ask = a.check({"create", resource}, wild), same = b.check({"create", resource}, sane);
        REQUIRE(reason(ask) == reason(same));
        if (ask.asks()) REQUIRE(a.approve(ask.approval, kPerson, time_from_micros(std::min(kEdges[pick(8)], largest))).ok() == b.approve(same.approval, kPerson, sane).ok());
      }
      REQUIRE(reason(a.would(request, wild)) == reason(b.would(request, sane)));
      const Decision one = a.check(request, wild), other = b.check(request, sane);
      INFO("seed " << seed << ", step " << step << ", now " << now);
      REQUIRE(reason(one) == reason(other));
      REQUIRE(one.rule == other.rule);
      REQUIRE(a.status(wild).now == sane);
      granted += one.allowed();
      at_an_end += one.allowed() && largest > kOpened + 9 * kHour;
    }
    const SavedState saved = jumping.save().value();
    REQUIRE(Session::restore(saved.bytes, 0, programs).ok());
  }
  CHECK(granted > 1000);
  CHECK(at_an_end == 0);
}

TEST_CASE("what opens at an end of time is over at once, or as long as its documents say") {
  for (const std::int64_t now : {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX}) {
    Opening opening;
    opening.agent = kAgent;
    opening.user = kPerson;
    opening.layers = layers_of(scope("expires 1h\nidle 10m\nread lab:/ at most 5 times\nlimit read lab:/ to 3 times per 1h"));
    auto session = Session::open(opening, time_from_micros(now));
    if (!session) continue;
    const std::string first = reason(session->check({"read", "lab:/a"}, time_from_micros(now)));
    CHECK((first == "allowed_by_rule" || first == "expired"));
    CHECK(reason(session->check({"read", "lab:/a"}, time_from_micros(INT64_MAX))) != (now < 0 ? "allowed_by_rule" : "nothing"));
    CHECK(session->save().ok());
  }
}
