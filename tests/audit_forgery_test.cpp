// What a forger who knows hashes, and one who has another key or even the log's own, cannot do
// against somebody who kept the verifier key and a checkpoint; and that nothing a forger writes is
// more than a finding.
#include "engine/audit/tree.h"
#include "tests/audit_tamper.h"

using namespace remit;
using namespace remit::test;

namespace {

// A forger who knows how the log is hashed: makes leaves and nodes fit the bodies again.
void rehash(const std::string& path) {
  edit_with(path, [](sqlite3* database) {
    const auto run = [&](const char* sql, std::int64_t a, std::int64_t b, const TreeHash& hash) {
      sqlite3_stmt* statement = nullptr;
      REQUIRE(sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) == SQLITE_OK);
      sqlite3_bind_int64(statement, 1, a);
      sqlite3_bind_int64(statement, 2, b);
      sqlite3_bind_blob(statement, 3, hash.data(), 32, SQLITE_TRANSIENT);
      REQUIRE(sqlite3_step(statement) == SQLITE_DONE);
      sqlite3_finalize(statement);
    };
    run("DELETE FROM nodes WHERE ?1 = ?2 AND ?3 IS NOT NULL", 0, 0, {});
    std::vector<std::pair<std::int64_t, TreeHash>> leaves;
    sqlite3_stmt* rows = nullptr;
    REQUIRE(sqlite3_prepare_v2(database, "SELECT seq, body, leaf FROM records ORDER BY seq", -1,
                               &rows, nullptr) == SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW) {
      TreeHash& leaf = leaves.emplace_back(sqlite3_column_int64(rows, 0), TreeHash{}).second;
      if (sqlite3_column_type(rows, 1) == SQLITE_NULL) {
        std::memcpy(leaf.data(), sqlite3_column_blob(rows, 2), 32);
      } else {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(rows, 1));
        leaf = leaf_hash({text, static_cast<std::size_t>(sqlite3_column_bytes(rows, 1))});
      }
    }
    sqlite3_finalize(rows);
    audit::Tree tree;
    for (const auto& [seq, leaf] : leaves) {
      run("UPDATE records SET leaf = ?3 WHERE seq = ?1 AND ?2 = 0", seq, 0, leaf);
      tree.append(leaf, [&](unsigned level, std::uint64_t position, const TreeHash& hash) {
        if (level > 0)
          run("INSERT INTO nodes VALUES (?1, ?2, ?3)", level, static_cast<std::int64_t>(position),
              hash);
      });
    }
  });
}

// Signs every stored checkpoint anew over what is there now, with a key of the forger's.
void sign_again(const std::string& path, const std::string& pem) {
  const SigningKey key = SigningKey::from_pem(pem, kOrigin).value();
  const AuditReader reader = AuditReader::open(path).value();
  const auto nodes = [&](unsigned level, std::uint64_t position) {
    return reader.node(level, position).value();
  };
  std::string sql;
  const std::vector<AuditCheckpoint> stored = reader.checkpoints().value();
  for (const AuditCheckpoint& one : stored) {
    const auto root = audit::root_of(one.size, nodes);
    if (!root) continue;
    sql += "UPDATE checkpoints SET note = '" + key.sign({kOrigin, one.size, *root, {}}).value() +
           "' WHERE size = " + std::to_string(one.size) + ";";
  }
  edit(path, sql + "UPDATE meta SET value = CAST('" + key.verifier().text() +
                 "' AS BLOB) WHERE key = 'verifier_key'");
}

}  // namespace

TEST_CASE(
    "a forger who hashes again is found by the log's own checkpoints, between which two it was") {
  const Copy copy;
  const std::uint64_t seq =
      number(copy.path, "SELECT min(seq) FROM records WHERE body LIKE '%\"deny\"%' AND seq > 150");
  edit(copy.path,
       "UPDATE records SET body = replace(body, '\"deny\"', '\"allow\"'), effect = 'allow' WHERE "
       "seq = " +
           std::to_string(seq));
  rehash(copy.path);
  const auto report = verify(copy.path, log_of_all().vkey);
  INFO(findings(report));
  REQUIRE(found(report, FindingCode::forked));
  CHECK_FALSE(found(report, FindingCode::record_edited));
  CHECK_FALSE(found(report, FindingCode::node_differs));
  const std::uint64_t below =
      number(copy.path, "SELECT max(size) FROM checkpoints WHERE size < " + std::to_string(seq));
  const std::uint64_t above =
      number(copy.path, "SELECT min(size) FROM checkpoints WHERE size >= " + std::to_string(seq));
  CHECK(findings(report).find("of the records " + std::to_string(below + 1) + " to " +
                              std::to_string(above) + " one was changed") != std::string::npos);
}

