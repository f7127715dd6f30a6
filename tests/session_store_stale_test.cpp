// A store whose block is not known, or is another's work: nothing is granted on what may be out of date, a change is
// made again on what was read, and what is read is taken over whole. Failures of single calls are
// session_store_failure_test's.
#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/session/saved_format.h"
#include "tests/scripted_store.h"

using namespace remit;
using namespace remit::test;
using World = StoredWorld;

TEST_CASE("while it is not known which block is there, not even a lease grants anything") {
  for (const bool written : {false, true}) {
    World world;
    Session session = open(world.layers, world.around(kAlways, 4));
    CHECK(check(session, {"read", "lab:/a"}, 0) == "allowed_by_rule");
    CHECK(check(session, {"read", "lab:/a"}, 1) == "allowed_by_rule");
    if (written) {  // by another process
      CHECK(check(world.resume(session.id(), kAlways)[0], {"read", "lab:/b"}, 2) == "allowed_by_rule");
    } else {
      world.store->replace_fails = true;
      CHECK(check(session, {"list", "lab:/a"}, 2) == "internal_error");
      world.store->replace_fails = false;
    }
    world.store->load_fails = true;
    for (int i = 3; i < 6; ++i) CHECK(check(session, {"read", "lab:/a"}, i) == "internal_error");
    world.store->load_fails = false;
    CHECK(check(session, {"read", "lab:/a"}, 6) == "allowed_by_rule");
  }
}

TEST_CASE("at the very beginning of time neither") {
  for (const bool written : {false, true}) {
    World world;
    const Time first = time_from_micros(INT64_MIN);
    Opening opening;
    opening.user = kPerson;
    opening.layers = world.layers;
    opening.surroundings = world.around(kAlways, 4);
    Session session = Session::open(opening, first).value();
    CHECK(session.check({"read", "lab:/a"}, first).allowed());
    if (written) {
      CHECK(world.resume(session.id(), kAlways)[0].check({"read", "lab:/b"}, first).allowed());
    } else {
      world.store->replace_fails = true;
      CHECK_FALSE(session.check({"list", "lab:/a"}, first).allowed());
      world.store->replace_fails = false;
    }
    world.store->load_fails = true;
    for (int i = 0; i < 2; ++i) CHECK_FALSE(session.check({"read", "lab:/a"}, first).allowed());
    world.store->load_fails = false;
    CHECK(session.check({"read", "lab:/a"}, first).allowed());
  }
}

TEST_CASE("what was resumed is of the version that was read, and each block says which generation it is") {
  World world;
  const Id id = open(world.layers, world.around(kAlways)).id();
  Session session = std::move(world.resume(id, kAlways)[0]);
  world.store->load_fails = true;  // nothing has to be read again
  CHECK(check(session, {"list", "lab:/a"}, 1) == "allowed_by_rule");
  const StoredState& block = world.store->block(id);
  CHECK(code(Session::restore(block.bytes, block.version, world.programs)) == "ok");
  CHECK(code(Session::restore(block.bytes, block.version + 1, world.programs)) == "stale_state");
}

TEST_CASE("after a write that failed, what must not be lost reads the block first") {
  World world;
  Session session = open(world.layers, world.around(kAlways));
  const ApprovalId id = session.check({"create", "lab:/a"}, after(0)).approval, other = session.check({"create", "lab:/b"}, after(0)).approval;
  world.store->replace_fails = true;
  CHECK(check(session, {"list", "lab:/a"}, 1) == "internal_error");
  world.store->replace_fails = false;
  world.store->load_fails = true;
  CHECK(std::string(to_string(session.approve(id, kPerson, after(2)).error().code)) == "store_unavailable");
  world.store->load_fails = false;
  CHECK(session.approve(other, kPerson, after(3)).ok());
  CHECK(check(session, {"create", "lab:/b"}, 4) == "granted_by_approval");
}

