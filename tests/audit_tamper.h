// A log to tamper with, and what an editor of it can do. Used by audit_verify_test.cpp,
// audit_forgery_test.cpp and audit_flip_test.cpp.
#pragma once

#include <fstream>
#include <iterator>

#include <sqlite3.h>

#include "engine/audit/verify.h"
#include "tests/audit_support.h"

namespace remit::test {

using audit::FindingCode;

inline std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
inline void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  REQUIRE(file.good());
}

// A closed log, as bytes, with everything in it that a log has; and checkpoints that somebody kept.
struct Written {
  std::string bytes, pem, vkey;
  std::vector<std::string> notes;  // by size
  std::uint64_t records = 0;
};

// Sessions of two agents: grants, denials, asks, an approval, limits, a delegation, outcomes, two
// classes. Then, where it is wanted, a removal of what is old of both classes.
inline Written write_log(std::size_t checks, bool with_removal = true,
                         const std::string& pem = fresh_key()) {
  Written out;
  out.pem = pem;
  out.vkey = SigningKey::from_pem(pem, kOrigin)->verifier().text();
  const Folder folder;
  const std::string path = folder / "trail.db";
  AuditOptions options = options_of(AuditMode::buffered, pem);
  options.classes = {{"brief", {"lab"}, std::chrono::hours(1)}};
  options.keep = std::chrono::hours(2);
  options.on_checkpoint = [&](std::string_view note) { out.notes.emplace_back(note); };
  const auto log = AuditLog::open(path, options).value();
  Surroundings around;
  around.audit = log;
  const std::string text =
      std::string(kLab) +
      "system crm { action read, list; attribute size: size }\n"
      "expires 9h\ndelegate\nread lab:/ at most 40 times\nlist lab:/\nread crm:/\n"
      "deny list lab:/hr because \"personal files\"\nask list crm:/\n";
  {
    Session session = open(layers_of(compile_or_die(text)), around);
    Session child =
        child_of(session, compile_or_die(std::string(kLab) + "expires 1h\nread lab:/\n"));
    for (std::size_t i = 0; i < checks; ++i) {
      const Time now = after(static_cast<std::int64_t>(i) * kMinute);
      Session& who = i % 5 == 4 ? child : session;
      const char* const requests[][2] = {
          {"read", "lab:/a"}, {"list", "lab:/hr"}, {"list", "crm:/x"}, {"read", "crm:/y"}};
      const auto& [action, resource] = requests[i % 4];
      const std::string where = resource + std::to_string(i / 4 % 7);
      const Decision decision = who.check({action,
                                           i % 4 == 1 ? resource : where.c_str(),
                                           {{"size", remit::bytes(static_cast<std::int64_t>(i))}}},
                                          now);
      if (decision.asks()) REQUIRE(who.approve(decision.approval, kPerson, now).ok());
      if (decision.allowed())
        REQUIRE(who.outcome(decision.id, i % 3 != 0, "it was \"fine\"", now).ok());
      // Checkpoints along the way: somebody keeps one now and then.
      if (i % 16 == 15) REQUIRE(log->flush().ok());
    }
    session.end(after(9 * kHour));
  }
  REQUIRE(log->flush().ok());
  if (with_removal) REQUIRE(log->remove_expired(after(2 * kHour + 10 * kMinute)).value() > 10);
  REQUIRE(log->close().ok());
  out.bytes = read_bytes(path);
  REQUIRE(out.notes.size() > 3);
  out.records = AuditReader::open(path)->size().value();
  return out;
}

inline audit::VerifyReport verify(const std::string& path, const std::string& vkey = {},
                                  std::vector<std::string> earlier = {}) {
  audit::VerifyOptions options;
  if (!vkey.empty()) options.key = VerifierKey::parse(vkey).value();
  options.earlier = std::move(earlier);
  return audit::verify_log(path, options).value();
}

