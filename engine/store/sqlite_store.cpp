// See remit/sqlite_store.h. One connection and one mutex: a call is one short transaction, and SQLite
// lets one writer in at a time anyway. Covered by tests/store_test.cpp and tests/store_crash_test.py.
#include <remit/sqlite_store.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "engine/sqlite/sqlite.h"

namespace remit {
namespace {

// "Rmt1" as a number: says that the file is ours. The user version is that of the form below.
constexpr int kApplication = 0x526d7431;
constexpr int kForm = 1;

constexpr const char* kTables =
    "CREATE TABLE tree (id BLOB PRIMARY KEY CHECK (length(id) = 16), version INTEGER NOT NULL CHECK (version > 0), "
    "bytes BLOB NOT NULL) STRICT, WITHOUT ROWID";

using sqlite::Form;
using sqlite::Run;
using sqlite::Statement;

Error unavailable(const char* what, sqlite3* database) {
  return {ErrorCode::store_unavailable, std::string(what) + ": " + (database == nullptr ? "not enough memory" : sqlite3_errmsg(database))};
}

std::span<const std::byte> bytes_of(const Id& id) noexcept { return std::as_bytes(std::span(id.bytes)); }

}  // namespace

struct SqliteStore::State {
  std::mutex mutex;
  sqlite::Database database;
  Statement load, version, insert, update, forget;

  std::optional<Error> connect(const std::string& path, Duration busy) {
    sqlite::make_private(path);
    sqlite3* opened = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
    database.reset(opened);
    constexpr const char* kCannot = "the store cannot be opened";
    if (code != SQLITE_OK) return unavailable(kCannot, opened);
    const std::int64_t wait = std::clamp<std::int64_t>(busy.count() / 1000, 0, std::numeric_limits<int>::max());
    sqlite3_busy_timeout(opened, static_cast<int>(wait));
    // EXTRA also syncs the folder; what FULL leaves open is whether a new file's name survives.
    if (!sqlite::execute(opened, "PRAGMA journal_mode = WAL; PRAGMA synchronous = EXTRA; PRAGMA trusted_schema = OFF")) return unavailable(kCannot, opened);
    std::string fault;
    const Form form = sqlite::settle_form(opened, kApplication, kForm, fault, [](sqlite3* fresh) { return sqlite::execute(fresh, kTables); });
    if (form == Form::failed) return Error{ErrorCode::store_unavailable, std::string(kCannot) + ": " + fault};
    if (form != Form::ours) return Error{ErrorCode::store_unavailable, "the file is no store of sessions, or of another version"};
    const std::pair<Statement*, const char*> statements[] = {
        {&load, "SELECT bytes, version FROM tree WHERE id = ?1"},
        {&version, "SELECT version FROM tree WHERE id = ?1"},
        {&insert, "INSERT INTO tree (id, version, bytes) VALUES (?1, 1, ?2) ON CONFLICT DO NOTHING"},
        {&update, "UPDATE tree SET version = version + 1, bytes = ?2 WHERE id = ?1 AND version = ?3"},
        {&forget, "DELETE FROM tree WHERE id = ?1"}};
    for (const auto& [statement, sql] : statements) {
      if (!sqlite::prepare(opened, *statement, sql)) return unavailable(kCannot, opened);
    }
    return std::nullopt;
  }
};

SqliteStore::SqliteStore(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
SqliteStore::~SqliteStore() = default;

Result<std::shared_ptr<SqliteStore>> SqliteStore::open(std::string_view path, Duration busy) noexcept {
  try {
    auto state = std::make_unique<State>();
    if (path.empty() || path.find('\0') != std::string_view::npos) return Error{ErrorCode::store_unavailable, "a store needs the path of a file"};
    if (auto error = state->connect(std::string(path), busy)) return *std::move(error);
    return std::shared_ptr<SqliteStore>(new SqliteStore(std::move(state)));
  } catch (...) {
    return Error{ErrorCode::out_of_memory, "not enough memory to open the store"};
  }
}

Result<StoredState> SqliteStore::load(const Id& tree) noexcept {
  try {
    const std::lock_guard lock(state_->mutex);
    Run run(state_->load);
    run.bind(1, bytes_of(tree));
    const int code = run.step();
    if (code == SQLITE_DONE) return Error{ErrorCode::unknown_session, "the store has no such session"};
    if (code != SQLITE_ROW) return unavailable("the store cannot be read", state_->database.get());
    std::string_view bytes;
    std::int64_t version = 0;
    if (!run.read_blob(0, bytes) || !run.read(1, version)) return unavailable("the store cannot be read", state_->database.get());
    StoredState out;
    out.bytes.resize(bytes.size());
    if (!bytes.empty()) std::memcpy(out.bytes.data(), bytes.data(), bytes.size());
    out.version = static_cast<std::uint64_t>(version);
    return out;
  } catch (...) {
    return Error{ErrorCode::out_of_memory, "not enough memory to read the store"};
  }
}

Result<std::uint64_t> SqliteStore::replace(const Id& tree, std::uint64_t expected, std::span<const std::byte> bytes) noexcept {
  try {
    if (expected >= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return Error{ErrorCode::store_conflict, "there is no such version"};
    const std::lock_guard lock(state_->mutex);
    // One statement is one transaction: it takes the write lock, compares and writes, and is synced.
    Run run(expected == 0 ? state_->insert : state_->update);
    run.bind(1, bytes_of(tree));
    run.bind(2, bytes);
    if (expected != 0) run.bind(3, static_cast<std::int64_t>(expected));
    if (run.step() != SQLITE_DONE) return unavailable("the store cannot be written", state_->database.get());
    if (sqlite3_changes(state_->database.get()) == 1) return expected + 1;
    return Error{ErrorCode::store_conflict, "somebody else changed the stored state first"};
  } catch (...) {
    return Error{ErrorCode::store_unavailable, "not enough memory to write the store"};
  }
}

Result<std::uint64_t> SqliteStore::version(const Id& tree) noexcept {
  try {
    const std::lock_guard lock(state_->mutex);
    Run run(state_->version);
    run.bind(1, bytes_of(tree));
    const int code = run.step();
    if (code == SQLITE_DONE) return std::uint64_t{0};
    if (code != SQLITE_ROW) return unavailable("the store cannot be read", state_->database.get());
    std::int64_t version = 0;
    if (!run.read(0, version)) return unavailable("the store cannot be read", state_->database.get());
    return static_cast<std::uint64_t>(version);
  } catch (...) {
    return Error{ErrorCode::store_unavailable, "not enough memory to read the store"};
  }
}

Status SqliteStore::forget(const Id& tree) noexcept {
  try {
    const std::lock_guard lock(state_->mutex);
    Run run(state_->forget);
    run.bind(1, bytes_of(tree));
    if (run.step() != SQLITE_DONE) return unavailable("the store cannot be written", state_->database.get());
    return {};
  } catch (...) {
    return Error{ErrorCode::out_of_memory, "not enough memory"};
  }
}

}  // namespace remit
