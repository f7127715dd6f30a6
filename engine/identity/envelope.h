// What all kinds have in common: who issued the token, is it signed, is it for us, is it valid now.
// Covered by tests/identity_claims_test.cpp.
#pragma once

#include <initializer_list>
#include <string_view>

#include "engine/identity/claims.h"
#include "engine/identity/verified.h"

namespace remit::identity {

// Refuses unless `typ` is one of `allowed`; an empty one stands for a header without.
void check_typ(const Jws& jws, std::initializer_list<std::string_view> allowed);

enum class IssuedAt { needed, optional };

// `exp`, `nbf` and `iat` at `now`, with the configured skew; the lifetime within the kind's bound.
// Gives `exp`.
Time check_times(const Claims& claims, const KindRules& rules, const Checked& given,
                 IssuedAt issued_at);

// The entry whose `iss` the token has, trusted with `kind`.
const Issuer& issuer_by_name(const Claims& claims, const Configuration& configuration,
                             TokenKind kind);
// For kinds whose `iss` is optional: the entry that speaks for the workload's trust domain. An
// `iss` that is there must be that entry's.
const Issuer& issuer_by_trust_domain(const Claims& claims, const Configuration& configuration,
                                     TokenKind kind, const Identifier& subject);
// Likewise, by the audience (the transaction token draft, section 13.13).
const Issuer& issuer_by_audience(const Claims& claims, const Configuration& configuration,
                                 TokenKind kind, const std::string& audience);

// Refuses unless one of the token's audiences is one of the issuer's.
void check_audience(const Claims& claims, const Issuer& issuer);

// Signature by one of the issuer's keys; nothing of the token may be believed before.
void check_signature(const Jws& jws, const Issuer& issuer);

// `sub`; a person if it is one of the issuer's users and neither a workload nor the client itself
// (RFC 9068 section 5 has a client's own tokens carry its identifier).
void read_subject(Verified& out, const Claims& claims);

// `sub` as the identifier of a workload in a trust domain.
Identifier workload_subject(const Claims& claims);

// Refuses an agent that the issuer may not name.
void check_agent(const Issuer& issuer, const Identifier& agent);

// `act`, if there is one: objects with `sub`, nested, each once and none the subject.
void read_actors(Verified& out, const Claims& claims);

// `authorization_details` (RFC 9396) of type remit in `holder`, added to out.scopes.
void read_details(Verified& out, const Json& holder);
// The issuer's table applied to out.words: one more layer where there is a table.
void map_scopes(Verified& out);

}  // namespace remit::identity
