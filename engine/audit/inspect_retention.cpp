// See inspect_retention.h.
#include "engine/audit/inspect_retention.h"

#include "engine/audit/json_text.h"

namespace remit::audit {
namespace {

// As a record has it: hexadecimal digits, without the quotes of JSON.
std::string hex(const image::Digest& digest) {
  std::string out;
  write_hex(out, digest);
  return out.substr(1, out.size() - 2);
}
std::string time_text(std::int64_t micros) {
  std::string out;
  write_time(out, micros);
  return out.substr(1, out.size() - 2);
}

}  // namespace

RetentionInspection::RetentionInspection(Inspection& inspection) : inspection_(inspection) {
  Statement statement;
  if (!inspection.prepare(statement, "SELECT class, remove_before FROM retention")) return;
  Run run(statement);
  while (inspection.next(run)) {
    std::string_view name;
    std::int64_t before = 0;
    if (!run.read(0, name) || !run.read(1, before)) {
      inspection.find(FindingCode::retention_differs, 0,
                      "a row of `retention` is of another type than a log's");
      continue;
    }
    Class& one = classes_[std::string(name)];
    one.before = before;
    one.stored = true;
  }
}

void RetentionInspection::removed(std::uint64_t seq, std::int64_t time, std::string_view kind,
                                  std::string_view retention_class) {
  ++inspection_.report().removed;
  const auto found = classes_.find(retention_class);
  if (found == classes_.end() || time >= found->second.before) {
    inspection_.find(
        FindingCode::removed_early, seq,
        "its body is gone, and nothing of that age was to be removed from the class `" +
            std::string(retention_class) + "`");
    return;
  }
  found->second.digest.add(seq, time, kind);
}

void RetentionInspection::recorded(std::uint64_t seq, const RecordJson& record) {
  const auto malformed = [&] {
    inspection_.find(FindingCode::record_malformed, seq,
                     "it is of a removal, and does not say what was removed");
  };
  const auto all = record.find("removed");
  const std::string *name = text_member(record, "class"), *before = text_member(record, "before");
  if (name == nullptr || before == nullptr || all == record.end() || !all->is_object())
    return malformed();
  const std::string* digest = text_member(*all, "sha256");
  const auto count = all->find("count");
  if (digest == nullptr || count == all->end() || !count->is_number_unsigned()) return malformed();
  const auto found = classes_.find(*name);
  if (found == classes_.end()) {
    inspection_.find(
        FindingCode::retention_differs, seq,
        "it is of a removal from the class `" + *name + "`, which `retention` does not have");
    return;
  }
  Class& one = found->second;
  one.recorded = true;
  one.recorded_before = *before;
  one.recorded_digest = *digest;
  one.recorded_count = count->get<std::uint64_t>();
}

void RetentionInspection::finish() {
  for (auto& [name, one] : classes_) {
    const std::string about = "of the class `" + name + "` ";
    const auto differs = [&](const std::string& text) {
      inspection_.find(FindingCode::retention_differs, 0, about + text);
    };
    if (!one.recorded) {
      differs("records were to be removed, and no record says so");
    } else if (one.recorded_before != time_text(one.before)) {
      differs("records were to be removed from before " + time_text(one.before) +
              ", and the latest record of that says " + one.recorded_before);
    } else if (one.recorded_count != one.digest.count()) {
      differs(std::to_string(one.digest.count()) + " records are removed, and " +
              std::to_string(one.recorded_count) + " were recorded as removed");
    } else if (one.recorded_digest != hex(one.digest.finish())) {
      differs(
          "other records are removed than were recorded as removed, or what is left of them was "
          "changed");
    }
  }
}

}  // namespace remit::audit
