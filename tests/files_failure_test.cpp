// Where files fail: reads and writes that are cut short, a disk that is full or broken, syncs that fail, files that
// cannot be opened or were truncated. Each call of the file layer fails in turn, until none is left to fail. What
// was reported as written is there afterwards; what was not is there whole or not at all; nothing is granted on
// what cannot be read, and no record of a grant is lost.
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include <remit/sqlite_store.h>

#include "tests/audit_support.h"
#include "tests/failing_files.h"

using namespace remit;
using namespace remit::test;

namespace {

constexpr FileFault kFailing[] = {FileFault::full, FileFault::write_error, FileFault::read_error, FileFault::sync_error, FileFault::open_error};

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

// Runs `work` with the n-th call of each kind failing, for n = 0, 1, ... until none fails; then `afterwards`, when
// the disk is well again. Answers how many failed.
template <class Work, class Afterwards>
long each_fault(FileFault fault, Work&& work, Afterwards&& afterwards) {
  replace_file_calls();
  for (long n = 0;; ++n) {
    REQUIRE(n < 5'000);
    const Folder folder;
    g_fault = fault;
    g_calls_left = n;
    INFO("fault " << static_cast<int>(fault) << ", call " << n);
    const bool reached = work(folder);
    g_calls_left = -1;
    afterwards(folder, reached);
    if (!reached) return n;
  }
}

// Whether the fault has come to pass.
bool reached() { return g_fault == FileFault::full ? g_calls_left.load() == 0 : g_calls_left.load() < 0; }

}  // namespace

TEST_CASE("a store on a failing disk holds the old block or the new one, and says which where it says so") {
  Id tree;
  tree.bytes[0] = 1;
  const std::vector<std::byte> before = bytes_of(std::string(20'000, 'a')), next = bytes_of(std::string(30'000, 'b'));
  for (const FileFault fault : kFailing) {
    bool first = false, second = false;
    const long failed = each_fault(
        fault,
        [&](const Folder& folder) {
          first = second = false;
          if (const auto store = SqliteStore::open(folder / "state.db")) {
            first = store.value()->replace(tree, 0, before).ok();
            const auto read = store.value()->load(tree);
            if (read) REQUIRE(read->bytes == before);
            second = store.value()->replace(tree, 1, next).ok();
            if (const auto version = store.value()->version(tree); version && second) CHECK(version.value() == 2);
          } else {
            CHECK_FALSE(store.error().text.empty());
          }
          return reached();
        },
        [&](const Folder& folder, bool) {
          const auto store = SqliteStore::open(folder / "state.db");
          REQUIRE(store.ok());
          const auto read = store.value()->load(tree);
          if (second) REQUIRE((read && read->bytes == next && read->version == 2));
          else if (first) REQUIRE((read && (read->bytes == before || read->bytes == next)));
          else if (read) REQUIRE((read->bytes == before || read->bytes == next));
        });
    INFO("fault " << static_cast<int>(fault));
    CHECK(failed > 0);
  }
}

TEST_CASE("a session on a failing disk never spends more than there is") {
  const Program task = scope("expires 9h\nread lab:/ at most 6 times");
  const Layers layers = layers_of(task);
  const std::vector<Program> programs{task};
  for (const FileFault fault : kFailing) {
    std::int64_t granted = 0;
    Id tree;
    const long failed = each_fault(
        fault,
        [&](const Folder& folder) {
          granted = 0, tree = {};
          Surroundings around;
          const auto store = SqliteStore::open(folder / "state.db");
          if (!store) return reached();
          around.store = store.value();
          Opening opening;
          opening.agent = kAgent;
          opening.user = kPerson;
          opening.layers = layers;
          opening.surroundings = around;
          Result<Session> session = Session::open(opening, after(0));
          if (!session) {
            CHECK(session.error().code == ErrorCode::store_unavailable);
            return reached();
          }
          tree = session->tree();
          for (int i = 0; i < 4; ++i) {
            const Decision decision = session->check({"read", "lab:/a"}, after(i));
            granted += decision.allowed();
            CHECK((decision.allowed() || decision.reason == Reason::internal_error));
          }
          return reached();
        },
        [&](const Folder& folder, bool) {
          if (tree == Id{}) return;
          Surroundings around;
          around.store = SqliteStore::open(folder / "state.db").value();
          auto back = Session::resume(tree, programs, around);
          REQUIRE(back.ok());
          for (int i = 0; i < 10; ++i) granted += back.value()[0].check({"read", "lab:/a"}, after(i)).allowed();
          CHECK(granted <= 6);
        });
    INFO("fault " << static_cast<int>(fault));
    CHECK(failed > 0);
  }
}

TEST_CASE("an audit log on a failing disk has the record of every grant") {
  const std::string key = fresh_key();
  for (const FileFault fault : kFailing) {
    std::vector<Decision> granted;
    const long failed = each_fault(
        fault,
        [&](const Folder& folder) {
          granted.clear();
          const auto log = AuditLog::open(folder / "trail.db", options_of(AuditMode::durable, key));
          if (!log) return reached();
          Opening opening;
          opening.agent = kAgent;
          opening.user = kPerson;
          opening.layers = layers_of(scope("expires 9h\nread lab:/\n"));
          opening.surroundings.audit = log.value();
          Result<Session> session = Session::open(opening, after(0));
          if (!session) {
            CHECK(session.error().code == ErrorCode::audit_unavailable);
            return reached();
          }
          for (int i = 0; i < 3; ++i) {
            const Decision decision = session->check({"read", "lab:/a"}, after(i));
            if (decision.allowed()) granted.push_back(decision);
            else CHECK(decision.reason == Reason::audit_unavailable);
          }
          (void)log.value()->close();
          return reached();
        },
        [&](const Folder& folder, bool was_reached) {
          if (!was_reached) CHECK(granted.size() == 3);
          if (granted.empty()) return;
          // Whoever writes next finds it in order.
          REQUIRE(AuditLog::open(folder / "trail.db", options_of(AuditMode::durable, key)).value()->close().ok());
          require_whole(folder / "trail.db", key);
          const AuditReader reader = AuditReader::open(folder / "trail.db").value();
          for (const Decision& decision : granted) {
            bool same = false;
            REQUIRE(reader.record(decision.record, [&](const AuditRecord& record) { return same = record.decision == to_string(decision.id), true; }).ok());
            CHECK(same);
          }
        });
    INFO("fault " << static_cast<int>(fault));
    CHECK(failed > 0);
  }
}

TEST_CASE("reads and writes that are cut short go unnoticed") {
  replace_file_calls();
  Id tree;
  tree.bytes[0] = 1;
  const std::vector<std::byte> bytes = bytes_of(std::string(40'000, 'x'));
  const std::string key = fresh_key();
  for (const FileFault fault : {FileFault::short_reads, FileFault::short_writes}) {
    const Folder folder;
    g_fault = fault;
    g_every_call_short = true;
    CHECK(SqliteStore::open(folder / "state.db").value()->replace(tree, 0, bytes).ok());
    CHECK(SqliteStore::open(folder / "state.db").value()->load(tree)->bytes == bytes);
    {
      Surroundings around;
      const auto log = AuditLog::open(folder / "trail.db", options_of(AuditMode::buffered, key)).value();
      around.audit = log;
      Session session = open("expires 9h\nread lab:/\n", around);
      for (int i = 0; i < 300; ++i) REQUIRE(session.check({"read", "lab:/a"}, after(i)).allowed());
      REQUIRE(log->close().ok());
    }
    g_every_call_short = false;
    CHECK(require_whole(folder / "trail.db", key) > 300);
  }
}

TEST_CASE("a truncated store is refused, or its sessions are whole") {
  const Folder folder;
  const Program task = scope("expires 9h\nread lab:/ at most 6 times\nask write lab:/");
  const std::vector<Program> programs{task};
  const std::string path = folder / "state.db";
  Id tree;
  {
    Surroundings around;
    around.store = SqliteStore::open(path).value();
    Session session = open(layers_of(task), around);
    tree = session.tree();
    for (int i = 0; i < 40; ++i) {
      const std::string resource = "lab:/" + std::string(200, 'a') + std::to_string(i);
      REQUIRE(session.check({"create", resource}, after(i)).asks());
    }
    for (int i = 0; i < 6; ++i) REQUIRE(session.check({"read", "lab:/a"}, after(i)).allowed());
  }
  const auto size = std::filesystem::file_size(path);
  std::size_t refused = 0, whole = 0;
  for (std::uintmax_t cut = 0; cut < size; cut += 127) {
    const std::string copy = folder / "cut.db";
    std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(copy, cut);
    Surroundings around;
    if (auto store = SqliteStore::open(copy)) around.store = store.value();
    auto back = around.store ? Session::resume(tree, programs, around) : Result<std::vector<Session>>(Error{});
    if (!back) {
      ++refused;
    } else {
      ++whole;
      CHECK(back.value()[0].pending(after(41)).size() == 40);
      CHECK(check(back.value()[0], {"read", "lab:/a"}, 41) == "limit_reached");
    }
    back = Error{};
    around.store.reset();
    for (const char* const name : {"cut.db", "cut.db-wal", "cut.db-shm"}) std::filesystem::remove(folder / name);
  }
  CHECK(refused > 10);
  INFO(whole);
}
