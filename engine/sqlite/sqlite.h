// SQLite as the rooms of the store and the audit trail use it: handles that close themselves, one run of a
// statement with typed values, and what makes a file ours. Only functions in this header; each room links
// SQLite itself. Not thread-safe: a connection belongs to one thread at a time. Covered by
// tests/store_test.cpp and tests/audit_log_test.cpp.
#pragma once

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace remit::sqlite {

struct CloseDatabase {
  void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

inline bool execute(sqlite3* database, const char* sql) noexcept {
  return sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

inline bool prepare(sqlite3* database, Statement& out, std::string_view sql) noexcept {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  out.reset(statement);
  return code == SQLITE_OK;
}

// One run of a prepared statement; whatever it was left in is undone at the end. What is bound must
// outlive it.
class Run {
 public:
  explicit Run(const Statement& statement) noexcept : statement_(statement.get()) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() { sqlite3_reset(statement_); }  // bindings stay: every run binds all of them anew

  void bind(int at, std::int64_t number) noexcept { sqlite3_bind_int64(statement_, at, number); }
  void bind(int at, std::string_view text) noexcept {
    // An empty text needs a pointer too, or it would be NULL.
    sqlite3_bind_text64(statement_, at, text.data() == nullptr ? "" : text.data(), text.size(),
                        SQLITE_STATIC, SQLITE_UTF8);
  }
  void bind(int at, std::span<const std::byte> bytes) noexcept {
    sqlite3_bind_blob64(statement_, at, bytes.empty() ? static_cast<const void*>("") : bytes.data(),
                        bytes.size(), SQLITE_STATIC);
  }
  void bind_null(int at) noexcept { sqlite3_bind_null(statement_, at); }
  // A text, or NULL where there is none.
  void bind_some(int at, std::string_view text) noexcept {
    text.empty() ? bind_null(at) : bind(at, text);
  }

  int step() noexcept { return sqlite3_step(statement_); }

  // Of the current row. Each gives false where the column is of another type: a file that was
  // tampered with.
  bool read(int at, std::int64_t& out) const noexcept {
    if (sqlite3_column_type(statement_, at) != SQLITE_INTEGER) return false;
    out = sqlite3_column_int64(statement_, at);
    return true;
  }
  bool read(int at, std::string_view& out) const noexcept {
    const int type = sqlite3_column_type(statement_, at);
    if (type == SQLITE_NULL) return out = {}, true;
    return type == SQLITE_TEXT && borrow(sqlite3_column_text(statement_, at), at, out);
  }
  bool read(int at, std::optional<std::string_view>& out) const noexcept {
    out.reset();
    if (sqlite3_column_type(statement_, at) == SQLITE_NULL) return true;
    return read(at, out.emplace());
  }
  bool read_blob(int at, std::string_view& out) const noexcept {
    return sqlite3_column_type(statement_, at) == SQLITE_BLOB &&
           borrow(sqlite3_column_blob(statement_, at), at, out);
  }

 private:
  bool borrow(const void* bytes, int at, std::string_view& out) const noexcept {
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, at));
    if (bytes == nullptr && size != 0) return false;  // no memory
    out = {bytes == nullptr ? "" : static_cast<const char*>(bytes), size};
    return true;
  }

  sqlite3_stmt* statement_;
};

// What a statement gives that answers with one number; -1 where it cannot be read.
inline int number_of(sqlite3* database, const char* sql) noexcept {
  Statement statement;
  if (!prepare(database, statement, sql)) return -1;
  return sqlite3_step(statement.get()) == SQLITE_ROW ? sqlite3_column_int(statement.get(), 0) : -1;
}

// Makes the file ours before SQLite does, so that nobody else may ever read it.
inline void make_private(const std::string& path) noexcept {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
}

// What a file is to us.
enum class Form : std::uint8_t {
  ours,           // or it was empty, and has the form now
  foreign,        // another program's
  other_version,  // ours, of another version
  failed,         // and `fault` says why
};

// A new file gets its form by `make(database)`, in one transaction with the stamp that says whose it is
// (application_id) and of which version (user_version); any other must have both already.
template <class Make>
Form settle_form(sqlite3* database, int application, int version, std::string& fault, Make&& make) {
  const auto fail = [&] {
    fault = sqlite3_errmsg(database);
    if (sqlite3_get_autocommit(database) == 0) execute(database, "ROLLBACK");
    return Form::failed;
  };
  if (!execute(database, "BEGIN IMMEDIATE")) return fail();
  const int whose = number_of(database, "PRAGMA application_id"), which = number_of(database, "PRAGMA user_version");
  const int tables = number_of(database, "SELECT count(*) FROM sqlite_schema");
  if (whose < 0 || which < 0 || tables < 0) return fail();
  if (whose != 0 || which != 0 || tables != 0) {
    execute(database, "ROLLBACK");
    return whose != application ? Form::foreign : which != version ? Form::other_version : Form::ours;
  }
  const std::string stamp = "PRAGMA application_id = " + std::to_string(application) + "; PRAGMA user_version = " + std::to_string(version);
  if (make(database) && execute(database, stamp.c_str()) && execute(database, "COMMIT")) return Form::ours;
  return fail();
}

}  // namespace remit::sqlite
