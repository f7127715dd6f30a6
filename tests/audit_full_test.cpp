// Where the queue is full or the file cannot be written: what is denied, what goes on, and that the log says so
// afterwards; retention; what the host is told.
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "engine/audit/queue.h"
#include "engine/audit/sqlite.h"
#include "tests/audit_support.h"

using namespace remit;
using namespace remit::test;
using Json = nlohmann::json;

namespace {

constexpr std::string_view kTask = "expires 9h\nread lab:/\ncreate lab:/\nask update lab:/\n";

// Somebody else's write transaction: the log can write nothing meanwhile.
class Held {
 public:
  explicit Held(const std::string& path) {
    sqlite3* opened = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &opened) == SQLITE_OK);
    database_.reset(opened);
    sqlite3_busy_timeout(opened, 5000);
    REQUIRE(audit::execute(opened, "BEGIN IMMEDIATE"));
  }

 private:
  audit::Database database_;  // closing it ends the transaction
};

// A disk that has no room: no file of this process may grow at all.
class NoRoom {
 public:
  NoRoom() {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoRoom() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;

 private:
  rlimit before_{};
};

Session open_on(const std::shared_ptr<AuditLog>& log) {
  Surroundings around;
  around.audit = log;
  return open(kTask, around);
}

std::vector<Json> gaps(const std::string& path) {
  AuditFilter filter;
  filter.kind = "gap";
  return bodies(path, filter);
}

template <class Done>
void wait_until(Done&& done) {
  for (int i = 0; i < 2000 && !done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  REQUIRE(done());
}

}  // namespace

TEST_CASE("a full queue denies, and the gap is recorded with its count", "[audit]") {
  const Folder folder;
  const std::string path = folder / "trail.db", key = fresh_key();
  AuditOptions options = options_of(AuditMode::buffered, key);
  options.queue = 64;
  const auto log = AuditLog::open(path, options).value();
  Session session = open_on(log);
  REQUIRE(log->flush().ok());
  std::uint64_t granted = 0, denied = 0;
  {
    const Held held(path);
    for (int i = 0; i < 300; ++i) {
      const Decision decision = session.check({"read", "lab:/a"}, after(i));
      if (decision.allowed()) {
        CHECK(decision.record == ++granted + 1);
      } else {
        CHECK(decision.reason == Reason::audit_unavailable);
        CHECK(decision.record == 0);
        CHECK(decision.id.empty());
        ++denied;
      }
    }
    CHECK(granted >= 64);
    CHECK(denied > 0);
    CHECK(log->status().denied == denied);
    Opening late;
    late.agent = kAgent;
    late.user = kPerson;
    late.layers = session.layers();
    late.surroundings.audit = log;
    CHECK(Session::open(late, after(0)).error().code == ErrorCode::audit_unavailable);
    denied += 2;  // the opening, and its refusal, which could not be recorded either
  }
  wait_until([&] { return log->flush().ok() && log->status().denied == 0; });
  CHECK(session.check({"read", "lab:/a"}, after(999)).record == granted + 3);
  REQUIRE(log->close().ok());
  CHECK(require_whole(path, key) == granted + 3);
  const auto found = gaps(path);
  REQUIRE(found.size() == 1);
  CHECK(found[0]["denied"] == denied);
  CHECK(found[0]["count"] == 0);
  CHECK(found[0]["why"].is_string());
}

TEST_CASE("named read-only actions go on where that is configured; what takes effect all the same is counted", "[audit]") {
  for (const AuditMode mode : {AuditMode::durable, AuditMode::buffered}) {
    const Folder folder;
    const std::string path = folder / "trail.db", key = fresh_key();
    AuditOptions options = options_of(mode, key);
    options.unrecorded_actions = {"read", "list"};
    const auto log = AuditLog::open(path, options).value();
    Session session = open_on(log);
    Session other = open_on(log);
    REQUIRE(log->flush().ok());
    std::uint64_t unrecorded = 0, denied = 0, recorded = 0;
    {
      const NoRoom no_room;
      if (mode == AuditMode::buffered) {
        recorded += session.check({"read", "lab:/first"}, after(0)).record != 0 ? 1 : 0;  // the queue has room
        wait_until([&] { return log->status().failing; });
      }
      for (int i = 0; i < 10; ++i) {
        const Decision read = session.check({"read", "lab:/a"}, after(i));
        CHECK(read.allowed());
        CHECK(read.record == 0);
        ++unrecorded;
        CHECK(session.check({"create", "lab:/a"}, after(i)).reason == Reason::audit_unavailable);
        CHECK(session.check({"update", "lab:/a"}, after(i)).reason == Reason::audit_unavailable);
        CHECK(session.check({"list", "lab:/a"}, after(i)).reason == Reason::no_matching_rule);
        denied += 3;
      }
      CHECK(log->status().failing);
      CHECK_FALSE(log->status().fault.empty());
      other.revoke("ann@acme", "the disk is full", after(11));
      (mode == AuditMode::durable ? unrecorded : recorded) += 1;  // the buffered queue takes what cannot be refused
      CHECK(other.check({"read", "lab:/a"}, after(12)).reason == Reason::revoked);
      ++denied;
    }
    if (mode == AuditMode::buffered) wait_until([&] { return !log->status().failing; });
    CHECK(session.check({"create", "lab:/b"}, after(20)).record != 0);
    REQUIRE(log->flush().ok());
    REQUIRE(log->close().ok());
    // Two openings, what was recorded, the last check and one gap.
    CHECK(require_whole(path, key) == 2 + recorded + 2);
    const auto found = gaps(path);
    REQUIRE(found.size() == 1);
    CHECK(found[0]["count"] == unrecorded);
    CHECK(found[0]["denied"] == denied);
    CHECK(found[0]["actions"] == Json::array({"read", "list"}));
  }
}

TEST_CASE("what a closed log could not write is said; a gap at the end is recorded", "[audit]") {
  const Folder folder;
  const std::string path = folder / "trail.db";
  {
    const auto log = AuditLog::open(path, options_of(AuditMode::buffered)).value();
    Session session = open_on(log);
    REQUIRE(log->flush().ok());
    const NoRoom no_room;
    (void)session.check({"read", "lab:/a"}, after(0));
    wait_until([&] { return log->status().failing; });
    CHECK(session.check({"read", "lab:/a"}, after(1)).reason == Reason::audit_unavailable);
    const Status closed = log->close();
    REQUIRE_FALSE(closed.ok());
    CHECK(closed.error().text.find("1 records could not be written") != std::string::npos);
    CHECK(session.check({"read", "lab:/a"}, after(2)).reason == Reason::audit_unavailable);
  }
  {
    AuditOptions options = options_of(AuditMode::durable);
    const auto log = AuditLog::open(path, options).value();
    Session session = open_on(log);
    {
      const NoRoom no_room;
      CHECK(session.check({"read", "lab:/a"}, after(1)).reason == Reason::audit_unavailable);
    }
    REQUIRE(log->close().ok());
  }
  CHECK(require_whole(path) == 3);  // two openings and the gap
  CHECK(gaps(path).size() == 1);
}

TEST_CASE("the host is given every checkpoint, and all of them are of this log", "[audit]") {
  const Folder folder;
  const std::string path = folder / "trail.db", key = fresh_key();
  std::mutex mutex;
  std::vector<std::string> notes;
  AuditOptions options = options_of(AuditMode::buffered, key);
  options.on_checkpoint = [&](std::string_view note) {
    const std::lock_guard lock(mutex);
    notes.emplace_back(note);
    throw 1;  // the host's own affair
  };
  const auto log = AuditLog::open(path, options).value();
  Session session = open_on(log);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 2500; ++i) (void)session.check({"read", "lab:/a"}, after(i));
    REQUIRE(log->flush().ok());
  }
  REQUIRE(log->close().ok());
  require_whole(path, key);
  const auto checkpoints = AuditReader::open(path)->checkpoints().value();
  CHECK(checkpoints.size() >= 12);  // one for each 1,000 records at least
  REQUIRE_FALSE(notes.empty());
  CHECK(notes.back() == checkpoints.back().note);
  for (const std::string& note : notes) {
    CHECK(std::any_of(checkpoints.begin(), checkpoints.end(), [&](const AuditCheckpoint& item) { return item.note == note; }));
  }
}

