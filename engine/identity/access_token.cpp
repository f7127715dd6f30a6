// RFC 9068 access tokens, with the actor of RFC 8693 section 4.1.
#include "engine/identity/envelope.h"

namespace remit::identity {

Verified validate_access_token(const Checked& given) {
  const Claims claims(given.jws.claims);
  check_typ(given.jws, {"at+jwt"});  // section 4
  Verified out;
  out.kind = TokenKind::access_token;
  out.issuer = &issuer_by_name(claims, given.configuration, out.kind);
  check_signature(given.jws, *out.issuer);
  check_audience(claims, *out.issuer);
  out.expires = check_times(claims, out.issuer->rules(out.kind), given, IssuedAt::needed);
  // Section 2.2: all of these are required.
  out.client = claims.text("client_id");
  out.id = claims.text("jti");
  read_subject(out, claims);
  if (!out.is_person) check_agent(*out.issuer, out.subject);
  read_actors(out, claims);
  out.words = claims.words("scope");
  read_details(out, given.jws.claims);
  map_scopes(out);
  return out;
}

}  // namespace remit::identity
