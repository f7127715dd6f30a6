// Requests that touch more than a decision has room for without the heap, on a heap that gives nothing:
// such growth fails from the n-th on, for every n. Whatever could not be collected, nothing is granted on the
// strength of it, and what was refused was not charged. Failures of other allocations are memory_failure_test's.
#include <cstdlib>
#include <map>
#include <new>

#include "engine/session/grant_log.h"
#include "engine/session/meter.h"
#include "tests/session_support.h"

namespace {

// Allocations that may fail without throwing, until all do; negative: none fails.
thread_local long g_left = -1;
thread_local bool g_failed = false;    // one did
thread_local bool g_all_fail = false;  // those that throw

void fail_from(long n) {
  g_left = n;
  g_failed = false;
}

// Out of line, or GCC takes the two halves of an allocation for strangers.
[[gnu::noinline]] void release(void* memory) noexcept { std::free(memory); }

}  // namespace

void* operator new(std::size_t size) {
  void* const memory = g_all_fail ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  if (g_left == 0) {
    g_failed = true;
    return nullptr;
  }
  if (g_left > 0) --g_left;
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept { return operator new(size, tag); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }

using namespace remit;
using namespace remit::test;

namespace {

class PlainStore final : public Store {
 public:
  Result<StoredState> load(const Id& tree) noexcept override { return blocks_[to_string(tree)]; }
  Result<std::uint64_t> replace(const Id& tree, std::uint64_t expected, std::span<const std::byte> bytes) noexcept override {
    StoredState& at = blocks_[to_string(tree)];
    if (at.version != expected) return Error{ErrorCode::store_conflict, "another version"};
    at = {{bytes.begin(), bytes.end()}, expected + 1};
    return at.version;
  }
  Result<std::uint64_t> version(const Id& tree) noexcept override { return blocks_[to_string(tree)].version; }

 private:
  std::map<std::string, StoredState> blocks_;
};

class CountingSink final : public AuditSink {
 public:
  std::uint64_t write(const AuditEvent&) noexcept override { return ++number_; }

 private:
  std::uint64_t number_ = 0;
};

// Twenty limits, histories and ask rules, so that each list grows twice.
std::string crowded() {
  std::string text = "expires 9h\ndelegate\nread, create lab:/\nask update lab:/\n";
  for (int i = 0; i < 20; ++i) {
    text += "limit read lab:/ to " + std::to_string(5 + i) + " times\n";
    text += "deny list lab:/" + std::to_string(i) + " after read lab:/a\n";
    text += "deny list lab:/q" + std::to_string(i) + " after create lab:/" + "\n";
    text += "ask update lab:/ when n > " + std::to_string(i) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a grant that touches more than can be collected is refused and charges nothing") {
  const Layers layers = layers_of(scope(crowded()));
  for (const int around_with : {0, 1, 2, 3}) {
    Surroundings around;
    if (around_with & 1) around.audit = std::make_shared<CountingSink>();
    if (around_with & 2) around.store = std::make_shared<PlainStore>(), around.store_options = {0, Duration(0)};
    int refused = 0;
    for (long n = 0;; ++n) {
      REQUIRE(n < 100);
      Session session = open(layers, around);
      fail_from(n);
      const Decision decision = session.check({"read", "lab:/a"}, after(0));
      const bool all_went_well = !g_failed;
      fail_from(-1);
      INFO("surroundings " << around_with << ", growth " << n << ": " << reason(decision));
      if (all_went_well) {
        CHECK(decision.allowed());
        CHECK(session.limits(after(0))[0].used == 1);
        break;
      }
      ++refused;
      CHECK_FALSE(decision.allowed());
      // The trail's own list comes after the charge, which stays: as with every record that cannot be written.
      if (reason(decision) == "internal_error") CHECK(session.limits(after(0))[0].used == 0);
      else CHECK(reason(decision) == "audit_unavailable");
      CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
    }
    CHECK(refused >= 2);
  }
}

TEST_CASE("what would be granted, and each layer's verdict, are denied likewise") {
  Session session = open(layers_of(scope(crowded())));
  for (long n = 0; n < 2; ++n) {
    fail_from(n);
    const Decision would = session.would({"read", "lab:/a"}, after(0));
    fail_from(n);
    Decision verdict;
    session.verdicts({"read", "lab:/a"}, after(0), {&verdict, 1});
    fail_from(-1);
    CHECK(reason(would) == "internal_error");
    CHECK(reason(verdict) == "internal_error");
  }
}

TEST_CASE("an ask of more rules than can be collected is no ask") {
  Session session = open(layers_of(scope(crowded())));
  const std::vector<Attribute> attributes{{"n", 100}};
  for (long n = 0;; ++n) {
    REQUIRE(n < 100);
    fail_from(n);
    const Decision decision = session.check({"update", "lab:/a", attributes}, after(0));
    const bool all_went_well = !g_failed;
    fail_from(-1);
    if (all_went_well) {
      CHECK(decision.asks());
      CHECK(session.pending(after(0)).at(0).rules.size() == 21);
      break;
    }
    CHECK(reason(decision) == "internal_error");
    CHECK(session.pending(after(0)).empty());
  }
}

TEST_CASE("history that cannot be collected when a sub-session begins is unknown from then on") {
  std::string text = "expires 1h\nread, list lab:/\n";
  for (int i = 0; i < 20; ++i) text += "deny list lab:/x" + std::to_string(i) + " after read lab:/a\n";
  for (int i = 0; i < 20; ++i) text += "deny list lab:/y" + std::to_string(i) + " after read lab:/b" + std::to_string(i) + "\n";
  for (const bool fails : {false, true}) {
    Session session = open("expires 9h\ndelegate\nany lab:/");
    CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
    Session child = child_of(session, scope(text));
    if (fails) fail_from(0);
    CHECK(check(child, {"list", "lab:/x0"}) == "denied_by_rule");
    fail_from(-1);
    CHECK(check(child, {"list", "lab:/x0"}) == "denied_by_rule");
    CHECK(check(child, {"list", "lab:/y0"}) == (fails ? "denied_by_rule" : "allowed_by_rule"));
  }
}

TEST_CASE("a person whose revocation cannot be kept: everybody is revoked") {
  MemoryPrincipals people;
  people.revoke("ann@acme", "eve", "left", after(0));
  CHECK_FALSE(people.is_revoked("bob@acme"));
  g_all_fail = true;
  people.revoke("carol whose name is too long for a string's own room@acme", "eve", "left", after(0));
  g_all_fail = false;
  CHECK(people.is_revoked("carol whose name is too long for a string's own room@acme"));
  CHECK(people.is_revoked("bob@acme"));
}

TEST_CASE("a log holds a megabyte of names, and knows what it no longer knows") {
  GrantLog log;
  std::size_t added = 0;
  for (; !log.overflowed(); ++added) {
    REQUIRE(added < GrantLog::kMaxEntries);
    CHECK(log.has("read", "lab:/never") == false);
    log.add("read", "lab:/" + std::to_string(added) + std::string(4000, 'x'));
  }
  CHECK(added > 250);
  CHECK(log.has("read", "lab:/never"));  // it may have been
  GrantLog exact;
  for (std::size_t i = 0; i < GrantLog::kMaxBytes / 4096; ++i) exact.add("read", std::to_string(1000 + i) + std::string(4088, 'x'));
  CHECK_FALSE(exact.overflowed());
  exact.add("", "x");
  CHECK(exact.overflowed());
}

TEST_CASE("a meter at the ends of time forgets nothing and overflows nowhere") {
  // A window longer than all time is one bucket.
  Meter forever;
  forever.make(5, (std::int64_t{1} << 57) + 1);
  CHECK(forever.add(3, 0) == 0);
  CHECK(forever.used(INT64_MAX) == 3);
  // One so short that its buckets could not be counted: at either end time stands still.
  Meter brief;
  brief.make(5, 1);
  brief.add(2, INT64_MIN);
  CHECK(brief.used(INT64_MIN + 1000) == 2);
  CHECK(brief.used(0) == 0);
  brief.add(3, INT64_MAX - 1000);
  CHECK(brief.used(INT64_MAX) == 3);
}

TEST_CASE("what is given back too late, or twice into the future, changes nothing") {
  Meter meter;
  meter.make(10, 64);
  const std::int64_t first = meter.add(4, 0);
  meter.add(3, 64);
  meter.give_back(4, first + 1000);
  CHECK(meter.used(64) == 7);
  meter.add(1, 1000);
  meter.give_back(4, first);
  CHECK(meter.used(1000) == 1);
  // A lease is given back to the bucket that it was taken for, or not at all.
  Meter leased;
  leased.make(10, 64);
  const std::int64_t bucket = leased.add_ahead(1, 5, 0);
  CHECK(leased.spare(0) == 5);
  leased.return_to_lease(1, bucket);
  CHECK(leased.spare(0) == 6);
  leased.return_to_lease(1, bucket + 1);
  CHECK(leased.spare(0) == 6);
  Meter whole;
  whole.make(10, 0);
  CHECK(whole.restore({0, 4}));
  CHECK_FALSE(whole.restore({0, 4}));
  Meter other;
  other.make(10, 0);
  CHECK_FALSE(other.restore({1, 4}));
}
