// `remit eval`: one request, decided without a session. Covered by tests/tools_test.py.
#include <chrono>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "engine/session/rehearse.h"
#include "tools/command.h"
#include "tools/decision_text.h"
#include "tools/errors.h"
#include "tools/literals.h"
#include "tools/question.h"
#include "tools/terminal.h"
#include "tools/values.h"

namespace remit::tools {
namespace {

struct EvalOptions {
  std::vector<std::string> words;  // FILE... ACTION RESOURCE [NAME=VALUE ...]
  std::vector<std::string> texts, facts;
  std::optional<std::string> agent, user, sponsor, purpose, now, opened;
  CompileSettings settings;
  bool json = false;
};

struct Times {
  Time now, opened;
};

// Neither given: the clock. One given: it stands for both, so that an answer does not depend on
// when it is asked for. Only `--now +2h` alone counts from the clock.
Times read_times(const EvalOptions& options) {
  const Time clock = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  const bool relative = options.now && options.now->starts_with('+');
  if (!options.opened && options.now && !relative) {
    const Time now = read_time(*options.now, "--now");
    return {now, now};
  }
  const Time opened = options.opened ? read_time(*options.opened, "--opened") : clock;
  return {options.now ? read_time_after(*options.now, opened, "--now") : opened, opened};
}

void note_overridden(const EvalOptions& options, const StatedFacts& stated) {
  const auto note = [](bool given, const std::optional<std::string_view>& own, const char* what) {
    if (given && own)
      fmt::print(stderr, "remit: note: --{0} is not used: the task scope states its own {0}\n",
                 what);
  };
  note(options.purpose.has_value(), stated.purpose, "purpose");
  note(options.sponsor.has_value(), stated.sponsor, "sponsor");
}

int eval(const EvalOptions& options) {
  const Question question = read_question(options.texts, options.words);
  if (question.documents.empty())
    throw BadInput("a document comes first: FILE.scope, or --text \"...\"");
  const std::vector<LoadedDocument> documents =
      load_documents(question.documents, options.settings);
  if (!report_documents(documents, options.json)) return kBadInput;
  const Layers layers = link_documents(documents);

  AttributeSet named, attributes;
  for (const std::string& written : options.facts) {
    const auto [name, value] = split_pair(written, "--fact");
    if (!name.starts_with("user.") && !name.starts_with("agent.")) {
      throw BadInput(fmt::format("--fact {}: a fact is called user.NAME or agent.NAME", written));
    }
    named.add(name, read_literal(value));
  }
  const std::string system = question.resource.substr(0, question.resource.find(':'));
  for (const std::string& written : question.attributes) {
    const auto [name, value] = split_pair(written, "an attribute");
    attributes.add(name, read_literal(value, declared_type(layers, system, name)));
  }

  const Times times = read_times(options);
  Facts facts;
  facts.agent = options.agent;
  facts.user = options.user;
  facts.sponsor = options.sponsor;
  facts.purpose = options.purpose;
  facts.named = named.view();
  facts.opened = times.opened;
  const StatedFacts stated = stated_facts(layers.program(0));
  facts.trigger = stated.trigger;
  note_overridden(options, stated);

  const Request request(question.action, question.resource, attributes.view());
  // A session's first request, though nobody opens one for real: so limits, `after` and `idle` are
  // judged as they stand at the start.
  Result<Session> session = rehearse(layers, facts);
  if (!session) throw BadInput(session.error().text);
  const Decision decision = session->would(request, times.now);
  const std::string nearest = session->nearest(request, decision, times.now);
  print(options.json ? to_line(decision_json(layers, decision)) + "\n"
                     : decision_text(layers, request, decision, nearest, colour_on(stdout)));
  return exit_code(decision.effect);
}

constexpr const char* kEvalDetails =
    "Decides one request. Documents come first, the task scope before guardrails and grants: files "
    "that\n"
    "end in .scope, compiled images (.remit), - for standard input, or --text with the document "
    "itself.\n"
    "Then the action, the resource and attributes of the request.\n"
    "\n"
    "A value is written as in a document: 5 is an int, 20KB a size, 1h a duration, "
    "2026-12-01T09:00Z a\n"
    "time, true a bool, [pdf, md] a list; all else is a string, and so is everything where the "
    "system\n"
    "declares the attribute a string. An int is never a size.\n"
    "\n"
    "No session is opened for real: nobody has to be accountable, and `agent`, `on behalf of` and "
    "reviews are\n"
    "not looked at. The request is judged as a session's first: limits are unused, nothing was "
    "granted before.\n"
    "A purpose or sponsor that the task scope states wins over the option.\n"
    "\n"
    "With neither --now nor --opened the session opens now, by the system's clock; with one of "
    "them, both\n"
    "are that time. `--now +2h` is two hours after the opening.";

}  // namespace

void add_eval(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<EvalOptions>();
  CLI::App* command = app.add_subcommand("eval", "Decide one request");
  command->add_option("WORDS", options->words,
                      "documents, action, resource, attributes: see above");
  add_repeatable(*command, "-e,--text", options->texts,
                 "a document in place of a file; comes before the files")
      ->type_name("TEXT");
  add_arguments(*command, options->settings);
  add_module_path(*command, options->settings);
  command->add_option("--agent", options->agent, "the acting agent")->type_name("ID");
  command->add_option("--user", options->user, "on whose behalf it acts")->type_name("ID");
  command->add_option("--sponsor", options->sponsor, "the sponsor of a standing authorization")
      ->type_name("ID");
  command->add_option("--purpose", options->purpose, "why, where the task scope does not say")
      ->type_name("TEXT");
  add_repeatable(*command, "--fact", options->facts,
                 "fact of the session, such as user.role=lead; may be repeated")
      ->type_name("NAME=VALUE");
  command->add_option("--now", options->now, "time of the request, or +DURATION after the opening")
      ->type_name("TIME");
  command->add_option("--opened", options->opened, "when the session opened")->type_name("TIME");
  command->add_flag("--json", options->json, "print the decision as one JSON object");
  set_manual(
      *command,
      {"[OPTIONS] FILE... ACTION RESOURCE [NAME=VALUE ...]\n  remit eval [OPTIONS] -e TEXT ACTION "
       "RESOURCE [NAME=VALUE ...]",
       kEvalDetails,
       "0 allow\n1 deny\n2 a document does not compile, or the command line is wrong\n3 ask",
       "remit eval -e 'read docs:/clinical/A; expires 2h' read docs:/clinical/A/x.pdf\n"
       "remit eval weekly.scope hipaa.scope read docs:/a/x --arg folder=docs:/a --user mike\n"
       "remit eval task.scope write ws:/proj/B/w.md size=20KB filename=w.md --now +90m"});
  command->callback([options, &chosen] { chosen = [options] { return eval(*options); }; });
}

}  // namespace remit::tools
