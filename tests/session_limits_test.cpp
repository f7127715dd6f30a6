// Limits: counts, sums, windows. The meter is judged by a list of exact times; sessions by a reference
// that adds up what was granted.
#include <random>

#include "engine/session/meter.h"
#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

struct Grant {
  std::int64_t at, amount;
};

// What counts in the half-open window of length `per` that ends with `now`.
std::int64_t exactly_used(const std::vector<Grant>& grants, std::int64_t now, std::int64_t per) {
  std::int64_t sum = 0;
  for (const Grant& grant : grants) sum += now - grant.at < per ? grant.amount : 0;
  return sum;
}

}  // namespace

TEST_CASE("a window never holds more than its amount, and gives room back at most a 64th late") {
  std::mt19937_64 random(7);
  for (const std::int64_t per : {std::int64_t{1}, std::int64_t{2}, std::int64_t{63}, std::int64_t{64}, std::int64_t{65}, std::int64_t{127}, std::int64_t{1000},
                                 kMinute, 7 * 24 * kHour, (std::int64_t{1} << 57) - 1}) {
    for (int round = 0; round < 200; ++round) {
      const std::int64_t most = static_cast<std::int64_t>(random() % 20);
      Meter meter;
      meter.make(most, per);
      std::vector<Grant> grants;
      std::int64_t now = static_cast<std::int64_t>(random() % 3) * (kOpened / 2) - kOpened / 2;
      for (int step = 0; step < 60; ++step) {
        const auto part = static_cast<std::uint64_t>(per) / (std::uint64_t{1} << random() % 8) + 2;
        now += static_cast<std::int64_t>(random() % part);
        if (now > INT64_MAX / 4) break;
        const std::int64_t amount = static_cast<std::int64_t>(random() % 4);
        const bool room = meter.has_room(amount, now);
        if (room) REQUIRE(exactly_used(grants, now, per) + amount <= most);
        if (exactly_used(grants, now, per + per / 64 + (per % 64 != 0)) + amount <= most) REQUIRE(room);
        if (!room) continue;
        const std::int64_t bucket = meter.add(amount, now);
        if (random() % 8 == 0) {
          meter.give_back(amount, bucket);
        } else {
          grants.push_back({now, amount});
        }
      }
    }
  }
}

TEST_CASE("a meter's buckets put back make the same meter") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 500; ++round) {
    const std::int64_t per = round % 2 == 0 ? 0 : 1 + static_cast<std::int64_t>(random() % kHour);
    Meter meter, copy;
    meter.make(1000, per);
    copy.make(1000, per);
    std::int64_t now = kOpened;
    for (int step = 0; step < 40; ++step) {
      now += static_cast<std::int64_t>(random() % (kHour / 8));
      if (meter.has_room(7, now)) meter.add(7, now);
    }
    meter.visit_buckets([&](Meter::Bucket bucket) { REQUIRE(copy.restore(bucket)); });
    for (int step = 0; step < 40; ++step, now += kHour / 32) REQUIRE(copy.used(now) == meter.used(now));
  }
  Meter window;
  window.make(5, kHour);
  REQUIRE_FALSE(window.restore({0, 6}));
  REQUIRE_FALSE(window.restore({0, -1}));
  REQUIRE(window.restore({3, 2}));
  REQUIRE_FALSE(window.restore({3, 2}));
  REQUIRE_FALSE(window.restore({INT64_MAX, 1}));
}

TEST_CASE("a meter at its exact edges") {
  // What is 64 buckets old counts and can be given back; one bucket later it does neither.
  for (const std::int64_t behind : {64, 65}) {
    Meter meter;
    meter.make(10, 64);  // buckets of a microsecond
    const std::int64_t first = meter.add(4, 0);
    meter.add(3, behind);
    CHECK(meter.used(behind) == (behind == 64 ? 7 : 3));
    meter.give_back(4, first);
    CHECK(meter.used(behind) == 3);
  }
  // Near the beginning and the end of time all is one bucket, and it can be put back.
  for (const std::int64_t edge : {INT64_MIN / 2, INT64_MAX / 2}) {
    Meter meter, copy;
    meter.make(10, 64);
    copy.make(10, 64);
    CHECK(meter.add(1, edge < 0 ? edge - 5 : edge + 5) == edge);
    CHECK(copy.restore({edge, 1}));
    CHECK_FALSE(copy.restore({edge < 0 ? edge - 1 : edge + 1, 1}));
  }
}

