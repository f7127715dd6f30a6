// See remit/mint.h. Covered by tests/identity_mint_test.cpp.
#include <remit/mint.h>

#include <algorithm>

#include <remit/token.h>

#include "engine/identity/envelope.h"
#include "engine/identity/refuse.h"
#include "engine/identity/signature.h"
#include "engine/identity/trust_state.h"

namespace remit {

struct Signer::State {
  std::string issuer;
  identity::Key key;
};

namespace identity {
namespace {

std::int64_t seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string plain(const std::string& text, const char* name) {
  if (text.empty() || text.size() > 1024 || !is_plain_text(text))
    refuse(RefusalCode::mint_malformed, name);
  return text;
}

Json details(const std::vector<std::string>& scopes) {
  Json out = Json::array();
  for (const std::string& text : scopes) {
    if (text.empty() || text.size() > kMaxScopeText) refuse(RefusalCode::mint_malformed, "scopes");
    out.push_back({{"type", "remit"}, {"scope", text}, {"sha256", sha256_hex(text)}});
  }
  return out;
}

// `earlier` (outermost first) and then `agent`, as RFC 8693 nests them: the acting one outside.
Json nested_actors(const std::vector<std::string>& earlier, const std::string& agent) {
  Json act;
  for (const std::string& one : earlier) {
    Json outer = {{"sub", read_identifier(one).text}};
    if (!act.is_null()) outer["act"] = std::move(act);
    act = std::move(outer);
  }
  Json outer = {{"sub", read_identifier(agent).text}};
  if (!act.is_null()) outer["act"] = std::move(act);
  return outer;
}

// One agent twice, or more than a validator would take.
void check_chain(std::vector<std::string> all) {
  if (all.size() > kMaxActors + 1) refuse(RefusalCode::actors_too_deep);
  std::sort(all.begin(), all.end());
  if (std::adjacent_find(all.begin(), all.end()) != all.end()) refuse(RefusalCode::actors_loop);
}

std::string sign(const Signer::State& signer, const Json& claims) {
  std::string out;
  try {
    out = write_jws({{"alg", to_string(signer.key.algorithm)},
                     {"kid", signer.key.kid},
                     {"typ", "txntoken+jwt"}},
                    claims, signer.key);
  } catch (const Json::exception&) {
    refuse(RefusalCode::mint_malformed, "not valid UTF-8");
  }
  if (out.size() > kMaxToken) refuse(RefusalCode::mint_malformed, "longer than 16 KiB");
  return out;
}

std::string mint(const Signer::State& signer, const TransactionGrant& grant, Time now) {
  const Identity& identity = grant.identity;
  if (identity.habit != BadHabit::none && !identity.supplied)
    refuse(RefusalCode::mint_malformed, "identity");
  if (grant.expires > grant.session_ends || (identity.expires && grant.expires > *identity.expires))
    refuse(RefusalCode::mint_too_late);
  if (seconds(grant.expires) <= seconds(now)) refuse(RefusalCode::mint_malformed, "expires");
  const std::string agent = read_identifier(identity.agent).text;
  const std::string subject = identity.user.empty() ? agent : read_identifier(identity.user).text;
  std::vector<std::string> all = identity.chain;
  all.push_back(agent);
  if (subject != agent) all.push_back(subject);
  check_chain(all);
  Json claims = {
      {"iss", signer.issuer},
      {"iat", seconds(now)},
      {"exp", seconds(grant.expires)},
      {"aud", plain(grant.trust_domain, "trust_domain")},
      {"txn",
       grant.transaction.empty() ? random_text(16) : plain(grant.transaction, "transaction")},
      {"jti", random_text(16)},
      {"sub", subject},
      {"req_wl", grant.requester.empty() ? agent : read_identifier(grant.requester).text},
      {"scope", plain(grant.scope, "scope")}};
  if (subject != agent) claims["act"] = nested_actors(identity.chain, agent);
  Json context = Json::object();
  if (!grant.purpose.empty()) context["purpose"] = plain(grant.purpose, "purpose");
  if (!grant.scopes.empty()) context["authorization_details"] = details(grant.scopes);
  if (!context.empty()) claims["tctx"] = std::move(context);
  return sign(signer, claims);
}

// Who acts now, by the issuer's way of writing it.
void replace_actors(Json& claims, const Verified& token, const std::string& agent) {
  claims["req_wl"] = agent;
  if (token.issuer->replacement == Replacement::keeps) {
    if (!claims.contains("act")) claims["act"] = {{"sub", agent}};
    return;
  }
  Json outer = {{"sub", agent}};
  if (claims.contains("act")) outer["act"] = std::move(claims["act"]);
  claims["act"] = std::move(outer);
}

std::string mint_narrowed(const Signer::State& signer, std::string_view text, const Trust& trust,
                          const Narrowing& narrowing, Time now) {
  const auto configuration = trust.state().configuration();
  const Jws jws = read_jws(text);
  const Verified token = validate_transaction({jws, *configuration, now});
  if (token.issuer->name != signer.issuer) refuse(RefusalCode::mint_not_replaceable);
  // No grace for the clock here: an expired token is not replaced.
  if (now >= token.expires || narrowing.expires > token.expires) refuse(RefusalCode::mint_too_late);
  if (seconds(narrowing.expires) <= seconds(now)) refuse(RefusalCode::mint_malformed, "expires");
  const Identifier agent = read_identifier(narrowing.agent);
  check_agent(*token.issuer, agent);
  std::vector<std::string> all = {agent.text, token.subject.text};
  for (const Identifier& actor : token.actors) all.push_back(actor.text);
  check_chain(std::move(all));

  Json claims = jws.claims;
  replace_actors(claims, token, agent.text);
  claims["iss"] = signer.issuer;
  claims["iat"] = seconds(now);
  claims["exp"] = seconds(narrowing.expires);
  claims["jti"] = random_text(16);
  if (!narrowing.scope.empty()) {
    const Json wanted = {{"scope", narrowing.scope}};
    for (const std::string& word : Claims(wanted).words("scope")) {
      if (std::find(token.words.begin(), token.words.end(), word) == token.words.end())
        refuse(RefusalCode::mint_wider);
    }
    claims["scope"] = narrowing.scope;
  }
  for (const Json& one : details(narrowing.scopes))
    claims["tctx"]["authorization_details"].push_back(one);
  return sign(signer, claims);
}

}  // namespace
}  // namespace identity

Result<Signer, Refusal> Signer::from_jwk(std::string_view jwk, std::string_view issuer) noexcept {
  return identity::guarded<Signer>([&]() -> Result<Signer, Refusal> {
    auto state = std::make_shared<State>();
    state->issuer = identity::plain(std::string(issuer), "issuer");
    state->key = identity::read_key(identity::read_object(jwk), identity::KeyPart::with_private);
    if (state->key.kid.empty()) identity::refuse(RefusalCode::key_malformed, "kid");
    return Signer(std::move(state));
  });
}

Result<std::string, Refusal> mint_transaction(const Signer& signer, const TransactionGrant& grant,
                                              Time now) noexcept {
  return identity::guarded<std::string>([&] { return identity::mint(signer.state(), grant, now); });
}

Result<std::string, Refusal> mint_replacement(const Signer& signer, std::string_view token,
                                              const Trust& trust, const Narrowing& narrowing,
                                              Time now) noexcept {
  return identity::guarded<std::string>(
      [&] { return identity::mint_narrowed(signer.state(), token, trust, narrowing, now); });
}

}  // namespace remit
