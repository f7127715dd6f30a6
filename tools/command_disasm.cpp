// `remit disasm`: an image file as text. Covered by tests/tools_test.py.
#include <memory>

#include "engine/image/disassemble.h"
#include "tools/command.h"
#include "tools/errors.h"
#include "tools/files.h"

namespace remit::tools {
namespace {

int disasm(const std::string& file) {
  const std::string bytes = read_image(file);
  const Result<Program> program = Program::load(std::as_bytes(std::span<const char>(bytes)));
  if (!program) throw BadInput(shown_name(file) + ": " + program.error().text);
  print(disassemble(program.value()));
  return kFine;
}

}  // namespace

void add_disasm(CLI::App& app, Action& chosen) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("disasm", "Print a compiled image as text");
  command->add_option("FILE", *file, "an image; - is standard input")->required();
  set_manual(
      *command,
      {"FILE",
       "The image is verified first; one that is damaged or of another format version is refused.",
       "0 printed\n2 the file is no image that this version reads", "remit disasm weekly.remit"});
  command->callback([file, &chosen] { chosen = [file] { return disasm(*file); }; });
}

}  // namespace remit::tools
