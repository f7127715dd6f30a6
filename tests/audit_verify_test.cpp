// verify finds what an editor of the file did, and says which record it was.
// Forgers who know hashes are in audit_forgery_test.cpp.
#include "tests/audit_tamper.h"

using namespace remit;
using namespace remit::test;

namespace {

// Exactly this is found, of this record.
void expect(const std::string& path, FindingCode code, std::uint64_t seq = 0) {
  const Written& log = log_of_all();
  const auto report = verify(path, log.vkey, log.notes);
  INFO(findings(report));
  CHECK_FALSE(report.verified());
  CHECK(found(report, code, seq));
}

}  // namespace

TEST_CASE("a log as it was written verifies, with every checkpoint that was given out") {
  const Written& log = log_of_all();
  const Copy copy;
  const auto report = verify(copy.path, log.vkey, log.notes);
  INFO(findings(report));
  REQUIRE(report.verified());
  CHECK(report.records == log.records);
  CHECK(report.checkpointed == log.records);
  CHECK(report.earlier == log.notes.size());
  CHECK(report.checkpoints == log.notes.size());
  CHECK(report.programs == 2);
  CHECK(report.removed > 10);
  CHECK(report.origin == kOrigin);
  CHECK(report.root == open_checkpoint(log.notes.back(), *report.key)->root);
  CHECK(verify(copy.path).verified());
  CHECK(read_bytes(copy.path) == log.bytes);
}

TEST_CASE("a log without a key, an empty one, and one that is written meanwhile verify") {
  const Folder folder;
  const std::string path = folder / "trail.db";
  const auto log = AuditLog::open(path, options_of(AuditMode::durable)).value();
  CHECK(verify(path).records == 0);
  CHECK(verify(path).verified());
  Surroundings around;
  around.audit = log;
  Session session = open("expires 9h\nread lab:/\n", around);
  for (int i = 0; i < 5; ++i) {
    (void)session.check({"read", "lab:/a"}, after(i));
    const auto report = verify(path);
    INFO(findings(report));
    CHECK(report.verified());
    CHECK(report.records == static_cast<std::uint64_t>(i) + 2);
    CHECK_FALSE(report.key);
  }
  CHECK(found(verify(path, log_of_all().vkey), FindingCode::key_differs));
}

TEST_CASE("each column of a record, edited") {
  const Copy base;
  const std::uint64_t seq = number(base.path,
                                   "SELECT max(seq) FROM records WHERE kind = 'decision' AND "
                                   "effect = 'allow' AND class = 'brief' AND body IS NOT NULL");
  const std::string where = " WHERE seq = " + std::to_string(seq);
  struct Row {
    const char* set;
    FindingCode code;
  };
  const Row rows[] = {{"body = replace(body, 'allow', 'deny')", FindingCode::record_edited},
                      {"body = body || ' '", FindingCode::record_edited},
                      {"leaf = zeroblob(32)", FindingCode::record_edited},
                      {"body = NULL", FindingCode::removed_early},
                      {"body = NULL, time = time + 1000000000000", FindingCode::removed_early},
                      {"body = NULL, session = NULL, agent = NULL, person = NULL, system = NULL, "
                       "action = NULL, resource = NULL, effect = NULL, "
                       "reason = NULL, decision = NULL, time = 1",
                       FindingCode::retention_differs},
                      {"body = NULL, class = 'other'", FindingCode::removed_early},
                      {"time = time + 1", FindingCode::column_differs},
                      {"kind = 'outcome'", FindingCode::column_differs},
                      {"session = NULL", FindingCode::column_differs},
                      {"agent = 'spiffe://acme/agent/other'", FindingCode::column_differs},
                      {"person = 'mike@acme'", FindingCode::column_differs},
                      {"person = NULL", FindingCode::column_differs},
                      {"system = 'crm'", FindingCode::column_differs},
                      {"action = ''", FindingCode::column_differs},
                      {"resource = resource || '0'", FindingCode::column_differs},
                      {"effect = 'deny'", FindingCode::column_differs},
                      {"reason = 'expired'", FindingCode::column_differs},
                      {"decision = NULL", FindingCode::column_differs},
                      {"class = 'standard'", FindingCode::column_differs}};
  for (const Row& row : rows) {
    INFO(row.set);
    const Copy copy;
    edit(copy.path, std::string("UPDATE records SET ") + row.set + where);
    expect(copy.path, row.code, row.code == FindingCode::retention_differs ? 0 : seq);
  }
}

