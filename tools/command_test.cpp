// `remit test`: the tests that stand in documents. Covered by tests/tools_run_test.py.
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "lang/diagnostics/display.h"
#include "tools/command.h"
#include "tools/errors.h"
#include "tools/files.h"
#include "tools/terminal.h"
#include "tools/test_runner.h"

namespace remit::tools {
namespace {

struct TestOptions {
  std::vector<std::string> paths;
  CompileSettings settings;
  bool json = false, verbose = false, coverage = false;
};

void print_document(const DocumentTests& document, bool verbose) {
  // Warnings are the business of `remit check`; errors say why no test ran.
  if (!document.usable()) print_diagnostics(document.diagnostics);
  for (const TestOutcome& outcome : document.outcomes) {
    const std::string name =
        fmt::format("{}: test \"{}\"", document.file, lang::visible(outcome.name));
    if (outcome.status == TestOutcome::Status::failed) {
      lang::Diagnostics one;
      one.add(outcome.failure);
      print_diagnostics(one);
    } else if (verbose) {
      print(name + ": passed\n");
    }
  }
  print_diagnostics(document.untested);
}

int run_tests(const TestOptions& options) {
  const std::vector<std::string> files = find_documents(options.paths);
  std::vector<DocumentTests> documents;
  Progress progress("testing");
  for (const std::string& file : files) {
    progress.show(documents.size(), files.size());
    lang::CompileOptions compile;
    compile.file = shown_name(file);
    compile.module_path = options.settings.module_path;
    documents.push_back(run_document_tests(read_file(file), compile, options.coverage));
    if (options.json) continue;
    progress.clear();
    print_document(documents.back(), options.verbose);
  }
  progress.clear();
  const TestCounts counts = count(documents);
  if (options.json) {
    print(to_text(tests_json(documents)) + "\n");
  } else {
    std::fflush(stderr);
    print(summary_line(counts.passed, counts.failed) + "\n");
  }
  return counts.unusable > 0 ? kBadInput : counts.failed > 0 ? kNo : kFine;
}

}  // namespace

void add_test(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* command = app.add_subcommand("test", "Run the tests inside documents");
  command->add_option("PATH", options->paths, "documents, or folders to search for *.scope")
      ->required();
  add_module_path(*command, options->settings);
  command->add_flag("-v,--verbose", options->verbose, "also list the tests that pass");
  command->add_flag("--coverage", options->coverage, "warn of rules that no test reaches");
  command->add_flag("--json", options->json, "print one object with every test on standard output");
  set_manual(*command,
             {"[-v] [--coverage] [--json] [--module-path DIR]... PATH...",
              "Each test compiles its document with the test's own arguments, opens a session at "
              "`opened` and plays\n"
              "its expectations in order: limits and history carry on from one to the next. `agent` "
              "and `on behalf of`\n"
              "do not stop a test. The last line is `N passed, N failed`.\n"
              "--coverage warns of each rule that decides no request of a test, and of each limit "
              "and `at most` that\n"
              "no test comes to the end of; `# allow: untested-rule` on its line silences that. It "
              "changes no exit code.",
              "0 no test failed\n1 a test failed\n2 a document does not compile or cannot be read",
              "remit test weekly.scope\nremit test stdlib policies --module-path policies"});
  command->callback([options, &chosen] { chosen = [options] { return run_tests(*options); }; });
}

}  // namespace remit::tools
