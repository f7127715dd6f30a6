// See remit/sqlite_store.h. One connection and one mutex: a call is one short transaction, and SQLite
// lets one writer in at a time anyway. Covered by tests/store_test.cpp and tests/store_crash_test.py.
#include <remit/sqlite_store.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <string>

namespace remit {
namespace {

// "Rmt1" as a number: says that the file is ours. The user version is that of the form below.
constexpr int kApplication = 0x526d7431;
constexpr int kForm = 1;

constexpr const char* kTables =
    "CREATE TABLE tree (id BLOB PRIMARY KEY CHECK (length(id) = 16), version INTEGER NOT NULL CHECK (version > 0), "
    "bytes BLOB NOT NULL) STRICT, WITHOUT ROWID";

struct Close {
  void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Error unavailable(const char* what, sqlite3* database) {
  return {ErrorCode::store_unavailable, std::string(what) + ": " + (database == nullptr ? "not enough memory" : sqlite3_errmsg(database))};
}

// One run of a prepared statement; whatever it was left in is undone at the end.
class Run {
 public:
  explicit Run(const Statement& statement) noexcept : statement_(statement.get()) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  void bind(int at, const Id& id) noexcept { sqlite3_bind_blob(statement_, at, id.bytes.data(), 16, SQLITE_STATIC); }
  void bind(int at, std::uint64_t number) noexcept { sqlite3_bind_int64(statement_, at, static_cast<sqlite3_int64>(number)); }
  void bind(int at, std::span<const std::byte> bytes) noexcept {
    // An empty blob needs a pointer too, or it would be NULL.
    sqlite3_bind_blob64(statement_, at, bytes.empty() ? static_cast<const void*>("") : bytes.data(), bytes.size(), SQLITE_STATIC);
  }
  int step() noexcept { return sqlite3_step(statement_); }

 private:
  sqlite3_stmt* statement_;
};

// Makes the file ours before SQLite does, so that nobody else may ever read it.
void make_private(const std::string& path) noexcept {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
}

}  // namespace

struct SqliteStore::State {
  std::mutex mutex;
  Database database;
  Statement load, version, insert, update, forget;

  bool execute(const char* sql) noexcept { return sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK; }

  bool prepare(Statement& out, const char* sql) noexcept {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(database.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    out.reset(statement);
    return code == SQLITE_OK;
  }

  // A number that a pragma gives; -1 where it cannot be read.
  int pragma(const char* sql) noexcept {
    Statement statement;
    if (!prepare(statement, sql)) return -1;
    return sqlite3_step(statement.get()) == SQLITE_ROW ? sqlite3_column_int(statement.get(), 0) : -1;
  }

  // A new file gets its form; any other must have it already.
  bool make_form() noexcept {
    if (!execute("BEGIN IMMEDIATE")) return false;
    const int application = pragma("PRAGMA application_id"), form = pragma("PRAGMA user_version");
    const bool is_new = application == 0 && form == 0 && pragma("SELECT count(*) FROM sqlite_schema") == 0;
    bool good = application == kApplication && form == kForm;
    if (is_new) {
      const std::string stamp = "PRAGMA application_id = " + std::to_string(kApplication) + "; PRAGMA user_version = " + std::to_string(kForm);
      good = execute(kTables) && execute(stamp.c_str());
    }
    if (good && execute("COMMIT")) return true;
    execute("ROLLBACK");
    return false;
  }

  bool connect(const std::string& path, Duration busy) {
    make_private(path);
    sqlite3* opened = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
    database.reset(opened);
    if (code != SQLITE_OK) return false;
    const std::int64_t wait = std::clamp<std::int64_t>(busy.count() / 1000, 0, std::numeric_limits<int>::max());
    sqlite3_busy_timeout(database.get(), static_cast<int>(wait));
    // EXTRA also syncs the folder; what FULL leaves open is whether a new file's name survives.
    return execute("PRAGMA journal_mode = WAL") && execute("PRAGMA synchronous = EXTRA") && execute("PRAGMA trusted_schema = OFF") && make_form() &&
           prepare(load, "SELECT bytes, version FROM tree WHERE id = ?1") && prepare(version, "SELECT version FROM tree WHERE id = ?1") &&
           prepare(insert, "INSERT INTO tree (id, version, bytes) VALUES (?1, 1, ?2) ON CONFLICT DO NOTHING") &&
           prepare(update, "UPDATE tree SET version = version + 1, bytes = ?2 WHERE id = ?1 AND version = ?3") &&
           prepare(forget, "DELETE FROM tree WHERE id = ?1");
  }
};

SqliteStore::SqliteStore(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
SqliteStore::~SqliteStore() = default;

Result<std::shared_ptr<SqliteStore>> SqliteStore::open(std::string_view path, Duration busy) noexcept {
  try {
    auto state = std::make_unique<State>();
    if (path.empty() || path.find('\0') != std::string_view::npos) return Error{ErrorCode::store_unavailable, "a store needs the path of a file"};
    if (!state->connect(std::string(path), busy)) {
      const bool strange = state->database && sqlite3_errcode(state->database.get()) == SQLITE_OK;
      if (strange) return Error{ErrorCode::store_unavailable, "the file is no store of sessions, or of another version"};
      return unavailable("the store cannot be opened", state->database.get());
    }
    return std::shared_ptr<SqliteStore>(new SqliteStore(std::move(state)));
  } catch (...) {
    return Error{ErrorCode::out_of_memory, "not enough memory to open the store"};
  }
}

Result<StoredState> SqliteStore::load(const Id& tree) noexcept {
  try {
    const std::lock_guard lock(state_->mutex);
    Run run(state_->load);
    run.bind(1, tree);
    const int code = run.step();
    if (code == SQLITE_DONE) return Error{ErrorCode::unknown_session, "the store has no such session"};
    if (code != SQLITE_ROW) return unavailable("the store cannot be read", state_->database.get());
    sqlite3_stmt* const row = state_->load.get();
    StoredState out;
    const void* const bytes = sqlite3_column_blob(row, 0);
    out.bytes.resize(static_cast<std::size_t>(sqlite3_column_bytes(row, 0)));
    if (bytes == nullptr && !out.bytes.empty()) return unavailable("the store cannot be read", nullptr);
    if (bytes != nullptr) std::memcpy(out.bytes.data(), bytes, out.bytes.size());
    out.version = static_cast<std::uint64_t>(sqlite3_column_int64(row, 1));
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
    run.bind(1, tree);
    run.bind(2, bytes);
    if (expected != 0) run.bind(3, expected);
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
    run.bind(1, tree);
    const int code = run.step();
    if (code == SQLITE_DONE) return std::uint64_t{0};
    if (code != SQLITE_ROW) return unavailable("the store cannot be read", state_->database.get());
    return static_cast<std::uint64_t>(sqlite3_column_int64(state_->version.get(), 0));
  } catch (...) {
    return Error{ErrorCode::store_unavailable, "not enough memory to read the store"};
  }
}

Status SqliteStore::forget(const Id& tree) noexcept {
  try {
    const std::lock_guard lock(state_->mutex);
    Run run(state_->forget);
    run.bind(1, tree);
    if (run.step() != SQLITE_DONE) return unavailable("the store cannot be written", state_->database.get());
    return {};
  } catch (...) {
    return Error{ErrorCode::out_of_memory, "not enough memory"};
  }
}

}  // namespace remit
