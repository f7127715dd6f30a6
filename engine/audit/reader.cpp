// See remit/audit_reader.h. Covered by tests/audit_log_test.cpp and the tests of `remit audit`.
#include <remit/audit_reader.h>

#include <cstring>
#include <string>
#include <vector>

#include "engine/audit/schema.h"
#include "engine/audit/sqlite.h"

namespace remit {

using audit::Run;
using audit::Statement;

struct AuditReader::State {
  audit::Database database;

  Error unreadable() const {
    return audit::unavailable("the audit log cannot be read", database.get());
  }
};

namespace {

constexpr const char* kColumns =
    "SELECT seq, leaf, body, time, kind, session, agent, person, system, action, resource, effect, "
    "reason, decision, class FROM records";

Error strange(std::int64_t seq, const char* what) {
  return {ErrorCode::audit_unavailable, "record " + std::to_string(seq) + " of the audit log " +
                                            what + ": the file was damaged or changed"};
}

bool read_hash(const Run& run, int at, TreeHash& out) noexcept {
  std::string_view bytes;
  if (!run.read_blob(at, bytes) || bytes.size() != out.size()) return false;
  std::memcpy(out.data(), bytes.data(), out.size());
  return true;
}

std::optional<Error> read_record(const Run& run, AuditRecord& out) {
  std::int64_t seq = 0, time = 0;
  if (!run.read(0, seq) || seq < 1) return strange(seq, "has no number");
  out.seq = static_cast<std::uint64_t>(seq);
  if (!read_hash(run, 1, out.leaf)) return strange(seq, "has no hash");
  if (!run.read(3, time)) return strange(seq, "has no time");
  out.time = time_from_micros(time);
  bool good = run.read(2, out.body);
  int at = 4;
  for (std::string_view* text :
       {&out.kind, &out.session, &out.agent, &out.person, &out.system, &out.action, &out.resource,
        &out.effect, &out.reason, &out.decision, &out.retention_class}) {
    good = run.read(at++, *text) && good;
  }
  if (!good) return strange(seq, "has a column that is no text");
  return std::nullopt;
}

// The smallest text after all that begin with `prefix`, byte for byte; empty where there is none.
std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty())
    prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

// A filter as SQL, and what is bound to it: only what the filter asks is compared.
struct Query {
  std::string sql = kColumns;
  std::vector<std::string> texts;
  std::vector<std::int64_t> numbers;

  explicit Query(const AuditFilter& filter) : numbers{whole(filter.from), whole(filter.to)} {
    sql += " WHERE seq >= ?1 AND seq <= ?2";
    for (const auto& [column, text] :
         {std::pair<const char*, const std::string*>{"session", &filter.session},
          {"agent", &filter.agent},
          {"person", &filter.person},
          {"system", &filter.system},
          {"kind", &filter.kind},
          {"action", &filter.action},
          {"effect", &filter.effect},
          {"reason", &filter.reason},
          {"decision", &filter.decision}}) {
      if (!text->empty()) compare(column, " = ", *text);
    }
    if (!filter.effect.empty() && filter.effect != "allow")
      sql += " AND effect <> 'allow'";  // the index is of those
    if (!filter.resource_prefix.empty()) {
      const std::string& prefix = filter.resource_prefix;
      if (const std::size_t colon = prefix.find(':');
          colon != std::string::npos && filter.system.empty())
        compare("system", " = ", prefix.substr(0, colon));
      compare("resource", " >= ", prefix);
      if (std::string after = after_prefix(prefix); !after.empty())
        compare("resource", " < ", std::move(after));
    }
    if (filter.since) compare(" >= ", *filter.since);
    if (filter.until) compare(" < ", *filter.until);
    sql += filter.newest_first ? " ORDER BY seq DESC" : " ORDER BY seq";
    sql += " LIMIT " + std::to_string(whole(filter.limit));
  }

  void bind(Run& run) const noexcept {
    int at = 0;
    for (const std::int64_t number : numbers) run.bind(++at, number);
    at = kFirstText;
    for (const std::string& text : texts) run.bind(at++, std::string_view(text));
  }

 private:
  static constexpr int kFirstText = 5;

  static std::int64_t whole(std::uint64_t number) noexcept {
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max()));
  }
  void compare(const char* column, const char* how, std::string text) {
    sql.append(" AND ").append(column).append(how).append("?").append(
        std::to_string(kFirstText + static_cast<int>(texts.size())));
    texts.push_back(std::move(text));
  }
  void compare(const char* how, Time time) {
    numbers.push_back(time.time_since_epoch().count());
    sql.append(" AND time").append(how).append("?").append(std::to_string(numbers.size()));
  }
};

}  // namespace

