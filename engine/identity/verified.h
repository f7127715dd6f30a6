// One token that has passed its validator, and the validators: one file for each kind. Each takes a
// token of its kind and refuses every other's (tests/identity_kinds_test.cpp has the matrix).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <remit/trust.h>
#include <remit/value.h>

#include "engine/identity/configuration.h"
#include "engine/identity/identifiers.h"
#include "engine/identity/jws.h"

namespace remit::identity {

struct Verified {
  TokenKind kind = TokenKind::access_token;
  const Issuer* issuer = nullptr;  // its entry; borrowed from the configuration
  Identifier subject;
  bool is_person = false;          // the subject is one of the issuer's users
  std::vector<Identifier> actors;  // the acting one first, then earlier ones (RFC 8693 section 4.1)
  std::vector<std::string> words;  // the OAuth `scope`
  std::vector<std::string> scopes;  // texts of the language, each one more layer
  std::string client, transaction, requester, purpose;
  std::string id;  // `jti`
  Time expires{};
  std::optional<Key> confirmed;  // workload: the key that its proof must be signed with
};

// What each validator needs beside the token.
struct Checked {
  const Jws& jws;
  const Configuration& configuration;
  Time now;
};

Verified validate_access_token(const Checked& given);
Verified validate_on_behalf_of(const Checked& given);
Verified validate_transaction(const Checked& given);
Verified validate_jwt_svid(const Checked& given);
Verified validate_workload(const Checked& given);

// The one of `kind`. workload_proof has none of its own: it says nothing without its workload.
Verified validate(TokenKind kind, const Checked& given);

// What a proof has to be bound to.
struct ProofContext {
  const Verified& workload;
  std::string_view workload_text, access_text, transaction_text;  // empty: not presented
  std::string_view target;
};
// Gives the proof's jti and expiry in a Verified of its own.
Verified validate_proof(const Checked& given, const ProofContext& context);

}  // namespace remit::identity
