// A store that fails, conflicts or holds something else at a chosen moment: what was not stored was not
// granted, what others wrote is read first, and what cannot be read ends in a refusal. Races at random and
// what a crash leaves are session_store_test's.
#include "tests/scripted_store.h"

using namespace remit;
using namespace remit::test;
using World = StoredWorld;

TEST_CASE("between two looks at the store a decision rests on what was read, and only so long") {
  World world;
  Session first = open(world.layers, world.around(std::chrono::seconds(10)));
  CHECK(check(first, {"read", "lab:/a"}, 0) == "allowed_by_rule");
  const std::size_t asked = world.store->versions_asked;
  for (std::int64_t i = 1; i < 10; ++i) CHECK(check(first, {"read", "lab:/a"}, i * kSecond) == "allowed_by_rule");
  CHECK(world.store->versions_asked == asked);
  world.resume(first.id(), kAlways)[0].revoke("ann", "enough", after(9 * kSecond));
  CHECK(check(first, {"read", "lab:/a"}, 11 * kSecond) == "revoked");
  CHECK(world.store->versions_asked == asked + 1);
}

TEST_CASE("near the end of time the next look is at the end of time") {
  World world;
  Opening opening;
  opening.user = kPerson;
  opening.layers = world.layers;
  opening.surroundings = world.around(std::chrono::hours(1));
  const auto late = [](std::int64_t before) { return time_from_micros(INT64_MAX - before); };
  Session session = Session::open(opening, late(1000)).value();
  CHECK(reason(session.check({"read", "lab:/a"}, late(900))) == "allowed_by_rule");
  const std::size_t asked = world.store->versions_asked;
  CHECK(reason(session.check({"read", "lab:/a"}, late(100))) == "allowed_by_rule");
  CHECK(world.store->versions_asked == asked);
}

TEST_CASE("a store that cannot be asked grants nothing, and goes on where it left off") {
  World world;
  Session session = open(world.layers, world.around(kAlways));
  world.store->version_fails = true;
  CHECK(check(session, {"read", "lab:/a"}, 1) == "internal_error");
  world.store->version_fails = false;
  CHECK(check(session, {"read", "lab:/a"}, 2) == "allowed_by_rule");
  // A version that moved on, and cannot be read.
  CHECK(check(world.resume(session.id(), kAlways)[0], {"read", "lab:/b"}, 3) == "allowed_by_rule");
  world.store->load_fails = true;
  CHECK(check(session, {"read", "lab:/a"}, 4) == "internal_error");
  world.store->load_fails = false;
  CHECK(check(session, {"read", "lab:/a"}, 5) == "allowed_by_rule");
  CHECK(session.limits(after(5))[0].used == 3);
}

TEST_CASE("who writes second decides again on what the first wrote") {
  World world;
  Session first = open(world.layers, world.around(kNever));
  std::vector<Session> second = world.resume(first.id(), kNever);
  int granted = 0;
  for (int i = 0; i < 14; ++i) granted += (i % 2 == 0 ? first : second[0]).check({"list", "lab:/a"}, after(i)).allowed() ? 1 : 0;
  CHECK(granted == 7);
  CHECK(check(first, {"list", "lab:/a"}, 20) == "limit_exceeded");
  CHECK(check(second[0], {"list", "lab:/a"}, 20) == "limit_exceeded");
  // History likewise: the second learns of it by its own conflict.
  World other;
  Session one = open(other.layers, other.around(kNever));
  std::vector<Session> two = other.resume(one.id(), kNever);
  CHECK(check(one, {"list", "lab:/secret"}, 1) == "allowed_by_rule");
  CHECK(check(two[0], {"list", "lab:/secret"}, 2) == "allowed_by_rule");
  CHECK(two[0].limits(after(2))[1].used == 2);
  // And asks.
  const ApprovalId id = one.check({"create", "lab:/a"}, after(3)).approval;
  CHECK_FALSE(id.empty());
  CHECK_FALSE(two[0].check({"create", "lab:/a"}, after(4)).approval.empty());
  CHECK(two[0].pending(after(4)).size() == 2);
}

TEST_CASE("a lease lost to a conflict is given back, not granted twice") {
  World world;
  Session first = open(world.layers, world.around(kNever, 4));
  std::vector<Session> second = world.resume(first.id(), kNever, 4);
  int granted = 0;
  for (int i = 0; i < 60; ++i) granted += (i % 3 == 0 ? first : second[0]).check({"read", "lab:/a"}, after(i)).allowed() ? 1 : 0;
  CHECK(granted <= 20);
  CHECK(granted >= 15);
}

