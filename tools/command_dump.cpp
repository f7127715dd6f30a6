// `remit dump`: what each stage of the pipeline makes of a document. Covered by
// tests/tools_test.py.
#include <memory>

#include "engine/image/disassemble.h"
#include "lang/check/dump.h"
#include "lang/parse/parse.h"
#include "lang/syntax/dump.h"
#include "tools/command.h"
#include "tools/errors.h"
#include "tools/files.h"

namespace remit::tools {
namespace {

struct DumpOptions {
  std::string stage, file;
  CompileSettings settings;
};

// What could be read is shown even where there are errors: that is when one wants to look.
int dump_syntax(const std::string& file) {
  const lang::Source source(shown_name(file), read_file(file));
  lang::Diagnostics diagnostics;
  const lang::syntax::Document document = lang::parse(source, diagnostics);
  print(lang::syntax::dump(document));
  print_diagnostics(diagnostics);
  return diagnostics.has_errors() ? kBadInput : kFine;
}

int dump_check(const DumpOptions& options) {
  lang::CompileOptions compile;
  compile.file = shown_name(options.file);
  compile.module_path = options.settings.module_path;
  for (const std::string& written : options.settings.arguments)
    compile.arguments.push_back(parse_argument(written));
  const lang::Compiled compiled = lang::compile(read_file(options.file), compile);
  print(lang::dump(compiled.resolved()));
  print_diagnostics(compiled.diagnostics());
  return compiled.valid() ? kFine : kBadInput;
}

int dump_image(const DumpOptions& options) {
  const std::vector<LoadedDocument> documents =
      load_documents({{options.file, std::nullopt}}, options.settings);
  if (!report_documents(documents, false, true)) return kBadInput;
  print(disassemble(*documents[0].program));
  return kFine;
}

int dump(const DumpOptions& options) {
  if (options.stage == "syntax") return dump_syntax(options.file);
  return options.stage == "check" ? dump_check(options) : dump_image(options);
}

}  // namespace

void add_dump(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<DumpOptions>();
  CLI::App* command = app.add_subcommand("dump", "Print what a stage makes of a document");
  command
      ->add_option("--stage", options->stage,
                   "syntax: the tree; check: every name looked up; image: the compiled form")
      ->required()
      ->type_name("STAGE")
      ->check(CLI::IsMember({"syntax", "check", "image"}));
  command->add_option("FILE", options->file, "the document; - is standard input")->required();
  add_arguments(*command, options->settings);
  add_module_path(*command, options->settings);
  set_manual(*command, {"--stage STAGE [--arg NAME=VALUE]... FILE",
                        "The text is for people and for tests; it may change between versions.",
                        "0 printed\n2 the document has errors or cannot be read",
                        "remit dump --stage syntax weekly.scope\n"
                        "remit dump --stage image weekly.scope --arg folder=docs:/clinical/A"});
  command->callback([options, &chosen] { chosen = [options] { return dump(*options); }; });
}

}  // namespace remit::tools
