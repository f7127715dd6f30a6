// What happens while an approval is being recorded: the trail is written without the tree's lock, so
// another thread or process may get in between. The sink here lets it, at that very moment.
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "engine/session/asks.h"
#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

// Calls back on another thread while an approval is written: a sink itself must not.
class Interrupted final : public AuditSink {
 public:
  std::function<void()> meanwhile;
  bool fails = false;

  std::uint64_t write(const AuditEvent& event) noexcept override {
    if (event.kind != AuditEvent::Kind::approval) return ++number_;
    if (meanwhile) std::thread(std::exchange(meanwhile, nullptr)).join();
    return fails ? 0 : ++number_;
  }

 private:
  std::atomic<std::uint64_t> number_{0};
};

class PlainStore final : public Store {
 public:
  std::map<std::string, StoredState> blocks;

  Result<StoredState> load(const Id& tree) noexcept override { return blocks[to_string(tree)]; }
  Result<std::uint64_t> replace(const Id& tree, std::uint64_t expected, std::span<const std::byte> bytes) noexcept override {
    StoredState& at = blocks[to_string(tree)];
    if (at.version != expected) return Error{ErrorCode::store_conflict, "another version"};
    at = {{bytes.begin(), bytes.end()}, expected + 1};
    return at.version;
  }
  Result<std::uint64_t> version(const Id& tree) noexcept override { return blocks[to_string(tree)].version; }
};

std::string code(const Status& status) { return status ? "ok" : to_string(status.error().code); }

struct World {
  std::shared_ptr<Interrupted> sink = std::make_shared<Interrupted>();
  std::shared_ptr<PlainStore> store = std::make_shared<PlainStore>();
  std::vector<Program> programs{scope("expires 10h\nask read lab:/\nlist lab:/")};

  Session open_here(bool stored) {
    Surroundings around;
    around.audit = sink;
    if (stored) around.store = store, around.store_options = {0, Duration(0)};
    return open(layers_of(programs[0]), around);
  }
  // The same tree in another process, which has a trail of its own.
  Session elsewhere(const Id& id) {
    Surroundings around;
    around.store = store;
    around.store_options = {0, Duration(0)};
    return std::move(Session::resume(id, programs, around).value()[0]);
  }
};

}  // namespace

TEST_CASE("an approval that cannot be recorded does not count, and may be given again") {
  World world;
  Session session = world.open_here(false);
  const ApprovalId id = session.check({"read", "lab:/a"}, after(0)).approval;
  world.sink->fails = true;
  CHECK(code(session.approve(id, kPerson, after(1))) == "audit_unavailable");
  CHECK(session.pending(after(1)).at(0).state == PendingAsk::State::open);
  CHECK(session.pending(after(1)).at(0).approver.empty());
  CHECK(check(session, {"read", "lab:/a"}, 2) == "asked_by_rule");
  world.sink->fails = false;
  CHECK(code(session.approve(id, kPerson, after(3))) == "ok");
  CHECK(check(session, {"read", "lab:/a"}, 4) == "granted_by_approval");
}

TEST_CASE("while an approval is recorded it grants nothing, is not given twice, and is saved as open") {
  World world;
  Session session = world.open_here(false);
  const ApprovalId id = session.check({"read", "lab:/a"}, after(0)).approval;
  std::string second, checked;
  std::vector<std::byte> saved;
  world.sink->meanwhile = [&] {
    second = code(session.approve(id, "bob@acme", after(1)));
    checked = check(session, {"read", "lab:/a"}, 1);
    saved = session.save()->bytes;
  };
  CHECK(code(session.approve(id, kPerson, after(1))) == "ok");
  CHECK(second == "already_approved");
  CHECK(checked == "asked_by_rule");
  Session restored = std::move(Session::restore(saved, 0, world.programs).value()[0]);
  CHECK(restored.pending(after(1)).at(0).state == PendingAsk::State::open);
  CHECK(check(restored, {"read", "lab:/a"}, 1) == "asked_by_rule");
  CHECK(code(restored.approve(id, kPerson, after(1))) == "ok");
  CHECK(session.pending(after(1)).at(0).approver == kPerson);
}

TEST_CASE("another process that approves first, or has used the ask, wins") {
  for (const bool uses : {false, true}) {
    World world;
    Session session = world.open_here(true);
    const ApprovalId id = session.check({"read", "lab:/a"}, after(0)).approval;
    world.sink->meanwhile = [&] {
      Session other = world.elsewhere(session.id());
      CHECK(code(other.approve(id, "bob@acme", after(1))) == "ok");
      if (uses) CHECK(check(other, {"read", "lab:/a"}, 2) == "granted_by_approval");
    };
    CHECK(code(session.approve(id, kPerson, after(3))) == "already_approved");
    CHECK(check(session, {"read", "lab:/a"}, 4) == (uses ? "asked_by_rule" : "granted_by_approval"));
    CHECK(check(session, {"read", "lab:/a"}, 5) == "asked_by_rule");
  }
}

TEST_CASE("another process that wrote something else does not stop an approval") {
  World world;
  Session session = world.open_here(true);
  const ApprovalId id = session.check({"read", "lab:/a"}, after(0)).approval;
  world.sink->meanwhile = [&] { CHECK(world.elsewhere(session.id()).check({"read", "lab:/b"}, after(1)).asks()); };
  CHECK(code(session.approve(id, kPerson, after(2))) == "ok");
  CHECK(session.pending(after(2)).size() == 2);
  CHECK(check(session, {"read", "lab:/a"}, 3) == "granted_by_approval");
}

