// Scopes that tokens carry, compiled: the engine hands them on as text, because it never includes
// the language. Covered by tests/token_test.py.
#pragma once

#include <vector>

#include <remit/token.h>

#include <remit/session.h>

#include "tools/documents.h"

namespace remit::tools {

// Each scope of `found` as a document called `<token scope 1>` and so on. One that has errors gives
// no program: whoever opens a session without it would open a wider one.
std::vector<LoadedDocument> compile_carried(const Authenticated& found,
                                            const CompileSettings& settings);

// Opens a session for `found` with the host's documents and the carried ones, each of those one
// more layer. Without a document of the host's, the first scope that is carried is the task scope.
// BadInput where a document is of the wrong kind, or where the session, or a carried scope by
// itself, is not for this identity: its `agent` and `on behalf of` hold, too.
Session open_for(const Authenticated& found, const std::vector<LoadedDocument>& documents,
                 const std::vector<LoadedDocument>& carried, Time now);

}  // namespace remit::tools
