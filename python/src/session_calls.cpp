// Decisions of a Session. `check` is what an agent's program calls all day, so these are functions
// of the C API (METH_FASTCALL) that read their arguments themselves: pybind11's dispatch and
// conversions would cost more than the decision. Covered by tests/python/test_sessions.py and
// test_speed.py.
#include "python/src/session_calls.h"

#include "python/src/decisions.h"
#include "python/src/values.h"

namespace remit::python {
namespace {

// (action, resource, attributes=None, /, *, now=None, **more) as METH_FASTCALL gives it.
class Call {
 public:
  Call(const char* function, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
    if (count < 2 || count > 3) {
      throw py::type_error(
          std::string(function) +
          "() takes an action and a resource, then attributes as a dict or by keyword; " +
          std::to_string(count) + " positional arguments were given");
    }
    asked.action = text(given[0], "action");
    asked.resource = text(given[1], "resource");
    PyObject* now = nullptr;
    if (keywords != nullptr || count == 3) [[unlikely]]
      now = read_attributes(given, count, keywords);
    asked.now = time_from(now);
    attributes = values_.view();
  }

  Request request() { return {texts_.view(asked.action), texts_.view(asked.resource), attributes}; }

  Asked asked;
  std::span<const Attribute> attributes;

 private:
  static PyObject* text(PyObject* given, const char* what) {
    if (PyUnicode_Check(given)) [[likely]]
      return given;
    throw py::type_error(std::string("the ") + what + " is a str, not " + Py_TYPE(given)->tp_name);
  }

  // Into a dict of our own, so that nobody changes them while the engine reads. Returns `now`.
  PyObject* read_attributes(PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
    PyObject* now = nullptr;
    if (count == 3 && given[2] != Py_None) {
      if (!PyDict_Check(given[2]))
        throw py::type_error(std::string("attributes are a dict of names to values, not ") +
                             Py_TYPE(given[2])->tp_name);
      PyObject *name = nullptr, *value = nullptr;
      for (Py_ssize_t at = 0; PyDict_Next(given[2], &at, &name, &value) != 0;) keep(name, value);
    }
    const Py_ssize_t named = keywords == nullptr ? 0 : PyTuple_GET_SIZE(keywords);
    for (Py_ssize_t i = 0; i < named; ++i) {
      PyObject* name = PyTuple_GET_ITEM(keywords, i);
      if (PyUnicode_CompareWithASCIIString(name, "now") == 0) {
        now = given[count + i];
      } else {
        keep(name, given[count + i]);
      }
    }
    if (kept_) values_.add_all(kept_);
    return now;
  }

  void keep(PyObject* name, PyObject* value) {
    if (!kept_) {
      kept_ = py::reinterpret_steal<py::object>(PyDict_New());
      if (!kept_) throw py::error_already_set();
      asked.attributes = kept_.ptr();
    }
    const int twice = PyDict_Contains(kept_.ptr(), name);
    if (twice < 0) throw py::error_already_set();
    if (twice != 0)
      throw py::type_error(
          py::str("attribute {!r} is given twice").format(py::handle(name)).cast<std::string>());
    const auto copied = PyList_Check(value)
                            ? py::reinterpret_steal<py::object>(PyList_AsTuple(value))
                            : py::reinterpret_borrow<py::object>(value);
    if (!copied || PyDict_SetItem(kept_.ptr(), name, copied.ptr()) != 0)
      throw py::error_already_set();
  }

  Texts texts_;
  AttributeValues values_;
  py::object kept_;
};

template <class F>
PyObject* guarded(F&& what) noexcept {
  try {
    return what();
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const py::builtin_exception& error) {
    error.set_error();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

PyObject* check(PyObject* self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    SessionHandle& handle = handle_of(self);
    Call call("check", given, count, keywords);
    const Request request = call.request();
    return new_decision(handle.call([&](Session& on) { return on.check(request, call.asked.now); }),
                        self, call.asked);
  });
}

PyObject* would(PyObject* self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    SessionHandle& handle = handle_of(self);
    Call call("would", given, count, keywords);
    const Request request = call.request();
    return new_decision(handle.call([&](Session& on) { return on.would(request, call.asked.now); }),
                        self, call.asked);
  });
}

PyObject* require(PyObject* self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  PyObject* decision = check(self, given, count, keywords);
  if (decision == nullptr || decision_of(decision).allowed()) return decision;
  return guarded([&]() -> PyObject* {
    const auto held = py::reinterpret_steal<py::object>(decision);
    const py::object& type = decision_of(held).asks() ? classes().ask : classes().denied;
    const py::object raised = type(held);
    PyErr_SetObject(type.ptr(), raised.ptr());
    return nullptr;
  });
}

PyObject* verdicts(PyObject* self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    SessionHandle& handle = handle_of(self);
    Call call("verdicts", given, count, keywords);
    const Request request = call.request();
    std::vector<Decision> out(handle.session.layers().size());
    handle.call([&](Session& on) { on.verdicts(request, call.asked.now, out); });
    py::list list;
    for (const Decision& one : out) {
      const auto made = py::reinterpret_steal<py::object>(new_decision(one, self, call.asked));
      if (!made) throw py::error_already_set();
      list.append(made);
    }
    return list.release().ptr();
  });
}

// Charges that can be given back, and the session that they would go back to.
struct PythonReservation {
  Reservation reservation;
  py::object decision;
  bool connected;

  template <class F>
  void settle(F&& how) {
    if (!connected) return how(reservation);
    const py::gil_scoped_release released;
    how(reservation);
  }
};

