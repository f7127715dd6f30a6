// `remit audit report`: one session as a page to file. Covered by tests/audit_report_test.py.
#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "tools/audit_report_page.h"
#include "tools/command_audit.h"
#include "tools/files.h"
#include "tools/terminal.h"
#include "tools/token_report.h"

namespace remit::tools {
namespace {

struct Report {
  std::string database, session, out, key;
  std::vector<std::string> earlier;
};

int report(const Report& options) {
  audit::VerifyOptions wanted;
  if (!options.key.empty()) wanted.key = read_verifier_key(options.key);
  for (const std::string& file : options.earlier)
    wanted.earlier.push_back(read_file(file, kMaxNoteFile));
  const AuditReader reader = usable(AuditReader::open(options.database), options.database);
  const AuditReport gathered = gather_report(reader, options.session);
  ReportLog log;
  log.database = options.database;
  log.made = time_text(std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
  log.key_given = wanted.key.has_value();
  if (auto last = usable(reader.latest_checkpoint(), options.database)) log.checkpoint = last->note;
  {
    Progress progress("verifying");
    wanted.progress = [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); };
    log.verified = usable(audit::verify_log(options.database, wanted), options.database);
  }
  write_file(options.out, report_page(gathered, log));
  print(fmt::format(
      "{}: {} of {}{}\n", options.out, counted(gathered.records, "record"),
      counted(gathered.sessions.size(), "session"),
      log.verified.verified() ? "" : "; the log is not verified, see `remit audit verify`"));
  return log.verified.verified() ? kFine : kNo;
}

}  // namespace

void add_audit_report(CLI::App& audit, Action& chosen) {
  auto options = std::make_shared<Report>();
  CLI::App* command = audit.add_subcommand("report", "Write one session as a page to file");
  command->add_option("DB", options->database, "the audit trail, an SQLite file")->required();
  command->add_option("SESSION", options->session, "the session's id, or how it begins")
      ->required();
  command->add_option("-o,--output", options->out, "the page")->required()->type_name("FILE");
  command
      ->add_option("--key", options->key,
                   "the verifier key that the log must be signed with, or a file with it")
      ->type_name("VKEY");
  add_repeatable(*command, "--checkpoint", options->earlier,
                 "a checkpoint of an earlier day, kept elsewhere; may be repeated")
      ->type_name("FILE");
  set_manual(
      *command,
      {"[--key VKEY] [--checkpoint FILE...] -o FILE DB SESSION",
       "Who acted, for whom and why, what was permitted, a time line over all systems, what was "
       "refused and why, who\n"
       "approved what, what was handed on to other agents, and how to verify all of it. One HTML "
       "file that needs no\n"
       "other: it opens in any browser, prints well, and runs no script.\n\n"
       "The log is verified as `remit audit verify` does, and the page says with what result.",
       "0 written\n1 written, and the log is not verified\n2 there is no such session, or the log "
       "cannot be read",
       "remit audit report trail.db 3f2a --key log.vkey -o report.html"});
  command->callback([options, &chosen] { chosen = [options] { return report(*options); }; });
}

}  // namespace remit::tools
