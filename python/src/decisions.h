// The class Decision: a light object of the C API rather than a pybind11 class, since one is made
// for every check. It holds the engine's decision and, for explanations, who decided and what was
// asked.
#pragma once

#include "python/src/values.h"

namespace remit::python {

// What was asked. `attributes` is a dict of our own, or null where there are none.
struct Asked {
  PyObject* action = nullptr;    // str
  PyObject* resource = nullptr;  // str
  PyObject* attributes = nullptr;
  Time now{};
};

// A new Decision, or null with a Python error set. Takes references of its own; `session` is an
// object of the class Session.
PyObject* new_decision(const Decision& decision, PyObject* session, const Asked& asked) noexcept;

bool is_decision(const py::handle& object);
const Decision& decision_of(const py::handle& object);  // is_decision() must hold

py::object to_rule(const RuleInfo& rule);
py::str effect_name(Effect effect);
py::str reason_name(Reason reason);

}  // namespace remit::python
