// Any byte of the file or of a record, flipped: verify, with a checkpoint of an earlier day, finds
// it, or the file says exactly what it said before (free pages, unused bytes of pages and header).
//
//   audit_flip_test "[long]"     10,000 trials of each kind
#include <cstdlib>
#include <random>

#include "tests/audit_tamper.h"

using namespace remit;
using namespace remit::test;

namespace {

struct Trials {
  std::size_t found = 0, same = 0;
};

// Verified though the file says something else: what must not be.
void judge(const std::string& path, const Written& log, const std::string& kept,
           const std::string& before, Trials& trials, const std::string& what) {
  audit::VerifyOptions options;
  options.key = VerifierKey::parse(log.vkey).value();
  options.earlier = {kept};
  const auto report = audit::verify_log(path, options);
  if (!report.ok() || !report->verified()) {
    ++trials.found;
    return;
  }
  INFO(what);
  const auto after = content(path);
  REQUIRE(after.has_value());
  REQUIRE(after.value() == before);
  ++trials.same;
}

// Bytes of the file as it lies on the disk.
Trials flip_file(const Written& log, std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  const Folder folder;
  const std::string path = folder / "trail.db";
  write_bytes(path, log.bytes);
  const std::string before = content(path).value();
  const std::string kept = log.notes[log.notes.size() / 2];
  Trials trials;
  for (std::size_t i = 0; i < count; ++i) {
    // The header and the schema are few bytes with much to say: they get their share.
    const std::size_t at = random() % (i % 8 == 0 ? 4096 : log.bytes.size());
    const auto change = static_cast<unsigned char>(1 + random() % 255);
    std::string bytes = log.bytes;
    bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ change);
    for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(path + beside);
    write_bytes(path, bytes);
    judge(path, log, kept, before, trials,
          "byte " + std::to_string(at) + " xor " + std::to_string(change) + ", seed " +
              std::to_string(seed));
  }
  return trials;
}

// Binds the value of column 0 with one bit or byte of it changed, of the same type.
void bind_spoilt(sqlite3_stmt* update, sqlite3_stmt* row, std::mt19937& random) {
  const int type = sqlite3_column_type(row, 0);
  if (type == SQLITE_INTEGER) {
    const auto number = static_cast<std::uint64_t>(sqlite3_column_int64(row, 0));
    sqlite3_bind_int64(update, 1,
                       static_cast<std::int64_t>(number ^ (std::uint64_t{1} << (random() % 63))));
    return;
  }
  std::string value = "x";  // for what is NULL or empty
  if (const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, 0)); size != 0) {
    value.assign(static_cast<const char*>(sqlite3_column_blob(row, 0)), size);
    char& byte = value[random() % size];
    byte = static_cast<char>(byte ^ static_cast<char>(1 + random() % 127));
  }
  const auto length = static_cast<int>(value.size());
  if (type == SQLITE_BLOB) {
    sqlite3_bind_blob(update, 1, value.data(), length, SQLITE_TRANSIENT);
  } else {
    sqlite3_bind_text(update, 1, value.data(), length, SQLITE_TRANSIENT);
  }
}

// A byte of any value in any table, by somebody who knows SQL.
Trials flip_values(const Written& log, std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  const Folder folder;
  const std::string path = folder / "trail.db";
  write_bytes(path, log.bytes);
  const std::string before = content(path).value();
  const std::string kept = log.notes.back();
  const std::pair<const char*, std::vector<const char*>> tables[] = {
      {"records",
       {"seq", "leaf", "body", "time", "kind", "session", "agent", "person", "system", "action",
        "resource", "effect", "reason", "decision", "class"}},
      {"nodes", {"level", "position", "hash"}},
      {"programs", {"digest", "name", "image"}},
      {"checkpoints", {"size", "note"}},
      {"meta", {"key", "value"}},
      {"retention", {"class", "remove_before"}}};
  Trials trials;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [table, columns] = tables[i % 2 == 0 ? 0 : random() % std::size(tables)];
    const char* const column = columns[random() % columns.size()];
    const bool by_two = std::string(table) == "nodes";
    const std::string id = by_two ? "level * 1000000 + position" : columns.front();
    const std::string from = std::string(" FROM ") + table;
    write_bytes(path, log.bytes);
    bool changed = false;
    std::string what;
    edit_with(path, [&](sqlite3* database) {
      const auto prepare = [&](const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        REQUIRE(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
        return statement;
      };
      sqlite3_stmt* const counted = prepare("SELECT count(*)" + from);
      REQUIRE(sqlite3_step(counted) == SQLITE_ROW);
      const auto rows = static_cast<std::uint64_t>(sqlite3_column_int64(counted, 0));
      sqlite3_finalize(counted);
      const std::string offset = std::to_string(random() % rows);
      what = std::string(table) + "." + column + ", row " + offset + ", trial " +
             std::to_string(i) + " of seed " + std::to_string(seed);
      sqlite3_stmt* const row = prepare("SELECT " + std::string(column) + ", " + id + from +
                                        " ORDER BY 2 LIMIT 1 OFFSET " + offset);
      REQUIRE(sqlite3_step(row) == SQLITE_ROW);
      sqlite3_stmt* const update = prepare("UPDATE " + std::string(table) + " SET " + column +
                                           " = ?1 WHERE " + id + " = ?2");
      bind_spoilt(update, row, random);
      sqlite3_bind_value(update, 2, sqlite3_column_value(row, 1));
      changed = sqlite3_step(update) == SQLITE_DONE;  // a key that is there already refuses it
      sqlite3_finalize(update);
      sqlite3_finalize(row);
    });
    if (changed) judge(path, log, kept, before, trials, what);
    INFO(what);
    REQUIRE(trials.same == 0);
  }
  return trials;
}

void trial(std::size_t count) {
  const Written log = write_log(100);
  const unsigned seed = std::random_device()();
  const Trials file = flip_file(log, count, seed);
  const Trials values = flip_values(log, count, seed);
  WARN("file of " << log.bytes.size() << " bytes, " << log.records << " records: of " << count
                  << " flips " << file.found << " found, " << file.same << " changed nothing; of "
                  << values.found + values.same << " values " << values.found << " found, "
                  << values.same << " changed nothing");
  CHECK(file.found > count / 10);  // the rest is free space, more or less of it
  CHECK(values.found > count / 2);
}

}  // namespace

TEST_CASE("any byte, flipped") { trial(150); }
TEST_CASE("any byte, flipped, at length", "[.long]") { trial(10000); }
