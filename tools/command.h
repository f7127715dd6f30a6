// The subcommands of `remit`, each in a file of its own, and what they share.
// Covered by tests/tools_test.py.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/documents.h"
#include "tools/json.h"

namespace remit::tools {

// What the command line asks for; set while it is parsed, run afterwards. Gives the exit code and
// may throw BadInput.
using Action = std::function<int()>;

// The whole command: `words` as main() gets them. Its exit code; never throws.
int run_command(int count, char** words);

void add_check(CLI::App& app, Action& chosen);
void add_fmt(CLI::App& app, Action& chosen);
void add_test(CLI::App& app, Action& chosen);
void add_eval(CLI::App& app, Action& chosen);
void add_run(CLI::App& app, Action& chosen);
void add_compile(CLI::App& app, Action& chosen);
void add_dump(CLI::App& app, Action& chosen);
void add_disasm(CLI::App& app, Action& chosen);
void add_conform(CLI::App& app, Action& chosen);
void add_token(CLI::App& app, Action& chosen);
void add_audit(CLI::App& app, Action& chosen);
void add_completion(CLI::App& app, Action& chosen);

// The parts of a manual page that the options do not say themselves. Each is plain text in lines.
struct Manual {
  std::string synopsis;  // what follows `remit NAME`, or `remit token NAME`
  std::string details, exit_codes, examples;
};
void set_manual(CLI::App& command, const Manual& manual);

// `--module-path DIR`, and `--arg NAME=VALUE` where the command compiles to a program.
void add_module_path(CLI::App& command, CompileSettings& settings);
void add_arguments(CLI::App& command, CompileSettings& settings);
// An option that may be given more than once and takes one value each time.
CLI::Option* add_repeatable(CLI::App& command, const std::string& name,
                            std::vector<std::string>& values, const std::string& description);

// Writes to standard output.
void print(const std::string& text);
// A diagnostic list for people, on standard error.
void print_diagnostics(const lang::Diagnostics& diagnostics);

// Shows what the compiler found in the documents that have errors, and in the others too where
// `warnings` are wanted: for people on standard error, for machines on standard output. False where
// a document cannot be used; then it has been said why.
bool report_documents(const std::vector<LoadedDocument>& documents, bool json,
                      bool warnings = false);

}  // namespace remit::tools