TEST_CASE("counts, sizes and sums stop exactly where they are full") {
  Session session = open("expires 1h\nread lab:/count at most 2 times\nread lab:/size at most 10B\nread lab:/sum\nlimit read lab:/sum to 5 of n\nlist lab: at most 0 times");
  const auto sized = [](std::int64_t size) { return std::vector<Attribute>{{"size", bytes(size)}}; };
  CHECK(check(session, {"read", "lab:/count/a"}) == "allowed_by_rule");
  CHECK(check(session, {"read", "lab:/count/b"}) == "allowed_by_rule");
  const Decision full = session.check({"read", "lab:/count/b"}, after(0));
  CHECK(reason(full) == "limit_exceeded");
  CHECK(session.rule(full)->line == 3);

  CHECK(check(session, {"read", "lab:/size", sized(11)}) == "limit_exceeded");
  CHECK(check(session, {"read", "lab:/size", sized(9)}) == "allowed_by_rule");
  CHECK(check(session, {"read", "lab:/size", sized(2)}) == "limit_exceeded");
  CHECK(check(session, {"read", "lab:/size", sized(1)}) == "allowed_by_rule");
  CHECK(check(session, {"read", "lab:/size", sized(0)}) == "allowed_by_rule");
  CHECK(check(session, {"read", "lab:/size", sized(-1)}) == "limit_unmeasurable");
  CHECK(check(session, {"read", "lab:/size", sized(INT64_MAX)}) == "limit_exceeded");
  CHECK(check(session, {"read", "lab:/size"}) == "limit_unmeasurable");
  CHECK(check(session, {"read", "lab:/size", {{"size", 1}}}) == "limit_unmeasurable");  // an int is no size

  CHECK(check(session, {"read", "lab:/sum", {{"n", 5}}}) == "allowed_by_rule");
  const Decision over = session.check({"read", "lab:/sum", {{"n", 1}}}, after(0));
  CHECK(reason(over) == "limit_exceeded");
  CHECK(session.rule(over)->line == 6);
  CHECK(check(session, {"list", "lab:/"}) == "limit_exceeded");

  const std::vector<LimitState> states = session.limits(after(0));
  REQUIRE(states.size() == 4);
  CHECK(states[0].remaining() == 0);
  CHECK(states[1].attribute == "size");
  CHECK(states[2].used == 5);
}

TEST_CASE("a request is charged to every limit of every layer, or to none") {
  Session session = open(layers_of(scope("expires 1h\nread lab:/ at most 3 times\nlimit any lab:/ to 10 of n"), {guardrail("allow any anything\nlimit read anything to 2 times\nlimit read lab:/x to 1 times")}));
  CHECK(check(session, {"read", "lab:/x", {{"n", 11}}}) == "limit_exceeded");
  CHECK(check(session, {"read", "lab:/x", {{"n", 4}}}) == "allowed_by_rule");
  const Decision second = session.check({"read", "lab:/x", {{"n", 4}}}, after(0));
  CHECK(reason(second) == "limit_exceeded");
  CHECK(second.layer == 1);
  CHECK(session.rule(second)->line == 5);
  for (const LimitState& limit : session.limits(after(0))) CHECK(limit.used == (limit.attribute.empty() ? 1 : 4));
  CHECK(check(session, {"read", "lab:/y", {{"n", 6}}}) == "allowed_by_rule");
  CHECK(check(session, {"read", "lab:/y", {{"n", 0}}}) == "limit_exceeded");
}

TEST_CASE("what was asked for is charged once, when it is granted") {
  Session session = open("expires 1h\nask read lab:/\nlimit read lab:/ to 5 times\nlimit read lab:/ to 9 of n");
  const std::vector<Attribute> attributes{{"n", 2}};
  const Request request("read", "lab:/a", attributes);
  const ApprovalId id = session.check(request, after(0)).approval;
  CHECK(session.limits(after(0))[0].used == 0);
  REQUIRE(session.approve(id, kPerson, after(0)));
  CHECK(check(session, request) == "granted_by_approval");
  CHECK(session.limits(after(0))[0].used == 1);
  CHECK(session.limits(after(0))[1].used == 2);
}

TEST_CASE("a rule that denies says so before a limit does") {
  Session session = open("expires 1h\nread lab:/\ndeny read lab:/x\nlimit read lab:/ to 0 times");
  CHECK(check(session, {"read", "lab:/x"}) == "denied_by_rule");
  CHECK(check(session, {"read", "lab:/y"}) == "limit_exceeded");
}

TEST_CASE("what a system does not declare, or declares as another type, is not added up") {
  const std::vector<Attribute> attributes{{"n", 2}};
  for (const char* const declares : {"", "; attribute n: string"}) {
    const std::string moon = "system moon { action read" + std::string(declares) + " }\n";
    Session session = open(layers_of(scope(moon + "expires 1h\nallow any anything"), {guardrail("allow any anything\nlimit any anything to 10 of n")}));
    CHECK(check(session, {"read", "lab:/a", attributes}) == "allowed_by_rule");
    CHECK(check(session, {"read", "moon:/a", attributes}) == "limit_unmeasurable");
  }
}