TEST_CASE(
    "a forger who hashes and signs again, with another key, deceives only who kept neither key nor "
    "checkpoint") {
  const Written& log = log_of_all();
  const Copy copy;
  edit(copy.path,
       "UPDATE records SET body = replace(body, '\"deny\"', '\"allow\"'), effect = replace(effect, "
       "'deny', 'allow') WHERE body IS NOT NULL");
  rehash(copy.path);
  sign_again(copy.path, fresh_key());
  const auto alone = verify(copy.path);
  INFO(findings(alone));
  CHECK(alone.verified());  // it agrees with itself: that is all that can be told
  CHECK(found(verify(copy.path, log.vkey), FindingCode::key_differs));
  CHECK(found(verify(copy.path, {}, {log.notes[1]}), FindingCode::checkpoint_wrong));
  // Should the log's own key be stolen, whoever kept a checkpoint still finds out.
  const Copy stolen;
  edit(stolen.path,
       "UPDATE records SET body = replace(body, '\"deny\"', '\"allow\"'), effect = replace(effect, "
       "'deny', 'allow') WHERE body IS NOT NULL");
  rehash(stolen.path);
  sign_again(stolen.path, log.pem);
  CHECK(verify(stolen.path, log.vkey).verified());
  CHECK(found(verify(stolen.path, log.vkey, {log.notes.back()}), FindingCode::forked));
}

TEST_CASE("an older copy, and a fork that went on from one, are found by a later checkpoint") {
  const std::string pem = fresh_key();
  const Folder folder;
  const std::string path = folder / "trail.db", older = folder / "older.db",
                    fork = folder / "fork.db";
  std::vector<std::string> notes;
  AuditOptions options = options_of(AuditMode::durable, pem);
  options.on_checkpoint = [&](std::string_view note) { notes.emplace_back(note); };
  const auto write = [&](const std::string& file, const char* resource, int count) {
    const auto log = AuditLog::open(file, options).value();
    Surroundings around;
    around.audit = log;
    Session session = open("expires 9h\nread lab:/\n", around);
    for (int i = 0; i < count; ++i) (void)session.check({"read", resource}, after(i));
    REQUIRE(log->close().ok());
  };
  write(path, "lab:/a", 20);
  std::filesystem::copy_file(path, older);
  std::filesystem::copy_file(path, fork);
  const std::string kept_early = notes.back();
  write(path, "lab:/b", 20);
  const std::string kept_late = notes.back();
  write(fork, "lab:/innocent", 20);
  const std::string vkey = SigningKey::from_pem(pem, kOrigin)->verifier().text();
  CHECK(verify(path, vkey, {kept_early, kept_late}).verified());
  CHECK(verify(older, vkey, {kept_early}).verified());
  CHECK(found(verify(older, vkey, {kept_late}), FindingCode::rolled_back));
  CHECK(verify(fork, vkey, {kept_early}).verified());  // the same beginning, the right key
  CHECK(found(verify(fork, vkey, {kept_early, kept_late}), FindingCode::forked));
}

TEST_CASE("a body that a forger hashed may be of any form, and is no more than a finding") {
  const std::string deep(100000, '[');
  for (const std::string& body :
       {std::string("{}"), std::string("[]"), std::string("null"), std::string(""),
        std::string("{\"seq\":9,\"seq\":200}"), "{\"a\":" + deep + "}",
        "{\"a\":" + deep + std::string(100000, ']') + "}", std::string("{\"kind\":\"retention\"}"),
        std::string("{\"kind\":\"retention\",\"before\":\"\",\"class\":\"brief\",\"removed\":{"
                    "\"count\":-1,\"sha256\":\"\"}}"),
        std::string("{\"programs\":7,\"seq\":1e400}"),
        std::string("{\"programs\":[{}],\"seq\":1.5}")}) {
    const Copy copy;
    edit(copy.path, "UPDATE records SET body = '" + body + "' WHERE seq = 200");
    rehash(copy.path);
    const auto report = verify(copy.path, log_of_all().vkey);
    INFO(body.substr(0, 100));
    CHECK((found(report, FindingCode::record_malformed, 200) ||
           found(report, FindingCode::record_moved, 200)));
    CHECK(found(report, FindingCode::forked));
  }
}