TEST_CASE("an idle log has a checkpoint after a second", "[audit]") {
  const Folder folder;
  const auto log = AuditLog::open(folder / "trail.db", options_of(AuditMode::durable, fresh_key())).value();
  Session session = open_on(log);
  (void)session.check({"read", "lab:/a"}, after(0));
  wait_until([&] { return log->status().checkpointed == 2; });
}

TEST_CASE("retention removes bodies by class, records that, and hashes stay", "[audit]") {
  const Folder folder;
  const std::string path = folder / "trail.db", key = fresh_key();
  AuditOptions options = options_of(AuditMode::durable, key);
  options.keep = std::chrono::hours(24);
  options.classes = {{"clinical", {"lab"}, std::chrono::hours(48)}};
  const auto log = AuditLog::open(path, options).value();
  Session session = open_on(log);
  (void)session.check({"read", "lab:/old"}, after(0));
  (void)session.check({"read", "other:/old"}, after(1));
  CHECK(log->remove_expired(after(25 * 60 * kMinute)).value() == 2);  // the opening and other:/old
  CHECK(log->remove_expired(after(25 * 60 * kMinute)).value() == 0);
  CHECK(log->remove_expired(after(49 * 60 * kMinute)).value() == 1);
  REQUIRE(log->close().ok());
  CHECK(require_whole(path, key) == 5);
  const AuditReader reader = AuditReader::open(path).value();
  std::vector<std::string> kinds;
  REQUIRE(reader.each({}, [&](const AuditRecord& record) {
    kinds.emplace_back(record.kind);
    CHECK(record.body.has_value() == (record.seq > 3));
    if (record.body) return true;
    for (const std::string_view text : {record.session, record.agent, record.person, record.resource, record.decision}) CHECK(text.empty());
    return true;
  }).ok());
  CHECK(kinds == std::vector<std::string>{"opening", "decision", "decision", "retention", "retention"});
  // And by no other door.
  sqlite3* opened = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &opened) == SQLITE_OK);
  const audit::Database database(opened);
  for (const char* sql : {"UPDATE records SET body = NULL WHERE seq = 4", "UPDATE records SET effect = 'allow' WHERE seq = 2", "DELETE FROM records WHERE seq = 5",
                          "DELETE FROM checkpoints", "UPDATE nodes SET hash = hash", "DELETE FROM programs", "DELETE FROM meta"}) {
    CHECK_FALSE(audit::execute(opened, sql));
  }
}

TEST_CASE("the queue keeps order and loses nothing between many threads and one", "[audit]") {
  audit::Queue queue(32);
  constexpr int kThreads = 8, kEach = 20'000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        while (!queue.push([&](audit::QueuedEvent& event) { event.time = t * kEach + i; })) std::this_thread::yield();
      }
    });
  }
  std::vector<int> next(kThreads, 0);
  for (int taken = 0; taken < kThreads * kEach;) {
    std::size_t ready = 0;
    while (const audit::QueuedEvent* event = queue.at(ready)) {
      const auto thread = static_cast<std::size_t>(event->time / kEach);
      REQUIRE(event->time % kEach == next[thread]++);
      ++ready;
    }
    queue.release(ready);
    taken += static_cast<int>(ready);
    if (ready == 0) std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(queue.size() == 0);
  queue.close();
  CHECK_FALSE(queue.push([](audit::QueuedEvent&) {}).has_value());
  CHECK(queue.is_drained());
}