TEST_CASE("what is left of a removed record, edited") {
  const Copy base;
  const std::uint64_t seq =
      number(base.path, "SELECT min(seq) FROM records WHERE body IS NULL AND class = 'brief'");
  for (const char* set : {"time = time + 1", "kind = 'end'", "class = 'standard'",
                          "leaf = zeroblob(32)", "agent = 'somebody'"}) {
    INFO(set);
    const Copy copy;
    edit(copy.path,
         std::string("UPDATE records SET ") + set + " WHERE seq = " + std::to_string(seq));
    CHECK_FALSE(verify(copy.path, log_of_all().vkey).verified());
  }
  for (const char* sql : {"UPDATE retention SET remove_before = remove_before + 1",
                          "DELETE FROM retention", "INSERT INTO retention VALUES ('other', 5)"}) {
    INFO(sql);
    const Copy copy;
    edit(copy.path, sql);
    CHECK(found(verify(copy.path, log_of_all().vkey), std::string_view(sql).starts_with("DELETE")
                                                          ? FindingCode::removed_early
                                                          : FindingCode::retention_differs));
  }
}

TEST_CASE("records deleted, inserted, swapped, cut off") {
  const std::uint64_t last = log_of_all().records;
  {
    const Copy copy;
    edit(copy.path, "DELETE FROM records WHERE seq = 100");
    expect(copy.path, FindingCode::record_missing, 100);
  }
  {
    const Copy copy;
    edit(copy.path, "DELETE FROM records WHERE seq BETWEEN 1 AND 7");
    expect(copy.path, FindingCode::record_missing, 1);
  }
  {
    const Copy copy;  // and what came after moved up
    edit(copy.path,
         "DELETE FROM records WHERE seq = 200; UPDATE records SET seq = seq - 1 WHERE seq > 200");
    expect(copy.path, FindingCode::record_moved, 200);
  }
  {
    const Copy copy;
    edit(copy.path,
         "INSERT INTO records SELECT 0, leaf, body, time, kind, session, agent, person, system, "
         "action, resource, effect, reason, decision, class "
         "FROM records WHERE seq = 200");
    expect(copy.path, FindingCode::record_inserted);
  }
  {
    const Copy copy;
    edit(copy.path, "INSERT INTO records SELECT " + std::to_string(last + 1) +
                        ", leaf, body, time, kind, session, agent, person, system, action, "
                        "resource, effect, reason, decision, class FROM records WHERE seq = 200");
    expect(copy.path, FindingCode::record_moved, last + 1);
  }
  {
    const Copy copy;
    edit(copy.path,
         "UPDATE records SET seq = 1000000 WHERE seq = 200; UPDATE records SET seq = 200 WHERE seq "
         "= 201; UPDATE records SET seq = 201 WHERE seq = 1000000");
    expect(copy.path, FindingCode::record_moved, 200);
  }
  {
    const Copy copy;
    edit(copy.path, "DELETE FROM records WHERE seq > 200");
    expect(copy.path, FindingCode::rolled_back);
  }
  {
    const Copy copy;  // and everything that speaks of them
    edit(copy.path,
         "DELETE FROM records WHERE seq > 200; DELETE FROM checkpoints WHERE size > 200; DELETE "
         "FROM nodes WHERE (position + 1) << level > 200");
    expect(copy.path, FindingCode::rolled_back);
  }
}

TEST_CASE("nodes, programs, checkpoints, meta and schema, edited") {
  struct Row {
    const char* sql;
    FindingCode code;
  };
  const Row rows[] = {
      {"UPDATE nodes SET hash = zeroblob(32) WHERE level = 3 AND position = 2",
       FindingCode::node_differs},
      {"DELETE FROM nodes WHERE level = 1 AND position = 0", FindingCode::node_differs},
      {"INSERT INTO nodes VALUES (40, 0, zeroblob(32))", FindingCode::node_differs},
      {"UPDATE nodes SET position = 100000 WHERE level = 1 AND position = 3",
       FindingCode::node_differs},
      {"UPDATE programs SET image = CAST(image || x'00' AS BLOB)", FindingCode::program_differs},
      {"UPDATE programs SET image = zeroblob(100)", FindingCode::program_differs},
      {"UPDATE programs SET name = 'another'", FindingCode::program_differs},
      {"UPDATE programs SET digest = replace(digest, '1', '2')", FindingCode::program_differs},
      {"DELETE FROM programs", FindingCode::program_missing},
      {"UPDATE checkpoints SET note = replace(note, '0', '1')", FindingCode::checkpoint_wrong},
      {"UPDATE checkpoints SET size = size + 1 WHERE size = (SELECT min(size) FROM checkpoints)",
       FindingCode::checkpoint_wrong},
      {"DELETE FROM checkpoints", FindingCode::checkpoint_missing},
      {"UPDATE meta SET value = CAST('other.example' AS BLOB) WHERE key = 'origin'",
       FindingCode::meta_changed},
      {"UPDATE meta SET value = CAST('2' AS BLOB) WHERE key = 'format'", FindingCode::meta_changed},
      {"DELETE FROM meta WHERE key = 'origin'", FindingCode::meta_changed},
      {"DELETE FROM meta WHERE key = 'verifier_key'", FindingCode::key_differs},
      {"INSERT INTO meta VALUES ('more', x'00')", FindingCode::meta_changed},
      {"DROP INDEX records_by_time", FindingCode::schema_changed},
      {"CREATE TABLE other (a)", FindingCode::schema_changed},
      {"CREATE VIEW other AS SELECT 1", FindingCode::schema_changed},
      {"CREATE TRIGGER other AFTER INSERT ON records BEGIN DELETE FROM nodes; END",
       FindingCode::schema_changed},
      {"ALTER TABLE records ADD COLUMN more TEXT", FindingCode::schema_changed},
      {"PRAGMA user_version = 9", FindingCode::not_a_log},
      {"PRAGMA application_id = 9", FindingCode::not_a_log},
  };
  for (const Row& row : rows) {
    INFO(row.sql);
    const Copy copy;
    edit(copy.path, row.sql);
    expect(copy.path, row.code);
  }
  for (const char* sql : {"SELECT 1",  // the triggers alone
                          "ALTER TABLE records RENAME TO hidden; CREATE VIEW records AS SELECT * "
                          "FROM hidden WHERE seq < 3"}) {
    const Copy copy;
    edit(copy.path, sql, false);
    expect(copy.path, FindingCode::schema_changed);
  }
}