// What the findings are, for comparisons and messages.
inline std::string findings(const audit::VerifyReport& report) {
  std::string out;
  for (const audit::Finding& one : report.findings) {
    out +=
        std::string(to_string(one.code)) + " " + std::to_string(one.seq) + ": " + one.text + "\n";
  }
  return out;
}
inline bool found(const audit::VerifyReport& report, FindingCode code, std::uint64_t seq = 0) {
  for (const audit::Finding& one : report.findings) {
    if (one.code == code && (seq == 0 || one.seq == seq)) return true;
  }
  return false;
}

// An editor who knows SQLite: drops the triggers, edits, puts them back as they were.
template <class Work>
void edit_with(const std::string& path, const Work& work, bool put_back = true) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  const auto run = [&](const std::string& sql) {
    char* fault = nullptr;
    const int code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &fault);
    INFO(sql << ": " << (fault == nullptr ? "" : fault));
    REQUIRE(code == SQLITE_OK);
  };
  run("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA ignore_check_constraints = "
      "ON");
  std::vector<std::pair<std::string, std::string>> triggers;
  const auto take = [](void* out, int, char** row, char**) {
    static_cast<decltype(triggers)*>(out)->emplace_back(row[0], row[1]);
    return 0;
  };
  REQUIRE(sqlite3_exec(database, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'", take,
                       &triggers, nullptr) == SQLITE_OK);
  for (const auto& [name, text] : triggers) run("DROP TRIGGER " + name);
  work(database);
  for (const auto& [name, text] : triggers) {
    if (put_back) run(text);
  }
  sqlite3_close(database);
}

inline void edit(const std::string& path, const std::string& sql, bool put_back = true) {
  const auto work = [&](sqlite3* database) {
    char* fault = nullptr;
    const int code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &fault);
    INFO(sql << ": " << (fault == nullptr ? "" : fault));
    REQUIRE(code == SQLITE_OK);
  };
  edit_with(path, work, put_back);
}

// Schema and every row of every table, in the order of their keys: what the file says. Nothing
// where it cannot be read.
inline std::optional<std::string> content(const std::string& path) {
  sqlite3* database = nullptr;
  std::string out;
  bool good = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK;
  for (const char* sql :
       {"SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name",
        "SELECT * FROM meta ORDER BY key", "SELECT * FROM records ORDER BY seq",
        "SELECT * FROM nodes ORDER BY level, position", "SELECT * FROM programs ORDER BY digest",
        "SELECT * FROM checkpoints ORDER BY size", "SELECT * FROM retention ORDER BY class",
        "PRAGMA application_id", "PRAGMA user_version"}) {
    sqlite3_stmt* statement = nullptr;
    good = good && sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) == SQLITE_OK;
    int code = SQLITE_DONE;
    while (good && (code = sqlite3_step(statement)) == SQLITE_ROW) {
      for (int at = 0; at < sqlite3_column_count(statement); ++at) {
        const int type = sqlite3_column_type(statement, at);  // before it is converted
        const void* bytes = sqlite3_column_blob(statement, at);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, at));
        out += std::to_string(type) + ":" + std::to_string(size) + ":";
        if (size != 0) out.append(static_cast<const char*>(bytes), size);
        out += ";";
      }
    }
    good = good && code == SQLITE_DONE;
    sqlite3_finalize(statement);
  }
  sqlite3_close(database);
  return good ? std::optional(out) : std::nullopt;
}

inline const Written& log_of_all() {
  static const Written one = write_log(160);
  return one;
}

// A copy of the log, for one edit.
struct Copy {
  explicit Copy(const Written& written = log_of_all()) { write_bytes(path, written.bytes); }
  Folder folder;
  std::string path = folder / "trail.db";
};

inline std::string query(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  std::string out;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  const auto take = [](void* text, int, char** row, char**) {
    *static_cast<std::string*>(text) = row[0] == nullptr ? "" : row[0];
    return 0;
  };
  REQUIRE(sqlite3_exec(database, sql.c_str(), take, &out, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  return out;
}
inline std::uint64_t number(const std::string& path, const std::string& sql) {
  return std::stoull(query(path, sql));
}

}  // namespace remit::test
