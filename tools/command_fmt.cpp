// `remit fmt`: documents in the one canonical layout. Covered by tests/tools_test.py.
#include <cstdio>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "lang/format/format.h"
#include "lang/parse/parse.h"
#include "tools/command.h"
#include "tools/errors.h"
#include "tools/files.h"

namespace remit::tools {
namespace {

struct FormatOptions {
  std::vector<std::string> files;
  bool check = false;
};

// The document as it should look, or nothing where it does not parse (then the errors are printed).
// What is wrong beyond the grammar, an unknown action say, is no reason to leave a file
// unformatted.
std::optional<std::string> formatted(const std::string& name, const std::string& text) {
  const lang::Source source(name, text);
  lang::Diagnostics diagnostics;
  const lang::syntax::Document document = lang::parse(source, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics);
    return std::nullopt;
  }
  std::string out = lang::format(document);
  // Never put a file's only copy at the mercy of a mistake of ours.
  const lang::Source again(name, out);
  lang::parse(again, diagnostics);
  if (diagnostics.has_errors())
    throw BadInput(fmt::format("{}: left alone: its formatted text does not parse", name));
  return out;
}

int format_files(const FormatOptions& options) {
  bool bad = false, differs = false;
  for (const std::string& file : options.files) {
    // One unreadable file does not keep the others from being formatted.
    try {
      const std::string text = read_file(file);
      const std::optional<std::string> out = formatted(shown_name(file), text);
      if (!out) {
        bad = true;
      } else if (options.check) {
        if (*out == text) continue;
        differs = true;
        print(shown_name(file) + "\n");
      } else if (file == "-") {
        print(*out);
      } else if (*out != text) {
        write_file(file, *out);
      }
    } catch (const BadInput& problem) {
      fmt::print(stderr, "remit: {}\n", problem.what());
      bad = true;
    }
  }
  return bad ? kBadInput : differs ? kNo : kFine;
}

}  // namespace

void add_fmt(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<FormatOptions>();
  CLI::App* command = app.add_subcommand("fmt", "Format documents in place");
  command
      ->add_option("FILE", options->files, "documents; - formats standard input to standard output")
      ->required();
  command->add_flag("--check", options->check,
                    "change nothing; list the files that are not formatted");
  set_manual(*command, {"[--check] FILE...",
                        "There is one layout and nothing to configure. Comments stay where they "
                        "are. A file that does not\n"
                        "parse is left alone, and its errors are printed.",
                        "0 every file is formatted now\n1 --check: a file is not formatted\n"
                        "2 a file does not parse or cannot be read or written",
                        "remit fmt policies/*.scope\nremit fmt --check policies/*.scope\nremit fmt "
                        "- < weekly.scope"});
  command->callback([options, &chosen] { chosen = [options] { return format_files(*options); }; });
}

}  // namespace remit::tools
