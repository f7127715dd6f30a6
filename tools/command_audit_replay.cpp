// `remit audit replay`: decides what was decided again, and says what differs. Covered by
// tests/audit_replay_test.py.
#include <memory>

#include <fmt/format.h>

#include "tools/audit_replay.h"
#include "tools/audit_replay_report.h"
#include "tools/command_audit.h"
#include "tools/command_audit_filter.h"
#include "tools/documents.h"
#include "tools/terminal.h"

namespace remit::tools {
namespace {

struct ReplayOptions {
  std::string trail;
  std::vector<std::string> with;
  CompileSettings settings;
  FilterOptions filter;
  bool json = false;
};

// The documents that stand in, or nothing where one does not compile; then it has been said why.
std::optional<std::vector<Program>> load(const ReplayOptions& options) {
  std::vector<DocumentSource> sources;
  sources.reserve(options.with.size());
  for (const std::string& file : options.with) sources.push_back({file, std::nullopt});
  const std::vector<LoadedDocument> documents = load_documents(sources, options.settings);
  if (!report_documents(documents, options.json)) return std::nullopt;
  std::vector<Program> out;
  out.reserve(documents.size());
  for (const LoadedDocument& document : documents) out.push_back(document.program.value());
  return out;
}

int run(ReplayOptions& options) {
  if (options.filter.filter.sessions.size() > 1) throw BadInput("--session: one session, or all");
  read_filter_options(options.filter);
  const std::optional<std::vector<Program>> programs = load(options);
  if (!programs) return kBadInput;
  ReplaySettings settings;
  settings.with = Substitutes(*programs);
  RecordFilter filter = options.filter.filter;
  // The tree is what is decided again; of it everything counts that passes the other filters.
  if (!filter.sessions.empty()) settings.session = filter.sessions[0];
  filter.sessions.clear();

  const AuditTrail trail(options.trail);
  const std::uint64_t size = trail.size();
  ReplayReport report(settings.with.any(), options.json);
  Progress progress("deciding again");
  Replay replay(trail, settings, [&](const Json& record, const Replayed& replayed) {
    if (!filter.matches(record)) return;
    const std::string line = report.add(record, replayed);
    if (line.empty()) return;
    progress.clear();
    print(line);
  });
  replay.run([&](std::uint64_t seq) { progress.show(seq, size); });
  progress.clear();
  print(report.summary());
  return report.differences() > 0 ? kNo : kFine;
}

constexpr const char* kReplayDetails =
    "Opens every recorded session again, with the programs that the trail keeps, and decides "
    "every\n"
    "request as it came: with its attributes, at its time, with the limits, history, approvals,\n"
    "sub-sessions and revocations that had come about by then. What is decided otherwise than "
    "recorded,\n"
    "in effect, reason, rule, because or layer, is a difference: the trail does not follow the "
    "policy.\n"
    "A record that lacks something its decision rested on (a sealed attribute that a document asks "
    "for,\n"
    "an opening that is not in the trail) is counted as not decidable again, never as the same. A "
    "trail\n"
    "is believed as it stands: `remit audit verify` says whether it was altered.\n\n"
    "--with asks what other documents would have decided. A scope takes the place of the task "
    "scope of\n"
    "the same name, or of every one where it has no name; a guardrail or grants that of the "
    "document of\n"
    "its kind and name, and where there is none it is one more layer of every session. What the "
    "trail\n"
    "does not know (an attribute that no document asked for then) is not decidable. A host's own "
    "refusal\n"
    "stays what it was. The filters choose what is counted and shown; --session, which tree is "
    "decided.";

}  // namespace

void add_audit_replay(CLI::App& audit, Action& chosen) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* command =
      audit.add_subcommand("replay", "Decide every recorded request again and compare");
  command->add_option("DB", options->trail, "the trail")->required();
  add_repeatable(*command, "--with", options->with,
                 "a document in place of a recorded one; may be repeated")
      ->type_name("FILE");
  add_arguments(*command, options->settings);
  add_module_path(*command, options->settings);
  add_filter_options(*command, options->filter);
  command->add_flag("--json", options->json, "one JSON object a line, the summary last");
  set_manual(*command,
             {"[OPTIONS] DB", kReplayDetails,
              "0 everything decidable is as recorded (with --with: would be decided alike)\n1 "
              "something differs\n2 the trail cannot be read, or a document does not compile",
              "remit audit replay trail.db\n"
              "remit audit replay trail.db --session 0b2e --json\n"
              "remit audit replay trail.db --with stricter.scope --since 30d --effect allow"});
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace remit::tools
