// JWT-SVIDs (the SPIFFE JWT-SVID standard, sections 2 and 3): a workload's identity as a bearer
// token.
#include "engine/identity/envelope.h"
#include "engine/identity/refuse.h"

namespace remit::identity {

Verified validate_jwt_svid(const Checked& given) {
  const Claims claims(given.jws.claims);
  check_typ(given.jws, {"", "jwt", "jose"});  // section 2.3: optional, and one of two
  // Section 2.1 lists the RS, ES and PS families and no other.
  if (given.jws.algorithm == Algorithm::eddsa) refuse(RefusalCode::alg_not_for_kind);
  Verified out;
  out.kind = TokenKind::jwt_svid;
  out.subject = workload_subject(claims);
  if (out.subject.kind != IdentifierKind::spiffe) refuse(RefusalCode::subject_not_workload);
  out.issuer = &issuer_by_trust_domain(claims, given.configuration, out.kind, out.subject);
  check_signature(given.jws, *out.issuer);
  check_audience(claims, *out.issuer);  // section 3.2: required
  out.expires = check_times(claims, out.issuer->rules(out.kind), given, IssuedAt::optional);
  out.id = claims.text_or_empty("jti");
  return out;
}

}  // namespace remit::identity
