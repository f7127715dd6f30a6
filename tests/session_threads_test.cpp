// Many threads on one tree. Of interest under the thread sanitizer (preset tsan), and for what must hold
// whatever the order: a limit is never exceeded, the last use goes to one, an end ends.
#include <atomic>
#include <thread>

#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

constexpr int kThreads = 32;

template <class Work>
void together(Work&& work) {
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      ready.fetch_add(1);
      while (ready.load() < kThreads) std::this_thread::yield();
      work(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("of 32 threads racing for the last use exactly one wins") {
  const Layers layers = layers_of(scope("expires 9h\ndelegate\nread lab:/ at most 1 times"), {guardrail("allow any anything\nlimit read anything to 5 of n")});
  const Program child = scope("expires 9h\nread lab:/");
  for (int round = 0; round < 50; ++round) {
    Session session = open(layers);
    Session sub = child_of(session, child);
    std::atomic<int> granted{0};
    together([&](int i) {
      Session& own = i % 2 == 0 ? session : sub;
      if (own.check({"read", "lab:/a", {{"n", 1}}}, after(i)).allowed()) granted.fetch_add(1);
    });
    REQUIRE(granted.load() == 1);
    REQUIRE(session.limits(after(0))[0].used == 1);
    REQUIRE(session.limits(after(0))[1].used == 1);
  }
}

TEST_CASE("an approval is used once, however many threads try") {
  const Layers layers = layers_of(scope("expires 9h\nask read lab:/"));
  for (int round = 0; round < 20; ++round) {
    Session session = open(layers);
    const ApprovalId id = session.check({"read", "lab:/a"}, after(0)).approval;
    std::atomic<int> approved{0}, granted{0};
    together([&](int) {
      if (session.approve(id, kPerson, after(0)).ok()) approved.fetch_add(1);
      if (session.check({"read", "lab:/a"}, after(0)).allowed()) granted.fetch_add(1);
    });
    if (session.check({"read", "lab:/a"}, after(0)).allowed()) granted.fetch_add(1);
    REQUIRE(approved.load() == 1);
    REQUIRE(granted.load() == 1);
  }
}

TEST_CASE("everything at once") {
  Surroundings around;
  const auto registry = std::make_shared<MemoryPrincipals>();
  around.principals = registry;
  std::atomic<int> host_calls{0};
  around.host = [&](const HostQuestion&) { return host_calls.fetch_add(1) % 7 != 0; };
  const Layers layers = layers_of(scope("expires 1h\nidle 50m\ndelegate up to 2 levels\nread, list lab:/ at most 300 times\nask write lab:/\ndeny update lab:/ after list lab:/b"),
                                  {guardrail("allow any anything\nlimit any anything to 100 times per 10m")});
  const Program child = scope("expires 1h\ndelegate\nany lab:/ at most 200 times\ndeny list lab:/c after read lab:/b");
  for (int round = 0; round < 4; ++round) {
    Session session = open(layers, around);
    std::atomic<int> granted{0}, after_end{0};
    std::atomic<bool> over{false};
    together([&](int thread) {
      Delegation delegation;
      delegation.agent = thread % 2 == 0 ? "urn:a" : "urn:b";
      delegation.task = child;
      Result<Session> opened = session.delegate(delegation, after(0));
      if (!opened) return;  // others are through already
      Session own = std::move(opened).value();
      for (int i = 0; i < 60; ++i) {
        const Time now = after(i * kMinute / 2 + thread);
        const std::string resource = std::string("lab:/") + "abc"[(i + thread) % 3];
        const bool was_over = over.load();
        Session& asks = i % 3 == 0 ? session : own;
        const Decision decision = asks.check({i % 2 == 0 ? "read" : i % 5 == 0 ? "update" : "list", resource}, now);
        if (decision.allowed()) {
          granted.fetch_add(1);
          if (was_over) after_end.fetch_add(1);
        }
        if (decision.asks()) {
          (void)asks.approve(decision.approval, kPerson, now);
          (void)asks.check({"update", resource}, now);
        }
        if (i % 7 == 0) (void)session.pending(now).size();
        if (i % 11 == 0) (void)session.limits(now).size();
        if (i % 13 == 0) (void)own.status(now);
        if (i % 17 == 0) (void)session.would({"read", "lab:/a"}, now);
        if (i % 19 == 0) (void)session.save();
        if (i % 23 == 0) session.reserve({"read", "lab:/a"}, now).rollback();
        if (i == 30) registry->revoke("somebody else", "hr", "left", now);
        if (i == 40 && thread == 3) own.revoke("ann", "enough", now);
        if (i == 55 && thread == 5) {
          session.end(now);
          over.store(true);
        }
      }
    });
    CHECK(granted.load() > 0);
    CHECK(after_end.load() == 0);
    CHECK(session.limits(after(0))[0].used <= 300);
    CHECK(check(session, {"read", "lab:/a"}, kHour / 2) == "session_ended");
  }
}
