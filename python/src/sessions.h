// What a Python Session holds.
#pragma once

#include <utility>

#include "python/src/binding.h"

namespace remit::python {

struct SessionHandle {
  Session session;
  // Does a call reach anything beside memory: a callback, a registry, a sink or a store? Then the
  // GIL is given up around it, for what is reached may take its time, or be Python of another
  // thread's.
  bool connected = false;

  // A plain tree's mutex is held for microseconds and by nobody who wants the GIL (the engine never
  // calls back under it; a Python class can be no Store, which would be called so), hence it may be
  // waited for with the GIL held.
  template <class F>
  auto call(F&& what) {
    if (!connected) return std::forward<F>(what)(session);
    const py::gil_scoped_release released;
    return std::forward<F>(what)(session);
  }
};

// The handle in an object of the class Session, or of a class derived from it. Raises TypeError for
// a Session whose __init__ was never called.
SessionHandle& handle_of(PyObject* session);

py::object to_id(const Id& id);  // 32 hexadecimal digits, None for no id
Id id_from(const py::handle& text);

}  // namespace remit::python
