// The doors of remit/token.h: from what was presented to one identity.
#include <remit/token.h>

#include <algorithm>

#include "engine/identity/refuse.h"
#include "engine/identity/signature.h"
#include "engine/identity/trust_state.h"
#include "engine/identity/verified.h"

namespace remit {
namespace identity {

Verified validate(TokenKind kind, const Checked& given) {
  switch (kind) {
    case TokenKind::access_token: return validate_access_token(given);
    case TokenKind::on_behalf_of: return validate_on_behalf_of(given);
    case TokenKind::transaction: return validate_transaction(given);
    case TokenKind::jwt_svid: return validate_jwt_svid(given);
    case TokenKind::workload: return validate_workload(given);
    case TokenKind::workload_proof: break;
  }
  refuse(RefusalCode::proof_unexpected);
}

namespace {

// The presented tokens by kind; empty where there is none.
class ByKind {
 public:
  explicit ByKind(const Presented& presented) {
    if (presented.tokens.empty()) refuse(RefusalCode::no_token);
    for (const PresentedToken& token : presented.tokens) {
      std::string_view& place = texts_[static_cast<std::size_t>(token.kind)];
      if (!place.empty()) refuse(RefusalCode::token_repeated, to_string(token.kind));
      if (token.text.empty()) refuse(RefusalCode::not_compact);
      place = token.text;
    }
    if (count({TokenKind::access_token, TokenKind::on_behalf_of, TokenKind::transaction}) > 1)
      refuse(RefusalCode::two_subjects);
    if (count({TokenKind::jwt_svid, TokenKind::workload}) > 1) refuse(RefusalCode::two_workloads);
    if (has(TokenKind::workload) && !has(TokenKind::workload_proof))
      refuse(RefusalCode::proof_missing);
    if (has(TokenKind::workload_proof) && !has(TokenKind::workload))
      refuse(RefusalCode::proof_unexpected);
  }

  std::string_view text(TokenKind kind) const { return texts_[static_cast<std::size_t>(kind)]; }
  bool has(TokenKind kind) const { return !text(kind).empty(); }

 private:
  int count(std::initializer_list<TokenKind> kinds) const {
    return static_cast<int>(
        std::count_if(kinds.begin(), kinds.end(), [&](TokenKind kind) { return has(kind); }));
  }
  std::array<std::string_view, kTokenKinds> texts_;
};

// One verification of all that was presented.
struct Request {
  const ByKind& tokens;
  const Configuration& configuration;
  Time now;
  std::vector<Verified> verified;

