// Tokens and identities in words and as JSON. Never a whole token, never a key's private half: a
// token goes by its SHA-256. Covered by tests/token_test.py.
#pragma once

#include <string>
#include <string_view>

#include <remit/token.h>

#include "tools/json.h"

namespace remit::tools {

// Header and claims of a token that nobody has verified, for looking at. BadInput where it is no
// signed token. What looks like a token or a private key inside it is left out.
JsonOut inspect_json(std::string_view token);
std::string inspect_text(const JsonOut& inspected);

// Who was found, and what the tokens add.
JsonOut identity_json(const Authenticated& found);
std::string identity_text(const Authenticated& found);

// `2027-01-15T08:00:00Z`.
std::string time_text(Time time);

}  // namespace remit::tools
