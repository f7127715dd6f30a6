// Trust: which issuers may say what, with which keys. Read from one JSON file by a strict reader;
// the form is described in docs/identity.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <remit/refusal.h>

namespace remit {

enum class TokenKind : std::uint8_t {
  access_token,    // RFC 9068 (`at+jwt`), with the actor of RFC 8693 section 4.1
  on_behalf_of,    // the on-behalf-of draft for AI agents: `sub` the user, `act.sub` the agent
  transaction,     // the transaction token draft (`txntoken+jwt`)
  jwt_svid,        // the SPIFFE JWT-SVID standard
  workload,        // WIMSE workload identity token (`wit+jwt`), needs its proof
  workload_proof,  // WIMSE workload proof token (`wpt+jwt`)
};
inline constexpr std::size_t kTokenKinds = 6;
const char* to_string(TokenKind kind) noexcept;
std::optional<TokenKind> token_kind(std::string_view name) noexcept;

// A handle on one configuration and one memory of used tokens, shared by its copies. Thread-safe:
// reload swaps the configuration whole, and a call that has begun keeps the one it began with.
// Sessions hold no Trust, so that none ends by a reload; whoever must end them revokes them.
class Trust {
 public:
  // Names in the text that are files (`keys_file`) are looked up beside `folder`; without one they
  // are refused. Errors: trust_unreadable, trust_malformed (with the field, and a suggestion where
  // a name is misspelt), or the code of a bad key.
  static Result<Trust, Refusal> parse(std::string_view json,
                                      const std::string& folder = {}) noexcept;
  static Result<Trust, Refusal> load(const std::string& file) noexcept;

  // Replaces the configuration, or leaves it as it is and says why. Used tokens stay remembered.
  std::optional<Refusal> reload(std::string_view json, const std::string& folder = {}) noexcept;
  std::optional<Refusal> reload_file(const std::string& file) noexcept;
  // Replaces one issuer's keys by those of a JWK Set, for a host that fetches them itself.
  std::optional<Refusal> replace_keys(std::string_view issuer, std::string_view key_set) noexcept;

  struct State;
  // For the engine's own rooms.
  State& state() const noexcept { return *state_; }

 private:
  explicit Trust(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace remit
