// Identity: who acts, for whom, and how that is known. A plain struct, so that a session can be
// opened from it without knowing where it comes from: the host fills it in itself, or
// remit::authenticate (remit/token.h) makes it from verified tokens. It holds no secret and borrows
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <remit/value.h>

namespace remit {

// The two bad habits. A session opened for either is refused unless the host has supplied, by name,
// the half that is missing; the trail then says that it was the host who did.
enum class BadHabit : std::uint8_t {
  none,
  impersonation,  // a user's token with no actor: the agent is missing
  unaccountable,  // a service account with no person: the sponsor is missing
};
const char* to_string(BadHabit habit) noexcept;

struct Identity {
  std::string agent = {};    // the acting agent's identifier, in canonical form; empty: unknown
  std::string user = {};     // on whose behalf; empty where nobody is present
  std::string sponsor = {};  // who answers for an agent that runs by itself; never together with `user`
  std::vector<std::string>
      chain = {};                    // agents before this one, the outermost (first) one first: history
  std::string issuer = {};           // who vouched for this; empty: the host itself
  std::optional<Time> expires = {};  // the session ends then at the latest
  BadHabit habit = BadHabit::none;
  bool supplied = false;  // the host has named the half that `habit` misses
};

}  // namespace remit
