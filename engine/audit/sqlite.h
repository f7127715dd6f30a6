// SQLite as the audit room uses it: handles that close themselves, and one run of a statement with
// typed values. Not thread-safe: a connection belongs to one thread at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <remit/result.h>

namespace remit::audit {

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

inline Error unavailable(std::string what, sqlite3* database) {
  return {ErrorCode::audit_unavailable,
          std::move(what) + ": " +
              (database == nullptr ? "not enough memory" : sqlite3_errmsg(database))};
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

}  // namespace remit::audit