AuditReader::AuditReader(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
AuditReader::AuditReader(AuditReader&&) noexcept = default;
AuditReader& AuditReader::operator=(AuditReader&&) noexcept = default;
AuditReader::~AuditReader() = default;

namespace {

// Everything here may run out of memory, and a callback may throw.
template <class Read>
auto guarded(Read&& read) noexcept -> decltype(read()) {
  try {
    return read();
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (...) {
    return Error{ErrorCode::bad_argument, "what took the records failed"};
  }
}

}  // namespace

Result<AuditReader> AuditReader::open(std::string_view path) noexcept {
  return guarded([&]() -> Result<AuditReader> {
    if (path.empty() || path.find('\0') != std::string_view::npos)
      return Error{ErrorCode::audit_unavailable, "an audit log is a file: its path is needed"};
    auto state = std::make_unique<State>();
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(
        std::string(path).c_str(), &opened,
        SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    state->database.reset(opened);
    if (code != SQLITE_OK) return audit::unavailable("the audit log cannot be opened", opened);
    sqlite3_busy_timeout(opened, 2000);
    Statement application, form;
    const auto number = [&](Statement& statement, const char* sql) {
      return audit::prepare(opened, statement, sql) && sqlite3_step(statement.get()) == SQLITE_ROW
                 ? sqlite3_column_int(statement.get(), 0)
                 : -1;
    };
    const int is_ours = number(application, "PRAGMA application_id"),
              version = number(form, "PRAGMA user_version");
    if (is_ours == -1) return state->unreadable();
    if (is_ours != audit::kApplication)
      return Error{ErrorCode::audit_unavailable, "the file is no audit log"};
    if (version != audit::kForm)
      return Error{ErrorCode::audit_unavailable, "the audit log is of another version"};
    // A file from elsewhere: what stands in its schema must not run code of ours.
    if (!audit::execute(opened, "PRAGMA trusted_schema = OFF")) return state->unreadable();
    return AuditReader(std::move(state));
  });
}

Status AuditReader::each(const AuditFilter& filter, const Take& take) const noexcept {
  return guarded([&]() -> Status {
    const Query query(filter);
    Statement statement;
    if (!audit::prepare(state_->database.get(), statement, query.sql)) return state_->unreadable();
    Run run(statement);
    query.bind(run);
    for (;;) {
      const int code = run.step();
      if (code == SQLITE_DONE) return {};
      if (code != SQLITE_ROW) return state_->unreadable();
      AuditRecord record;
      if (auto error = read_record(run, record)) return *std::move(error);
      if (!take(record)) return {};
    }
  });
}

Result<bool> AuditReader::record(std::uint64_t seq, const Take& take) const noexcept {
  AuditFilter filter;
  filter.from = filter.to = seq;
  bool found = false;
  return guarded([&]() -> Result<bool> {
    const Status read =
        each(filter, [&](const AuditRecord& record) { return found = true, take(record); });
    if (!read) return read.error();
    return found;
  });
}

Result<std::uint64_t> AuditReader::size() const noexcept {
  return guarded([&]() -> Result<std::uint64_t> {
    Statement statement;
    if (!audit::prepare(state_->database.get(), statement,
                        "SELECT coalesce(max(seq), 0) FROM records"))
      return state_->unreadable();
    Run run(statement);
    std::int64_t size = 0;
    if (run.step() != SQLITE_ROW || !run.read(0, size)) return state_->unreadable();
    return static_cast<std::uint64_t>(size);
  });
}

Status AuditReader::leaves(
    std::uint64_t from,
    const std::function<bool(std::uint64_t, const TreeHash&)>& take) const noexcept {
  return guarded([&]() -> Status {
    Statement statement;
    if (!audit::prepare(state_->database.get(), statement,
                        "SELECT seq, leaf FROM records WHERE seq >= ?1 ORDER BY seq"))
      return state_->unreadable();
    Run run(statement);
    run.bind(1, static_cast<std::int64_t>(from));
    for (;;) {
      const int code = run.step();
      if (code == SQLITE_DONE) return {};
      std::int64_t seq = 0;
      TreeHash leaf{};
      if (code != SQLITE_ROW) return state_->unreadable();
      if (!run.read(0, seq) || !read_hash(run, 1, leaf)) return strange(seq, "has no hash");
      if (!take(static_cast<std::uint64_t>(seq), leaf)) return {};
    }
  });
}

Result<std::optional<TreeHash>> AuditReader::node(unsigned level,
                                                  std::uint64_t position) const noexcept {
  return guarded([&]() -> Result<std::optional<TreeHash>> {
    Statement statement;
    // A leaf stands with its record.
    const char* sql = level == 0 ? "SELECT leaf FROM records WHERE seq = ?1 + 1 AND ?2 = 0"
                                 : "SELECT hash FROM nodes WHERE position = ?1 AND level = ?2";
    if (!audit::prepare(state_->database.get(), statement, sql)) return state_->unreadable();
    Run run(statement);
    run.bind(1, static_cast<std::int64_t>(position));
    run.bind(2, static_cast<std::int64_t>(level));
    const int code = run.step();
    if (code == SQLITE_DONE) return std::optional<TreeHash>();
    TreeHash hash{};
    if (code != SQLITE_ROW || !read_hash(run, 0, hash)) return state_->unreadable();
    return std::optional(hash);
  });
}

Result<std::vector<AuditProgram>> AuditReader::programs() const noexcept {
  return guarded([&]() -> Result<std::vector<AuditProgram>> {
    std::vector<AuditProgram> out;
    Statement statement;
    if (!audit::prepare(state_->database.get(), statement,
                        "SELECT digest, name FROM programs ORDER BY rowid"))
      return state_->unreadable();
    Run run(statement);
    for (int code = run.step(); code != SQLITE_DONE; code = run.step()) {
      std::string_view digest, name;
      if (code != SQLITE_ROW || !run.read(0, digest) || !run.read(1, name))
        return state_->unreadable();
      out.push_back({std::string(digest), std::string(name)});
    }
    return out;
  });
}

Result<std::optional<std::vector<std::byte>>> AuditReader::program(
    std::string_view digest) const noexcept {
  return guarded([&]() -> Result<std::optional<std::vector<std::byte>>> {
    Statement statement;
    if (!audit::prepare(state_->database.get(), statement,
                        "SELECT image FROM programs WHERE digest = ?1"))
      return state_->unreadable();
    Run run(statement);
    run.bind(1, digest);
    const int code = run.step();
    if (code == SQLITE_DONE) return std::optional<std::vector<std::byte>>();
    std::string_view image;
    if (code != SQLITE_ROW || !run.read_blob(0, image)) return state_->unreadable();
    const auto bytes = std::as_bytes(std::span(image));
    return std::optional(std::vector<std::byte>(bytes.begin(), bytes.end()));
  });
}

namespace {

Result<std::vector<AuditCheckpoint>> read_checkpoints(sqlite3* database, const char* sql) {
  std::vector<AuditCheckpoint> out;
  const Error unreadable = {ErrorCode::audit_unavailable,
                            "the checkpoints of the audit log cannot be read"};
  Statement statement;
  if (!audit::prepare(database, statement, sql)) return unreadable;
  Run run(statement);
  for (int code = run.step(); code != SQLITE_DONE; code = run.step()) {
    std::int64_t size = 0;
    std::string_view note;
    if (code != SQLITE_ROW || !run.read(0, size) || !run.read(1, note)) return unreadable;
    out.push_back({static_cast<std::uint64_t>(size), std::string(note)});
  }
  return out;
}

}  // namespace

Result<std::vector<AuditCheckpoint>> AuditReader::checkpoints() const noexcept {
  return guarded([&] {
    return read_checkpoints(state_->database.get(),
                            "SELECT size, note FROM checkpoints ORDER BY size");
  });
}

Result<std::optional<AuditCheckpoint>> AuditReader::latest_checkpoint() const noexcept {
  return guarded([&]() -> Result<std::optional<AuditCheckpoint>> {
    auto latest = read_checkpoints(state_->database.get(),
                                   "SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1");
    if (!latest) return latest.error();
    if (latest->empty()) return std::optional<AuditCheckpoint>();
    return std::optional(std::move(latest->front()));
  });
}

Result<std::optional<std::string>> AuditReader::meta(std::string_view key) const noexcept {
  return guarded([&]() -> Result<std::optional<std::string>> {
    Statement statement;
    if (!audit::prepare(state_->database.get(), statement, "SELECT value FROM meta WHERE key = ?1"))
      return state_->unreadable();
    Run run(statement);
    run.bind(1, key);
    const int code = run.step();
    if (code == SQLITE_DONE) return std::optional<std::string>();
    std::string_view value;
    if (code != SQLITE_ROW || !run.read_blob(0, value)) return state_->unreadable();
    return std::optional(std::string(value));
  });
}

}  // namespace remit
