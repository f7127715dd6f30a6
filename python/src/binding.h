// The binding of Python to Remit: what its parts share. Each `bind_` adds one subject to the module
// `remit._remit`; the package `remit` (../remit/*.py) is what people import, and adds what reads
// better in Python than in C++. Covered by tests/python.
#pragma once

#include <pybind11/pybind11.h>

#include <string_view>

#include <remit/remit.h>

namespace remit::python {

namespace py = pybind11;

void bind_programs(py::module_& module);
void bind_decisions(py::module_& module);
void bind_surroundings(py::module_& module);
void bind_sessions(py::module_& module);
void bind_bulk(py::module_& module);
void bind_identity(py::module_& module);
void bind_audit(py::module_& module);
void bind_command(py::module_& module);

// Classes of the package that C++ makes objects of: member, submodule, name. The submodules import
// nothing of this module.
#define REMIT_PYTHON_CLASSES(X)              \
  X(ask, "errors", "Ask")                    \
  X(denied, "errors", "Denied")              \
  X(remit_error, "errors", "RemitError")     \
  X(audit_event, "types", "AuditEvent")      \
  X(diagnostic, "types", "Diagnostic")       \
  X(checkpoint, "records", "Checkpoint")     \
  X(finding, "records", "Finding")           \
  X(log_status, "records", "LogStatus")      \
  X(replayed, "records", "Replayed")         \
  X(verification, "records", "Verification") \
  X(column, "columns", "Column")             \
  X(identifier, "types", "Identifier")       \
  X(host_question, "types", "HostQuestion")  \
  X(limit, "types", "Limit")                 \
  X(memory_use, "types", "MemoryUse")        \
  X(pending_ask, "types", "PendingAsk")      \
  X(rule, "types", "Rule")                   \
  X(status, "types", "Status")               \
  X(test_outcome, "types", "TestOutcome")    \
  X(bytes, "values", "Bytes")                \
  X(resource, "values", "Resource")

struct Classes {
#define REMIT_PYTHON_CLASS(member, submodule, name) py::object member;
  REMIT_PYTHON_CLASSES(REMIT_PYTHON_CLASS)
#undef REMIT_PYTHON_CLASS
};
// Loaded with the module, which is never unloaded.
const Classes& classes();

// Throws remit.RemitError with the engine's stable code and sentence.
[[noreturn]] void raise_error(std::string_view code, std::string_view text);
[[noreturn]] inline void raise_error(const Error& error) {
  raise_error(to_string(error.code), error.text);
}

template <class T>
T value_or_raise(Result<T> result) {
  if (!result) raise_error(result.error());
  return std::move(result).value();
}
inline void raise_unless(const Status& status) {
  if (!status) raise_error(status.error());
}

}  // namespace remit::python
