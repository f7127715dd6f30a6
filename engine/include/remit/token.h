// Tokens to an identity: signed JWTs of six kinds, verified against a trust configuration.
//
//   remit::Trust trust = remit::Trust::load("trust.json").value();
//   auto found = remit::authenticate({.tokens = tokens}, trust, now);
//   if (!found) log(remit::to_string(found.error().code));
//   else open_session(found->identity, found->scopes);
//
// Each kind has one validator and is refused by every other's. Which kind a token is, the host
// says: it knows where the token came in (which header field), and a token does not get to choose
// its own rules. docs/identity.md has the standards, section by section.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <remit/identity.h>
#include <remit/refusal.h>
#include <remit/trust.h>
#include <remit/value.h>

namespace remit {

inline constexpr std::size_t kMaxToken = std::size_t{16} << 10;  // bytes
inline constexpr std::size_t kMaxActors = 8;  // nested `act`, the acting one included
inline constexpr std::size_t kMaxScopeText = std::size_t{8} << 10;

struct PresentedToken {
  TokenKind kind = TokenKind::access_token;
  std::string_view text;  // compact, without "Bearer " or blanks
};

// What came with one request. Borrowed during the call only. At most one token that names a subject
// (access_token, on_behalf_of, transaction), at most one that names the presenter (jwt_svid; or
// workload with its workload_proof).
struct Presented {
  std::span<const PresentedToken> tokens;
  // The audience that a proof must have: the request's URI without query and fragment, as the host
  // knows itself, never as the request's Host header says. Needed for workload_proof only.
  std::string_view target;
};

struct Authenticated {
  Identity identity;
  // Texts of the language, each one more layer: a session has to pass all of them. The engine does
  // not compile; the host does (remit/lang/compile.h), and opens nothing where one does not
  // compile.
  std::vector<std::string> scopes;
  std::string purpose;      // `tctx.purpose` of a transaction token
  std::string transaction;  // `txn`
  std::string workload;     // the presenter, where a token proves it
  std::string client;  // `client_id`: which OAuth client it was; never an agent's identity here
  // SHA-256 of each token in hexadecimal, in the order presented: all that a trail may keep of
  // them.
  std::vector<std::string> digests;
};

// Verifies every token, then that they speak of one request. Refuses the whole for any fault. What
// was presented once too often (a proof; a token of a kind that the issuer's entry calls
// single-use) is remembered in `trust`, and only where all else was right. An identity with one of
// the two bad habits is returned, with what is missing left empty: Session::open refuses it until
// the host has supplied that half below. Thread-safe.
Result<Authenticated, Refusal> authenticate(const Presented& presented, const Trust& trust,
                                            Time now) noexcept;

// The host names the half that is missing: the agent that acts with a plain user's token, or the
// person who answers for a service account. Marked in the identity, and so in the trail. Refuses
// where nothing or something else is missing, and an agent other than a proven presenter.
Result<Authenticated, Refusal> supply_agent(Authenticated found, std::string_view agent) noexcept;
Result<Authenticated, Refusal> supply_sponsor(Authenticated found,
                                              std::string_view sponsor) noexcept;

}  // namespace remit
