// The form that a request must have before any rule is looked at: language.md section 3, "Requested
// resources", the session facts of section 4, and the limits of remit/request.h.
#pragma once

#include <optional>
#include <string_view>

#include <remit/decision.h>
#include <remit/request.h>

#include "tests/reference/model.h"

namespace remit::reference {

// Fills `asked`, or says why not: malformed_resource or malformed_request.
std::optional<Reason> read_request(const Request& request, Asked& asked);

// Is `text` UTF-8, with neither surrogates nor overlong forms?
bool is_utf8(std::string_view text);

// Is it a canonical resource? Fills `system`, `rooted` and `segments` if so.
bool read_resource(std::string_view text, Asked& asked);

}  // namespace remit::reference
