// `remit audit verify`: is the trail what it was when it was written? Covered by
// tests/audit_command_test.py.
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "engine/audit/verify.h"
#include "lang/diagnostics/display.h"
#include "tools/audit_sentence.h"
#include "tools/command_audit.h"
#include "tools/files.h"
#include "tools/terminal.h"

namespace remit::tools {
namespace {

struct Verify {
  std::string database, key;
  std::vector<std::string> earlier;
  bool json = false;
};

std::string hex(const TreeHash& hash) {
  std::string out;
  for (const std::uint8_t byte : hash) out += fmt::format("{:02x}", byte);
  return out;
}

// How many, in a form that can be read aloud.
std::string counted(std::uint64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

// What the answer rests on, and what it leaves open.
std::vector<std::string> remarks(const audit::VerifyReport& report, const Verify& options) {
  std::vector<std::string> out;
  if (!report.key) {
    out.push_back(
        "the log has no key, so nobody signed it: it agrees with itself, and whoever can write the "
        "file could have made it so");
    return out;
  }
  if (options.key.empty())
    out.push_back(
        "the key is the log's own word: give --key, from whoever keeps the log's key, or the log "
        "may be another's");
  if (report.checkpointed < report.records)
    out.push_back(fmt::format("{} after the last checkpoint {} not signed yet",
                              counted(report.records - report.checkpointed, "record"),
                              report.records - report.checkpointed == 1 ? "is" : "are"));
  if (options.earlier.empty())
    out.push_back(
        "without --checkpoint, from an earlier day and kept elsewhere, a shorter log in its place "
        "would pass");
  return out;
}

JsonOut report_json(const audit::VerifyReport& report, const Verify& options) {
  JsonOut out;
  out["verified"] = report.verified();
  out["log"] = report.origin;
  if (report.key) out["key"] = report.key->text();
  out["records"] = report.records;
  out["removed"] = report.removed;
  out["programs"] = report.programs;
  out["checkpoints"] = report.checkpoints;
  out["checkpointed"] = report.checkpointed;
  out["earlier"] = report.earlier;
  out["root"] = hex(report.root);
  out["findings"] = JsonOut::array();
  for (const audit::Finding& finding : report.findings) {
    JsonOut& one = out["findings"].emplace_back();
    one["code"] = audit::to_string(finding.code);
    if (finding.seq != 0) one["seq"] = finding.seq;
    one["message"] = finding.text;
  }
  if (report.further != 0) out["further"] = report.further;
  out["remarks"] = remarks(report, options);
  return out;
}

std::string report_text(const audit::VerifyReport& report, const Verify& options) {
  const bool colour = colour_on(stdout);
  std::string out = report.verified() ? styled("verified", "1;32", colour)
                                      : styled("not verified", "1;31", colour);
  out += fmt::format("  {}: {}, {}, {}\n", audit_name(options.database),
                     counted(report.records, "record"), counted(report.programs, "program"),
                     counted(report.checkpoints, "checkpoint"));
  if (!report.origin.empty()) out += fmt::format("  log   {}\n", audit_name(report.origin));
  if (report.key) out += fmt::format("  key   {}\n", report.key->text());
  if (report.verified()) out += fmt::format("  root  {}\n", hex(report.root));
  if (report.removed != 0)
    out +=
        fmt::format("  {} removed by retention, as recorded\n", counted(report.removed, "record"));
  if (report.earlier != 0)
    out += fmt::format("  {} of earlier agree{}\n", counted(report.earlier, "checkpoint"),
                       report.earlier == 1 ? "s" : "");
  for (const audit::Finding& finding : report.findings) {
    const std::string about = finding.seq == 0 ? "log" : fmt::format("record {}", finding.seq);
    out += fmt::format("{}: {}: {}\n", styled(about, "1", colour), audit::to_string(finding.code),
                       lang::visible(finding.text));
  }
  if (report.further != 0) out += fmt::format("and {} more\n", report.further);
  for (const std::string& remark : remarks(report, options))
    out += fmt::format("note: {}\n", remark);
  return out;
}

int verify(const Verify& options) {
  audit::VerifyOptions wanted;
  if (!options.key.empty()) wanted.key = read_verifier_key(options.key);
  for (const std::string& file : options.earlier)
    wanted.earlier.push_back(read_file(file, kMaxNoteFile));
  Progress progress("verifying");
  wanted.progress = [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); };
  const audit::VerifyReport report =
      usable(audit::verify_log(options.database, wanted), "audit verify");
  progress.clear();
  print(options.json ? to_text(report_json(report, options)) + "\n" : report_text(report, options));
  return report.verified() ? kFine : kNo;
}

}  // namespace

void add_audit_verify(CLI::App& audit, Action& chosen) {
  auto options = std::make_shared<Verify>();
  CLI::App* command = audit.add_subcommand("verify", "Find out whether a trail was tampered with");
  command->add_option("DB", options->database, "the audit trail, an SQLite file")->required();
  command
      ->add_option("--key", options->key,
                   "the verifier key that the log must be signed with, or a file with it")
      ->type_name("VKEY");
  add_repeatable(*command, "--checkpoint", options->earlier,
                 "a checkpoint of an earlier day, kept elsewhere; may be repeated")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "print one JSON object");
  set_manual(
      *command,
      {"[--key VKEY] [--checkpoint FILE...] [--json] DB",
       "Every record against its hash, every column against its record, the hash tree against the "
       "records, the\n"
       "checkpoints against the tree. Finds what was edited, deleted, inserted, moved, truncated "
       "or removed before\n"
       "its time, dropped triggers and changed tables, and says which record and why. The log may "
       "be written\n"
       "meanwhile. Nothing is changed.\n\n"
       "Whoever can write the file can write another one, with another key, or put an old copy in "
       "its place. So\n"
       "give --key, which you got from whoever keeps the key, and --checkpoint, which you kept: "
       "from\n"
       "`remit audit checkpoint`.",
       "0 verified\n1 something is wrong\n2 there is no such file, or the command line is wrong",
       "remit audit verify trail.db --key log.vkey --checkpoint monday.note"});
  command->callback([options, &chosen] { chosen = [options] { return verify(*options); }; });
}

}  // namespace remit::tools
