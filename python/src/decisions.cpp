// See decisions.h. Covered by tests/python/test_decisions.py.
#include "python/src/decisions.h"

#include <array>

#include "python/src/sessions.h"
#include "tools/decision_text.h"

namespace remit::python {
namespace {

struct DecisionObject {
  PyObject_HEAD Decision value;
  Asked asked;
  PyObject* session;
};

PyTypeObject* decision_type = nullptr;
std::array<PyObject*, 3> effect_names{};
std::array<PyObject*, 256> reason_names{};

DecisionObject& self_of(PyObject* object) { return *reinterpret_cast<DecisionObject*>(object); }

// Runs a getter or method that may throw.
template <class F>
PyObject* guarded(F&& what) noexcept {
  try {
    return py::object(what()).release().ptr();
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

void destroy(PyObject* object) {
  DecisionObject& self = self_of(object);
  Py_XDECREF(self.session);
  Py_XDECREF(self.asked.action);
  Py_XDECREF(self.asked.resource);
  Py_XDECREF(self.asked.attributes);
  PyObject_Free(object);
  Py_DECREF(decision_type);
}

// Reads the request again, for what is said about it later.
template <class F>
auto with_request(const DecisionObject& self, F&& what) {
  Texts texts;
  AttributeValues attributes;
  if (self.asked.attributes != nullptr) attributes.add_all(self.asked.attributes);
  const Request request(texts.view(self.asked.action), texts.view(self.asked.resource),
                        attributes.view());
  return what(handle_of(self.session), request);
}

py::object borrowed(PyObject* object) { return py::reinterpret_borrow<py::object>(object); }

PyObject* get_allowed(PyObject* object, void*) {
  return PyBool_FromLong(self_of(object).value.allowed());
}
PyObject* get_asks(PyObject* object, void*) {
  return PyBool_FromLong(self_of(object).value.asks());
}
PyObject* get_effect(PyObject* object, void*) {
  return guarded([&] { return effect_name(self_of(object).value.effect); });
}
PyObject* get_reason(PyObject* object, void*) {
  return guarded([&] { return reason_name(self_of(object).value.reason); });
}
PyObject* get_sentence(PyObject* object, void*) {
  return guarded([&] { return to_str(sentence(self_of(object).value.reason)); });
}
PyObject* get_layer(PyObject* object, void*) {
  const std::uint16_t layer = self_of(object).value.layer;
  return guarded(
      [&] { return layer == kNoLayer ? py::object(py::none()) : py::object(py::int_(layer)); });
}
PyObject* get_rule(PyObject* object, void*) {
  return guarded([&]() -> py::object {
    const DecisionObject& self = self_of(object);
    const auto rule = handle_of(self.session).session.rule(self.value);
    return rule ? to_rule(*rule) : py::object(py::none());
  });
}
PyObject* get_approval(PyObject* object, void*) {
  return guarded([&] { return to_id(self_of(object).value.approval); });
}
PyObject* get_record(PyObject* object, void*) {
  const std::uint64_t record = self_of(object).value.record;
  return guarded(
      [&] { return record == 0 ? py::object(py::none()) : py::object(py::int_(record)); });
}
PyObject* get_id(PyObject* object, void*) {
  return guarded([&] { return to_id(self_of(object).value.id); });
}
PyObject* get_action(PyObject* object, void*) {
  return guarded([&] { return borrowed(self_of(object).asked.action); });
}
PyObject* get_resource(PyObject* object, void*) {
  return guarded([&] { return borrowed(self_of(object).asked.resource); });
}
PyObject* get_attributes(PyObject* object, void*) {
  return guarded([&] {
    PyObject* attributes = self_of(object).asked.attributes;
    return attributes == nullptr ? py::dict() : py::dict(borrowed(attributes).attr("copy")());
  });
}
PyObject* get_now(PyObject* object, void*) {
  return guarded([&] { return to_datetime(self_of(object).asked.now); });
}
PyObject* get_session(PyObject* object, void*) {
  return guarded([&] { return borrowed(self_of(object).session); });
}

PyObject* explain(PyObject* object, PyObject*) {
  return guarded([&] {
    const DecisionObject& self = self_of(object);
    return with_request(self, [&](SessionHandle& handle, const Request& request) {
      return to_str(handle.session.explain(request, self.value));
    });
  });
}

PyObject* to_json(PyObject* object, PyObject*) {
  return guarded([&] {
    const DecisionObject& self = self_of(object);
    return to_str(
        tools::to_line(tools::decision_json(handle_of(self.session).session.layers(), self.value)));
  });
}

PyObject* represent(PyObject* object) {
  return guarded([&] {
    const DecisionObject& self = self_of(object);
    return py::str("<Decision {} {} {}: {}>")
        .format(effect_name(self.value.effect), borrowed(self.asked.action),
                borrowed(self.asked.resource), reason_name(self.value.reason));
  });
}

int truth(PyObject* object) { return self_of(object).value.allowed() ? 1 : 0; }

PyGetSetDef getters[] = {
    {"allowed", get_allowed, nullptr,
     "True for an allow; what `bool(decision)` gives. An ask is not one.", nullptr},
    {"asks", get_asks, nullptr,
     "True where a person has to approve first: pass the decision to `Session.approve`.", nullptr},
    {"effect", get_effect, nullptr, "`'allow'`, `'deny'` or `'ask'`.", nullptr},
    {"reason", get_reason, nullptr,
     "Why, as a stable name, such as `'denied_by_rule'`; `remit.REASONS` has all of them.",
     nullptr},
    {"sentence", get_sentence, nullptr, "The reason as a sentence: \"a deny rule matches\".",
     nullptr},
    {"layer", get_layer, nullptr,
     "Index of the document that decided (task scope 0, guardrails, grants); None where none did.",
     nullptr},
    {"rule", get_rule, nullptr, "The `Rule` that decided; None where none did.", nullptr},
    {"approval", get_approval, nullptr,
     "Of an ask, the id to approve; of a `granted_by_approval`, the one that was used; else None.",
     nullptr},
    {"record", get_record, nullptr,
     "The number of its record in the audit trail, from 1; None where nothing was recorded.",
     nullptr},
    {"id", get_id, nullptr,
     "Names the decision in the audit trail; None where nothing is recorded. `Session.outcome` "
     "joins by it.",
     nullptr},
    {"action", get_action, nullptr, "The action that was asked about.", nullptr},
    {"resource", get_resource, nullptr, "The resource that was asked about.", nullptr},
    {"attributes", get_attributes, nullptr, "The attributes of the request, as a dict of its own.",
     nullptr},
    {"now", get_now, nullptr, "The time of the request, a datetime in UTC.", nullptr},
    {"session", get_session, nullptr, "The `Session` that decided.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMethodDef methods[] = {{"explain", explain, METH_NOARGS,
                          "explain($self, /)\n--\n\nThe decision in words: effect, reason, rule "
                          "and its `because`, and for a deny without a rule what would\n"
                          "have to be otherwise. For people; it may change between versions."},
                         {"to_json", to_json, METH_NOARGS,
                          "to_json($self, /)\n--\n\nThe decision as one line of JSON, as the "
                          "command prints it: effect, reason, rule, layer, approval."},
                         {nullptr, nullptr, 0, nullptr}};

constexpr const char* kDoc =
    "What comes of a request: effect, reason, and which rule of which document decided.\n\n"
    "Truthy only where the effect is allow. Made by sessions; it keeps its session alive.\n\n"
    ">>> import remit\n"
    ">>> with remit.open(user=\"mike@acme.example\", task=remit.compile(\"read docs:/a; expires "
    "2h\")) as session:\n"
    "...     decision = session.check(\"read\", \"docs:/b\")\n"
    ">>> bool(decision), decision.effect, decision.reason\n"
    "(False, 'deny', 'no_matching_rule')\n";

PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(destroy)},
                       {Py_tp_repr, reinterpret_cast<void*>(represent)},
                       {Py_nb_bool, reinterpret_cast<void*>(truth)},
                       {Py_tp_getset, getters},
                       {Py_tp_methods, methods},
                       {Py_tp_doc, const_cast<char*>(kDoc)},
                       {0, nullptr}};
PyType_Spec spec = {"remit._remit.Decision", static_cast<int>(sizeof(DecisionObject)), 0,
                    Py_TPFLAGS_DEFAULT, slots};

PyObject* interned(const char* text) {
  PyObject* made = PyUnicode_InternFromString(text);
  if (made == nullptr) throw py::error_already_set();
  return made;
}

}  // namespace

PyObject* new_decision(const Decision& decision, PyObject* session, const Asked& asked) noexcept {
  DecisionObject* made = PyObject_New(DecisionObject, decision_type);
  if (made == nullptr) return nullptr;
  made->value = decision;
  made->asked = asked;
  made->session = session;
  Py_INCREF(session);
  Py_XINCREF(asked.action);
  Py_XINCREF(asked.resource);
  Py_XINCREF(asked.attributes);
  return reinterpret_cast<PyObject*>(made);
}

bool is_decision(const py::handle& object) { return Py_TYPE(object.ptr()) == decision_type; }
const Decision& decision_of(const py::handle& object) { return self_of(object.ptr()).value; }

py::object to_rule(const RuleInfo& rule) {
  static constexpr std::array<const char*, 4> kKinds{"allow", "deny", "ask", "limit"};
  const py::object because =
      rule.because ? py::object(to_str(*rule.because)) : py::object(py::none());
  return classes().rule(kKinds[static_cast<std::size_t>(rule.kind)], to_str(rule.file), rule.line,
                        rule.column, because, to_str(rule.source));
}

py::str effect_name(Effect effect) {
  return py::reinterpret_borrow<py::str>(effect_names[static_cast<std::size_t>(effect)]);
}
py::str reason_name(Reason reason) {
  return py::reinterpret_borrow<py::str>(reason_names[static_cast<std::size_t>(reason)]);
}

void bind_decisions(py::module_& module) {
  for (const Effect effect : {Effect::deny, Effect::ask, Effect::allow})
    effect_names[static_cast<std::size_t>(effect)] = interned(to_string(effect));
  py::list reasons;
  py::dict sentences;
#define REMIT_PYTHON_REASON(name, words)                                  \
  reason_names[static_cast<std::size_t>(Reason::name)] = interned(#name); \
  reasons.append(reason_name(Reason::name));                              \
  sentences[reason_name(Reason::name)] = words;
  REMIT_REASONS(REMIT_PYTHON_REASON)
#undef REMIT_PYTHON_REASON
  decision_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (decision_type == nullptr) throw py::error_already_set();
  decision_type->tp_new = nullptr;  // only sessions make decisions
  PyType_Modified(decision_type);
  module.add_object("Decision",
                    py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(decision_type)));
  module.attr("EFFECTS") = py::make_tuple("deny", "ask", "allow");
  module.attr("REASONS") = sentences;
}

}  // namespace remit::python
