// `remit conform`: conformance cases. Covered by tests/tools_run_test.py.
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "lang/diagnostics/display.h"
#include "tools/command.h"
#include "tools/conform_runner.h"
#include "tools/errors.h"
#include "tools/files.h"
#include "tools/terminal.h"
#include "tools/test_runner.h"

namespace remit::tools {
namespace {

struct ConformOptions {
  std::vector<std::string> files;
  bool json = false;
};

struct Totals {
  std::size_t passed = 0, failed = 0, contested = 0;
  bool bad_lines = false;
  JsonOut cases = JsonOut::array();
};

void report(const ConformOptions& options, const std::string& place, const CaseOutcome& outcome,
            Totals& totals) {
  using Status = CaseOutcome::Status;
  const char* word = nullptr;
  switch (outcome.status) {
    case Status::passed: ++totals.passed; break;
    case Status::failed: ++totals.failed, word = "failed"; break;
    case Status::contested:
      ++totals.contested, word = "contested: this implementation disagrees";
      break;
  }
  if (options.json) {
    if (word) totals.cases.push_back(case_json(outcome));
  } else if (word) {
    print(fmt::format("{}: {} {}\n{}", place, lang::visible(outcome.id), word,
                      mismatches_text(outcome)));
  }
}

void run_file(const std::string& file, const ConformOptions& options, Totals& totals) {
  LineReader reader(file);
  Progress progress("conformance");
  for (std::string_view line; reader.next(line);) {
    const std::string place = fmt::format("{}:{}", shown_name(file), reader.number());
    try {
      if (reader.too_long()) throw BadInput("the line is too long");
      const CaseOutcome outcome = run_case(line);
      progress.clear();
      report(options, place, outcome, totals);
    } catch (const BadInput& problem) {
      progress.clear();
      fmt::print(stderr, "remit: {}: not a case: {}\n", place, problem.what());
      totals.bad_lines = true;
    }
    progress.show(reader.bytes_read(), reader.size());
  }
}

int conform(const ConformOptions& options) {
  Totals totals;
  for (const std::string& file : options.files) run_file(file, options, totals);
  if (options.json) {
    print(to_text({{"passed", totals.passed},
                   {"failed", totals.failed},
                   {"skipped", totals.contested},
                   {"contested", totals.contested},
                   {"cases", totals.cases}}) +
          "\n");
  } else {
    if (totals.contested > 0)
      print(fmt::format("{} contested cases disagree and count as skipped\n", totals.contested));
    print(summary_line(totals.passed, totals.failed, totals.contested) + "\n");
  }
  return totals.bad_lines ? kBadInput : totals.failed > 0 ? kNo : kFine;
}

}  // namespace

void add_conform(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<ConformOptions>();
  CLI::App* command = app.add_subcommand("conform", "Run conformance cases");
  command->add_option("FILE", options->files, "cases as JSON lines; - is standard input")
      ->required();
  command->add_flag("--json", options->json, "print one object on standard output");
  set_manual(*command,
             {"[--json] FILE...",
              "A case passes where opening, every checked field of every step and every test of "
              "its documents agree;\n"
              "an invalid document where its first error is at the stated place and names what it "
              "must. Mismatches\n"
              "are printed field by field; the last line is `N passed, N failed[, N skipped]`. "
              "Contested cases that\n"
              "disagree count as skipped.",
              "0 no case failed\n1 a case failed\n2 a line is no case, or a file cannot be read",
              "remit conform decisions.jsonl valid.jsonl invalid.jsonl"});
  command->callback([options, &chosen] { chosen = [options] { return conform(*options); }; });
}

}  // namespace remit::tools
