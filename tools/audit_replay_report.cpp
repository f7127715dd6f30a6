// See audit_replay_report.h.
#include "tools/audit_replay_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "lang/diagnostics/display.h"
#include "tools/audit_sentence.h"

namespace remit::tools {
namespace {

using Verdict = Replayed::Verdict;

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::same: return "same";
    case Verdict::differs: return "differs";
    default: return "undecidable";
  }
}

// What was asked for, in a few words: `read docs:/a`, or the kind of record.
std::string example_of(const Json& record) {
  if (!record.contains("resource"))
    return audit_shown(record, "kind") + " for " + audit_shown(record, "agent");
  return audit_shown(record, "action") + " " + audit_shown(record, "resource");
}

std::string at(const std::string& place) {
  return place.empty() ? "" : " at " + lang::visible(place);
}

std::string words(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

std::string ReplayReport::add(const Json& record, const Replayed& replayed) {
  ++total_;
  ++kinds_[std::string(audit_text(record, "kind"))];
  if (replayed.verdict == Verdict::same) {
    ++same_;
    return "";
  }
  if (replayed.verdict == Verdict::undecidable) {
    ++undecidable_;
    Row& row = lacking_[replayed.why];
    if (row.count++ == 0) row.example = example_of(record);
    return json_ ? line_of(record, replayed) : "";
  }
  ++different_;
  const std::string recorded(audit_text(record, "effect"));
  Row& row =
      changes_[{recorded.empty() ? "-" : recorded, std::string(audit_text(record, "reason")),
                replayed.effect.empty() ? "-" : replayed.effect, replayed.reason, replayed.place}];
  if (row.count++ == 0) row.example = example_of(record);
  return line_of(record, replayed);
}

std::string ReplayReport::line_of(const Json& record, const Replayed& replayed) const {
  if (json_) {
    JsonOut out;
    out["seq"] = record.contains("seq") ? JsonOut::parse(record["seq"].dump()) : JsonOut();
    out["kind"] = audit_text(record, "kind");
    out["verdict"] = name_of(replayed.verdict);
    out["recorded"] = {{"effect", audit_text(record, "effect")},
                       {"reason", audit_text(record, "reason")}};
    if (!replayed.effect.empty())
      out["decided"] = {
          {"effect", replayed.effect}, {"reason", replayed.reason}, {"place", replayed.place}};
    out["why"] = replayed.why;
    out["sentence"] = audit_sentence(record);
    return to_line(out) + "\n";
  }
  const std::string decided =
      fmt::format("{} {}{}", replayed.effect, replayed.reason, at(replayed.place));
  const std::string seq = record.contains("seq") ? record["seq"].dump() : "?";
  if (with_) return fmt::format("{}: {}\n  would be: {}\n", seq, audit_sentence(record), decided);
  return fmt::format("record {}: {}\n  decided again: {} (not the same: {})\n", seq,
                     audit_sentence(record), decided, replayed.why);
}

std::string ReplayReport::summary() const {
  if (!json_) return text_summary();
  JsonOut out;
  out["records"] = total_;
  out["same"] = same_;
  out["differ"] = different_;
  out["undecidable"] = undecidable_;
  out["kinds"] = kinds_;
  out["by_reason"] = JsonOut::array();
  for (const auto& [key, row] : changes_) {
    const auto& [effect, reason, now, because, place] = key;
    out["by_reason"].push_back(
        {{"count", row.count},
         {"recorded", {{"effect", effect}, {"reason", reason}}},
         {"decided", {{"effect", now}, {"reason", because}, {"place", place}}}});
  }
  out["lacking"] = JsonOut::object();
  for (const auto& [why, row] : lacking_) out["lacking"][why] = row.count;
  return to_line({{"summary", out}}) + "\n";
}

std::string ReplayReport::text_summary() const {
  std::string out;
  if (different_ > 0) out += "\n";
  std::string kinds;
  for (const auto& [kind, count] : kinds_)
    kinds += fmt::format("{}{} {}{}", kinds.empty() ? "" : ", ", count, lang::visible(kind),
                         count == 1 ? "" : "s");
  out += fmt::format("{} decided again{}\n", words(total_, "record", "records"),
                     kinds.empty() ? "" : " (" + kinds + ")");
  out += fmt::format("{:>9}  {}\n", same_, with_ ? "would be decided alike" : "as recorded");
  out += fmt::format("{:>9}  {}\n", different_,
                     with_ ? "would be decided otherwise" : "otherwise than recorded");
  out += fmt::format("{:>9}  not decidable again\n", undecidable_);
  if (!changes_.empty()) {
    out += fmt::format("\n{:>9}  {:<8}  {:<6}  {:<19}  {:<24}  {}\n", "count", "recorded",
                       with_ ? "now" : "again", "reason", "at", "for example");
    std::vector<std::pair<std::string, std::size_t>> rows;
    for (const auto& [key, row] : changes_) {
      const auto& [effect, reason, now, because, place] = key;
      rows.emplace_back(
          fmt::format("{:>9}  {:<8}  {:<6}  {:<19}  {:<24}  {}\n", row.count, lang::visible(effect),
                      now, because, place.empty() ? "-" : lang::visible(place), row.example),
          row.count);
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    for (const auto& [line, count] : rows) out += line;
  }
  if (!lacking_.empty()) {
    out += "\nnot decidable again, because\n";
    for (const auto& [why, row] : lacking_)
      out += fmt::format("{:>9}  {}; for example {}\n", row.count, lang::visible(why), row.example);
  }
  return out;
}

}  // namespace remit::tools
