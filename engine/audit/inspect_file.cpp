// The file as a file: what SQLite says of it, whether its tables, indexes and triggers are those of
// an audit log, and what the log says of itself. See inspection.h.
#include <optional>
#include <utility>

#include "engine/audit/inspection.h"
#include "engine/audit/schema.h"

namespace remit::audit {
namespace {

using Schema = std::map<std::pair<std::string, std::string>, std::string>;

// By type and name: of what table, and as what text.
bool read_schema(sqlite3* database, Schema& out) {
  Statement statement;
  if (!prepare(database, statement, "SELECT type, name, tbl_name, sql FROM sqlite_schema"))
    return false;
  Run run(statement);
  for (int code = run.step(); code != SQLITE_DONE; code = run.step()) {
    std::string_view type, name, table, sql;
    if (code != SQLITE_ROW || !run.read(0, type) || !run.read(1, name) || !run.read(2, table) ||
        !run.read(3, sql))
      return false;
    out[{std::string(type), std::string(name)}] = std::string(table) + ": " + std::string(sql);
  }
  return true;
}

// The schema of an empty log, as SQLite itself writes it down.
Schema right_schema() {
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  const Database database(opened);
  Schema out;
  if (code != SQLITE_OK || !execute(opened, kSchema) || !read_schema(opened, out))
    throw std::bad_alloc();
  return out;
}

bool inspect_schema(Inspection& inspection) {
  Schema found;
  if (!read_schema(inspection.database(), found)) {
    inspection.find(FindingCode::file_damaged, 0, "the file's tables cannot be listed");
    return false;
  }
  const Schema right = right_schema();
  bool tables = true;
  for (const auto& [key, text] : right) {
    const auto there = found.find(key);
    const std::string name = key.first + " " + key.second;
    if (there == found.end()) {
      inspection.find(FindingCode::schema_changed, 0, "the " + name + " is gone");
    } else if (there->second != text) {
      inspection.find(FindingCode::schema_changed, 0, "the " + name + " is another than a log has");
    } else {
      continue;
    }
    tables = tables && key.first != "table";
  }
  for (const auto& [key, text] : found) {
    if (!right.contains(key))
      inspection.find(FindingCode::schema_changed, 0,
                      "there is a " + key.first + " that no log has: " + key.second);
  }
  // Records can be read without an index or a trigger, but not from other tables.
  return tables;
}

std::int64_t pragma(Inspection& inspection, std::string_view sql) {
  Statement statement;
  std::int64_t out = -1;
  if (!inspection.prepare(statement, sql)) return out;
  Run run(statement);
  if (inspection.next(run)) run.read(0, out);
  return out;
}

bool inspect_header(Inspection& inspection) {
  if (pragma(inspection, "PRAGMA application_id") != kApplication) {
    inspection.find(FindingCode::not_a_log, 0,
                    "the file's header does not say that it is an audit log");
    return false;
  }
  const std::int64_t form = pragma(inspection, "PRAGMA user_version");
  if (form == kForm) return true;
  inspection.find(FindingCode::not_a_log, 0,
                  "the log is of version " + std::to_string(form) +
                      ", and this program reads version " + std::to_string(kForm));
  return false;
}

// B-trees, indexes against tables, types, constraints.
void inspect_trees(Inspection& inspection) {
  Statement statement;
  if (!inspection.prepare(statement, "PRAGMA integrity_check")) return;
  Run run(statement);
  while (inspection.next(run)) {
    std::string_view line;
    if (!run.read(0, line) || line != "ok")
      inspection.find(FindingCode::file_damaged, 0, "SQLite: " + std::string(line));
  }
}

void inspect_meta(Inspection& inspection) {
  const auto wrong = [&](std::string text) {
    inspection.find(FindingCode::meta_changed, 0, std::move(text));
  };
  Statement statement;
  if (!inspection.prepare(statement, "SELECT key, value FROM meta")) return;
  Run run(statement);
  std::optional<std::string> format, origin, key;
  while (inspection.next(run)) {
    std::string_view name, value;
    if (!run.read(0, name) || !run.read_blob(1, value)) {
      wrong("a row of `meta` is of another type than a log's");
    } else if (name == "format") {
      format = value;
    } else if (name == "origin") {
      origin = value;
    } else if (name == "verifier_key") {
      key = value;
    } else {
      wrong("`meta` has a row that no log has: " + std::string(name));
    }
  }
  VerifyReport& report = inspection.report();
  if (format != "1") wrong("`meta` does not say that the log is of version 1");
  if (!origin) wrong("`meta` does not say what the log's name is");
  report.origin = origin.value_or("");
  if (key) {
    auto parsed = VerifierKey::parse(*key);
    if (!parsed.ok())
      wrong("the verifier key in `meta` is none: " + parsed.error().text);
    else if (parsed->name() != report.origin)
      wrong("the log is called " + report.origin + ", its key " + parsed->name());
    if (parsed.ok()) report.key = std::move(parsed).value();
  }
  const auto& given = inspection.options().key;
  if (!given) return;
  if (!key) {
    inspection.find(FindingCode::key_differs, 0,
                    "the log has no key, and should be signed with " + given->text());
  } else if (*key != given->text()) {
    inspection.find(
        FindingCode::key_differs, 0,
        "the log names the key " + *key + ", and should be signed with " + given->text());
  }
  report.key = given;
}

}  // namespace

bool inspect_file(Inspection& inspection) {
  if (!inspect_header(inspection)) return false;
  if (!inspect_schema(inspection)) return false;
  inspect_trees(inspection);
  inspect_meta(inspection);
  return true;
}

}  // namespace remit::audit
