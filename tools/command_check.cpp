// `remit check`: errors and warnings of documents. Covered by tests/tools_test.py.
#include <memory>

#include "tools/command.h"
#include "tools/errors.h"
#include "tools/files.h"

namespace remit::tools {
namespace {

struct CheckOptions {
  std::vector<std::string> files;
  CompileSettings settings;
  bool json = false;
};

int check(const CheckOptions& options) {
  std::vector<lang::Diagnostics> found;
  bool errors = false;
  for (const std::string& file : options.files) {
    lang::CompileOptions compile;
    compile.file = shown_name(file);
    compile.module_path = options.settings.module_path;
    // Without arguments: a document is right or wrong whatever its parameters are.
    found.push_back(lang::compile(read_file(file), compile).diagnostics());
    errors = errors || found.back().has_errors();
    if (!options.json) print_diagnostics(found.back());
  }
  if (options.json) {
    std::vector<const lang::Diagnostics*> all;
    all.reserve(found.size());
    for (const lang::Diagnostics& one : found) all.push_back(&one);
    print(to_text(diagnostics_json(all)) + "\n");
  }
  return errors ? kBadInput : kFine;
}

}  // namespace

void add_check(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = app.add_subcommand("check", "Report errors and warnings in documents");
  command->add_option("FILE", options->files, "documents; - is standard input")->required();
  add_module_path(*command, options->settings);
  command->add_flag("--json", options->json, "print {\"diagnostics\":[...]} on standard output");
  set_manual(*command,
             {"[--json] [--module-path DIR]... FILE...",
              "Reads each document and the modules that it uses, and prints every independent "
              "error with its\n"
              "place, what was expected and, where one is near, a suggestion; then warnings. A "
              "warning is\n"
              "silenced for one statement by `# allow: CODE` at the end of its line. Parameters "
              "need no values.",
              "0 no error (there may be warnings)\n2 an error, or a file that cannot be read",
              "remit check weekly.scope\nremit check --module-path policies policies/*.scope\n"
              "echo 'read docs:/a; expires 2h' | remit check -"});
  command->callback([options, &chosen] { chosen = [options] { return check(*options); }; });
}

}  // namespace remit::tools
