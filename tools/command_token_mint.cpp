// `remit token mint`: a transaction token, or the narrowed replacement of one. Covered by
// tests/token_test.py.
#include <sys/stat.h>

#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <remit/mint.h>

#include "engine/identity/evp_keys.h"
#include "engine/identity/signature.h"
#include "tools/command_token.h"
#include "tools/errors.h"
#include "tools/files.h"
#include "tools/literals.h"
#include "tools/token_report.h"

namespace remit::tools {
namespace {

struct Mint {
  std::string key, issuer, agent, out, scope;
  std::string user, trust_domain, purpose, transaction, requester, replaces, trust;
  std::vector<std::string> chain, documents;
  std::string expires = "+5m";
  std::optional<std::string> now;
};

template <class T>
T accepted(Result<T, Refusal> result, const std::string& what) {
  if (!result.ok()) {
    throw BadInput(
        fmt::format("{}: {}: {}", what, to_string(result.error().code), result.error().text));
  }
  return std::move(result).value();
}

Signer read_signer(const Mint& options) {
  std::string jwk = read_file(options.key, std::size_t{16} << 10);
  auto signer = Signer::from_jwk(jwk, options.issuer);
  identity::Secret wiped(std::move(jwk));
  return accepted(std::move(signer), options.key);
}

std::vector<std::string> read_scopes(const Mint& options) {
  std::vector<std::string> out;
  out.reserve(options.documents.size());
  for (const std::string& file : options.documents) out.push_back(read_file(file));
  return out;
}

std::string mint_first(const Mint& options, const Signer& signer, Time now, Time expires) {
  TransactionGrant grant;
  grant.identity.agent = options.agent;
  grant.identity.user = options.user;
  grant.identity.chain = options.chain;
  grant.trust_domain = options.trust_domain;
  grant.requester = options.requester;
  grant.transaction = options.transaction;
  grant.purpose = options.purpose;
  grant.scope = options.scope;
  grant.scopes = read_scopes(options);
  grant.expires = grant.session_ends = expires;
  return accepted(mint_transaction(signer, grant, now), "mint");
}

std::string mint_narrower(const Mint& options, const Signer& signer, Time now, Time expires) {
  if (options.trust.empty())
    throw BadInput("--replaces needs --trust, to verify the token that is replaced");
  for (const std::string* fixed : {&options.user, &options.trust_domain, &options.transaction,
                                   &options.purpose, &options.requester}) {
    if (!fixed->empty())
      throw BadInput(
          "a replacement keeps user, trust domain, transaction and purpose, and its agent requests "
          "it");
  }
  const Trust trust = accepted(Trust::load(options.trust), options.trust);
  const Narrowing narrowing{options.agent, options.scope, read_scopes(options), expires};
  return accepted(mint_replacement(signer, read_token(options.replaces), trust, narrowing, now),
                  "mint");
}

int mint(const Mint& options) {
  const Time now = token_time(options.now);
  const Time expires = read_time_after(options.expires, now, "--expires");
  const Signer signer = read_signer(options);
  const std::string token = options.replaces.empty() ? mint_first(options, signer, now, expires)
                                                     : mint_narrower(options, signer, now, expires);
  // Whoever can read the file can use it: nobody but its owner.
  ::umask(077);
  write_file(options.out, token + "\n");
  print(fmt::format("{}: a transaction token until {}, sha256 {}\n", options.out,
                    time_text(expires), identity::sha256_hex(token)));
  return kFine;
}

constexpr const char* kMintDetails =
    "Signs a transaction token for an agent's session, or, with --replaces, a narrower one for a "
    "sub-session:\ntransaction, user and trust domain stay, scope words can only be fewer, "
    "documents only "
    "added. Each\ndocument is carried as text with its SHA-256 and becomes one more layer for "
    "whoever "
    "verifies it.\n\nThe key is a private JWK with a kid, Ed25519 or P-256. The token is written "
    "to a file "
    "that only its\nowner can read, never to the terminal.";

}  // namespace

void add_token_mint(CLI::App& token, Action& chosen) {
  auto options = std::make_shared<Mint>();
  CLI::App* command = token.add_subcommand("mint", "Issue a transaction token, or narrow one");
  const auto text = [&](const char* name, std::string& value, const char* description,
                        const char* type) {
    return command->add_option(name, value, description)->type_name(type);
  };
  text("--key", options->key, "the private key, a JWK", "FILE")->required();
  text("--issuer", options->issuer, "whose key it is", "ISSUER")->required();
  text("--agent", options->agent, "who acts", "ID")->required();
  text("-o,--output", options->out, "where the token goes", "FILE")->required();
  text("--user", options->user, "for whom; without one the agent is the subject itself", "ID");
  add_repeatable(*command, "--before", options->chain,
                 "an agent that acted before it, the first one first; may be repeated")
      ->type_name("ID");
  text("--trust-domain", options->trust_domain, "where the token is valid (its audience)", "NAME");
  text("--scope", options->scope, "OAuth scope words; of a replacement: some of those it has",
       "WORDS");
  add_repeatable(*command, "--document", options->documents,
                 "a document that the token carries; may be repeated")
      ->type_name("FILE");
  text("--purpose", options->purpose, "why", "TEXT");
  text("--transaction", options->transaction, "its id; random otherwise", "ID");
  text("--requester", options->requester, "the workload that asked for it; the agent otherwise",
       "ID");
  text("--replaces", options->replaces, "the transaction token to narrow", "FILE");
  text("--trust", options->trust, "the trust file by which that token is verified", "FILE");
  text("--expires", options->expires, "a time, or +DURATION from now (+5m)", "TIME");
  command->add_option("--now", options->now, "the time of issue; the clock's otherwise")
      ->type_name("TIME");
  set_manual(
      *command,
      {"--key FILE --issuer ISSUER --agent ID --user ID --trust-domain NAME --scope WORDS -o FILE\n"
       "  remit token mint --key FILE --issuer ISSUER --replaces FILE --trust FILE --agent ID -o "
       "FILE",
       kMintDetails, "0 written\n2 it was not issued, and why",
       "remit token mint --key tts.jwk --issuer https://tts.acme.example --agent "
       "spiffe://acme.example/agent/tickets \\\n"
       "  --user mike@acme.example --trust-domain acme.example --scope tickets.write --document "
       "ticket.scope -o txn.jwt"});
  command->callback([options, &chosen] { chosen = [options] { return mint(*options); }; });
}

}  // namespace remit::tools
