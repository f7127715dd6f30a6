// Issuing transaction tokens, for hosts that are the authority in their trust domain
// (draft-ietf-oauth-transaction-tokens): for a session, and narrowed for its sub-sessions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <remit/identity.h>
#include <remit/refusal.h>
#include <remit/trust.h>
#include <remit/value.h>

namespace remit {

// A private key and the issuer whose it is. Copies share the key, which is wiped with the last of
// them and never comes out again. Signing is thread-safe.
class Signer {
 public:
  // A private JWK with `kid`: Ed25519 (EdDSA) or P-256 (ES256). The text is the caller's to wipe.
  static Result<Signer, Refusal> from_jwk(std::string_view jwk, std::string_view issuer) noexcept;

  struct State;
  // For the engine's own rooms.
  const State& state() const noexcept { return *state_; }

 private:
  explicit Signer(std::shared_ptr<const State> state) noexcept : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

struct TransactionGrant {
  // The session's: agent, user and chain become `act` and `sub`. Without a user (an agent that runs
  // by itself) the agent is the subject and there is no `act`: whoever receives it has to know the
  // sponsor.
  Identity identity;
  std::string trust_domain;         // `aud`
  std::string requester;            // `req_wl`; empty: the agent
  std::string transaction;          // `txn`; empty: 128 random bits
  std::string purpose;              // `tctx.purpose`; may be empty
  std::string scope;                // OAuth scope words, which the draft requires
  std::vector<std::string> scopes;  // texts of the session's scopes, each with its SHA-256
  Time expires{};
  Time session_ends{};  // `expires` must not be later, nor later than identity.expires
};

// A transaction token, compact. Errors: mint_malformed, mint_too_late.
Result<std::string, Refusal> mint_transaction(const Signer& signer, const TransactionGrant& grant,
                                              Time now) noexcept;

struct Narrowing {
  std::string agent;  // who acts in the sub-session
  std::string scope;  // some of the token's scope words; empty: all of them
  std::vector<std::string>
      scopes;      // texts of the sub-session's own scopes, beside those already there
  Time expires{};  // not later than the token's
};

// The replacement of a transaction token that `trust` accepts and the signer's issuer has issued.
// `txn`, `sub` and `aud` stay; scopes are only added, and each is one more layer, so it is never
// wider. How the actors are written is what the issuer's entry in `trust` says (`replacement`).
Result<std::string, Refusal> mint_replacement(const Signer& signer, std::string_view token,
                                              const Trust& trust, const Narrowing& narrowing,
                                              Time now) noexcept;

}  // namespace remit