TEST_CASE("each layer's verdict is its own") {
  Session session = open(layers_of(scope("expires 1h\ndelegate\nread, list lab:/\nlimit read lab:/ to 1 times"), {guardrail("allow any anything")}));
  std::vector<Decision> verdicts(4);
  verdicts[3].rule = 77;
  session.verdicts({"read", "lab:/a"}, after(0), verdicts);
  CHECK(reason(verdicts[0]) == "allowed_by_rule");
  CHECK(verdicts[3].rule == 77);  // there are but two layers
  CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
  session.verdicts({"read", "lab:/a"}, after(0), verdicts);
  CHECK(reason(verdicts[0]) == "limit_exceeded");
  CHECK(reason(verdicts[1]) == "allowed_by_rule");
  // A sub-session's know what was granted before anybody asked it.
  Session child = child_of(session, scope("expires 1h\nlist lab:/\ndeny list lab:/ after read lab:/a"));
  child.verdicts({"list", "lab:/a"}, after(0), verdicts);
  CHECK(reason(verdicts[0]) == "denied_by_rule");
  // Whoever is revoked is so in all layers; at the end of its time only the task scope ends.
  session.verdicts({"list", "lab:/a"}, after(kHour), verdicts);
  CHECK(reason(verdicts[0]) == "expired");
  CHECK(reason(verdicts[1]) == "allowed_by_rule");
  session.revoke("ann", "enough", after(0));
  session.verdicts({"list", "lab:/a"}, after(0), verdicts);
  CHECK(reason(verdicts[0]) == "revoked");
  CHECK(reason(verdicts[1]) == "revoked");
}

TEST_CASE("would and verdicts change nothing, however often") {
  Session session = open("expires 1h\nread lab:/ at most 1 times\ndeny list lab:/ after read lab:/\nlist lab:/");
  Decision verdict;
  for (int i = 0; i < 5; ++i) {
    CHECK(reason(session.would({"read", "lab:/a"}, after(0))) == "allowed_by_rule");
    session.verdicts({"read", "lab:/a"}, after(2 * kHour), {&verdict, 1});
    CHECK(reason(verdict) == "expired");
    CHECK(reason(session.would({"list", "lab:/a"}, after(0))) == "allowed_by_rule");
  }
  CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
  CHECK(reason(session.would({"list", "lab:/a"}, after(0))) == "denied_by_rule");
  session.verdicts({"read", "lab:/a"}, after(0), {&verdict, 1});
  CHECK(reason(verdict) == "limit_exceeded");
}

TEST_CASE("a reservation gives its charges back once, and history never") {
  Session session = open("expires 1h\nread lab:/ at most 2 times\ndeny list lab:/ after read lab:/\nlist lab:/");
  Reservation held = session.reserve({"read", "lab:/a"}, after(0));
  REQUIRE(held.granted());
  { const Reservation dropped = session.reserve({"read", "lab:/a"}, after(0)); }
  CHECK(check(session, {"read", "lab:/a"}) == "limit_exceeded");
  held.rollback();
  held.rollback();
  CHECK(session.limits(after(0))[0].used == 1);
  CHECK(check(session, {"list", "lab:/a"}) == "denied_by_rule");
  Reservation kept = session.reserve({"read", "lab:/a"}, after(0));
  kept.commit();
  kept.rollback();
  CHECK(session.limits(after(0))[0].used == 2);
  CHECK_FALSE(session.reserve({"read", "lab:/a"}, after(0)).granted());
}

TEST_CASE("over random schedules grants never exceed a limit and reach it whenever demand suffices") {
  std::mt19937_64 random(3);
  const auto pick = [&](std::int64_t count) { return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(count)); };
  const Layers layers = layers_of(scope("expires 100h\nany lab:/\nlimit read lab:/ to 7 times\nlimit read, list lab:/ to 20 of n\nlimit read lab:/ to 3 times per 10m"),
                                  {guardrail("allow any anything\nlimit any anything to 30 of n per 1h")});
  for (int schedule = 0; schedule < 10'000; ++schedule) {
    Session session = open(layers);
    std::vector<Grant> reads, sums, all;
    std::int64_t now = 0;
    for (int step = 0; step < 24; ++step) {
      now += pick(4) == 0 ? pick(20 * kMinute) : pick(kMinute);
      const bool read = pick(2) == 0;
      const std::int64_t n = pick(6);
      const auto fits = [&](std::int64_t slack) {
        const auto window = [&](std::int64_t per) { return per + slack * (per / 64 + 1); };
        const bool sum_fits = exactly_used(sums, now, 1000 * kHour) + n <= 20 && exactly_used(all, now, window(kHour)) + n <= 30;
        return sum_fits && (!read || (exactly_used(reads, now, 1000 * kHour) < 7 && exactly_used(reads, now, window(10 * kMinute)) < 3));
      };
      const Decision decision = session.check({read ? "read" : "list", "lab:/a", {{"n", n}}}, after(now));
      if (decision.allowed()) {
        REQUIRE(fits(0));
        if (read) reads.push_back({now, 1});
        sums.push_back({now, n});
        all.push_back({now, n});
      } else {
        REQUIRE(reason(decision) == "limit_exceeded");
        REQUIRE_FALSE(fits(1));
      }
    }
  }
}
