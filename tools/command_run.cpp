// `remit run`: a session from JSON lines. Covered by tests/tools_run_test.py.
#include <chrono>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include <remit/audit.h>

#include "tools/command.h"
#include "tools/decision_text.h"
#include "tools/errors.h"
#include "tools/files.h"
#include "tools/line_runner.h"
#include "tools/run_summary.h"
#include "tools/terminal.h"

namespace remit::tools {
namespace {

constexpr std::size_t kMaxKeyFile = std::size_t{16} << 10;

struct RunOptions {
  std::vector<std::string> files;
  std::string requests;
  CompileSettings settings;
  std::string audit, audit_key;
  std::string audit_name = "remit";
  bool summary = false, json = false;
};

// One run. Without --summary every line is answered at once, so that a program can talk to us
// through pipes; with it, requests are gathered into batches, since a clock read around a single
// decision costs as much as the decision.
class Run {
 public:
  Run(const Layers& layers, const RunOptions& options, std::shared_ptr<AuditLog> trail)
      : options_(options),
        trail_(std::move(trail)),
        table_(layers, options.settings, connected_to(trail_)),
        summary_(layers) {}

  int play() {
    LineReader reader(options_.requests);
    LineReading reading;
    Progress progress("deciding");
    for (std::string_view line; reader.next(line);) {
      LineStep step = reading.read(line, reader.number());
      if (reader.too_long()) {
        step.error = LineError{reader.number(), "malformed",
                               fmt::format("the line is longer than {} MiB", kMaxLine >> 20)};
      }
      take(std::move(step));
      progress.show(reader.bytes_read(), reader.size());
    }
    flush();
    progress.clear();
    if (trail_) {
      if (const Status closed = trail_->close(); !closed) throw BadInput(closed.error().text);
    }
    if (options_.summary) print(summary_.text(table_.size()));
    return errors_ ? kBadInput : refused_ ? kNo : kFine;
  }

 private:
  static constexpr std::size_t kBatch = 64;
  // Lines come faster than a disk is: they wait for it before the trail's queue is full.
  static constexpr std::size_t kUnwritten = 4096;

  static Surroundings connected_to(const std::shared_ptr<AuditLog>& trail) {
    Surroundings out;
    out.audit = trail;
    return out;
  }

  void take(LineStep step) {
    // Where that fails, decisions say so themselves.
    if (trail_ && ++unwritten_ % kUnwritten == 0) (void)trail_->flush();
    if (step.error) return fail(*step.error);
    std::optional<LineError> error;
    if (!step.request) {
      flush();
      const JsonOut done = table_.take(step, error);
      return error ? fail(*error) : answer(done);
    }
    Session* session = table_.find(step, error);
    if (!session) return fail(*error);
    if (!options_.summary) return answer(decision_json(session->layers(), table_.decide(*session, step)));
    batch_.push_back(std::move(step));
    sessions_.push_back(session);
    if (batch_.size() == kBatch) flush();
  }

  void flush() {
    decisions_.resize(batch_.size());
    const auto before = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < batch_.size(); ++i)
      decisions_[i] = table_.decide(*sessions_[i], batch_[i]);
    summary_.add_batch(batch_.size(), std::chrono::steady_clock::now() - before);
    for (std::size_t i = 0; i < batch_.size(); ++i)
      summary_.add(batch_[i].request->request(), decisions_[i]);
    batch_.clear();
    sessions_.clear();
  }

  void answer(const JsonOut& object) {
    if (options_.summary) return;
    print(to_line(object) + "\n");
    std::fflush(stdout);
  }

  void fail(const LineError& error) {
    (error.refused ? refused_ : errors_) = true;
    if (!options_.summary) return answer(line_error_json(error));
    summary_.add_error(error.refused);
    fmt::print(stderr, "remit: {}:{}: {} [{}]\n", shown_name(options_.requests), error.line,
               error.message, error.code);
  }