TEST_CASE("a store in which somebody always writes first ends in a refusal, not in a loop") {
  World world;
  Session session = open(world.layers, world.around(kNever));
  world.store->always_conflicts = true;
  CHECK(check(session, {"read", "lab:/a"}) == "internal_error");
  CHECK(check(session, {"create", "lab:/a"}) == "internal_error");
  Delegation delegation;
  delegation.agent = "spiffe://acme/agent/two";
  delegation.task = world.child;
  CHECK(std::string(to_string(session.delegate(delegation, after(0)).error().code)) == "store_unavailable");
  world.store->always_conflicts = false;
  CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
  CHECK(session.limits(after(0))[0].used == 1);
}

TEST_CASE("a conflict whose winner cannot be read grants nothing") {
  for (const bool asks : {false, true}) {
    World world;
    Session session = open(world.layers, world.around(kNever));
    CHECK(check(session, {"nothing", "lab:/b"}, 0) == "unknown_action");
    CHECK(session.would({"read", "lab:/b"}, after(0)).allowed());
    CHECK(check(world.resume(session.id(), kAlways)[0], {"read", "lab:/b"}, 1) == "allowed_by_rule");
    world.store->load_fails = true;
    CHECK(check(session, {asks ? "create" : "read", "lab:/a"}, 2) == "internal_error");
    CHECK(check(session, {asks ? "create" : "read", "lab:/a"}, 3) == "internal_error");
    world.store->load_fails = false;
    CHECK(check(session, {"read", "lab:/a"}, 4) == "allowed_by_rule");
    CHECK(session.limits(after(4))[0].used == 2);
  }
}

TEST_CASE("what is not stored is not asked, delegated or approved") {
  World world;
  Session session = open(world.layers, world.around(kAlways));
  const ApprovalId id = session.check({"create", "lab:/a"}, after(0)).approval;
  world.store->replace_fails = true;
  CHECK(std::string(to_string(session.approve(id, kPerson, after(1)).error().code)) == "store_unavailable");
  CHECK(check(session, {"create", "lab:/b"}, 1) == "internal_error");
  Delegation delegation;
  delegation.agent = "spiffe://acme/agent/two";
  delegation.task = world.child;
  CHECK(std::string(to_string(session.delegate(delegation, after(1)).error().code)) == "store_unavailable");
  world.store->replace_fails = false;
  CHECK(check(session, {"create", "lab:/a"}, 2) == "asked_by_rule");
  CHECK(session.approve(id, kPerson, after(3)).ok());
  CHECK(check(session, {"create", "lab:/a"}, 4) == "granted_by_approval");
}

TEST_CASE("a block that is none, of other programs or of another tree is refused, in use and when resumed") {
  World world;
  Session session = open(world.layers, world.around(kAlways)), other = open(world.layers, world.around(kAlways));
  const StoredState good = world.store->block(session.id());
  CHECK(code(Session::resume(session.id(), world.programs, {})) == "bad_argument");
  CHECK(code(Session::resume(session.id(), {}, world.around(kAlways))) == "missing_program");
  world.store->load_fails = true;
  CHECK(code(Session::resume(session.id(), world.programs, world.around(kAlways))) == "store_unavailable");
  world.store->load_fails = false;
  world.store->block(session.id()) = world.store->block(other.id());
  CHECK(code(Session::resume(session.id(), world.programs, world.around(kAlways))) == "bad_state");
  for (const std::vector<std::byte>& bytes : {std::vector<std::byte>(), std::vector<std::byte>(good.bytes.begin(), good.bytes.end() - 1)}) {
    world.store->block(session.id()) = {bytes, good.version + 1};
    CHECK(check(session, {"read", "lab:/a"}) == "internal_error");
    CHECK(code(Session::resume(session.id(), world.programs, world.around(kAlways))) == "bad_state");
  }
  // What came back is gone on from.
  world.store->block(session.id()) = {good.bytes, good.version + 1};
  CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
}

TEST_CASE("a sub-session of a process that did not know it makes this process unable to decide, not permissive") {
  World world;
  Session first = open(world.layers, world.around(kAlways));
  std::vector<Session> second = Session::resume(first.id(), std::span(world.programs).first(1), world.around(kAlways)).value();
  Session child = child_of(first, world.child, 1);
  CHECK(check(second[0], {"read", "lab:/a"}, 2) == "internal_error");
  CHECK(check(first, {"read", "lab:/a"}, 3) == "allowed_by_rule");
}

