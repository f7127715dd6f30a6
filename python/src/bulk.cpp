#include "python/src/binding.h"
namespace remit::python {
void bind_bulk(py::module_&) {}
}  // namespace remit::python
