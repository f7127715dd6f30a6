// Who may open a session, or a sub-session: language.md section 7.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lang/check/resolved.h"
#include "tests/reference/held.h"

namespace remit::reference {

// "an agent identifier (URI) where `*` matches within one path segment and `**` whole segments".
bool identifier_matches(const std::string& pattern, const std::string& identifier);

// Does the task scope let this agent hold it, for this user, at `now`, on what the host reports?
// `accountable` is the person whom a parent session brings, where there is one.
bool may_open(const lang::Lifetime& task, const HeldOpening& opening, bool accountable,
              std::int64_t now);

// `ancestors` are the task scopes of the sessions above the new one, the delegating one first.
bool may_delegate(const std::vector<const lang::Lifetime*>& ancestors, const std::string& agent);

}  // namespace remit::reference