TEST_CASE("an ask that another process dropped while it was approved is gone") {
  World world;
  Session session = world.open_here(true);
  const StoredState before = world.store->blocks[to_string(session.id())];
  const ApprovalId id = session.check({"read", "lab:/a"}, after(0)).approval;
  world.sink->meanwhile = [&] {
    // A block without the ask, and newer: this process reads it before the approval is settled.
    StoredState& block = world.store->blocks[to_string(session.id())];
    block = {before.bytes, block.version + 1};
    CHECK(check(session, {"list", "lab:/a"}, 1) == "allowed_by_rule");
  };
  CHECK(code(session.approve(id, kPerson, after(1))) == "already_approved");
  CHECK(session.pending(after(2)).empty());
  CHECK(check(session, {"read", "lab:/a"}, 3) == "asked_by_rule");
}

TEST_CASE("of identical asks the one approved first is used first, whichever was asked first") {
  for (const bool in_order : {true, false}) {
    Session session = open("expires 10h\nask read lab:/");
    const Request request("read", "lab:/a");
    const ApprovalId one = session.check(request, after(0)).approval, two = session.check(request, after(1)).approval;
    CHECK(code(session.approve(in_order ? one : two, kPerson, after(2))) == "ok");
    CHECK(code(session.approve(in_order ? two : one, kPerson, after(3))) == "ok");
    CHECK(session.check(request, after(4)).approval == (in_order ? one : two));
    CHECK(session.check(request, after(5)).approval == (in_order ? two : one));
  }
}

TEST_CASE("approvals that were used or lapsed are kept for a while, the oldest forgotten first") {
  Session session = open("expires 10h\nask read lab:/");
  std::vector<ApprovalId> ids;
  const auto approve_one = [&](std::int64_t now) {
    ids.push_back(session.check({"read", "lab:/" + std::to_string(ids.size())}, after(now)).approval);
    REQUIRE(session.approve(ids.back(), kPerson, after(now)));
  };
  for (std::size_t i = 0; i < kMaxSettledAsks / 2; ++i) {
    approve_one(0);
    REQUIRE(check(session, {"read", "lab:/" + std::to_string(i)}) == "granted_by_approval");
  }
  while (ids.size() < kMaxSettledAsks) approve_one(0);
  CHECK(session.pending(after(1)).size() == kMaxSettledAsks / 2);
  const std::int64_t late = 16 * kMinute;
  CHECK(session.pending(after(late)).empty());
  approve_one(late);
  CHECK(code(session.approve(ids[0], kPerson, after(late))) == "approval_used");
  CHECK(code(session.approve(ids[kMaxSettledAsks - 1], kPerson, after(late))) == "approval_lapsed");
  REQUIRE(check(session, {"read", "lab:/" + std::to_string(ids.size() - 1)}, late) == "granted_by_approval");
  approve_one(late);  // makes room: one more than are kept had been settled
  CHECK(code(session.approve(ids[0], kPerson, after(late))) == "unknown_approval");
  CHECK(code(session.approve(ids[1], kPerson, after(late))) == "approval_used");
}

TEST_CASE("what is forgotten is of the kind that there is too much of, whatever stands before it") {
  // The oldest is open, then come as many lapsed approvals as are kept, and one more.
  Session session = open("expires 10h\nask read lab:/");
  const ApprovalId waiting = session.check({"read", "lab:/waiting"}, after(0)).approval;
  std::vector<ApprovalId> ids;
  for (std::size_t i = 0; i <= kMaxSettledAsks; ++i) {
    ids.push_back(session.check({"read", "lab:/" + std::to_string(i)}, after(0)).approval);
    REQUIRE(session.approve(ids.back(), kPerson, after(0)));
  }
  const std::int64_t late = 16 * kMinute;
  REQUIRE(session.check({"read", "lab:/new"}, after(late)).asks());
  CHECK(code(session.approve(ids[0], kPerson, after(late))) == "unknown_approval");
  CHECK(code(session.approve(ids[1], kPerson, after(late))) == "approval_lapsed");
  CHECK(code(session.approve(waiting, kPerson, after(late))) == "ok");
  // As many open ones as are kept, and then one approval used too many: that one goes.
  Asks asks;
  auto added = [&, next = 0](Ask::State state) mutable {
    Ask ask;
    ask.id.bytes[0] = static_cast<std::uint8_t>(++next % 256);
    ask.id.bytes[1] = static_cast<std::uint8_t>(next / 256);
    ask.state = state;
    asks.add(ask);
    return ask.id;
  };
  const Id first = added(Ask::State::open);
  for (std::size_t i = 2; i < kMaxOpenAsks; ++i) added(Ask::State::open);
  std::vector<Id> approved;
  for (std::size_t i = 0; i <= kMaxSettledAsks; ++i) approved.push_back(added(Ask::State::approved));
  for (const Id& id : approved) asks.find(id, {})->state = Ask::State::used;
  added(Ask::State::open);
  CHECK(asks.find(first, {}) != nullptr);
  CHECK(asks.find(approved[0], {}) == nullptr);
  CHECK(asks.find(approved[1], {}) != nullptr);
  // The oldest is used, then come as many open asks as are kept, and one more.
  Session other = open("expires 10h\nask read lab:/");
  const ApprovalId used = other.check({"read", "lab:/used"}, after(0)).approval;
  REQUIRE(other.approve(used, kPerson, after(0)));
  REQUIRE(check(other, {"read", "lab:/used"}) == "granted_by_approval");
  ids.clear();
  for (std::size_t i = 0; i <= kMaxOpenAsks; ++i) ids.push_back(other.check({"read", "lab:/" + std::to_string(i)}, after(0)).approval);
  CHECK(code(other.approve(used, kPerson, after(0))) == "approval_used");
  CHECK(code(other.approve(ids[0], kPerson, after(0))) == "unknown_approval");
  CHECK(code(other.approve(ids[1], kPerson, after(0))) == "ok");
}