TEST_CASE("a change that comes while it is not known which block is there is not lost in the reading") {
  World world;
  Surroundings around = world.around(kAlways);
  Session* other = nullptr;
  around.host = [&](const HostQuestion&) {
    if (other == nullptr) return true;
    world.store->replace_fails = true;
    CHECK(check(*std::exchange(other, nullptr), {"create", "lab:/x"}, 1) == "internal_error");
    world.store->replace_fails = false;
    return true;
  };
  Session session = open(world.layers, around);
  for (int i = 1; i <= 7; ++i) {
    other = &session;
    CHECK(check(session, {"list", "lab:/a"}, i) == "allowed_by_rule");
    CHECK(session.limits(after(i))[1].used == i);
  }
  CHECK(check(session, {"list", "lab:/a"}, 8) == "limit_exceeded");
  CHECK(world.resume(session.id(), kAlways)[0].limits(after(8))[1].used == 7);
}

TEST_CASE("what came to nothing because another wrote first is no history") {
  World world;
  const Program once = scope("expires 9h\nlist lab:/ at most 1 times\ndeny update lab:/ after list lab:/secret\nupdate lab:/\n");
  world.programs = {once};
  Session first = open(layers_of(once), world.around(kNever));
  CHECK(check(first, {"update", "lab:/"}, 0) == "allowed_by_rule");
  CHECK(check(world.resume(first.id(), kAlways)[0], {"list", "lab:/a"}, 1) == "allowed_by_rule");
  CHECK(check(first, {"list", "lab:/secret"}, 2) == "limit_exceeded");
  CHECK(check(first, {"update", "lab:/"}, 3) == "allowed_by_rule");
}

TEST_CASE("a sub-session of another process learns all that was granted before it, through whichever process it went") {
  World world;
  const Program plain = scope("expires 9h\ndelegate\nread, list lab:/\nask write lab:/"), careful = scope("expires 5h\nlist lab:/\ndeny list lab:/ after read lab:/secret");
  world.programs = {plain, careful};
  const Id id = open(layers_of(plain), world.around(kAlways)).id();
  std::vector<Session> first = world.resume(id, kAlways), second = world.resume(id, kAlways);
  CHECK(check(first[0], {"read", "lab:/secret"}, 0) == "allowed_by_rule");
  Session child = child_of(second[0], careful, 1);
  CHECK(check(first[0], {"create", "lab:/a"}, 2) == "asked_by_rule");  // writes what the other opened
  std::vector<Session> third = world.resume(id, kAlways);
  REQUIRE(third.size() == 2);
  CHECK(check(third[1], {"list", "lab:/a"}, 3) == "denied_by_rule");
}

TEST_CASE("a block in which a session has other layers takes nothing from this one") {
  World world;
  const Program task = scope("expires 9h\nread lab:/"), rail = guardrail("allow any anything\nlimit read anything to 3 times");
  world.programs = {task, rail};
  Session session = open(layers_of(task, {rail}), world.around(kAlways)), bare = open(layers_of(task), world.around(kAlways));
  CHECK(check(session, {"read", "lab:/a"}, 0) == "allowed_by_rule");
  // The bare session's block under the other's id, as only somebody with access to the store can write it.
  std::vector<std::byte> bytes = world.store->block(bare.id()).bytes;
  const Id from = bare.id(), to = session.id();
  const auto at = std::search(bytes.begin(), bytes.end(), from.bytes.begin(), from.bytes.end(), [](std::byte a, auto b) { return a == static_cast<std::byte>(b); });
  REQUIRE(at != bytes.end());
  std::memcpy(&*at, to.bytes.data(), to.bytes.size());
  const std::uint64_t checksum = image::xxh3(std::span<const std::byte>(bytes).subspan(kStateBodyAt)) ^ world.store->block(bare.id()).version;
  std::memcpy(bytes.data() + kStateChecksumAt, &checksum, sizeof checksum);
  StoredState& block = world.store->block(session.id());
  block = {bytes, block.version + 1};
  CHECK(check(session, {"read", "lab:/a"}, 1) == "allowed_by_rule");
  CHECK(session.limits(after(1))[0].used == 2);
}
