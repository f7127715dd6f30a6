// The records of a log: numbers, hashes, bodies, and the columns by which they are found. Leaves go
// on to the tree, removals to retention, digests to the programs. See inspection.h.
#include <algorithm>
#include <array>
#include <cstring>

#include <remit/audit.h>

#include "engine/audit/inspect_retention.h"
#include "engine/audit/inspect_tree.h"
#include "engine/audit/inspection.h"
#include "engine/audit/json_text.h"
#include "engine/audit/record_json.h"

namespace remit::audit {
namespace {

// Columns of the statement below.
enum Column : int {
  kSeq,
  kLeaf,
  kBody,
  kTime,
  kKind,
  kSession,
  kAgent,
  kPerson,
  kSystem,
  kAction,
  kResource,
  kEffect,
  kReason,
  kDecision,
  kClass
};
constexpr const char* kRecords =
    "SELECT seq, leaf, body, time, kind, session, agent, person, system, action, resource, effect, "
    "reason, decision, class "
    "FROM records NOT INDEXED ORDER BY seq";
constexpr const char* kNames[] = {"seq",      "leaf",   "body",   "time",     "kind",
                                  "session",  "agent",  "person", "system",   "action",
                                  "resource", "effect", "reason", "decision", "class"};

// A member that is a text. Others (too long for a column, or no UTF-8, so kept by their hash) have
// no column.
std::optional<std::string_view> member(const RecordJson& record, const char* name) {
  const std::string* const text = text_member(record, name);
  return text != nullptr ? std::optional<std::string_view>(*text) : std::nullopt;
}

bool says(const Run& run, int at, const std::optional<std::string_view>& right) {
  std::optional<std::string_view> stored;
  if (!run.read(at, stored)) return false;
  return right && !right->empty() ? stored == right : !stored;  // no column is an empty text
}

class Records {
 public:
  Records(Inspection& inspection, Programs& programs)
      : inspection_(inspection), programs_(programs), tree_(inspection), retention_(inspection) {}

  void inspect() {
    Statement statement;
    if (!inspection_.prepare(statement, kRecords)) return;
    const std::uint64_t total = count();
    {
      Run run(statement);
      while (inspection_.next(run)) {
        inspect_row(run);
        if (inspection_.options().progress)
          inspection_.options().progress(inspection_.report().records, total);
      }
    }
    retention_.finish();
    tree_.finish(last_);
  }

 private:
  std::uint64_t count() {
    Statement statement;
    std::int64_t out = 0;
    if (!inspection_.prepare(statement, "SELECT coalesce(max(seq), 0) FROM records")) return 0;
    Run run(statement);
    if (inspection_.next(run)) run.read(0, out);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(out, 0));
  }

  void wrong(FindingCode code, std::string text) { inspection_.find(code, last_, std::move(text)); }

  void inspect_row(const Run& run) {
    ++inspection_.report().records;
    std::int64_t seq = 0;
    if (!run.read(kSeq, seq) || seq < 1) {
      inspection_.find(
          FindingCode::record_inserted, 0,
          "there is a record with the number " + std::to_string(seq) + "; they count from 1");
      return;
    }
    const auto number = static_cast<std::uint64_t>(seq);
    if (number != last_ + 1) {
      tree_.break_off();
      inspection_.find(FindingCode::record_missing, last_ + 1,
                       number == last_ + 2
                           ? std::string("it is not there")
                           : "the records up to " + std::to_string(number - 1) + " are not there");
    }
    last_ = number;
    std::string_view leaf;
    TreeHash hash{};
    if (!run.read_blob(kLeaf, leaf) || leaf.size() != hash.size()) {
      wrong(FindingCode::record_malformed, "it has no hash");
      tree_.break_off();
    } else {
      std::memcpy(hash.data(), leaf.data(), hash.size());
      tree_.append(hash);
    }
    std::optional<std::string_view> body;
    if (!run.read(kBody, body))
      return wrong(FindingCode::record_malformed, "its body is of another type than text");
    if (!body) return inspect_removed(run);
    if (leaf_hash(*body) != hash)
      wrong(FindingCode::record_edited,
            "its hash is not that of its body: one of them was changed");
    inspect_body(run, *body);
  }

  void inspect_removed(const Run& run) {
    std::int64_t time = 0;
    std::string_view kind, retention_class;
    if (!run.read(kTime, time) || !run.read(kKind, kind) || !run.read(kClass, retention_class))
      return wrong(FindingCode::record_malformed, "a column is of another type than a log's");
    retention_.removed(last_, time, kind, retention_class);
    for (int at = kSession; at <= kDecision; ++at) {
      if (!says(run, at, std::nullopt)) differs(at, "is still there, and the body was removed");
    }
  }

  void inspect_body(const Run& run, std::string_view body) {
    const char* why = nullptr;
    const std::optional<RecordJson> record = parse_record(body, why);
    if (!record) return wrong(FindingCode::record_malformed, why);
    inspect_columns(run, *record);
    inspect_programs(*record);
    if (member(*record, "kind") == "retention") retention_.recorded(last_, *record);
  }

  void differs(int at, const std::string& text) {
    wrong(FindingCode::column_differs, std::string("the column `") + kNames[at] + "` " + text);
  }

  void inspect_columns(const Run& run, const RecordJson& record) {
    const auto own = record.find("seq");
    if (own == record.end() || *own != last_) {
      wrong(FindingCode::record_moved, "its body says that it is record " +
                                           (own == record.end() ? "of no number" : shown(*own)));
    }
    const auto time = member(record, "time");
    std::int64_t micros = 0;
    std::string written;
    const bool timed = run.read(kTime, micros);
    if (timed) write_time(written, micros);
    if (!timed || !time || written != "\"" + std::string(*time) + "\"")
      differs(kTime, "is not the time of the record");

    const auto resource = member(record, "resource");
    std::optional<std::string_view> system;
    if (resource && resource->find(':') != std::string_view::npos)
      system = resource->substr(0, resource->find(':'));
    const auto kind = member(record, "kind");
    // What a removal is of has a class, and is not of it.
    const auto retention_class = kind == "retention" ? std::nullopt : member(record, "class");
    const std::array<std::pair<Column, std::optional<std::string_view>>, 11> right = {{
        {kKind, kind},
        {kSession, member(record, "session")},
        {kAgent, member(record, "agent")},
        {kPerson, member(record, record.contains("on_behalf_of") ? "on_behalf_of" : "sponsor")},
        {kSystem, system},
        {kAction, member(record, "action")},
        {kResource, resource},
        {kEffect, member(record, "effect")},
        {kReason, member(record, "reason")},
        {kDecision, member(record, "decision")},
        {kClass, retention_class.value_or(kStandardClass)},
    }};
    for (const auto& [at, text] : right) {
      if (!says(run, at, text))
        differs(at, text && !text->empty() ? "should say `" + std::string(*text) + "`"
                                           : "should say nothing");
    }
  }

  void inspect_programs(const RecordJson& record) {
    const auto programs = record.find("programs");
    if (programs == record.end()) return;
    for (const RecordJson& digest : *programs) {
      if (!digest.is_string() || !programs_.named(*digest.get_ptr<const std::string*>()))
        wrong(FindingCode::program_missing, "the log does not have its program " + shown(digest));
    }
  }

  Inspection& inspection_;
  Programs& programs_;
  TreeInspection tree_;
  RetentionInspection retention_;
  std::uint64_t last_ = 0;
};

}  // namespace

void inspect_records(Inspection& inspection, Programs& programs) {
  Records(inspection, programs).inspect();
}

}  // namespace remit::audit
