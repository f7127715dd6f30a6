// Access tokens of the draft "OAuth 2.0 Extension: On-Behalf-Of User Authorization for AI Agents":
// `sub` is the user who consented, `act.sub` the agent. The draft fixes no `typ`; the issuer's
// entry does, and where it says `at+jwt` the tokens are access tokens of RFC 9068 and presented as
// such.
#include "engine/identity/envelope.h"
#include "engine/identity/refuse.h"

namespace remit::identity {

Verified validate_on_behalf_of(const Checked& given) {
  const Claims claims(given.jws.claims);
  Verified out;
  out.kind = TokenKind::on_behalf_of;
  out.issuer = &issuer_by_name(claims, given.configuration, out.kind);
  check_typ(given.jws, {out.issuer->rules(out.kind).typ});
  check_signature(given.jws, *out.issuer);
  check_audience(claims, *out.issuer);
  out.expires = check_times(claims, out.issuer->rules(out.kind), given, IssuedAt::needed);
  out.client = claims.text_or_empty("client_id");
  out.id = claims.text_or_empty("jti");
  read_subject(out, claims);
  if (!out.is_person) refuse(RefusalCode::subject_not_person);
  if (!claims.has("act")) refuse(RefusalCode::actor_missing);
  read_actors(out, claims);
  out.words = claims.words("scope");
  read_details(out, given.jws.claims);
  map_scopes(out);
  return out;
}

}  // namespace remit::identity
