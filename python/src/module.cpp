// The module `remit._remit`, and what every part of the binding uses.
#include "python/src/binding.h"

#include <memory>

#ifdef Py_GIL_DISABLED
#error "remit needs a Python with the GIL: free-threaded builds are not supported"
#endif

namespace remit::python {

namespace {

const Classes* loaded = nullptr;

void load_classes() {
  if (loaded != nullptr) return;
  auto made = std::make_unique<Classes>();
#define REMIT_PYTHON_CLASS(member, submodule, name) \
  made->member = py::module_::import("remit." submodule).attr(name);
  REMIT_PYTHON_CLASSES(REMIT_PYTHON_CLASS)
#undef REMIT_PYTHON_CLASS
  loaded = made.release();
}

}  // namespace

const Classes& classes() { return *loaded; }

void raise_error(std::string_view code, std::string_view text) {
  const py::object& type = classes().remit_error;
  const py::object made =
      type(py::str(code.data(), code.size()), py::str(text.data(), text.size()));
  PyErr_SetObject(type.ptr(), made.ptr());
  throw py::error_already_set();
}

void bind_all(py::module_& module) {
  load_classes();
  bind_programs(module);
  bind_decisions(module);
  bind_surroundings(module);
  bind_sessions(module);
  bind_bulk(module);
  bind_identity(module);
  bind_audit(module);
  bind_command(module);
}

}  // namespace remit::python

PYBIND11_MODULE(_remit, module) {
  module.doc() = "The engine and the language, as the package `remit` wraps them.";
  remit::python::bind_all(module);
}
