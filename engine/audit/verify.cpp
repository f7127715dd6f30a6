// See verify.h: opens the file, goes through it part by part, and makes errors of what is thrown.
#include "engine/audit/verify.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "engine/audit/inspection.h"

namespace remit::audit {
namespace {

struct FindingName {
  const char *name, *sentence;
};
constexpr FindingName kNames[] = {
#define REMIT_FINDING_ROW(name, sentence) {#name, sentence},
    REMIT_AUDIT_FINDINGS(REMIT_FINDING_ROW)
#undef REMIT_FINDING_ROW
};

Error unavailable_file(std::string_view path, const char* why) {
  return {ErrorCode::audit_unavailable, std::string(path) + ": " + why};
}

// A `file:` name in which every character stands for itself.
std::string file_uri(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "file:";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '?' || c == '#') {
      out.append("%").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

// What a hostile file's schema may do is as little as SQLite lets it: no view, trigger or function
// of it runs here, and nothing is written.
Database open_read_only(const std::string& path, bool never_changes) {
  sqlite3* opened = nullptr;
  const std::string name = file_uri(path) + (never_changes ? "?immutable=1" : "");
  const int flags =
      SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
  const int code = sqlite3_open_v2(name.c_str(), &opened, flags, nullptr);
  Database database(opened);
  if (opened == nullptr || code == SQLITE_NOMEM) throw std::bad_alloc();
  sqlite3_busy_timeout(opened, 5000);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  return database;
}

// One state of the file for everything that follows.
bool begin(sqlite3* database) {
  return execute(database, "BEGIN; SELECT count(*) FROM sqlite_schema");
}

// A log on a medium that cannot be written has no place for the lock file of WAL mode; where there
// is no log of writes either, the file alone is the whole of it.
bool stands_alone(const std::string& path) {
  struct stat info{};
  return ::stat((path + "-wal").c_str(), &info) != 0 || info.st_size == 0;
}

// The file is there, and whether it is sound cannot be said: not what a finding is for.
bool is_out_of_reach(int code) {
  switch (code & 0xFF) {
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR: return true;
    default: return false;
  }
}

Result<VerifyReport> verify(const std::string& path, const VerifyOptions& options) {
  Database database = open_read_only(path, false);
  bool begun = begin(database.get());
  if (!begun && is_out_of_reach(sqlite3_errcode(database.get())) && stands_alone(path)) {
    database = open_read_only(path, true);
    begun = begin(database.get());
  }
  if (!begun && is_out_of_reach(sqlite3_errcode(database.get())))
    return unavailable_file(path, sqlite3_errmsg(database.get()));
  Inspection inspection(std::move(database), options);
  if (!begun) {
    inspection.find(
        FindingCode::file_damaged, 0,
        std::string("the file cannot be read: ") + sqlite3_errmsg(inspection.database()));
  } else if (inspect_file(inspection)) {
    Programs programs;
    programs.inspect(inspection);
    inspect_records(inspection, programs);
    programs.inspect_unnamed(inspection);
  }
  return std::move(inspection.report());
}

}  // namespace

const char* to_string(FindingCode code) noexcept {
  return kNames[static_cast<std::size_t>(code)].name;
}
const char* sentence(FindingCode code) noexcept {
  return kNames[static_cast<std::size_t>(code)].sentence;
}

void Inspection::find(FindingCode code, std::uint64_t seq, std::string text) {
  // What is quoted from the file may be of any length.
  constexpr std::size_t kMost = 600;
  if (text.size() > kMost) text.replace(kMost, std::string::npos, "...");
  if (report_.findings.size() < kMaxFindings) {
    report_.findings.push_back({code, seq, std::move(text)});
  } else {
    ++report_.further;
  }
}

bool Inspection::prepare(Statement& out, std::string_view sql) {
  if (audit::prepare(database(), out, sql)) return true;
  find(FindingCode::file_damaged, 0,
       std::string("the file cannot be read: ") + sqlite3_errmsg(database()));
  return false;
}

bool Inspection::next(Run& run) {
  const int code = run.step();
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_NOMEM) throw std::bad_alloc();
  if (code != SQLITE_DONE)
    find(FindingCode::file_damaged, 0,
         std::string("reading the file failed: ") + sqlite3_errmsg(database()));
  return false;
}

Result<VerifyReport> verify_log(std::string_view path, const VerifyOptions& options) noexcept {
  try {
    if (path.empty() || path.find('\0') != std::string_view::npos)
      return Error{ErrorCode::audit_unavailable, "an audit log is a file: its path is needed"};
    const std::string name(path);
    struct stat info{};
    if (::stat(name.c_str(), &info) != 0) return unavailable_file(path, std::strerror(errno));
    if (!S_ISREG(info.st_mode)) return unavailable_file(path, "is no file");
    if (::access(name.c_str(), R_OK) != 0) return unavailable_file(path, std::strerror(errno));
    return verify(name, options);
  } catch (...) {
    return out_of_memory();
  }
}

}  // namespace remit::audit
