// `remit completion`: scripts that complete the command in a shell. Made from the command line's
// own description, so that they never know less or more than it. Covered by tests/tools_test.py.
#include <memory>

#include <fmt/format.h>

#include "tools/command.h"
#include "tools/errors.h"

namespace remit::tools {
namespace {

struct Word {
  std::string text, description;
};

struct Described {
  std::string name, description;
  std::vector<Word> options;      // of its subcommands, too
  std::vector<Word> subcommands;  // `remit token verify`
};

void add_options(Described& one, const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const auto add = [&](const std::string& text) {
      // Several subcommands have a --json; it is one word to complete.
      for (const Word& known : one.options) {
        if (known.text == text) return;
      }
      one.options.push_back({text, option->get_description()});
    };
    for (const std::string& name : option->get_lnames()) add("--" + name);
    for (const std::string& name : option->get_snames()) add("-" + name);
  }
}

std::vector<Described> describe(const CLI::App& app) {
  std::vector<Described> out;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    Described& one =
        out.emplace_back(Described{command->get_name(), command->get_description(), {}, {}});
    add_options(one, *command);
    for (const CLI::App* inner : command->get_subcommands([](const CLI::App*) { return true; })) {
      one.subcommands.push_back({inner->get_name(), inner->get_description()});
      add_options(one, *inner);
    }
  }
  return out;
}

std::string names(const std::vector<Described>& commands) {
  std::string out;
  for (const Described& one : commands) out += (out.empty() ? "" : " ") + one.name;
  return out;
}

std::string words(const std::vector<Word>& options) {
  std::string out;
  for (const Word& one : options) out += (out.empty() ? "" : " ") + one.text;
  return out;
}

std::string bash(const std::vector<Described>& commands) {
  std::string out =
      "# bash completion for remit: source <(remit completion bash)\n"
      "_remit() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]}\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n";
  out += fmt::format(
      "    COMPREPLY=($(compgen -W '{} --help --version' -- \"$word\"))\n    return\n  fi\n",
      names(commands));
  for (const Described& one : commands) {
    if (one.subcommands.empty()) continue;
    out += fmt::format(
        "  if [ \"$COMP_CWORD\" -eq 2 ] && [ \"${{COMP_WORDS[1]}}\" = {} ]; then\n"
        "    COMPREPLY=($(compgen -W '{} --help' -- \"$word\"))\n    return\n  fi\n",
        one.name, words(one.subcommands));
  }
  out += "  local options=\n  case ${COMP_WORDS[1]} in\n";
  for (const Described& one : commands)
    out += fmt::format("    {}) options='{}' ;;\n", one.name, words(one.options));
  out +=
      "  esac\n"
      "  case ${COMP_WORDS[COMP_CWORD-1]} in\n"
      "    --stage) COMPREPLY=($(compgen -W 'syntax check image' -- \"$word\")); return ;;\n"
      "    --format) COMPREPLY=($(compgen -W 'ocsf fhir cloudevents otlp' -- \"$word\")); return ;;\n"
      "    --effect) COMPREPLY=($(compgen -W 'allow ask deny' -- \"$word\")); return ;;\n"
      "    completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$word\")); return ;;\n"
      "  esac\n"
      "  case $word in\n"
      "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
      "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
      "  esac\n"
      "}\n"
      "complete -o filenames -F _remit remit\n";
  return out;
}

// Text in single quotes of zsh and fish, where the first has `'\''` and the second `\'`.
std::string quoted(const std::string& text, const char* quote) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += quote;
    else
      out += c;
  }
  return out;
}

std::string zsh(const std::vector<Described>& commands) {
  std::string out =
      "#compdef remit\n# zsh completion for remit: remit completion zsh > "
      "\"${fpath[1]}/_remit\"\n_remit() {\n";
  out += "  local -a commands options\n  if (( CURRENT == 2 )); then\n    commands=(\n";
  for (const Described& one : commands) {
    out += fmt::format("      '{}:{}'\n", one.name, quoted(one.description, "'\\''"));
  }
  out += "    )\n    _describe command commands\n    return\n  fi\n";
  for (const Described& one : commands) {
    if (one.subcommands.empty()) continue;
    out += fmt::format("  if (( CURRENT == 3 )) && [[ $words[2] == {} ]]; then\n    commands=(\n",
                       one.name);
    for (const Word& inner : one.subcommands) {
      out += fmt::format("      '{}:{}'\n", inner.text, quoted(inner.description, "'\\''"));
    }
    out += "    )\n    _describe command commands\n    return\n  fi\n";
  }
  out += "  case $words[2] in\n";
  for (const Described& one : commands) {
    out += fmt::format("    {})\n      options=(\n", one.name);
    for (const Word& option : one.options) {
      out += fmt::format("        '{}:{}'\n", option.text, quoted(option.description, "'\\''"));
    }
    out += "      )\n      ;;\n";
  }
  out +=
      "  esac\n"
      "  case $words[CURRENT-1] in\n"
      "    --stage) compadd syntax check image; return ;;\n"
      "    --format) compadd ocsf fhir cloudevents otlp; return ;;\n"
      "    --effect) compadd allow ask deny; return ;;\n"
      "    completion) compadd bash zsh fish; return ;;\n"
      "  esac\n"
      "  if [[ $PREFIX == -* ]]; then _describe option options; else _files; fi\n"
      "}\n"
      "compdef _remit remit\n";
  return out;
}

std::string fish(const std::vector<Described>& commands) {
  std::string out =
      "# fish completion for remit: remit completion fish > "
      "~/.config/fish/completions/remit.fish\n";
  for (const Described& one : commands) {
    out += fmt::format("complete -c remit -n __fish_use_subcommand -f -a {} -d '{}'\n", one.name,
                       quoted(one.description, "\\'"));
    for (const Word& inner : one.subcommands) {
      out += fmt::format("complete -c remit -n '__fish_seen_subcommand_from {}' -f -a {} -d '{}'\n",
                         one.name, inner.text, quoted(inner.description, "\\'"));
    }
    for (const Word& option : one.options) {
      const bool is_long = option.text.starts_with("--");
      out += fmt::format("complete -c remit -n '__fish_seen_subcommand_from {}' {} {} -d '{}'\n",
                         one.name, is_long ? "-l" : "-s", option.text.substr(is_long ? 2 : 1),
                         quoted(option.description, "\\'"));
    }
  }
  out += "complete -c remit -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n";
  out += "complete -c remit -n '__fish_seen_subcommand_from dump' -a 'syntax check image'\n";
  out += "complete -c remit -n '__fish_seen_subcommand_from export' -l format -x -a 'ocsf fhir cloudevents otlp'\n";
  out += "complete -c remit -n '__fish_seen_subcommand_from audit' -l effect -x -a 'allow ask deny'\n";
  return out;
}

}  // namespace

void add_completion(CLI::App& app, Action& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print a completion script for a shell");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  set_manual(*command, {"bash|zsh|fish", "", "0 printed\n2 the shell is not known",
                        "source <(remit completion bash)"});
  command->callback([shell, &app, &chosen] {
    // The other subcommands are all there by now; the script is made while `app` lives.
    const std::vector<Described> commands = describe(app);
    chosen = [text = *shell == "bash"  ? bash(commands)
                     : *shell == "zsh" ? zsh(commands)
                                       : fish(commands)] {
      print(text);
      return kFine;
    };
  });
}

}  // namespace remit::tools