  const RunOptions& options_;
  std::shared_ptr<AuditLog> trail_;
  std::size_t unwritten_ = 0;
  SessionTable table_;
  RunSummary summary_;
  std::vector<LineStep> batch_;
  std::vector<Session*> sessions_;
  std::vector<Decision> decisions_;
  bool refused_ = false, errors_ = false;
};

std::shared_ptr<AuditLog> open_trail(const RunOptions& options) {
  if (options.audit.empty()) return nullptr;
  AuditOptions how;
  how.mode = AuditMode::buffered;
  how.origin = options.audit_name;
  if (!options.audit_key.empty()) how.key = read_file(options.audit_key, kMaxKeyFile);
  Result<std::shared_ptr<AuditLog>> trail = AuditLog::open(options.audit, how);
  if (!trail) throw BadInput(fmt::format("{}: {}", options.audit, trail.error().text));
  return std::move(trail).value();
}

int run(const RunOptions& options) {
  std::vector<DocumentSource> sources;
  sources.reserve(options.files.size());
  for (const std::string& file : options.files) sources.push_back({file, std::nullopt});
  const std::vector<LoadedDocument> documents = load_documents(sources, options.settings);
  if (!report_documents(documents, options.json)) return kBadInput;
  const Layers layers = link_documents(documents);
  return Run(layers, options, open_trail(options)).play();
}

constexpr const char* kRunDetails =
    "Links the documents, the task scope before guardrails and grants, and plays one JSON object a "
    "line:\n"
    "  "
    "{\"op\":\"open\",\"agent\":\"spiffe://acme/"
    "a\",\"user\":\"mike\",\"facts\":{\"user.role\":\"lead\"},\"now\":1781253000000000}\n"
    "  "
    "{\"op\":\"check\",\"action\":\"read\",\"resource\":\"docs:/a/"
    "x\",\"attributes\":{\"size\":{\"size\":2000}},\"now\":1781253000000000}\n"
    "  {\"op\":\"approve\",\"line\":7,\"approver\":\"mike\",\"now\":1781253060000000}   approves what line 7 "
    "asked for, or \"approval\": its id\n"
    "  {\"op\":\"delegate\",\"as\":\"sub\",\"agent\":\"spiffe://acme/b\",\"files\":[\"sub.scope\"]}\n"
    "  {\"op\":\"revoke\",\"session\":\"sub\",\"by\":\"mike\",\"why\":\"done\"}   {\"op\":\"end\"}   "
    "{\"op\":\"time\",\"now\":1781253120000000}\n"
    "`would` asks like `check` and leaves no trace. Where \"now\" is left out, the last one given "
    "holds. An\n"
    "opening may also have \"purpose\", \"last_review\", \"sponsor_revoked\", \"trigger\":[kind, "
    "text] and \"as\",\n"
    "a name by which later lines say \"session\"; a delegation \"purpose\" and \"facts\".\n"
    "{\"op\":\"outcome\",\"line\":3,\"ok\":true,\"detail\":\"created\"} says what became of line 3, for "
    "an audit trail.\n"
    "Times are microseconds since 1970-01-01T00:00Z. Values: 5, \"text\", true, [...], "
    "{\"size\":n},\n"
    "{\"duration\":microseconds}, {\"time\":microseconds}, {\"resource\":\"docs:/a\"}.\n"
    "\n"
    "Every line has one answer: a decision, {\"opened\":...} and the like, or "
    "{\"error\":{\"line\",\"code\",\n"
    "\"message\"}}; after an error the run goes on.\n"
    "\n"
    "With --audit every event is recorded in that file, which `remit audit` reads; all of it is on "
    "the disk\n"
    "when the run ends. An opening or check may then have \"trace\", a W3C traceparent, and "
    "\"txn\". With a key\n"
    "(`remit audit key`) the trail gets signed checkpoints under --audit-name.";

}  // namespace

void add_run(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Play a session from JSON lines");
  command->add_option("FILE", options->files, "task scope, guardrails, grants (.scope or .remit)")
      ->required();
  command->add_option("--requests", options->requests, "the lines; - is standard input")
      ->required()
      ->type_name("FILE");
  add_arguments(*command, options->settings);
  add_module_path(*command, options->settings);
  CLI::Option* audit = command
                           ->add_option("--audit", options->audit,
                                        "record everything in this audit trail, new or existing")
                           ->type_name("DB");
  command
      ->add_option("--audit-key", options->audit_key, "the key that signs the trail's checkpoints")
      ->type_name("PEM")
      ->needs(audit);
  command->add_option("--audit-name", options->audit_name, "the trail's name in its checkpoints")
      ->capture_default_str()
      ->needs(audit);
  command->add_flag("--summary", options->summary,
                    "print a table of decisions instead of the decisions");
  command->add_flag("--json", options->json,
                    "also diagnostics of the documents as JSON (decisions always are)");
  set_manual(*command,
             {"[OPTIONS] FILE... --requests FILE", kRunDetails,
              "0 every line was answered, whatever the decisions\n1 an opening, delegation or approval "
              "was refused\n"
              "2 a line was malformed or could not be answered, or a document does not compile",
              "remit run weekly.scope hipaa.scope --requests afternoon.jsonl\n"
              "remit run weekly.scope --arg folder=docs:/a --requests afternoon.jsonl --summary"});
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace remit::tools