PyObject* reserve(PyObject* self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    SessionHandle& handle = handle_of(self);
    Call call("reserve", given, count, keywords);
    const Request request = call.request();
    Reservation made =
        handle.call([&](Session& on) { return on.reserve(request, call.asked.now); });
    auto decision =
        py::reinterpret_steal<py::object>(new_decision(made.decision(), self, call.asked));
    if (!decision) throw py::error_already_set();
    return py::cast(PythonReservation{std::move(made), std::move(decision), handle.connected})
        .release()
        .ptr();
  });
}

#define REMIT_CALL(name) reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(name))
#define REMIT_SIGNATURE(name) \
  name "($self, action, resource, attributes=None, /, *, now=None, **more)\n--\n\n"

PyMethodDef methods[] = {
    {"check", REMIT_CALL(check), METH_FASTCALL | METH_KEYWORDS,
     REMIT_SIGNATURE(
         "check") "Decides, and where the answer is allow charges every limit that matches and "
                  "remembers the request.\n\n"
                  "`action` is one action name, `resource` the thing's name as its system stores "
                  "it. Attributes go as a dict, by keyword,\n"
                  "or both. `now` is a datetime with a time zone; None is the clock. Never raises "
                  "for what is asked, however malformed:\n"
                  "that is a deny with its reason. TypeError or ValueError for a value of no Remit "
                  "type.\n\n"
                  ">>> import remit\n"
                  ">>> task = remit.compile(\"write ws:/proj/B when size <= 5MB; expires 2h\")\n"
                  ">>> session = remit.open(user=\"mike@acme.example\", task=task)\n"
                  ">>> session.check(\"write\", \"ws:/proj/B/a.md\", "
                  "size=remit.Bytes(20_000)).effect\n"
                  "'allow'\n"
                  ">>> session.check(\"write\", \"ws:/proj/B/a.md\", size=20_000).explain()\n"
                  "'deny write ws:/proj/B/a.md: no rule permits it (scope); line 1 of <text> would "
                  "have allowed this for size up to 5MB; size was given as int, declared size'\n"},
    {"would", REMIT_CALL(would), METH_FASTCALL | METH_KEYWORDS,
     REMIT_SIGNATURE("would") "What `check` would answer. Charges nothing and remembers nothing, "
                              "not even the time; an ask has no id to approve.\n"},
    {"require", REMIT_CALL(require), METH_FASTCALL | METH_KEYWORDS,
     REMIT_SIGNATURE(
         "require") "As `check`, and raises `Denied` for a deny and `Ask` for an ask: both hold "
                    "the decision.\n\n"
                    ">>> import remit\n"
                    ">>> session = remit.open(user=\"mike@acme.example\", "
                    "task=remit.compile(\"read docs:/a; expires 2h\"))\n"
                    ">>> session.require(\"read\", \"docs:/b\")\n"
                    "Traceback (most recent call last):\n"
                    "    ...\n"
                    "remit.errors.Denied: deny read docs:/b: no rule permits it (scope); the "
                    "nearest rule for `read` is line 1 of <text>: read docs:/a\n"},
    {"verdicts", REMIT_CALL(verdicts), METH_FASTCALL | METH_KEYWORDS,
     REMIT_SIGNATURE("verdicts") "Each document's own decision, in the order task scope, "
                                 "guardrails, grants. Remembers nothing.\n"},
    {"reserve", REMIT_CALL(reserve), METH_FASTCALL | METH_KEYWORDS,
     REMIT_SIGNATURE(
         "reserve") "As `check`, as a `Reservation`: a grant that is charged already and can be "
                    "given back.\n\n"
                    ">>> import remit\n"
                    ">>> session = remit.open(user=\"mike@acme.example\", "
                    "task=remit.compile(\"read docs:/a at most 1 times; expires 2h\"))\n"
                    ">>> with session.reserve(\"read\", \"docs:/a\") as reservation:  # an "
                    "exception in here gives it back\n"
                    "...     reservation.granted\n"
                    "True\n"
                    ">>> session.would(\"read\", \"docs:/a\").reason\n"
                    "'limit_exceeded'\n"},
};

}  // namespace

void bind_session_calls(py::module_& module, py::class_<SessionHandle>& session) {
  auto* type = reinterpret_cast<PyTypeObject*>(session.ptr());
  for (PyMethodDef& method : methods) {
    const auto descriptor = py::reinterpret_steal<py::object>(PyDescr_NewMethod(type, &method));
    if (!descriptor) throw py::error_already_set();
    session.attr(method.ml_name) = descriptor;
  }
  const auto commit = [](Reservation& of) { of.commit(); };
  const auto rollback = [](Reservation& of) { of.rollback(); };
  py::class_<PythonReservation>(
      module, "Reservation",
      "A grant whose outcome is not known yet. Charged already; `rollback()` gives the charges "
      "back (not the history, and not\n"
      "an approval). One that is never settled counts as used. As a context manager it is "
      "committed at the end, and rolled\n"
      "back where an exception leaves it. The second and any later settling does nothing.")
      .def_property_readonly(
          "decision", [](const PythonReservation& self) { return self.decision; },
          "The `Decision`.")
      .def_property_readonly(
          "granted", [](const PythonReservation& self) { return self.reservation.granted(); },
          "True for an allow.")
      .def("__bool__", [](const PythonReservation& self) { return self.reservation.granted(); })
      .def(
          "commit", [commit](PythonReservation& self) { self.settle(commit); },
          "It happened: the charges stay.")
      .def(
          "rollback", [rollback](PythonReservation& self) { self.settle(rollback); },
          "It did not happen: the charges go back.")
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__", [commit, rollback](PythonReservation& self, const py::object& kind,
                                          const py::object&, const py::object&) {
        if (kind.is_none()) {
          self.settle(commit);
        } else {
          self.settle(rollback);
        }
      });
}

}  // namespace remit::python
