// What Python gives a tree of sessions: a host callback, a registry of principals, an audit sink, a
// store. All of it is called from any thread, without the GIL, and takes it where it needs it.
#pragma once

#include "python/src/binding.h"

namespace remit::python {

// From `remit.open`'s arguments of the same names; each may be None. TypeError for what does not
// fit.
Surroundings surroundings_from(const py::object& host, const py::object& principals,
                               const py::object& audit, const py::object& store,
                               const py::object& refresh);
bool is_connected(const Surroundings& surroundings);

}  // namespace remit::python
