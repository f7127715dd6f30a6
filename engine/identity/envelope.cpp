// See envelope.h.
#include "engine/identity/envelope.h"

#include <algorithm>

#include <remit/token.h>

#include "engine/identity/refuse.h"
#include "engine/session/identifier.h"

namespace remit::identity {
namespace {

void check_trusted(const Issuer& issuer, TokenKind kind) {
  if (!issuer.rules(kind).trusted) refuse(RefusalCode::kind_not_trusted, to_string(kind));
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view identifier) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return matches_identifier(pattern, identifier);
  });
}

bool has(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// The one entry that `fits`, of those trusted with the kind.
template <class Fits>
const Issuer& single_issuer(const Configuration& configuration, TokenKind kind, RefusalCode none,
                            const Fits& fits) {
  const Issuer* found = nullptr;
  for (const Issuer& issuer : configuration.issuers) {
    if (!issuer.rules(kind).trusted || !fits(issuer)) continue;
    if (found != nullptr) refuse(RefusalCode::issuer_missing);
    found = &issuer;
  }
  if (found == nullptr) refuse(none);
  return *found;
}

}  // namespace

void check_typ(const Jws& jws, std::initializer_list<std::string_view> allowed) {
  if (std::find(allowed.begin(), allowed.end(), jws.typ) != allowed.end()) return;
  refuse(jws.typ.empty() ? RefusalCode::typ_missing : RefusalCode::typ_wrong);
}

Time check_times(const Claims& claims, const KindRules& rules, const Checked& given,
                 IssuedAt issued_at) {
  const Duration skew = given.configuration.clock_skew;
  const Time expires = claims.needed_time("exp", Claims::Round::down);
  const auto issued = issued_at == IssuedAt::needed ? claims.needed_time("iat", Claims::Round::up)
                                                    : claims.time("iat", Claims::Round::up);
  const auto begins = claims.time("nbf", Claims::Round::up);
  if (issued && *issued - skew > given.now) refuse(RefusalCode::issued_in_future);
  if (begins && *begins - skew > given.now) refuse(RefusalCode::not_yet_valid);
  if (given.now >= expires + skew) refuse(RefusalCode::expired);
  if (issued && expires <= *issued) refuse(RefusalCode::time_malformed, "exp is not after iat");
  // Without `iat` the life that is left is all that can be bounded.
  const Time from = issued ? *issued : given.now;
  if (expires - from > rules.most_lifetime) refuse(RefusalCode::lifetime_too_long);
  return expires;
}

const Issuer& issuer_by_name(const Claims& claims, const Configuration& configuration,
                             TokenKind kind) {
  const std::string name = claims.text("iss");
  for (const Issuer& issuer : configuration.issuers) {
    if (issuer.name != name) continue;
    check_trusted(issuer, kind);
    return issuer;
  }
  refuse(RefusalCode::issuer_unknown);
}

const Issuer& issuer_by_trust_domain(const Claims& claims, const Configuration& configuration,
                                     TokenKind kind, const Identifier& subject) {
  if (claims.has("iss")) {
    const Issuer& issuer = issuer_by_name(claims, configuration, kind);
    if (issuer.trust_domain != subject.trust_domain) refuse(RefusalCode::trust_domain_wrong);
    return issuer;
  }
  return single_issuer(
      configuration, kind, RefusalCode::trust_domain_wrong,
      [&](const Issuer& issuer) { return issuer.trust_domain == subject.trust_domain; });
}

const Issuer& issuer_by_audience(const Claims& claims, const Configuration& configuration,
                                 TokenKind kind, const std::string& audience) {
  if (claims.has("iss")) return issuer_by_name(claims, configuration, kind);
  return single_issuer(configuration, kind, RefusalCode::audience_wrong,
                       [&](const Issuer& issuer) { return has(issuer.audiences, audience); });
}

void check_audience(const Claims& claims, const Issuer& issuer) {
  const auto audiences = claims.audiences();
  const bool ours = std::any_of(audiences.begin(), audiences.end(),
                                [&](const std::string& one) { return has(issuer.audiences, one); });
  if (!ours) refuse(RefusalCode::audience_wrong);
}

void check_signature(const Jws& jws, const Issuer& issuer) {
  verify(jws, issuer.keys, issuer.algorithms);
}

void read_subject(Verified& out, const Claims& claims) {
  out.subject = claims.identifier("sub");
  const bool itself = claims.has("client_id") && claims.text("client_id") == out.subject.text;
  out.is_person =
      !itself && !out.subject.is_workload() && any_matches(out.issuer->users, out.subject.text);
}

Identifier workload_subject(const Claims& claims) {
  Identifier subject = claims.identifier("sub");
  if (!subject.is_workload()) refuse(RefusalCode::subject_not_workload);
  // A trust domain alone names nobody who could act.
  if (subject.path.empty()) refuse(RefusalCode::subject_without_path);
  // An actor beside it would be somebody else acting: to leave it out would hide who.
  if (claims.has("act")) refuse(RefusalCode::actor_unexpected);
  return subject;
}

void check_agent(const Issuer& issuer, const Identifier& agent) {
  if (!any_matches(issuer.agents, agent.text)) refuse(RefusalCode::actor_not_allowed);
}

void read_actors(Verified& out, const Claims& claims) {
  const Json* act = claims.any("act");
  while (act != nullptr) {
    if (!act->is_object()) refuse(RefusalCode::actor_malformed);
    if (out.actors.size() == kMaxActors) refuse(RefusalCode::actors_too_deep);
    const Claims inner(*act);
    if (!inner.has("sub")) refuse(RefusalCode::actor_malformed);
    Identifier actor = inner.identifier("sub");
    if (actor.is_workload() && actor.path.empty()) refuse(RefusalCode::actor_malformed);
    // RFC 8693: `iss` and `sub` together may be what names an actor. A plain name of another issuer
    // would look like one of ours; a workload's identifier is the same everywhere.
    if (inner.has("iss") && inner.text("iss") != out.issuer->name && !actor.is_workload())
      refuse(RefusalCode::actor_foreign);
    check_agent(*out.issuer, actor);
    const bool seen =
        std::any_of(out.actors.begin(), out.actors.end(),
                    [&](const Identifier& other) { return other.text == actor.text; });
    if (seen || actor.text == out.subject.text) refuse(RefusalCode::actors_loop);
    out.actors.push_back(std::move(actor));
    act = inner.any("act");
  }
}

}  // namespace remit::identity
