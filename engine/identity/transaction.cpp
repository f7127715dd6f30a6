// Transaction tokens (draft-ietf-oauth-transaction-tokens, sections 7 and 11): who, for whom and
// why, fixed for one transaction within one trust domain.
#include "engine/identity/envelope.h"
#include "engine/identity/refuse.h"

namespace remit::identity {
namespace {

// The drafts for replacements and for agents disagree on what `act` is once a second agent has
// asked for a replacement, so the issuer's entry says how its tokens are meant.
void read_acting(Verified& out, const Claims& claims) {
  read_actors(out, claims);
  if (out.issuer->replacement == Replacement::nests || out.actors.empty()) return;
  if (out.actors.size() > 1) refuse(RefusalCode::actor_nested);
  const Identifier requester = claims.identifier("req_wl");
  if (requester.text == out.actors.front().text) return;
  // Kept: `act` is the first agent's, and who requested this token acts now.
  if (requester.text == out.subject.text) refuse(RefusalCode::actors_loop);
  check_agent(*out.issuer, requester);
  out.actors.insert(out.actors.begin(), requester);
}

}  // namespace

Verified validate_transaction(const Checked& given) {
  const Claims claims(given.jws.claims);
  check_typ(given.jws, {"txntoken+jwt"});
  Verified out;
  out.kind = TokenKind::transaction;
  const auto audiences = claims.audiences();
  if (audiences.size() != 1) refuse(RefusalCode::audience_not_single);  // the trust domain
  out.issuer = &issuer_by_audience(claims, given.configuration, out.kind, audiences.front());
  check_signature(given.jws, *out.issuer);
  check_audience(claims, *out.issuer);
  out.expires = check_times(claims, out.issuer->rules(out.kind), given, IssuedAt::needed);
  out.transaction = claims.text("txn");
  out.requester = claims.text("req_wl");
  out.id = claims.text_or_empty("jti");
  out.words = claims.words("scope");
  if (out.words.empty()) refuse(RefusalCode::claim_missing, "scope");
  read_subject(out, claims);
  if (!out.is_person) check_agent(*out.issuer, out.subject);
  read_acting(out, claims);
  claims.object("rctx");  // what the request came from: nothing here decides by it
  read_details(out, given.jws.claims);
  if (const Json* context = claims.object("tctx")) {
    out.purpose = Claims(*context).text_or_empty("purpose");
    read_details(out, *context);
  }
  map_scopes(out);
  return out;
}

}  // namespace remit::identity
