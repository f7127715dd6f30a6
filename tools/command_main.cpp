// The `remit` command: reads the command line, runs one subcommand, gives its exit code. The Python
// package runs the same function as `python -m remit`.
// Covered by tests/tools_test.py.
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "engine/image/layout.h"
#include "lang/check/names.h"
#include "tools/command.h"
#include "tools/errors.h"

namespace remit::tools {
namespace {

// `chek`; did you mean `check`?
std::string unknown_subcommand(const CLI::App& app, std::string_view word) {
  lang::checker::Nearest nearest(word);
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    nearest.offer(command->get_name());
  }
  return lang::checker::quote(word) + nearest.hint();
}

int parse_and_run(int count, char** words) {
  CLI::App app("Remit: may this agent, for this person, for this task, do this now?", "remit");
  // One subcommand and no more: otherwise an action called `check` or `test`, in `remit eval`,
  // would be taken for the next subcommand.
  app.require_subcommand(1);
  app.set_version_flag("--version",
                       fmt::format("remit {} (language 1, image format {}.{})", REMIT_VERSION,
                                   image::kFormatMajor, image::kFormatMinor),
                       "print the version and exit");
  app.get_formatter()->column_width(34);
  Action chosen;
  add_check(app, chosen);
  add_fmt(app, chosen);
  add_test(app, chosen);
  add_eval(app, chosen);
  add_run(app, chosen);
  add_compile(app, chosen);
  add_dump(app, chosen);
  add_disasm(app, chosen);
  add_conform(app, chosen);
  add_token(app, chosen);
  add_audit(app, chosen);
  add_completion(app, chosen);
  app.footer(
      "Each subcommand has a manual: remit SUBCOMMAND --help\n"
      "Exit codes: 0 fine (eval: allow), 1 the answer is no, 2 the input is bad, 3 ask");
  try {
    app.parse(count, words);
  } catch (const CLI::RequiredError& problem) {
    // Without a known subcommand the library names none of the words that were there instead.
    if (count < 2 || words[1][0] == '-' || !app.get_subcommands().empty()) {
      app.exit(problem);
    } else {
      fmt::print(stderr, "remit: there is no subcommand {}\n", unknown_subcommand(app, words[1]));
    }
    return kBadInput;
  } catch (const CLI::ParseError& problem) {
    // Zero for --help and --version; the library's own codes say more than ours.
    return app.exit(problem) == 0 ? kFine : kBadInput;
  }
  return chosen();
}

}  // namespace

int run_command(int count, char** words) {
  int code = kBadInput;
  try {
    code = parse_and_run(count, words);
  } catch (const BadInput& problem) {
    fmt::print(stderr, "remit: {}\n", problem.what());
  } catch (const std::bad_alloc&) {
    std::fputs("remit: out of memory\n", stderr);
  } catch (const std::exception& problem) {
    fmt::print(stderr, "remit: {}\n", problem.what());
  }
  // A full disk or a closed pipe must not look like success.
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
    std::perror("remit: standard output");
    code = kBadInput;
  }
  return code;
}

}  // namespace remit::tools
