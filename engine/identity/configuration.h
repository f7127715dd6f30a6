// What a trust file says, as checked data. Immutable once made and shared by the calls that use it,
// so that a reload disturbs none of them. Covered by tests/identity_trust_test.cpp.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <remit/trust.h>
#include <remit/value.h>

#include "engine/identity/keys.h"

namespace remit::identity {

// How an issuer writes the actors of a replaced transaction token; the drafts disagree.
enum class Replacement {
  none,   // the issuer makes no transaction tokens
  keeps,  // `act` stays the first agent's, and `req_wl` is who acts now
  nests,  // `act` is who acts now, and holds the earlier ones
};

struct KindRules {
  bool trusted = false;
  bool single_use = false;
  Duration most_lifetime{};
  std::string typ;  // on_behalf_of only: in lower case
};

struct Issuer {
  std::string name;  // `iss`
  std::array<KindRules, kTokenKinds> kinds;
  std::vector<Algorithm> algorithms;
  std::vector<Key> keys;
  std::vector<std::string> audiences;
  std::string trust_domain;                // of its workloads; empty where it vouches for none
  std::vector<std::string> users, agents;  // patterns, as `on behalf of` and `agent` have them
  Replacement replacement = Replacement::none;
  bool maps_scopes = false;
  std::vector<std::pair<std::string, std::string>>
      scopes;  // an OAuth scope, and statements of the language

  const KindRules& rules(TokenKind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
};

struct Configuration {
  Duration clock_skew{};
  std::size_t remembered = 0;  // used tokens, at most
  std::vector<Issuer> issuers;
};

// Bounds that a trust file may tighten and, up to `most`, loosen.
struct LifetimeBound {
  std::int64_t usual, most;  // seconds
};
LifetimeBound lifetime_bound(TokenKind kind);

// The RSA algorithm that an issuer's keys have where they do not say, if there is just one.
std::optional<Algorithm> only_rsa(const std::vector<Algorithm>& algorithms);

// Reads a trust file. `folder` is where `keys_file` is looked up; empty: nowhere.
Configuration read_configuration(std::string_view json, const std::string& folder);
// A file of at most 1 MiB; refuses with trust_unreadable.
std::string read_trust_file(const std::string& path);

}  // namespace remit::identity
