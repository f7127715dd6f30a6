// The calls of a Session that decide, made for speed.
#pragma once

#include "python/src/sessions.h"

namespace remit::python {

// Adds check, would, require, verdicts and _reserve to the class, and the class Reservation to its
// module.
void bind_session_calls(py::module_& module, py::class_<SessionHandle>& session);

}  // namespace remit::python
