// The audit log: both modes, numbers without a gap, one writer at a time, going on with an existing file.
#include <thread>

#include "tests/audit_support.h"

using namespace remit;
using namespace remit::test;

namespace {

Session open_with(const std::shared_ptr<AuditSink>& sink, std::string_view text = "expires 9h\nread lab:/\n") {
  Surroundings around;
  around.audit = sink;
  return open(text, around);
}

}  // namespace

TEST_CASE("records of both modes are numbered, hashed and under a checkpoint", "[audit]") {
  for (const AuditMode mode : {AuditMode::durable, AuditMode::buffered}) {
    const Folder folder;
    const std::string path = folder / "trail.db", key = fresh_key();
    const auto log = AuditLog::open(path, options_of(mode, key)).value();
    Session session = open_with(log);
    const int count = mode == AuditMode::durable ? 100 : 2500;  // each of durable mode's waits for the disk
    for (int i = 0; i < count; ++i) {
      const Decision decision = session.check({i % 3 == 0 ? "create" : "read", "lab:/a"}, after(i));
      REQUIRE(decision.record == static_cast<std::uint64_t>(i) + 2);
      REQUIRE_FALSE(decision.id.empty());
    }
    session.end(after(9999));
    REQUIRE(log->flush().ok());
    const auto records = static_cast<std::uint64_t>(count) + 2;
    CHECK(log->status().records == records);
    CHECK(log->status().checkpointed == records);
    CHECK(require_whole(path, key) == records);
    REQUIRE(log->close().ok());
    CHECK(require_whole(path, key) == records);
    const auto all = bodies(path);
    CHECK(all.front()["kind"] == "opening");
    CHECK(all.back()["kind"] == "end");
    CHECK(all[1]["reason"] == "no_matching_rule");
    CHECK(all[2]["effect"] == "allow");
  }
}

TEST_CASE("sixteen threads leave no gap, and every number that was answered is that of its record", "[audit]") {
  for (const AuditMode mode : {AuditMode::durable, AuditMode::buffered}) {
    const Folder folder;
    const std::string path = folder / "trail.db", key = fresh_key();
    const auto log = AuditLog::open(path, options_of(mode, key)).value();
    Session session = open_with(log);
    const int each = mode == AuditMode::durable ? 50 : 2000;
    std::vector<std::vector<Decision>> decisions(16);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 16; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) {
          Decision decision = session.check({"read", "lab:/t" + std::to_string(t) + "/" + std::to_string(i)}, after(i));
          while (decision.record == 0) decision = session.check({"read", "lab:/t" + std::to_string(t) + "/" + std::to_string(i)}, after(i));  // the queue was full
          decisions[t].push_back(decision);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    REQUIRE(log->close().ok());
    require_whole(path, key);
    const AuditReader reader = AuditReader::open(path).value();
    for (std::size_t t = 0; t < 16; ++t) {
      for (std::size_t i = 0; i < decisions[t].size(); i += 7) {
        const auto found = reader.record(decisions[t][i].record, [&](const AuditRecord& record) {
          CHECK(record.resource == "lab:/t" + std::to_string(t) + "/" + std::to_string(i));
          CHECK(record.decision == to_string(decisions[t][i].id));
          return true;
        });
        REQUIRE(found.value());
      }
    }
  }
}

TEST_CASE("a log goes on where its file ends; one writer at a time; another name or key is refused", "[audit]") {
  const Folder folder;
  const std::string path = folder / "trail.db", key = fresh_key();
  for (int round = 1; round <= 3; ++round) {
    const auto log = AuditLog::open(path, options_of(AuditMode::durable, key)).value();
    const auto second = AuditLog::open(path, options_of(AuditMode::durable, key));
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == ErrorCode::audit_unavailable);
    CHECK(second.error().text.find("another writer") != std::string::npos);
    Session session = open_with(log);
    CHECK(session.check({"read", "lab:/a"}, after(1)).record == static_cast<std::uint64_t>(2 * round));
  }
  CHECK(require_whole(path, key) == 6);
  AuditOptions other = options_of(AuditMode::durable, key);
  other.origin = "audit.other.example";
  CHECK(AuditLog::open(path, other).error().code == ErrorCode::bad_argument);
  CHECK(AuditLog::open(path, options_of(AuditMode::durable, fresh_key())).error().code == ErrorCode::bad_argument);
  CHECK(AuditLog::open(path, options_of(AuditMode::durable)).error().code == ErrorCode::bad_argument);
}

TEST_CASE("what is closed stands in its one file, and somebody else may go on with it", "[audit]") {
  const Folder folder;
  const std::string path = folder / "trail.db", key = fresh_key();
  const auto log = AuditLog::open(path, options_of(AuditMode::durable, key)).value();
  {
    Session session = open_with(log);
    (void)session.check({"read", "lab:/a"}, after(1));
  }
  REQUIRE(log->close().ok());
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
  std::filesystem::copy_file(path, folder / "copy.db");
  CHECK(require_whole(folder / "copy.db", key) == 2);
  CHECK(AuditLog::open(path, options_of(AuditMode::durable, key)).ok());  // though `log` is still there
}

TEST_CASE("what is no log is refused, and says why", "[audit]") {
  const Folder folder;
  CHECK(AuditLog::open("").error().code == ErrorCode::audit_unavailable);
  CHECK(AuditLog::open(folder / "no/such/folder.db").error().code == ErrorCode::audit_unavailable);
  CHECK(AuditReader::open(folder / "missing.db").error().code == ErrorCode::audit_unavailable);
  AuditOptions bad;
  bad.key = "not a key";
  CHECK(AuditLog::open(folder / "key.db", bad).error().code == ErrorCode::bad_argument);
  bad = {};
  bad.seal_key = "short";
  CHECK(AuditLog::open(folder / "seal.db", bad).error().code == ErrorCode::bad_argument);
}
