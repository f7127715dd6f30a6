// Saved state: what comes back decides as what was saved; what was damaged does not come back at all.
#include <algorithm>
#include <cstring>
#include <random>

#include "engine/session/saved_format.h"
#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

struct World {
  Program task = scope("purpose \"p\"\nexpires 9h\nidle 8h\ndelegate up to 3 levels\nread, list lab:/ at most 9 times\nask write lab:/\n"
                       "deny list lab:/x after read lab:/secret\nlimit read lab:/ to 20 of n per 30m");
  Program rail = guardrail("allow any anything\nlimit any anything to 15 times");
  Program child = scope("expires 5h\ndelegate\nany lab:/\ndeny read lab:/y after list lab:/\nlimit any lab:/ to 8 times per 20m");
  Layers layers = layers_of(task, {rail});

  std::vector<Program> programs() const { return {child, rail, task}; }
  Session open_root() const {
    const std::vector<Value> roles{"lead", "head"};
    const std::vector<Attribute> facts{{"user.roles", std::span<const Value>(roles)}, {"user.n", 5}, {"agent.home", ResourceName{"lab:/a"}}, {"user.due", after(5)}};
    Opening opening;
    opening.agent = kAgent;
    opening.user = kPerson;
    opening.layers = layers;
    opening.facts = facts;
    return Session::open(opening, after(0)).value();
  }
};

std::string code(const Result<std::vector<Session>>& result) { return result ? "ok" : to_string(result.error().code); }

// The same random call on two trees; their answers must agree.
struct Script {
  std::mt19937_64 random;
  std::int64_t now = 0;

  std::uint64_t pick(std::uint64_t n) { return random() % n; }
  void step(std::vector<Session>& a, std::vector<Session>* b, std::vector<ApprovalId>& asks) {
    now += static_cast<std::int64_t>(pick(8)) * kMinute;
    const std::size_t who = pick(a.size());
    const char* const actions[] = {"read", "list", "create", "read"};
    const char* const resources[] = {"lab:/x", "lab:/y", "lab:/secret/1", "lab:/q"};
    const std::string action = actions[pick(4)], resource = resources[pick(4)];
    const std::vector<Attribute> attributes{{"n", static_cast<std::int64_t>(pick(5))}};
    const Request request(action, resource, attributes);
    if (pick(6) == 0 && !asks.empty()) {
      const ApprovalId id = asks[pick(asks.size())];
      const bool approved = a[who].approve(id, kPerson, after(now)).ok();
      if (b) REQUIRE((*b)[who].approve(id, kPerson, after(now)).ok() == approved);
      return;
    }
    if (b) {
      const Decision would = a[who].would(request, after(now)), also = (*b)[who].would(request, after(now));
      REQUIRE(reason(would) == reason(also));
      REQUIRE(would.rule == also.rule);
      REQUIRE(would.approval == also.approval);
      if (would.asks()) return;  // two trees would give it two ids
      REQUIRE(reason(a[who].check(request, after(now))) == reason((*b)[who].check(request, after(now))));
      return;
    }
    const Decision decision = a[who].check(request, after(now));
    if (decision.asks()) asks.push_back(decision.approval);
  }
};

}  // namespace

TEST_CASE("a restored tree goes on as the saved one does") {
  const World world;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Script script{std::mt19937_64(seed)};
    std::vector<Session> tree;
    tree.push_back(world.open_root());
    std::vector<ApprovalId> asks;
    for (int i = 0; i < 25; ++i) {
      script.step(tree, nullptr, asks);
      if (i == 5) tree.push_back(child_of(tree[0], world.child, script.now));
      if (i == 10) tree.push_back(child_of(tree[1], world.child, script.now, "urn:three"));
    }
    if (seed % 5 == 0) tree[1].revoke("ann", "why", after(script.now));
    const SavedState saved = tree[0].save().value();
    CHECK(saved.generation == 1);
    Result<std::vector<Session>> restored = Session::restore(saved.bytes, 1, world.programs());
    REQUIRE(code(restored) == "ok");
    REQUIRE(restored->size() == tree.size());
    CHECK(restored->at(0).facts().purpose == "p");
    CHECK(restored->at(0).facts().named.size() == 4);
    CHECK(restored->at(2).parent() == tree[1].id());
    if (seed % 5 == 0) CHECK(restored->at(2).status(after(0)).why == "why");
    for (int i = 0; i < 60; ++i) script.step(tree, &restored.value(), asks);
    CHECK(restored->at(1).save()->generation == 2);
  }
}

TEST_CASE("a tree of before 1970 is saved with what it asked") {
  const Layers layers = layers_of(scope("expires 9h\nask read lab:/"));
  Opening opening;
  opening.user = kPerson;
  opening.layers = layers;
  Session session = Session::open(opening, time_from_micros(-kHour)).value();
  const Decision asked = session.check({"read", "lab:/"}, time_from_micros(-kHour));
  const Program programs[] = {layers.program(0)};
  Result<std::vector<Session>> restored = Session::restore(session.save()->bytes, 1, programs);
  REQUIRE(code(restored) == "ok");
  CHECK(restored->at(0).approve(asked.approval, kPerson, time_from_micros(-kHour)).ok());
}

