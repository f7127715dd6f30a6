// WIMSE: the workload identity token (draft-ietf-wimse-workload-creds section 5.1) and the proof
// that its key is held (draft-ietf-wimse-wpt section 2).
#include "engine/identity/base64url.h"
#include "engine/identity/envelope.h"
#include "engine/identity/refuse.h"
#include "engine/identity/signature.h"

namespace remit::identity {
namespace {

// A hash claim of the proof against the token it must be of. One that is there for a token that was
// not presented is a proof made for another request.
void check_hash(const Claims& claims, const char* name, std::string_view token,
                RefusalCode mismatch) {
  if (token.empty()) {
    if (claims.has(name)) refuse(mismatch, name);
    return;
  }
  if (!claims.has(name) || claims.text(name) != encode_base64url(sha256(token)))
    refuse(mismatch, name);
}

}  // namespace

Verified validate_workload(const Checked& given) {
  const Claims claims(given.jws.claims);
  check_typ(given.jws, {"wit+jwt"});
  Verified out;
  out.kind = TokenKind::workload;
  out.subject = workload_subject(claims);
  out.issuer = &issuer_by_trust_domain(claims, given.configuration, out.kind, out.subject);
  check_signature(given.jws, *out.issuer);
  out.expires = check_times(claims, out.issuer->rules(out.kind), given, IssuedAt::optional);
  out.id = claims.text_or_empty("jti");
  const Json* confirmation = claims.object("cnf");
  if (confirmation == nullptr || !confirmation->contains("jwk"))
    refuse(RefusalCode::confirmation_missing);
  const Json& jwk = confirmation->at("jwk");
  // The proof's algorithm is what this `alg` says, so it has to be there, whatever the key's type.
  if (!jwk.is_object() || !jwk.contains("alg")) refuse(RefusalCode::key_alg_missing);
  out.confirmed = read_key(jwk, KeyPart::only_public);
  out.confirmed->kid.clear();  // a proof names no key: there is only this one
  return out;
}

Verified validate_proof(const Checked& given, const ProofContext& context) {
  const Claims claims(given.jws.claims);
  check_typ(given.jws, {"wpt+jwt"});
  const Key& key = *context.workload.confirmed;
  if (given.jws.algorithm != key.algorithm) refuse(RefusalCode::alg_key_mismatch);
  verify_signature(key, given.jws.signed_text, given.jws.signature);
  Verified out;
  out.kind = TokenKind::workload_proof;
  out.issuer = context.workload.issuer;
  out.subject = context.workload.subject;
  const auto audiences = claims.audiences();
  if (audiences.size() != 1) refuse(RefusalCode::audience_not_single);
  if (context.target.empty() || audiences.front() != context.target)
    refuse(RefusalCode::audience_wrong);
  out.expires = check_times(claims, out.issuer->rules(out.kind), given, IssuedAt::optional);
  out.id = claims.text("jti");
  check_hash(claims, "wth", context.workload_text, RefusalCode::proof_token_mismatch);
  check_hash(claims, "ath", context.access_text, RefusalCode::proof_access_mismatch);
  check_hash(claims, "tth", context.transaction_text, RefusalCode::proof_transaction_mismatch);
  // `oth` speaks of header fields, which are not seen here: every hash in it would have to be
  // checked.
  if (claims.has("oth")) refuse(RefusalCode::proof_other_tokens);
  return out;
}

}  // namespace remit::identity
