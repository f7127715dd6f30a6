// `between` (language.md section 5): a window of local time.
#pragma once

#include "tests/reference/model.h"

namespace remit::reference {

// Unknown outside the years 1970 to 2099, for which the offsets of zones are known
// (architecture.md: "from 1970 to 2100; outside that a `between` is unknown").
Kleene in_window(const lang::Resolved& document, const lang::Window& window, std::int64_t now);

}  // namespace remit::reference
