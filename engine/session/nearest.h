// Why nothing permitted a request: the rule that came nearest, and what of it failed.
// Covered by tests/session_explain_test.cpp.
#pragma once

#include <string>

#include "engine/session/state.h"

namespace remit {

// For a deny `no_matching_rule` of `layer`, such as "line 7 of weekly.scope would have allowed this for
// size up to 5MB; size was 12MB". Empty where no rule is near. The tree's lock is not needed.
std::string nearest_rule(const Session::State& state, const Request& request, std::uint16_t layer, std::int64_t now);

}  // namespace remit
