// See surroundings.h. Covered by tests/python/test_surroundings.py.
#include "python/src/surroundings.h"

#include <pybind11/stl.h>
#include <pybind11/trampoline_self_life_support.h>

#include <remit/sqlite_store.h>

#include "python/src/decisions.h"
#include "python/src/sessions.h"
#include "python/src/values.h"

namespace remit::python {
namespace {

// A Python object that a thread without the GIL may drop.
std::shared_ptr<py::object> shared(py::object object) {
  return {new py::object(std::move(object)), [](py::object* last) {
            const py::gil_scoped_acquire acquired;
            delete last;
          }};
}

// What a callback raised cannot reach its caller, who gets a no; it is shown as Python shows such.
void report(py::error_already_set& error, const char* where) noexcept {
  error.restore();
  const py::object place = py::reinterpret_steal<py::object>(PyUnicode_FromString(where));
  PyErr_WriteUnraisable(place.ptr());
}

py::dict facts_of(const Facts& facts) {
  py::dict out = to_dict(facts.named);
  const auto put = [&](const char* name, const std::optional<std::string_view>& fact) {
    if (fact) out[name] = to_str(*fact);
  };
  put("agent", facts.agent);
  put("user", facts.user);
  put("sponsor", facts.sponsor);
  put("purpose", facts.purpose);
  put("trigger", facts.trigger);
  return out;
}

HostCheck host_from(const py::object& host) {
  if (!PyCallable_Check(host.ptr()))
    throw py::type_error(
        "host is called with one HostQuestion and answers True or False: a function is wanted");
  return [host = shared(host)](const HostQuestion& question) {
    const py::gil_scoped_acquire acquired;
    try {
      const py::object asked = classes().host_question(
          to_str(question.request.action), to_str(question.request.resource),
          to_dict(question.request.attributes), facts_of(question.facts),
          to_datetime(question.now));
      // Not any truthy answer: what forgets to return says None, and an object is no yes.
      return (*host)(asked).ptr() == Py_True;
    } catch (py::error_already_set& error) {
      report(error, "the host's access check (the request is denied)");
      return false;
    }
  };
}

// A registry written in Python.
class PythonPrincipals final : public PrincipalRegistry, public py::trampoline_self_life_support {
 public:
  using PrincipalRegistry::PrincipalRegistry;
  bool is_revoked(std::string_view principal) noexcept override {
    const py::gil_scoped_acquire acquired;
    try {
      const py::function method =
          py::get_override(static_cast<const PrincipalRegistry*>(this), "is_revoked");
      if (!method) throw py::type_error("a PrincipalRegistry must define is_revoked(principal)");
      return method(to_str(principal)).ptr() != Py_False;  // only a plain no lets anybody in
    } catch (py::error_already_set& error) {
      report(error, "PrincipalRegistry.is_revoked (the principal counts as revoked)");
    } catch (const std::exception& error) {
      PyErr_SetString(PyExc_TypeError, error.what());
      PyErr_WriteUnraisable(nullptr);
    }
    return true;
  }
  using PrincipalRegistry::changed;
};

const char* kind_of(AuditEvent::Kind kind) {
  switch (kind) {
    case AuditEvent::Kind::opening: return "opening";
    case AuditEvent::Kind::refusal: return "refusal";
    case AuditEvent::Kind::delegation: return "delegation";
    case AuditEvent::Kind::decision: return "decision";
    case AuditEvent::Kind::approval: return "approval";
    case AuditEvent::Kind::revocation: return "revocation";
    case AuditEvent::Kind::commit: return "commit";
    case AuditEvent::Kind::rollback: return "rollback";
    case AuditEvent::Kind::outcome: return "outcome";
    default: return "end";
  }
}

py::object to_event(const AuditEvent& event) {
  const AuditedSession& session = *event.session;
  const bool decided = event.request != nullptr;
  const auto rule = decided && session.layers ? session.layers->rule(event.decision) : std::nullopt;
  const py::object none = py::none();
  py::dict fields;
  fields["kind"] = kind_of(event.kind);
  fields["time"] = to_datetime(event.time);
  fields["session"] = to_id(session.session);
  fields["parent"] = to_id(session.parent);
  fields["facts"] = facts_of(session.facts);
  fields["chain"] = py::cast(session.chain);
  fields["habit"] = to_string(session.habit);
  fields["action"] = str_or_none(decided ? event.request->action : event.action);
  fields["resource"] = str_or_none(decided ? event.request->resource : event.resource);
  fields["attributes"] = decided ? to_dict(event.request->attributes) : py::dict();
  fields["effect"] = decided ? py::object(effect_name(event.decision.effect)) : none;
  fields["reason"] = decided ? py::object(reason_name(event.decision.reason)) : none;
  fields["rule"] = rule ? to_rule(*rule) : none;
  fields["decision"] = to_id(event.decision.id);
  fields["approval"] = to_id(event.approval);
  fields["by"] = str_or_none(event.by);
  fields["why"] = str_or_none(event.why);
  fields["error"] =
      event.kind == AuditEvent::Kind::refusal ? py::object(py::str(to_string(event.error))) : none;
  const bool outcome = event.kind == AuditEvent::Kind::outcome;
  fields["ok"] = outcome ? py::object(py::bool_(event.ok)) : none;
  fields["detail"] = outcome ? py::object(to_str(event.detail)) : none;
  return classes().audit_event(**fields);
}

// A sink written in Python: anything that can be called with an AuditEvent.
class PythonSink final : public AuditSink {
 public:
  explicit PythonSink(py::object sink) : sink_(shared(std::move(sink))) {}
  std::uint64_t write(const AuditEvent& event) noexcept override {
    const py::gil_scoped_acquire acquired;
    try {
      return py::cast<std::uint64_t>((*sink_)(to_event(event)));
    } catch (py::error_already_set& error) {
      report(error, "the audit sink (the record counts as not written)");
    } catch (const std::exception& error) {
      PyErr_SetString(PyExc_TypeError, "an audit sink returns the number of the record, from 1");
      PyErr_WriteUnraisable(nullptr);
    }
    return 0;
  }