TEST_CASE("the log itself refuses edits, and only expired bodies may go") {
  const Copy copy;
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(copy.path.c_str(), &database) == SQLITE_OK);
  for (const char* sql :
       {"DELETE FROM records", "UPDATE records SET effect = 'allow'",
        "UPDATE records SET body = NULL", "DELETE FROM nodes", "DELETE FROM programs",
        "UPDATE checkpoints SET size = 1", "DELETE FROM checkpoints",
        "UPDATE meta SET value = x'00'", "DELETE FROM meta"}) {
    INFO(sql);
    CHECK(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_CONSTRAINT);
  }
  sqlite3_close(database);
  CHECK(read_bytes(copy.path) == log_of_all().bytes);
}

TEST_CASE("what is no log, or cannot be read, is said to be so") {
  const Folder folder;
  CHECK(audit::verify_log("", {}).error().code == ErrorCode::audit_unavailable);
  CHECK(audit::verify_log(folder / "missing.db", {}).error().code == ErrorCode::audit_unavailable);
  CHECK(audit::verify_log(folder / ".", {}).error().code == ErrorCode::audit_unavailable);
  for (const std::string& bytes :
       {std::string("hello"), std::string(5000, 'x'), log_of_all().bytes.substr(0, 1000),
        log_of_all().bytes.substr(0, 20000)}) {
    write_bytes(folder / "odd.db", bytes);
    CHECK_FALSE(verify(folder / "odd.db").verified());
  }
  write_bytes(folder / "empty.db", "");
  CHECK(found(verify(folder / "empty.db"), FindingCode::not_a_log));
}

TEST_CASE("names of every kind are canonical to the reader as to the writer") {
  const Folder folder;
  const std::string path = folder / "trail.db", pem = fresh_key();
  const auto log = AuditLog::open(path, options_of(AuditMode::buffered, pem)).value();
  Surroundings around;
  around.audit = log;
  Session session = open("expires 9h\nread lab:/ when n == 1\n", around);
  // By UTF-16, U+FF5E comes after U+1F600; by bytes, before.
  const std::string names[] = {"\xEF\xBD\x9E",
                               "\xF0\x9F\x98\x80",
                               "\xEE\x80\x80",
                               "a\"b",
                               "a\\",
                               "tab\t",
                               "\x01",
                               "\x7F",
                               "n",
                               "\xFF\xFE",
                               ""};
  for (const std::string& one : names) {
    for (const std::string& two : names) {
      std::vector<Attribute> attributes = {{one, Value(1)}, {two, Value(one)}};
      (void)session.check({one, "lab:/" + two, attributes}, after(1));
      (void)session.outcome(session.check({"read", "lab:/a", {{"n", 1}}}, after(1)).id, true,
                            one + two, after(1));
    }
  }
  REQUIRE(log->close().ok());
  const auto report = verify(path, SigningKey::from_pem(pem, kOrigin)->verifier().text());
  INFO(findings(report));
  CHECK(report.verified());
}

TEST_CASE("findings are bounded, however much is wrong") {
  const Copy copy;
  edit(copy.path, "UPDATE records SET agent = 'x', person = 'y', body = replace(body, 'a', 'b')");
  const auto report = verify(copy.path, log_of_all().vkey);
  CHECK(report.findings.size() == audit::kMaxFindings);
  CHECK(report.further > 100);
}