TEST_CASE("a grant that others may have to know of is written once, what nobody asks for not at all") {
  World world;
  const Program delegating = scope("expires 9h\ndelegate\nread lab:/\n"), alone = scope("expires 9h\nread, list lab:/\ndeny update lab:/ after list lab:/\nupdate lab:/\n");
  Session session = open(layers_of(delegating), world.around(kNever));
  const std::size_t opened = world.store->replaced;
  for (int i = 0; i < 5; ++i) CHECK(check(session, {"read", "lab:/a"}, i) == "allowed_by_rule");
  CHECK(world.store->replaced == opened + 1);
  CHECK(check(session, {"read", "lab:/b"}, 5) == "allowed_by_rule");
  CHECK(world.store->replaced == opened + 2);
  // Without delegation only what is remembered is written: the first `list`.
  Session lonely = open(layers_of(alone), world.around(kNever));
  const std::size_t before = world.store->replaced;
  for (int i = 0; i < 3; ++i) CHECK(check(lonely, {"read", "lab:/a"}, i) == "allowed_by_rule");
  CHECK(world.store->replaced == before);
  for (int i = 3; i < 6; ++i) CHECK(check(lonely, {"list", "lab:/a"}, i) == "allowed_by_rule");
  CHECK(world.store->replaced == before + 1);
  CHECK(check(lonely, {"update", "lab:/a"}, 7) == "denied_by_rule");
}

TEST_CASE("what a reservation took from a lease goes back to the lease, and a stored tree is saved by its store alone") {
  World world;
  Session session = open(world.layers, world.around(kNever, 4));
  CHECK(check(session, {"read", "lab:/a"}, 0) == "allowed_by_rule");
  const std::int64_t used = session.limits(after(0))[0].used;
  CHECK(used == 6);  // of a lease of five, and the request at hand
  Reservation reservation = session.reserve({"read", "lab:/b"}, after(1));
  REQUIRE(reservation.granted());
  reservation.rollback();
  const std::size_t replaced = world.store->replaced;
  for (int i = 0; i < 5; ++i) CHECK(check(session, {"read", "lab:/b"}, 2 + i) == "allowed_by_rule");
  CHECK(session.limits(after(9))[0].used == used);
  CHECK(world.store->replaced <= replaced + 1);
  CHECK(std::string(to_string(session.save().error().code)) == "bad_argument");
}

// What is read then replaces what was changed here, so the change has to be made again.
TEST_CASE("an end that cannot be written is in force here all the same") {
  for (const bool conflict : {false, true}) {
    World world;
    Session session = open(world.layers, world.around(kNever));
    CHECK(check(session, {"read", "lab:/a"}, 0) == "allowed_by_rule");
    if (conflict) {
      CHECK(check(world.resume(session.id(), kAlways)[0], {"read", "lab:/b"}, 1) == "allowed_by_rule");
    } else {
      world.store->replace_fails = true;
      CHECK(check(session, {"read", "lab:/a"}, 1) == "internal_error");
    }
    world.store->load_fails = true;
    session.revoke("ann", "enough", after(2));
    CHECK(session.status(after(2)).reason == Reason::revoked);
    CHECK_FALSE(session.check({"read", "lab:/a"}, after(3)).allowed());
  }
}

TEST_CASE("another process at work keeps a tree from being idle") {
  World world;
  const Program idle = scope("expires 9h\nidle 20m\nread lab:/ at most 20 times");
  world.programs = {idle};
  Session first = open(layers_of(idle), world.around(kAlways));
  std::vector<Session> second = world.resume(first.id(), kAlways);
  CHECK(check(first, {"read", "lab:/a"}, 0) == "allowed_by_rule");
  CHECK(check(second[0], {"read", "lab:/a"}, 15 * kMinute) == "allowed_by_rule");
  CHECK(check(second[0], {"read", "lab:/a"}, 16 * kMinute) == "allowed_by_rule");  // writes down the time of the one before
  CHECK(check(first, {"read", "lab:/a"}, 30 * kMinute) == "allowed_by_rule");
  CHECK(check(second[0], {"read", "lab:/a"}, 51 * kMinute) == "idle_expired");
}

TEST_CASE("a log that another process filled makes history unknown here too") {
  World world;
  const Program busy = scope("expires 9h\ndelegate\nread, list lab:/");
  const Program child = scope("expires 5h\nlist lab:/\ndeny list lab:/q after read lab:/never");
  world.programs = {busy, child};
  Session first = open(layers_of(busy), world.around(kAlways));
  {
    std::vector<Session> second = world.resume(first.id(), kNever);
    for (int i = 0; i < 300; ++i) REQUIRE(second[0].check({"read", "lab:/" + std::to_string(i) + std::string(4000, 'x')}, after(i)).allowed());
  }
  Session late = child_of(first, child, 400);
  CHECK(check(late, {"list", "lab:/q"}, 401) == "denied_by_rule");
  CHECK(check(late, {"list", "lab:/a"}, 402) == "allowed_by_rule");
}