 private:
  std::shared_ptr<py::object> sink_;
};

std::shared_ptr<SqliteStore> open_store(const py::object& path, const py::object& busy) {
  AttributeValues wait;
  wait.add(py::str("busy").ptr(), busy.ptr());
  const Value value = wait.view().front().value;
  if (value.type() != Type::duration) throw py::type_error("busy is a timedelta");
  const auto name = py::cast<std::string>(py::module_::import("os").attr("fspath")(path));
  std::optional<Result<std::shared_ptr<SqliteStore>>> opened;
  {
    const py::gil_scoped_release released;
    opened = SqliteStore::open(name, Duration(value.number()));
  }
  return value_or_raise(std::move(*opened));
}

}  // namespace

Surroundings surroundings_from(const py::object& host, const py::object& principals,
                               const py::object& audit, const py::object& store,
                               const py::object& refresh) {
  Surroundings out;
  if (!host.is_none()) out.host = host_from(host);
  if (!principals.is_none())
    out.principals = py::cast<std::shared_ptr<PrincipalRegistry>>(principals);
  if (!audit.is_none()) {
    if (py::isinstance<AuditSink>(audit)) {
      out.audit = py::cast<std::shared_ptr<AuditSink>>(audit);
    } else if (PyCallable_Check(audit.ptr())) {
      out.audit = std::make_shared<PythonSink>(audit);
    } else {
      throw py::type_error(
          "audit is a sink of this package, or a function that takes an AuditEvent and returns the "
          "record's number");
    }
  }
  if (!store.is_none()) out.store = py::cast<std::shared_ptr<SqliteStore>>(store);
  if (!refresh.is_none()) {
    AttributeValues wait;
    wait.add(py::str("refresh").ptr(), refresh.ptr());
    if (wait.view().front().value.type() != Type::duration)
      throw py::type_error("refresh is a timedelta");
    out.store_options.refresh = Duration(wait.view().front().value.number());
  }
  return out;
}

bool is_connected(const Surroundings& surroundings) {
  return surroundings.host || surroundings.principals || surroundings.audit || surroundings.store;
}

void bind_surroundings(py::module_& module) {
  py::class_<PrincipalRegistry, PythonPrincipals, py::smart_holder>(
      module, "PrincipalRegistry",
      "Who has been revoked. Derive from it, define `is_revoked(principal: str) -> bool`, and call "
      "`changed()` after\n"
      "each revocation; sessions ask again only then.\n\n"
      "`is_revoked` is called from any thread. Whatever it answers but False, and any exception, "
      "is a yes.\n\n"
      ">>> import remit\n"
      ">>> class Leavers(remit.PrincipalRegistry):\n"
      "...     def __init__(self):\n"
      "...         super().__init__()\n"
      "...         self.gone = set()\n"
      "...     def is_revoked(self, principal):\n"
      "...         return principal in self.gone\n"
      ">>> leavers = Leavers()\n"
      ">>> session = remit.open(user=\"mike@acme.example\", task=remit.compile(\"read docs:/a; "
      "expires 2h\"), principals=leavers)\n"
      ">>> leavers.gone.add(\"mike@acme.example\"); leavers.changed()\n"
      ">>> session.check(\"read\", \"docs:/a\").reason\n"
      "'revoked'\n")
      .def(py::init<>())
      .def(
          "is_revoked",
          [](PrincipalRegistry& self, const std::string& principal) {
            return self.is_revoked(principal);
          },
          py::arg("principal"), "Is this person, byte for byte, revoked?")
      .def(
          "changed",
          [](PrincipalRegistry& self) {
            auto* derived = dynamic_cast<PythonPrincipals*>(&self);
            if (derived == nullptr) throw py::type_error("this registry tells sessions itself");
            derived->changed();
          },
          "To be called after a revocation can be seen through `is_revoked`.")
      .def_property_readonly("epoch", &PrincipalRegistry::epoch, "Grows with every revocation.");
  py::class_<MemoryPrincipals, PrincipalRegistry, py::smart_holder>(
      module, "MemoryPrincipals",
      "The registry in memory: what is revoked stays revoked until the process ends. "
      "Thread-safe.\n\n"
      ">>> import remit\n"
      ">>> principals = remit.MemoryPrincipals()\n"
      ">>> principals.revoke(\"mike@acme.example\", by=\"it@acme.example\", why=\"left the "
      "company\")\n"
      ">>> principals.is_revoked(\"mike@acme.example\")\n"
      "True\n")
      .def(py::init<>())
      .def(
          "revoke",
          [](MemoryPrincipals& self, const std::string& principal, const std::string& by,
             const std::string& why,
             const py::object& now) { self.revoke(principal, by, why, time_from(now.ptr())); },
          py::arg("principal"), py::kw_only(), py::arg("by"), py::arg("why") = "",
          py::arg("now") = py::none(),
          "Ends every open session that rests on `principal`, as user or sponsor, at its next "
          "decision.");

  py::class_<AuditSink, std::shared_ptr<AuditSink>>(
      module, "AuditSink", "What a session can write its records to; `remit.open(audit=...)`.");
  py::class_<SqliteStore, std::shared_ptr<SqliteStore>>(
      module, "SqliteStore",
      "State of sessions in one SQLite file, for any number of trees and processes: "
      "`remit.open(store=...)`.\n\n"
      "The file is made where it is not there, readable by its owner only, and is the host's to "
      "protect. `busy` is how long a\n"
      "call waits for another process (a timedelta). Raises `RemitError` with the code "
      "`store_unavailable`.")
      .def(py::init(&open_store), py::arg("path"), py::kw_only(),
           py::arg("busy") = to_timedelta(std::chrono::seconds(2)))
      .def(
          "forget",
          [](SqliteStore& self, const py::str& tree) { raise_unless(self.forget(id_from(tree))); },
          py::arg("tree"),
          "Forgets a tree whose sessions are all over: its approvals and counts are gone for good. "
          "Not an error where there is none.");
}

}  // namespace remit::python