  const Verified* check(TokenKind kind) {
    if (!tokens.has(kind)) return nullptr;
    const Jws jws = read_jws(tokens.text(kind));
    return &verified.emplace_back(validate(kind, {jws, configuration, now}));
  }
  void check_proof(const Verified& workload, std::string_view target) {
    const Jws jws = read_jws(tokens.text(TokenKind::workload_proof));
    const std::string_view access = tokens.has(TokenKind::access_token)
                                        ? tokens.text(TokenKind::access_token)
                                        : tokens.text(TokenKind::on_behalf_of);
    verified.push_back(validate_proof({jws, configuration, now},
                                      {workload, tokens.text(TokenKind::workload), access,
                                       tokens.text(TokenKind::transaction), target}));
  }
};

// Who acts and for whom, from the token that names a subject.
void read_identity(Identity& out, const Verified& token) {
  if (token.is_person) {
    out.user = token.subject.text;
  } else if (token.actors.empty()) {
    out.agent = token.subject.text;  // a service account acting as itself
  }
  if (!token.actors.empty()) {
    out.agent = token.actors.front().text;
    if (!token.is_person)
      out.chain.push_back(token.subject.text);  // a service that had another act for it
    for (std::size_t i = token.actors.size() - 1; i > 0; --i)
      out.chain.push_back(token.actors[i].text);
  }
  if (out.agent.empty()) out.habit = BadHabit::impersonation;
  if (out.user.empty()) out.habit = BadHabit::unaccountable;
}

Authenticated combine(const Verified* subject, const Verified* workload) {
  if (subject == nullptr && workload == nullptr) refuse(RefusalCode::no_token);
  Authenticated out;
  const Verified& leading = subject != nullptr ? *subject : *workload;
  out.identity.issuer = leading.issuer->name;
  out.identity.expires = leading.expires;
  if (subject != nullptr) {
    read_identity(out.identity, *subject);
    out.scopes = subject->scopes;
    out.purpose = subject->purpose;
    out.transaction = subject->transaction;
    out.client = subject->client;
  } else {
    out.identity.agent = workload->subject.text;
    out.identity.habit = BadHabit::unaccountable;
  }
  if (workload != nullptr) {
    out.workload = workload->subject.text;
    // A proven presenter that the token does not name is somebody who found it.
    if (!out.identity.agent.empty() && out.identity.agent != out.workload)
      refuse(RefusalCode::agent_mismatch);
    out.identity.expires = std::min(*out.identity.expires, workload->expires);
  }
  return out;
}

// Last, once nothing can be refused any more: so that a token which was not accepted is not used
// up, and nobody fills the memory with tokens that are not signed.
void remember_used(const std::vector<Verified>& all, Trust::State& state,
                   const Configuration& configuration, Time now) {
  for (const Verified& token : all) {
    if (!token.issuer->rules(token.kind).single_use) continue;
    if (token.id.empty()) refuse(RefusalCode::claim_missing, "jti");
    // Each part with its length before it: no two sets of parts give one text.
    std::string key = to_string(token.kind);
    for (const std::string& part : {token.issuer->name, token.subject.text, token.id})
      key += " " + std::to_string(part.size()) + ":" + part;
    state.replay.remember(sha256(key), token.expires + configuration.clock_skew, now);
  }
}

Authenticated authenticate_all(const Presented& presented, Trust::State& state, Time now) {
  const ByKind tokens(presented);
  const auto configuration = state.configuration();
  Request request{tokens, *configuration, now, {}};
  request.verified.reserve(kTokenKinds);  // no reallocation: the pointers below stay
  const Verified *subject = nullptr, *workload = nullptr;
  for (const TokenKind kind :
       {TokenKind::access_token, TokenKind::on_behalf_of, TokenKind::transaction}) {
    if (const Verified* found = request.check(kind)) subject = found;
  }
  for (const TokenKind kind : {TokenKind::jwt_svid, TokenKind::workload}) {
    if (const Verified* found = request.check(kind)) workload = found;
  }
  if (tokens.has(TokenKind::workload)) request.check_proof(*workload, presented.target);
  Authenticated out = combine(subject, workload);
  for (const PresentedToken& token : presented.tokens)
    out.digests.push_back(sha256_hex(token.text));
  remember_used(request.verified, state, *configuration, now);
  return out;
}

}  // namespace
}  // namespace identity

Result<Authenticated, Refusal> authenticate(const Presented& presented, const Trust& trust,
                                            Time now) noexcept {
  return identity::guarded<Authenticated>(
      [&] { return identity::authenticate_all(presented, trust.state(), now); });
}

Result<Authenticated, Refusal> supply_agent(Authenticated found, std::string_view agent) noexcept {
  return identity::guarded<Authenticated>([&] {
    Identity& identity = found.identity;
    if (identity.habit != BadHabit::impersonation || identity.supplied)
      identity::refuse(RefusalCode::nothing_missing);
    identity.agent = identity::read_identifier(agent).text;
    if (!found.workload.empty() && found.workload != identity.agent)
      identity::refuse(RefusalCode::agent_mismatch);
    if (identity.agent == identity.user) identity::refuse(RefusalCode::actors_loop);
    identity.supplied = true;
    return std::move(found);
  });
}

Result<Authenticated, Refusal> supply_sponsor(Authenticated found,
                                              std::string_view sponsor) noexcept {
  return identity::guarded<Authenticated>([&] {
    Identity& identity = found.identity;
    if (identity.habit != BadHabit::unaccountable || identity.supplied)
      identity::refuse(RefusalCode::nothing_missing);
    const Identifier person = identity::read_identifier(sponsor);
    if (person.is_workload() || person.text == identity.agent)
      identity::refuse(RefusalCode::sponsor_is_workload);
    identity.sponsor = person.text;
    identity.supplied = true;
    return std::move(found);
  });
}

}  // namespace remit
