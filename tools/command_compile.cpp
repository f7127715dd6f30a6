// `remit compile`: a document to an image file. Covered by tests/tools_test.py.
#include <memory>

#include "tools/command.h"
#include "tools/errors.h"
#include "tools/files.h"

namespace remit::tools {
namespace {

struct ImageOptions {
  std::string file, out;
  CompileSettings settings;
  bool json = false;
};

int compile(const ImageOptions& options) {
  const std::vector<LoadedDocument> documents =
      load_documents({{options.file, std::nullopt}}, options.settings);
  const bool usable = report_documents(documents, options.json, true);
  if (!usable) return kBadInput;
  const std::span<const std::byte> image = documents[0].program->image();
  write_file(options.out, {reinterpret_cast<const char*>(image.data()), image.size()});
  return kFine;
}

}  // namespace

void add_compile(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<ImageOptions>();
  CLI::App* command = app.add_subcommand("compile", "Compile a document to an image");
  command->add_option("FILE", options->file, "the document; - is standard input")->required();
  command->add_option("-o,--output", options->out, "where the image goes")
      ->required()
      ->type_name("OUT");
  add_arguments(*command, options->settings);
  add_module_path(*command, options->settings);
  command->add_flag("--json", options->json,
                    "print diagnostics as JSON where the document does not compile");
  set_manual(
      *command,
      {"[--arg NAME=VALUE]... [--module-path DIR]... FILE -o OUT",
       "The same document, modules and arguments always give the same bytes. The file is written "
       "beside its\n"
       "place and renamed, so that a reader sees the old image or the new one, never a part.",
       "0 the image is written\n2 the document does not compile, or a file cannot be read or "
       "written",
       "remit compile weekly.scope --arg folder=docs:/clinical/A -o weekly.remit"});
  command->callback([options, &chosen] { chosen = [options] { return compile(*options); }; });
}

}  // namespace remit::tools
