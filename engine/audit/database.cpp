// See database.h.
#include "engine/audit/database.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstring>

#include "engine/audit/removed_digest.h"
#include "engine/audit/schema.h"

namespace remit::audit {
namespace {

// NORMAL syncs where the file's own order needs it; commits are synced by the Syncer, several at
// once. Pages that the write-ahead log grows to before it is moved into the file: 64 MB. Moving
// syncs twice, so under load it must not come after every few transactions.
constexpr const char* kSettings =
    "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA "
    "wal_autocheckpoint = 4096; PRAGMA trusted_schema = OFF; "
    "PRAGMA cache_size = -65536";

std::span<const std::byte> bytes_of(const TreeHash& hash) noexcept {
  return std::as_bytes(std::span(hash));
}
std::span<const std::byte> bytes_of(std::string_view text) noexcept {
  return std::as_bytes(std::span(text));
}

}  // namespace

void WriterLock::release() noexcept {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

bool WriterLock::take(const std::string& database) {
  file_ = ::open((database + "-writer").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  return file_ >= 0 && ::flock(file_, LOCK_EX | LOCK_NB) == 0;
}

std::optional<Error> LogFile::open(const std::string& path, const Name& name) {
  if (path.empty() || path.find('\0') != std::string::npos)
    return Error{ErrorCode::audit_unavailable, "an audit log is a file: its path is needed"};
  if (auto error = connect(path)) return error;
  if (!execute(database_.get(), kSettings))
    return unavailable("the audit log cannot be opened", database_.get());
  if (auto error = make_form(name)) return error;
  if (auto error = check_name(name)) return error;
  const std::pair<Statement*, const char*> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&insert_,
       "INSERT INTO records (seq, leaf, body, time, kind, session, agent, person, system, action, "
       "resource, effect, reason, decision, class) "
       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"},
      {&insert_node_, "INSERT INTO nodes (level, position, hash) VALUES (?1, ?2, ?3)"},
      {&insert_program_,
       "INSERT INTO programs (digest, name, image) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"},
      {&insert_checkpoint_,
       "INSERT INTO checkpoints (size, note) VALUES (?1, ?2) ON CONFLICT DO NOTHING"},
      {&node_, "SELECT hash FROM nodes WHERE level = ?1 AND position = ?2"},
      {&leaf_, "SELECT leaf FROM records WHERE seq = ?1"}};
  for (const auto& [statement, sql] : statements) {
    if (!prepare(database_.get(), *statement, sql))
      return unavailable("the audit log cannot be written", database_.get());
  }
  return std::nullopt;
}

std::optional<Error> LogFile::connect(const std::string& path) {
  sqlite::make_private(path);
  if (!lock_.take(path)) {
    if (::access(path.c_str(), F_OK) != 0)
      return Error{ErrorCode::audit_unavailable,
                   "the audit log cannot be made at `" + path + "`: " + std::strerror(errno)};
    return Error{ErrorCode::audit_unavailable, "another writer has the audit log `" + path +
                                                   "` open, or `" + path +
                                                   "-writer` cannot be made beside it"};
  }
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  database_.reset(opened);
  if (code != SQLITE_OK) return unavailable("the audit log cannot be opened", opened);
  sqlite3_busy_timeout(opened, 2000);  // readers hold nothing up; somebody's own shell might
  return std::nullopt;
}

// A new file gets its form; any other must have it already.
std::optional<Error> LogFile::make_form(const Name& name) {
  const auto make = [&](sqlite3* database) {
    Statement meta;
    if (!execute(database, kSchema) ||
        !prepare(database, meta, "INSERT INTO meta (key, value) VALUES (?1, ?2)"))
      return false;
    for (const auto& [key, value] : {std::pair<std::string_view, std::string_view>{"format", "1"},
                                     {"origin", name.origin},
                                     {"verifier_key", name.verifier_key}}) {
      if (value.empty()) continue;
      Run run(meta);
      run.bind(1, key);
      run.bind(2, bytes_of(value));
      if (run.step() != SQLITE_DONE) return false;
    }
    return true;
  };
  std::string fault;
  switch (sqlite::settle_form(database_.get(), kApplication, kForm, fault, make)) {
    case sqlite::Form::ours: return std::nullopt;
    case sqlite::Form::foreign:
      return Error{ErrorCode::audit_unavailable, "the file is no audit log"};
    case sqlite::Form::other_version:
      return Error{ErrorCode::audit_unavailable, "the audit log is of another version"};
    case sqlite::Form::failed: break;
  }
  return Error{ErrorCode::audit_unavailable, "the audit log cannot be opened: " + fault};
}

std::optional<Error> LogFile::check_name(const Name& name) {
  Statement meta;
  if (!prepare(database_.get(), meta, "SELECT value FROM meta WHERE key = ?1"))
    return unavailable("the audit log cannot be read", database_.get());
  for (const auto& [key, wanted] :
       {std::pair<std::string_view, std::string_view>{"origin", name.origin},
        {"verifier_key", name.verifier_key}}) {
    Run run(meta);
    run.bind(1, key);
    std::string_view value;
    if (run.step() == SQLITE_ROW && !run.read_blob(0, value))
      return unavailable("the audit log cannot be read", database_.get());
    if (value == wanted) continue;
    return Error{ErrorCode::bad_argument,
                 "the audit log's " + std::string(key == "origin" ? "origin" : "key") + " is " +
                     (value.empty() ? std::string("none") : "`" + std::string(value) + "`") +
                     ", not " +
                     (wanted.empty() ? std::string("none") : "`" + std::string(wanted) + "`")};
  }
  return std::nullopt;
}

std::optional<Error> LogFile::read_end(End& out) {
  Statement records, note;
  const char* const sql =
      "SELECT coalesce(max(seq), 0), coalesce((SELECT max(time) FROM records), "
      "-9223372036854775808) FROM records";
  if (!prepare(database_.get(), records, sql) ||
      !prepare(database_.get(), note,
               "SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1")) {
    return unavailable("the audit log cannot be read", database_.get());
  }
  Run end(records), latest(note);
  std::int64_t size = 0, checkpointed = 0;
  if (end.step() != SQLITE_ROW || !end.read(0, size) || !end.read(1, out.latest))
    return unavailable("the audit log cannot be read", database_.get());
  const int code = latest.step();
  std::string_view text;
  if (code == SQLITE_ROW && latest.read(0, checkpointed) && latest.read(1, text)) {
    out.note = text;
  } else if (code != SQLITE_DONE) {
    return unavailable("the audit log cannot be read", database_.get());
  }
  out.size = static_cast<std::uint64_t>(size);
  out.checkpointed = static_cast<std::uint64_t>(checkpointed);
  return std::nullopt;
}

std::optional<TreeHash> LogFile::node(unsigned level, std::uint64_t position) {
  Run run(level == 0 ? leaf_ : node_);
  if (level == 0) {
    run.bind(1, static_cast<std::int64_t>(position) + 1);
  } else {
    run.bind(1, static_cast<std::int64_t>(level));
    run.bind(2, static_cast<std::int64_t>(position));
  }
  std::string_view bytes;
  TreeHash hash{};
  if (run.step() != SQLITE_ROW || !run.read_blob(0, bytes) || bytes.size() != hash.size())
    return std::nullopt;
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

bool LogFile::done(const Statement& statement) noexcept {
  Run run(statement);
  return run.step() == SQLITE_DONE;
}

bool LogFile::insert(std::uint64_t seq, const TreeHash& leaf, const Rendered& record) noexcept {
  Run run(insert_);
  run.bind(1, static_cast<std::int64_t>(seq));
  run.bind(2, bytes_of(leaf));
  run.bind(3, std::string_view(record.body));
  run.bind(4, record.time);
  int at = 5;
  for (const std::string_view text :
       {record.kind, record.session, record.agent, record.person, record.system, record.action,
        record.resource, record.effect, record.reason, record.decision, record.retention_class}) {
    run.bind_some(at++, text);
  }
  return run.step() == SQLITE_DONE;
}

bool LogFile::insert_node(unsigned level, std::uint64_t position, const TreeHash& hash) noexcept {
  Run run(insert_node_);
  run.bind(1, static_cast<std::int64_t>(level));
  run.bind(2, static_cast<std::int64_t>(position));
  run.bind(3, bytes_of(hash));
  return run.step() == SQLITE_DONE;
}

bool LogFile::insert_program(std::string_view digest, std::string_view name,
                             std::span<const std::byte> image) noexcept {
  Run run(insert_program_);
  run.bind(1, digest);
  run.bind(2, name);
  run.bind(3, image);
  return run.step() == SQLITE_DONE;
}

bool LogFile::insert_checkpoint(std::uint64_t size, std::string_view note) noexcept {
  Run run(insert_checkpoint_);
  run.bind(1, static_cast<std::int64_t>(size));
  run.bind(2, note);
  return run.step() == SQLITE_DONE;
}

void LogFile::rollback() noexcept {
  // Some failures have undone the transaction already.
  if (sqlite3_get_autocommit(database_.get()) == 0) execute(database_.get(), "ROLLBACK");
}

bool LogFile::count_removable(std::string_view retention_class, std::int64_t before,
                              std::int64_t& out) noexcept {
  Statement count;
  if (!prepare(database_.get(), count,
               "SELECT count(*) FROM records WHERE time < ?2 AND class = ?1 AND body IS NOT NULL "
               "AND kind <> 'retention'"))
    return false;
  Run run(count);
  run.bind(1, retention_class);
  run.bind(2, before);
  return run.step() == SQLITE_ROW && run.read(0, out);
}

bool LogFile::remove(std::string_view retention_class, std::int64_t before, Removed& out) noexcept {
  Statement door, stands, remove, all;
  if (!prepare(database_.get(), door,
               "INSERT INTO retention (class, remove_before) VALUES (?1, ?2) ON CONFLICT (class) "
               "DO UPDATE SET remove_before = max(remove_before, ?2)") ||
      !prepare(database_.get(), stands, "SELECT remove_before FROM retention WHERE class = ?1") ||
      !prepare(database_.get(), remove,
               "UPDATE records SET body = NULL, session = NULL, agent = NULL, person = NULL, "
               "system = NULL, action = NULL, resource = NULL, effect = NULL, "
               "reason = NULL, decision = NULL WHERE time < ?2 AND class = ?1 AND body IS NOT NULL "
               "AND kind <> 'retention'") ||
      !prepare(
          database_.get(), all,
          "SELECT seq, time, kind FROM records WHERE class = ?1 AND body IS NULL ORDER BY seq")) {
    return false;
  }
  // What is removed is overwritten in the file.
  if (!execute(database_.get(), "PRAGMA secure_delete = ON")) return false;
  for (const Statement* statement : {&door, &remove}) {
    Run run(*statement);
    run.bind(1, retention_class);
    run.bind(2, before);
    if (run.step() != SQLITE_DONE) return false;
  }
  out.count = static_cast<std::uint64_t>(sqlite3_changes64(database_.get()));
  Run latest(stands);
  latest.bind(1, retention_class);
  if (latest.step() != SQLITE_ROW || !latest.read(0, out.before)) return false;
  RemovedDigest digest;
  Run run(all);
  run.bind(1, retention_class);
  int code = SQLITE_DONE;
  while ((code = run.step()) == SQLITE_ROW) {
    std::int64_t seq = 0, time = 0;
    std::string_view kind;
    if (!run.read(0, seq) || !run.read(1, time) || !run.read(2, kind)) return false;
    digest.add(static_cast<std::uint64_t>(seq), time, kind);
  }
  out.in_all = digest.count();
  out.digest = digest.finish();
  return code == SQLITE_DONE;
}

bool LogFile::forget_removed() noexcept {
  return execute(database_.get(), "PRAGMA secure_delete = OFF; PRAGMA wal_checkpoint(TRUNCATE)");
}

std::string LogFile::fault() const {
  return database_ ? sqlite3_errmsg(database_.get()) : "not enough memory";
}

std::string LogFile::wal() const {
  return sqlite3_filename_wal(sqlite3_db_filename(database_.get(), "main"));
}

// SQLite closes, and moves its write-ahead log into the file, only once no statement is left.
void LogFile::close() noexcept {
  for (Statement* one : {&begin_, &commit_, &insert_, &insert_node_, &insert_program_,
                         &insert_checkpoint_, &node_, &leaf_})
    one->reset();
  database_.reset();
  lock_.release();
}

}  // namespace remit::audit
