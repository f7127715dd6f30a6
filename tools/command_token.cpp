// `remit token`: look at a token, verify one, issue one. Covered by tests/token_test.py.
#include <chrono>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "tools/carried_scopes.h"
#include "tools/command.h"
#include "tools/command_token.h"
#include "tools/decision_text.h"
#include "tools/errors.h"
#include "tools/files.h"
#include "tools/literals.h"
#include "tools/question.h"
#include "tools/terminal.h"
#include "tools/token_report.h"
#include "tools/values.h"

namespace remit::tools {
namespace {

struct Inspect {
  std::string file;
  bool json = false;
};

struct Verify {
  std::string trust, target;
  // One file for each kind, in the order of TokenKind.
  std::array<std::string, kTokenKinds> files;
  std::optional<std::string> agent, sponsor, now;
  std::vector<std::string> words;  // [FILE...] ACTION RESOURCE [NAME=VALUE ...]
  CompileSettings settings;
  bool json = false;
};

// The option for each kind, and what it stands for.
struct KindOption {
  TokenKind kind;
  const char* option;
  const char* description;
};
constexpr KindOption kKinds[] = {
    {TokenKind::access_token, "--access", "an access token of RFC 9068 (at+jwt)"},
    {TokenKind::on_behalf_of, "--on-behalf-of",
     "an on-behalf-of token: the user's, naming the agent"},
    {TokenKind::transaction, "--transaction", "a transaction token (txntoken+jwt)"},
    {TokenKind::jwt_svid, "--jwt-svid", "a JWT-SVID of SPIFFE"},
    {TokenKind::workload, "--workload", "a WIMSE workload identity token (wit+jwt)"},
    {TokenKind::workload_proof, "--proof", "its proof (wpt+jwt)"},
};

int inspect(const Inspect& options) {
  const JsonOut found = inspect_json(read_token(options.file));
  print(options.json ? to_text(found) + "\n" : inspect_text(found));
  return kFine;
}

int refused(const Refusal& refusal, bool json) {
  JsonOut out;
  out["verified"] = false;
  out["code"] = to_string(refusal.code);
  out["message"] = refusal.text;
  print(json ? to_text(out) + "\n"
             : fmt::format("refused  {}: {}\n", to_string(refusal.code), refusal.text));
  return kNo;
}

Result<Authenticated, Refusal> find(const Verify& options, const Trust& trust, Time now) {
  std::array<std::string, kTokenKinds> texts;
  std::vector<PresentedToken> tokens;
  for (std::size_t i = 0; i < kTokenKinds; ++i) {
    if (options.files[i].empty()) continue;
    texts[i] = read_token(options.files[i]);
    tokens.push_back({static_cast<TokenKind>(i), texts[i]});
  }
  if (tokens.empty()) throw BadInput("give at least one token, by the option for its kind");
  auto found = authenticate({tokens, options.target}, trust, now);
  if (found.ok() && options.agent) found = supply_agent(std::move(found).value(), *options.agent);
  if (found.ok() && options.sponsor) {
    found = supply_sponsor(std::move(found).value(), *options.sponsor);
  }
  return found;
}

// A session for this identity, and its first request.
int decide(const Verify& options, const Authenticated& found,
           const std::vector<LoadedDocument>& carried, Time now) {
  const Question question = read_question({}, options.words);
  const std::vector<LoadedDocument> documents =
      load_documents(question.documents, options.settings);
  if (!report_documents(documents, options.json)) return kBadInput;
  Session session = open_for(found, documents, carried, now);
  AttributeSet attributes;
  const std::string system = question.resource.substr(0, question.resource.find(':'));
  for (const std::string& written : question.attributes) {
    const auto [name, value] = split_pair(written, "an attribute");
    attributes.add(name, read_literal(value, declared_type(session.layers(), system, name)));
  }
  const Request request(question.action, question.resource, attributes.view());
  const Decision decision = session.check(request, now);
  if (options.json) {
    JsonOut out = identity_json(found);
    out["decision"] = decision_json(session.layers(), decision);
    print(to_text(out) + "\n");
  } else {
    print(identity_text(found) + decision_text(session.layers(), request, decision,
                                               session.nearest(request, decision, now),
                                               colour_on(stdout)));
  }
  return exit_code(decision.effect);
}

int verify(const Verify& options) {
  const Time now = token_time(options.now);
  const auto trust = Trust::load(options.trust);
  if (!trust.ok())
    throw BadInput(fmt::format("{}: {}", to_string(trust.error().code), trust.error().text));
  const auto found = find(options, trust.value(), now);
  if (!found.ok()) return refused(found.error(), options.json);
  // A scope that does not compile is a layer that nobody can judge by: the token opens nothing.
  const std::vector<LoadedDocument> carried = compile_carried(found.value(), options.settings);
  if (!report_documents(carried, options.json)) return kBadInput;
  if (!options.words.empty()) return decide(options, found.value(), carried, now);
  print(options.json ? to_text(identity_json(found.value())) + "\n" : identity_text(found.value()));
  const Identity& identity = found.value().identity;
  return identity.habit == BadHabit::none || identity.supplied ? kFine : kNo;
}

void add_inspect(CLI::App& token, Action& chosen) {
  auto options = std::make_shared<Inspect>();
  CLI::App* command = token.add_subcommand("inspect", "Show what a token says, unverified");
  command->add_option("FILE", options->file, "a file with one token; - is standard input")
      ->required();
  command->add_flag("--json", options->json, "print one JSON object");
  set_manual(*command,
             {"[--json] FILE",
              "Prints header and claims. Nothing is verified: anybody could have written them. "
              "The token\nitself is never printed; it goes by its SHA-256. Tokens and private "
              "keys inside it are left out.",
              "0 printed\n2 the file holds no signed token", "remit token inspect mike.jwt"});
  command->callback([options, &chosen] { chosen = [options] { return inspect(*options); }; });
}

void add_verify(CLI::App& token, Action& chosen) {
  auto options = std::make_shared<Verify>();
  CLI::App* command =
      token.add_subcommand("verify", "Verify tokens and show whose identity they are");
  command->add_option("--trust", options->trust, "the trust file: issuers, keys, audiences")
      ->required()
      ->type_name("FILE");
  for (const KindOption& one : kKinds) {
    command
        ->add_option(one.option, options->files[static_cast<std::size_t>(one.kind)],
                     one.description)
        ->type_name("FILE");
  }
  command->add_option("--target", options->target, "the request's URI, which a proof must be for")
      ->type_name("URI");
  command->add_option("--agent", options->agent, "the agent that acts with a plain user's token")
      ->type_name("ID");
  command->add_option("--sponsor", options->sponsor, "the person who answers for a service account")
      ->type_name("ID");
  command->add_option("WORDS", options->words,
                      "documents, action, resource, attributes: see below");
  command->add_option("--now", options->now, "the time of verification; the clock's otherwise")
      ->type_name("TIME");
  add_module_path(*command, options->settings);
  command->add_flag("--json", options->json, "print one JSON object");
  set_manual(
      *command,
      {"[OPTIONS] --trust FILE --KIND FILE...",
       "The tokens of one request, each by the option for its kind: a token does not choose its "
       "own "
       "rules.\nAt most one that names a subject (--access, --on-behalf-of, --transaction) and one "
       "that names the\npresenter (--jwt-svid, or --workload with its --proof). Scopes that a "
       "token "
       "carries are compiled.\n\n"
       "A user's token that names no agent, and a service account with no person, open nothing "
       "unless\n--agent or --sponsor names the missing half.\n\nWith an action and a resource, a "
       "session is opened for that identity and the request is its first:\nthe documents as for "
       "`remit eval`, and each scope that a token carries as one more layer.",
       "0 verified, and a session may be opened\n1 refused, or one of the two bad habits\n2 the "
       "trust "
       "file, a carried scope or the command line is wrong",
       "remit token verify --trust trust.json --on-behalf-of mike.jwt\n"
       "remit token verify --trust trust.json --access a.jwt --workload w.jwt --proof p.jwt "
       "--target "
       "https://tickets.acme.example"});
  command->callback([options, &chosen] { chosen = [options] { return verify(*options); }; });
}

}  // namespace

std::string read_token(const std::string& file) {
  // One more than is read as a token, so that a larger one is refused by its own code.
  std::string text = read_file(file, kMaxToken + 2);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

Time token_time(const std::optional<std::string>& written) {
  if (written) return read_time(*written, "--now");
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

void add_token(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("token", "Look at, verify and issue tokens");
  command->require_subcommand(1);
  add_inspect(*command, chosen);
  add_verify(*command, chosen);
  add_token_mint(*command, chosen);
  set_manual(*command, {"inspect|verify|mint ...", "Each has a manual: remit token verify --help",
                        "those of the subcommand", "remit token inspect mike.jwt"});
}

}  // namespace remit::tools