TEST_CASE("what is damaged, foreign, old or cut short is refused") {
  const World world;
  Session session = world.open_root();
  Session sub = child_of(session, world.child);
  const Decision asked = session.check({"create", "lab:/a"}, after(0));
  REQUIRE(session.approve(asked.approval, kPerson, after(0)));
  CHECK(check(sub, {"read", "lab:/secret/1", {{"n", 3}}}) == "allowed_by_rule");
  const SavedState first = session.save().value(), second = session.save().value();
  CHECK(second.generation == first.generation + 1);
  CHECK(code(Session::restore(first.bytes, 2, world.programs())) == "stale_state");
  CHECK(code(Session::restore(second.bytes, 2, world.programs())) == "ok");
  const std::vector<Program> some{world.task, world.rail};
  CHECK(code(Session::restore(second.bytes, 0, some)) == "missing_program");
  for (std::size_t size = 0; size < second.bytes.size(); ++size) {
    REQUIRE(code(Session::restore({second.bytes.data(), size}, 0, world.programs())) != "ok");
  }
  std::vector<std::byte> bytes = second.bytes;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      bytes[at] ^= static_cast<std::byte>(1 << bit);
      REQUIRE(code(Session::restore(bytes, 0, world.programs())) != "ok");
      bytes[at] ^= static_cast<std::byte>(1 << bit);
    }
  }
  bytes.push_back(std::byte{0});
  CHECK(code(Session::restore(bytes, 0, world.programs())) == "bad_state");
}

TEST_CASE("hostile bytes with a right checksum never crash, hang or leak") {
  const World world;
  Session session = world.open_root();
  Session sub = child_of(session, world.child);
  (void)session.check({"create", "lab:/a"}, after(0));
  (void)sub.check({"read", "lab:/secret/1", {{"n", 3}}}, after(0));
  const std::vector<std::byte> good = session.save()->bytes;
  std::mt19937_64 random(17);
  int restored = 0;
  for (int round = 0; round < 5000; ++round) {
    std::vector<std::byte> bytes = good;
    for (std::uint64_t i = 1 + random() % 3; i > 0; --i) {
      const std::size_t at = kStateBodyAt + random() % (bytes.size() - kStateBodyAt);
      bytes[at] = random() % 2 == 0 ? static_cast<std::byte>(random()) : static_cast<std::byte>(random() % 2 == 0 ? 0xff : 0);
    }
    const std::uint64_t checksum = image::xxh3({bytes.data() + kStateBodyAt, bytes.size() - kStateBodyAt}) ^ 1u;
    std::memcpy(bytes.data() + kStateChecksumAt, &checksum, sizeof checksum);
    Result<std::vector<Session>> result = Session::restore(bytes, 0, world.programs());
    if (!result) continue;
    ++restored;
    for (Session& each : result.value()) {
      (void)each.check({"read", "lab:/y", {{"n", 1}}}, after(kMinute));
      (void)each.explain({"read", "lab:/y"}, each.would({"read", "lab:/y"}, after(kMinute)));
    }
    (void)result->at(0).save();
  }
  CHECK(restored > 0);
}

// Its layers are a task scope's lifetime and more; a guardrail has none, so what began with one would never end.
TEST_CASE("a session that does not begin with a task scope is refused") {
  const World world;
  Session session = world.open_root();
  std::vector<std::byte> bytes = session.save()->bytes;
  const auto find = [&](const Program& program) {
    const auto digest = program.digest();
    const auto at = std::search(bytes.begin(), bytes.end(), digest.begin(), digest.end(), [](std::byte a, auto b) { return a == static_cast<std::byte>(b); });
    REQUIRE(at != bytes.end());
    return at;
  };
  std::swap_ranges(find(world.task), find(world.task) + 32, find(world.rail));
  const std::uint64_t checksum = image::xxh3({bytes.data() + kStateBodyAt, bytes.size() - kStateBodyAt}) ^ 1u;
  std::memcpy(bytes.data() + kStateChecksumAt, &checksum, sizeof checksum);
  CHECK(code(Session::restore(bytes, 0, world.programs())) == "bad_state");
}

// Found by the differential test: the reader took an ask to be longer than the shortest ones are.
TEST_CASE("asks of any length come back, however many there are") {
  for (std::size_t asks = 1; asks <= 40; ++asks) {
    const Layers layers = layers_of(scope("system k {\n  action a\n}\nexpires 2h\nask a k:/"));
    Session session = open(layers);
    for (std::size_t i = 0; i < asks; ++i) REQUIRE(session.check({"a", "k:/"}, after(0)).asks());
    const std::vector<Program> programs{layers.program(0)};
    const auto saved = session.save().value();
    CHECK(code(Session::restore(saved.bytes, saved.generation, programs)) == "ok");
  }
}
