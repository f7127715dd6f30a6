// A session for trying a document out: as `remit test` and `remit eval` open it. Not for deciding what
// anybody may really do, so not in a public header.
#pragma once

#include <remit/session.h>

namespace remit {

// Opens a session with these facts at `facts.opened`. Unlike Session::open it asks for no accountable
// person, no review and no trigger, and the `agent` and `on behalf of` statements do not stop it
// (language.md section 11). Nothing has triggered it: `trigger` is what `facts` say. The first layer may be of any kind.
Result<Session> rehearse(const Layers& layers, const Facts& facts) noexcept;

}  // namespace remit
