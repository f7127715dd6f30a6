// What the subcommands share; the doors are in command.h. Covered by tests/tools_test.py.
#include "tools/command.h"

#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "tools/terminal.h"

namespace remit::tools {

namespace {

// The library's page with our own synopsis, and without its remarks on how often and of what type.
class Page : public CLI::Formatter {
 public:
  explicit Page(std::string synopsis) : synopsis_(std::move(synopsis)) { column_width(30); }

  std::string make_usage(const CLI::App* app, std::string) const override {
    // `remit token verify`: a subcommand of a subcommand has both names.
    const CLI::App* parent = app->get_parent();
    const bool nested = parent != nullptr && parent->get_parent() != nullptr;
    return fmt::format("\nUsage:\n  remit {}{} {}\n", nested ? parent->get_name() + " " : "",
                       app->get_name(), synopsis_);
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    const bool typed = !option->get_positional() && option->get_type_size() > 0;
    return typed ? " " + option->get_type_name() : "";
  }

 private:
  std::string synopsis_;
};

std::string indented(const std::string& text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && c != '\n') out += "  ";
    out += c;
    line_start = c == '\n';
  }
  return out + "\n";
}

}  // namespace

void set_manual(CLI::App& command, const Manual& manual) {
  std::string footer;
  if (!manual.details.empty()) footer += "Description:\n" + indented(manual.details) + "\n";
  footer +=
      "Exit codes:\n" + indented(manual.exit_codes) + "\nExamples:\n" + indented(manual.examples);
  footer.pop_back();
  command.formatter(std::make_shared<Page>(manual.synopsis));
  command.footer(footer);
}

CLI::Option* add_repeatable(CLI::App& command, const std::string& name,
                            std::vector<std::string>& values, const std::string& description) {
  // Without this an option that fills a vector would swallow the positional arguments behind it.
  return command.add_option(name, values, description)
      ->allow_extra_args(false)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_module_path(CLI::App& command, CompileSettings& settings) {
  add_repeatable(command, "--module-path", settings.module_path,
                 "folder in which `use a.b` looks for a/b.scope; may be repeated")
      ->type_name("DIR");
}

void add_arguments(CLI::App& command, CompileSettings& settings) {
  add_repeatable(command, "--arg", settings.arguments,
                 "value of a parameter, such as folder=docs:/a; may be repeated")
      ->type_name("NAME=VALUE");
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_diagnostics(const lang::Diagnostics& diagnostics) {
  const std::string text = diagnostics.render(colour_on(stderr));
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool report_documents(const std::vector<LoadedDocument>& documents, bool json, bool warnings) {
  bool errors = false, usable = true;
  std::vector<const lang::Diagnostics*> all;
  for (const LoadedDocument& document : documents) {
    all.push_back(&document.diagnostics);
    errors = errors || document.diagnostics.has_errors();
    usable = usable && document.program.has_value();
    if (!json && (warnings || document.diagnostics.has_errors()))
      print_diagnostics(document.diagnostics);
    if (document.diagnostics.has_errors() || document.program) continue;
    if (document.lacking.empty())
      fmt::print(stderr, "remit: {}: gives no program\n", document.file);
    for (const std::string& parameter : document.lacking) {
      fmt::print(stderr, "remit: {}: parameter {} has no value: give it with --arg {}=VALUE\n",
                 document.file, parameter, parameter);
    }
  }
  if (json && errors) print(to_text(diagnostics_json(all)) + "\n");
  return usable;
}

}  // namespace remit::tools
