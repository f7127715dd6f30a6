// Refusals: why a token, a key, an identifier or a trust file was not accepted. One table holds
// every code with its sentence; a code is stable, its sentence may be bettered. A refusal names
// claims and fields, never what stands in them: no token, key or secret reaches a log by way of an
// error.
#pragma once

#include <cstdint>
#include <string>

#include <remit/result.h>

// X(code, sentence), by the stage that refuses. Add at the end of a group; logs know codes by name.
#define REMIT_REFUSALS(X)                                                                       \
  X(out_of_memory, "not enough memory")                                                         \
  X(crypto_failed, "the cryptographic library failed")                                          \
  /* The form of a token: RFC 7515 sections 3.1 and 7.1, RFC 8259, RFC 8725. */                 \
  X(token_too_large, "the token is longer than 16 KiB")                                         \
  X(token_encrypted, "the token is encrypted (five parts); only signed tokens are read")        \
  X(not_compact, "the token is not three parts with a dot between them")                        \
  X(base64_padding, "a part of the token or key has padding, which base64url here never has")   \
  X(base64_character, "a part of the token or key has a character that base64url has not")      \
  X(base64_length, "a part of the token or key has a length that no base64url text has")        \
  X(base64_trailing_bits, "a part of the token or key has stray bits at its end")               \
  X(json_malformed, "not JSON in UTF-8")                                                        \
  X(json_duplicate_name, "a JSON object has one name twice")                                    \
  X(json_too_deep, "JSON is nested deeper than 16 levels")                                      \
  X(json_number, "a JSON number is beyond 64 bits")                                             \
  X(json_not_object, "header and claims must each be a JSON object")                            \
  /* The header: RFC 7515 section 4.1, RFC 7518 section 3.1, RFC 8725 sections 3.1 and 3.11. */ \
  X(header_malformed, "a header parameter has the wrong type or is too long")                   \
  X(alg_missing, "the header names no algorithm")                                               \
  X(alg_none, "the token is not signed")                                                        \
  X(alg_symmetric, "symmetric algorithms are never accepted")                                   \
  X(alg_unknown, "the algorithm is not one of RS256, PS256, ES256 and EdDSA")                   \
  X(alg_not_allowed, "the issuer is not trusted with this algorithm")                           \
  X(alg_not_for_kind, "this kind of token does not have this algorithm")                        \
  X(alg_key_mismatch, "the key is for another algorithm")                                       \
  X(embedded_key, "the token carries its own key or certificate, which is never used")          \
  X(linked_key, "the token links to a key or certificate, which is never fetched")              \
  X(crit_unsupported, "the header marks an extension as critical, and none is supported")       \
  X(nested_token, "the token says that it holds another token")                                 \
  X(typ_missing, "the token does not say of what type it is")                                   \
  X(typ_wrong, "the token is of another type than this kind has")                               \
  X(kid_missing, "the token names no key, and its issuer has several")                          \
  X(kid_unknown, "the issuer has no such key")                                                  \
  X(signature_length, "the signature has a length that this algorithm never makes")             \
  X(signature_wrong, "the signature does not verify")                                           \
  /* Keys: RFC 7517, RFC 7518 section 6, RFC 8037, RFC 8725 section 3.4. */                     \
  X(key_malformed, "the key lacks a member or has one of the wrong form")                       \
  X(key_type_unknown, "the key is not of type RSA, EC or OKP")                                  \
  X(key_symmetric, "symmetric keys are never accepted")                                         \
  X(key_too_small, "an RSA key needs 2048 bits or more")                                        \
  X(key_too_large, "an RSA key may have 8192 bits at most")                                     \
  X(key_exponent, "the RSA exponent must be odd and from 65537 to 2^64")                        \
  X(key_wrong_curve, "the key is on a curve that is not P-256 or Ed25519")                      \
  X(key_off_curve, "the key is no point of its curve")                                          \
  X(key_weak_point, "the key is a point of small order")                                        \
  X(key_wrong_use, "the key is not meant for signatures")                                       \
  X(key_unexpected_private, "a private key stands where a public key belongs")                  \
  X(key_not_private, "signing needs a private key")                                             \
  X(key_pair_mismatch, "the private key does not belong to the public one")                     \
  X(key_alg_missing, "the key must say which algorithm it is for")                              \
  X(key_alg_mismatch, "the key says it is for an algorithm that its type does not have")        \
  X(key_set_malformed, "a key set is an object with an array of 1 to 64 keys")                  \
  X(key_duplicate_kid, "two keys of one issuer have the same kid, or several have none")        \
  /* Identifiers: the SPIFFE ID standard section 2, the WIMSE identifier draft section 4.1. */  \
  X(identifier_empty, "the identifier is empty")                                                \
  X(identifier_too_long, "the identifier is longer than 2048 bytes (a plain name: 255)")        \
  X(identifier_character, "the identifier has a character that its form does not allow")        \
  X(identifier_authority, "a workload identifier needs // and a trust domain after its scheme") \
  X(identifier_trust_domain, "the trust domain is not 1 to 255 of a-z 0-9 . _ -")               \
  X(identifier_userinfo, "a workload identifier has no user information")                       \
  X(identifier_port, "a workload identifier has no port")                                       \
  X(identifier_query, "a workload identifier has no query")                                     \
  X(identifier_fragment, "an identifier has no fragment")                                       \
  X(identifier_empty_segment, "the path has an empty segment")                                  \
  X(identifier_dot_segment, "the path has a segment . or ..")                                   \
  X(identifier_email, "the part before or after @ is not that of a mail address")               \
  /* Claims: RFC 7519 section 4.1, RFC 9068 section 4. */                                       \
  X(issuer_missing, "the token names no issuer, and no single trusted one fits")                \
  X(issuer_unknown, "the issuer is not trusted")                                                \
  X(kind_not_trusted, "the issuer is not trusted with this kind of token")                      \
  X(claim_missing, "a claim that this kind of token needs is missing")                          \
  X(claim_malformed, "a claim has the wrong type or is too long")                               \
  X(time_malformed, "a time is no number of seconds from 1970 to 9999")                         \
  X(audience_wrong, "the token is meant for somebody else")                                     \
  X(audience_not_single, "this kind of token has exactly one audience")                         \
  X(expired, "the token has expired")                                                           \
  X(not_yet_valid, "the token is not valid yet")                                                \
  X(issued_in_future, "the token was issued in the future")                                     \
  X(lifetime_too_long, "the token lives longer than its kind may")                              \
  X(subject_not_workload, "the subject of this kind of token must be a workload's identifier")  \
  X(subject_not_person, "the subject of this kind of token must be a person")                   \
  X(subject_without_path, "the subject is a whole trust domain, not a workload in it")          \
  X(trust_domain_wrong, "the subject is of a trust domain that its issuer does not speak for")  \
  /* Actors: RFC 8693 section 4.1. */                                                           \
  X(actor_missing, "the token names no actor")                                                  \
  X(actor_malformed, "an actor must be an object with a subject of its own")                    \
  X(actor_foreign, "an actor of another issuer must have a workload's identifier")              \
  X(actor_unexpected, "this kind of token has no actor")                                        \
  X(actor_not_allowed, "the issuer may not name this agent")                                    \
  X(actor_nested, "the issuer keeps the first actor, so actors must not be nested")             \
  X(actors_too_deep, "more than 8 actors are nested")                                           \
  X(actors_loop, "an actor appears twice, or is the subject itself")                            \
  /* Proof of possession: the WIMSE drafts workload-creds section 5.1 and wpt section 2. */     \
  X(confirmation_missing, "the token confirms no key")                                          \
  X(proof_missing, "a workload identity token needs its proof")                                 \
  X(proof_unexpected, "a proof needs its workload identity token")                              \
  X(proof_token_mismatch, "the proof was made for another workload identity token")             \
  X(proof_access_mismatch, "the proof was not made for this access token")                      \
  X(proof_transaction_mismatch, "the proof was not made for this transaction token")            \
  X(proof_other_tokens, "the proof speaks of tokens that were not presented")                   \
  X(replayed, "the token was used before")                                                      \
  X(replay_full, "too many unexpired tokens are remembered to accept another")                  \
  /* What a token grants: RFC 9396 section 2, the transaction token draft section 7.2. */       \
  X(details_malformed, "authorization_details has an entry of an unreadable form")              \
  X(details_unknown_field, "an entry of type remit has a field that is not known")              \
  X(scope_too_large, "a scope in a token is longer than 8 KiB, or there are more than 16")      \
  X(scope_digest_wrong, "a scope's text does not have its digest")                              \
  /* From tokens to an identity. */                                                             \
  X(no_token, "no token was presented")                                                         \
  X(token_repeated, "two tokens of one kind were presented")                                    \
  X(two_subjects, "two tokens that each name a subject were presented")                         \
  X(two_workloads, "two tokens that each name the presenting workload were presented")          \
  X(agent_mismatch, "the workload that presents the token is not the agent that it names")      \
  X(nothing_missing, "the identity does not lack what was supplied")                            \
  X(sponsor_is_workload, "a sponsor must be a person")                                          \
  /* The trust file, and issuing. */                                                            \
  X(trust_unreadable, "the trust file cannot be read")                                          \
  X(trust_malformed, "the trust file is not right")                                             \
  X(mint_malformed, "the token to be issued lacks something or has it in the wrong form")       \
  X(mint_too_late, "the token would outlive the session or the token that it replaces")         \
  X(mint_wider, "the replacement asks for a scope that the token does not have")                \
  X(mint_not_replaceable, "only a transaction token of this issuer can be replaced")

namespace remit {

enum class RefusalCode : std::uint8_t {
#define REMIT_CODE(code, sentence) code,
  REMIT_REFUSALS(REMIT_CODE)
#undef REMIT_CODE
};

// The code as written in the table, for logs and JSON.
const char* to_string(RefusalCode code) noexcept;
// Its sentence, for people.
const char* sentence(RefusalCode code) noexcept;

struct Refusal {
  RefusalCode code = RefusalCode::crypto_failed;
  std::string text;  // the sentence, with the claim or field that it is about
};

}  // namespace remit
