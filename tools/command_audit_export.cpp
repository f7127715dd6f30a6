// `remit audit export`: the trail in the forms of other systems. Covered by
// tests/audit_export_test.py.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include "tools/audit_export.h"
#include "tools/audit_trail.h"
#include "tools/command_audit.h"
#include "tools/command_audit_filter.h"
#include "tools/errors.h"
#include "tools/terminal.h"

namespace remit::tools {
namespace {

struct ExportOptions {
  std::string trail, output = "-", format;
  FilterOptions filter;
};

struct Close {
  void operator()(std::FILE* file) const {
    if (file != stdout) std::fclose(file);
  }
};
using Output = std::unique_ptr<std::FILE, Close>;

[[noreturn]] void fail(const std::string& path, int error) {
  throw BadInput(fmt::format("{}: cannot be written: {}", path, std::strerror(error)));
}

// The output, which must not be the trail: opening it would empty it.
Output open_output(const std::string& path, const std::string& trail) {
  if (path == "-") return Output(stdout);
  std::error_code ignored;
  if (std::filesystem::equivalent(path, trail, ignored))
    throw BadInput(fmt::format("{}: is the trail itself", path));
  Output out(std::fopen(path.c_str(), "wb"));
  if (!out) fail(path, errno);
  return out;
}

int run(ExportOptions& options) {
  read_filter_options(options.filter);
  const AuditTrail trail(options.trail);
  const std::string origin = trail.origin();
  const auto named = std::find(std::begin(kAuditFormats), std::end(kAuditFormats), options.format);
  if (named == std::end(kAuditFormats)) throw BadInput("no such format: " + options.format);
  const auto format = static_cast<AuditFormat>(named - std::begin(kAuditFormats));
  const std::uint64_t size = trail.size();
  Output output = open_output(options.output, options.trail);
  Progress progress("exporting");
  std::size_t removed = 0;
  trail.each(options.filter.filter, [&](const TrailRecord& record) {
    progress.show(record.seq, size);
    if (record.body.empty()) return ++removed != 0;
    const std::string line = export_line(format, {record.fields, record.body, origin}) + "\n";
    return std::fwrite(line.data(), 1, line.size(), output.get()) == line.size();
  });
  progress.clear();
  // A full disk must not look like a whole export; main() says so of standard output.
  if (output.get() != stdout && (std::fflush(output.get()) != 0 || std::ferror(output.get())))
    fail(options.output, errno);
  if (removed > 0)
    fmt::print(stderr, "remit: {} records are not exported: their text went, as retention says\n",
               removed);
  return kFine;
}

}  // namespace

void add_audit_export(CLI::App& audit, Action& chosen) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command =
      audit.add_subcommand("export", "Write records as OCSF, FHIR, CloudEvents or OTLP");
  command->add_option("DB", options->trail, "the trail")->required();
  command->add_option("--format", options->format, "ocsf, fhir, cloudevents or otlp")
      ->required()
      ->type_name("FORMAT")
      ->check(CLI::IsMember(
                  std::vector<std::string>(std::begin(kAuditFormats), std::end(kAuditFormats)))
                  .description(""));
  command->add_option("-o,--output", options->output, "where to; standard output otherwise")
      ->type_name("FILE");
  add_filter_options(*command, options->filter);
  set_manual(
      *command,
      {"[OPTIONS] --format FORMAT DB",
       "One line of JSON for each record, in constant memory:\n"
       "  ocsf         API Activity (6003) of OCSF 1.8.0, profile security_control; the record is "
       "`raw_data`\n"
       "  fhir         AuditEvent of FHIR R4, as NDJSON; the record is the entity's detail "
       "`remit.record`, in base64\n"
       "  cloudevents  CloudEvents 1.0, structured JSON; the record is `data`\n"
       "  otlp         OTLP/JSON logs, as the file exporter writes them; the record is the body\n"
       "Each names the agent and the person for whom it acted, and has the record's leaf hash: "
       "SHA-256 of a zero\nbyte and the record. So whoever gets a line can check it against the "
       "trail's checkpoints.\n\n" +
           filter_manual(),
       "0 written\n2 the trail cannot be read, the output not be written, or an option is wrong",
       "remit audit export trail.db --format ocsf --since 24h -o yesterday.jsonl\n"
       "remit audit export trail.db --format fhir --system ehr | gzip > events.ndjson.gz"});
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace remit::tools
