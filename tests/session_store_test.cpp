// Sessions on a store: two processes are two trees resumed from one store, a crash is a tree that is
// dropped and resumed. The store in memory fails and conflicts as it is told.
#include <map>
#include <random>

#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

class MemoryStore final : public Store {
 public:
  std::mt19937_64 random{1};
  unsigned fail_one_in = 0;  // of replacements; half of those that fail were written all the same
  std::size_t replacements = 0;

  Result<StoredState> load(const Id& tree) noexcept override {
    const auto found = blocks_.find(to_string(tree));
    if (found == blocks_.end()) return Error{ErrorCode::unknown_session, "no such tree"};
    return found->second;
  }
  Result<std::uint64_t> replace(const Id& tree, std::uint64_t expected, std::span<const std::byte> bytes) noexcept override {
    ++replacements;
    StoredState& block = blocks_[to_string(tree)];
    if (block.version != expected) return Error{ErrorCode::store_conflict, "another version"};
    const bool fails = fail_one_in != 0 && random() % fail_one_in == 0;
    if (!fails || random() % 2 == 0) block = {{bytes.begin(), bytes.end()}, expected + 1};
    if (fails) return Error{ErrorCode::store_unavailable, "failed"};
    return block.version;
  }
  Result<std::uint64_t> version(const Id& tree) noexcept override { return blocks_[to_string(tree)].version; }

 private:
  std::map<std::string, StoredState> blocks_;
};

struct World {
  Program task = scope("expires 9h\ndelegate\nread lab:/ at most 200 times\nlist lab:/ at most 7 times\nask write lab:/\ndeny update lab:/ after list lab:/secret\n"
                       "limit read lab:/w to 10 times per 10m");
  Program child = scope("expires 5h\nany lab:/\ndeny read lab:/y after list lab:/");
  Layers layers = layers_of(task);
  std::vector<Program> programs{task, child};
  std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>();

  Surroundings around(std::uint32_t divisor) const {
    Surroundings out;
    out.store = store;
    out.store_options = {divisor, Duration(0)};
    return out;
  }
  std::vector<Session> resume(const Id& id, std::uint32_t divisor = 64) const { return Session::resume(id, programs, around(divisor)).value(); }
};

}  // namespace

TEST_CASE("what was granted survives; what a lease had left is lost, never granted twice") {
  for (const std::uint32_t divisor : {0u, 64u, 4u}) {
    World world;
    std::vector<Session> tree;
    tree.push_back(open(world.layers, world.around(divisor)));
    const Id id = tree[0].id();
    int granted = 0;
    std::mt19937_64 random(divisor);
    for (int i = 0; i < 600; ++i) {
      granted += tree[0].check({"read", "lab:/a"}, after(i)).allowed() ? 1 : 0;
      if (random() % 20 == 0) {
        tree.clear();  // as if the process had been killed
        tree = world.resume(id, divisor);
      }
    }
    REQUIRE(granted <= 200);
    if (divisor == 0) CHECK(granted == 200);
    CHECK(granted > 20);
  }
}

TEST_CASE("a lease saves writing") {
  World world;
  Session session = open(world.layers, world.around(4));
  for (int i = 0; i < 100; ++i) REQUIRE(check(session, {"read", "lab:/a"}, i) == "allowed_by_rule");
  CHECK(world.store->replacements < 10);
}

TEST_CASE("two processes share limits, history, approvals, sessions and ends") {
  World world;
  Session first = open(world.layers, world.around(0));
  std::vector<Session> second = world.resume(first.id(), 0);
  int granted = 0;
  for (int i = 0; i < 20; ++i) granted += (i % 2 == 0 ? first : second[0]).check({"list", i < 6 ? "lab:/a" : "lab:/secret"}, after(i)).allowed() ? 1 : 0;
  CHECK(granted == 7);
  CHECK(check(first, {"update", "lab:/a"}, 30) == "denied_by_rule");
  CHECK(check(second[0], {"update", "lab:/a"}, 30) == "denied_by_rule");

  const ApprovalId id = first.check({"create", "lab:/a"}, after(40)).approval;
  CHECK(check(second[0], {"read", "lab:/q"}, 41) == "allowed_by_rule");
  REQUIRE(second[0].approve(id, kPerson, after(42)).ok());
  CHECK(check(first, {"create", "lab:/a"}, 43) == "granted_by_approval");
  CHECK(check(second[0], {"create", "lab:/a"}, 44) == "asked_by_rule");
  CHECK(std::string(to_string(second[0].approve(id, kPerson, after(44)).error().code)) == "approval_used");

  Session child = child_of(first, world.child, 50);
  CHECK(check(second[0], {"read", "lab:/q"}, 51) == "allowed_by_rule");
  std::vector<Session> third = world.resume(first.id());
  REQUIRE(third.size() == 2);
  CHECK(check(third[1], {"read", "lab:/y"}, 52) == "denied_by_rule");
  third[1].revoke("ann", "enough", after(53));
  CHECK(check(child, {"read", "lab:/q"}, 54) == "revoked");
  CHECK(child.status(after(54)).why == "enough");
  second[0].end(after(55));
  CHECK(check(first, {"read", "lab:/q"}, 56) == "session_ended");
}

TEST_CASE("processes that race and a store that fails grant no more than there is") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    World world;
    std::mt19937_64 random(seed);
    std::vector<std::vector<Session>> processes(3);
    processes[0].push_back(open(world.layers, world.around(8)));
    const Id id = processes[0][0].id();
    processes[1] = world.resume(id, 8);
    processes[2] = world.resume(id, 0);
    world.store->random.seed(seed);
    world.store->fail_one_in = seed % 2 == 0 ? 0 : 6;
    int reads = 0, lists = 0;
    std::vector<std::int64_t> windowed;
    std::int64_t now = 0;
    for (int i = 0; i < 500; ++i) {
      now += static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(kMinute / 4));
      std::vector<Session>& process = processes[random() % 3];
      const std::uint64_t what = random() % 3;
      const Decision decision = process[0].check({what == 1 ? "list" : "read", what == 2 ? "lab:/w" : "lab:/a"}, after(now));
      if (decision.allowed()) {
        (what == 1 ? lists : reads) += 1;
        if (what == 2) windowed.push_back(now);
      }
      if (random() % 40 == 0) {
        process.clear();
        Result<std::vector<Session>> again = Session::resume(id, world.programs, world.around(8));
        process = std::move(again).value();
      }
    }
    REQUIRE(reads <= 200);
    REQUIRE(lists <= 7);
    if (world.store->fail_one_in == 0) CHECK(lists == 7);
    for (std::size_t i = 0; i + 10 < windowed.size(); ++i) REQUIRE(windowed[i + 10] - windowed[i] >= 10 * kMinute);
  }
}

TEST_CASE("a store that cannot be written opens and grants nothing") {
  World world;
  world.store->fail_one_in = 1;
  Opening opening;
  opening.user = kPerson;
  opening.layers = world.layers;
  opening.surroundings = world.around(64);
  const Result<Session> refused = Session::open(opening, after(0));
  REQUIRE_FALSE(refused.ok());
  CHECK(std::string(to_string(refused.error().code)) == "store_unavailable");
  world.store->fail_one_in = 0;
  Session session = open(world.layers, world.around(64));
  world.store->fail_one_in = 1;
  CHECK(check(session, {"list", "lab:/a"}) == "internal_error");
  world.store->fail_one_in = 0;
  CHECK(check(session, {"list", "lab:/b"}) == "allowed_by_rule");
  CHECK(std::string(to_string(Session::resume(Id{}, world.programs, world.around(64)).error().code)) == "unknown_session");
}
