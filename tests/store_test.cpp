// The SQLite store: what Store promises, what a strange file does, two processes' worth of connections,
// and sessions of two processes that spend one limit.
#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <remit/sqlite_store.h>

#include "tests/support.h"

using namespace remit;

namespace {

// A folder of its own for each test.
struct Folder {
  std::filesystem::path path;
  Folder() {
    static int count = 0;
    path = std::filesystem::temp_directory_path() / ("remit_store_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count));
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const char* name = "state.db") const { return (path / name).string(); }
};

Id id_of(std::uint8_t number) {
  Id id;
  id.bytes[0] = number;
  return id;
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

std::shared_ptr<SqliteStore> open_store(const std::string& path) {
  auto store = SqliteStore::open(path);
  INFO(store.error().text);
  REQUIRE(store.ok());
  return store.value();
}

ErrorCode code_of(const Result<std::uint64_t>& result) { return result.ok() ? ErrorCode::out_of_memory : result.error().code; }

}  // namespace

TEST_CASE("a block is replaced only where its version is the one that was read", "[store]") {
  const Folder folder;
  const auto store = open_store(folder.file()), other = open_store(folder.file());
  CHECK(store->version(id_of(1)).value() == 0);
  CHECK(store->load(id_of(1)).error().code == ErrorCode::unknown_session);
  CHECK(code_of(store->replace(id_of(1), 1, bytes_of("x"))) == ErrorCode::store_conflict);
  CHECK(store->replace(id_of(1), 0, bytes_of("one")).value() == 1);
  CHECK(code_of(other->replace(id_of(1), 0, bytes_of("mine"))) == ErrorCode::store_conflict);
  CHECK(other->replace(id_of(1), 1, bytes_of("two")).value() == 2);
  CHECK(code_of(store->replace(id_of(1), 1, bytes_of("three"))) == ErrorCode::store_conflict);
  CHECK(code_of(store->replace(id_of(1), UINT64_MAX, bytes_of("three"))) == ErrorCode::store_conflict);
  CHECK(store->version(id_of(1)).value() == 2);
  CHECK(store->load(id_of(1))->bytes == bytes_of("two"));
  CHECK(store->load(id_of(1))->version == 2);
  CHECK(store->replace(id_of(2), 0, {}).value() == 1);
  CHECK(store->load(id_of(2))->bytes.empty());
  CHECK(store->forget(id_of(1)).ok());
  CHECK(store->forget(id_of(1)).ok());
  CHECK(store->version(id_of(1)).value() == 0);
  CHECK(store->version(id_of(2)).value() == 1);
}

TEST_CASE("what was written is there for the next process, and nobody else's to read", "[store]") {
  const Folder folder;
  CHECK(open_store(folder.file())->replace(id_of(1), 0, bytes_of(std::string(100'000, 'x'))).ok());
  CHECK(open_store(folder.file())->load(id_of(1))->bytes.size() == 100'000);
  struct stat info {};
  REQUIRE(::stat(folder.file().c_str(), &info) == 0);
  CHECK((info.st_mode & 077) == 0);
}

TEST_CASE("what is no store is refused", "[store]") {
  const Folder folder;
  std::ofstream(folder.file("text")) << std::string(5000, 'x');
  std::filesystem::create_directory(folder.path / "folder");
  CHECK(SqliteStore::open(folder.file("text")).error().code == ErrorCode::store_unavailable);
  CHECK(SqliteStore::open(folder.file("folder")).error().code == ErrorCode::store_unavailable);
  CHECK(SqliteStore::open(folder.file("no/such/folder")).error().code == ErrorCode::store_unavailable);
  CHECK(SqliteStore::open("").error().code == ErrorCode::store_unavailable);
  CHECK(SqliteStore::open(std::string_view("a\0b", 3)).error().code == ErrorCode::store_unavailable);
  // Damage: bytes of a good file are changed, one page after another. It is refused or read, never a crash.
  REQUIRE(open_store(folder.file())->replace(id_of(1), 0, bytes_of(std::string(20'000, 'x'))).ok());
  std::ifstream in(folder.file(), std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t at = 0; at < good.size(); at += 509) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x5a);
    std::ofstream(folder.file("bad"), std::ios::binary) << bad;
    const auto store = SqliteStore::open(folder.file("bad"));
    if (store.ok()) static_cast<void>(store.value()->load(id_of(1)));
    for (const char* name : {"bad", "bad-wal", "bad-shm"}) std::filesystem::remove(folder.path / name);
  }
}

TEST_CASE("of many writers each version is one's", "[store]") {
  const Folder folder;
  REQUIRE(open_store(folder.file())->replace(id_of(1), 0, bytes_of("0")).ok());
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto store = SqliteStore::open(folder.file(), std::chrono::seconds(20)).value();
      for (int turn = 0; turn < 25;) {
        const auto seen = store->load(id_of(1));
        if (seen.ok() && store->replace(id_of(1), seen->version, bytes_of(std::to_string(std::stoi(std::string(reinterpret_cast<const char*>(seen->bytes.data()), seen->bytes.size())) + 1))).ok()) {
          ++won;
          ++turn;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto last = open_store(folder.file())->load(id_of(1));
  CHECK(won == 100);
  CHECK(last->version == 101);
  CHECK(last->bytes == bytes_of("100"));
}

TEST_CASE("sessions of two processes spend one limit", "[store]") {
  const Folder folder;
  const Program task = test::compile_or_die("read docs:/a at most 100 times; expires 2h");
  const auto surroundings = [&] {
    Surroundings around;
    around.store = open_store(folder.file());
    around.store_options.refresh = Duration(0);
    return around;
  };
  Opening opening;
  opening.agent = "spiffe://acme.example/agent/a";
  opening.user = "mike@acme.example";
  opening.layers = Layers::link(task).value();
  opening.surroundings = surroundings();
  auto first = Session::open(opening, Time{});
  INFO(first.error().text);
  REQUIRE(first.ok());
  auto second = Session::resume(first->tree(), std::vector<Program>{task}, surroundings());
  INFO(second.error().text);
  REQUIRE(second.ok());
  REQUIRE(second->size() == 1);
  int granted = 0;
  for (int i = 0; i < 200; ++i) {
    Session& session = i % 2 == 0 ? first.value() : second->front();
    granted += session.check({"read", "docs:/a"}, Time{}).allowed() ? 1 : 0;
  }
  // What is left of a lease when the other asks is lost to it, never granted twice.
  CHECK(granted <= 100);
  CHECK(granted >= 90);
  first->revoke("security", "drill", Time{});
  CHECK(second->front().check({"read", "docs:/a"}, Time{}).reason == Reason::revoked);
}
