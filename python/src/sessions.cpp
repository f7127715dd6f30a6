// The class Session but for its decisions (session_calls.cpp) and columns (bulk.cpp).
// Covered by tests/python/test_sessions.py.
#include "python/src/sessions.h"

#include <pybind11/stl.h>

#include "python/src/decisions.h"
#include "python/src/session_calls.h"
#include "python/src/surroundings.h"
#include "python/src/values.h"

namespace remit::python {
namespace {

using Trigger = std::optional<std::pair<std::string, std::string>>;

Trigger trigger_from(const py::object& given) {
  if (given.is_none()) return std::nullopt;
  if (!py::isinstance<py::tuple>(given) || py::len(given) != 2)
    throw py::type_error("trigger is a pair: (\"schedule\", \"0 0 * * *\") or (\"event\", name)");
  return py::cast<std::pair<std::string, std::string>>(given);
}

Layers link(const Program& task, const std::vector<Program>& guardrails,
            const std::vector<Program>& grants) {
  std::optional<Result<Layers>> linked;
  {
    const py::gil_scoped_release released;
    linked = Layers::link(task, guardrails, grants);
  }
  return value_or_raise(std::move(*linked));
}

std::unique_ptr<SessionHandle> open(const Program& task, const std::vector<Program>& guardrails,
                                    const std::vector<Program>& grants, const std::string& agent,
                                    const std::string& user, const std::string& purpose,
                                    const py::object& facts, const py::object& last_review,
                                    bool sponsor_revoked, const py::object& trigger,
                                    const Identity* identity, const py::object& host,
                                    const py::object& principals, const py::object& audit,
                                    const py::object& store, const py::object& refresh,
                                    const py::object& now) {
  AttributeValues named;
  named.add_all(facts);
  const Trigger started = trigger_from(trigger);
  Opening opening{.agent = agent,
                  .user = user,
                  .purpose = purpose,
                  .layers = link(task, guardrails, grants),
                  .facts = named.view(),
                  .last_review = optional_time(last_review),
                  .sponsor_revoked = sponsor_revoked,
                  .surroundings = surroundings_from(host, principals, audit, store, refresh),
                  .identity = identity};
  if (started) opening.trigger = TriggerFact{started->first, started->second};
  const bool connected = is_connected(opening.surroundings);
  const Time at = time_from(now.ptr());
  std::optional<Result<Session>> opened;
  {
    const py::gil_scoped_release released;
    opened = Session::open(opening, at);
  }
  return std::unique_ptr<SessionHandle>(
      new SessionHandle{value_or_raise(std::move(*opened)), connected});
}

std::unique_ptr<SessionHandle> delegate(SessionHandle& parent, const Program& task,
                                        const std::string& agent,
                                        const std::vector<Program>& guardrails,
                                        const std::vector<Program>& grants,
                                        const std::string& purpose, const py::object& facts,
                                        const py::object& last_review, bool sponsor_revoked,
                                        const py::object& trigger, const py::object& now) {
  AttributeValues named;
  named.add_all(facts);
  const Trigger started = trigger_from(trigger);
  Delegation delegation{.agent = agent,
                        .task = task,
                        .guardrails = guardrails,
                        .grants = grants,
                        .purpose = purpose,
                        .facts = named.view(),
                        .last_review = optional_time(last_review),
                        .sponsor_revoked = sponsor_revoked};
  if (started) delegation.trigger = TriggerFact{started->first, started->second};
  const Time at = time_from(now.ptr());
  auto opened = parent.call([&](Session& session) { return session.delegate(delegation, at); });
  return std::unique_ptr<SessionHandle>(
      new SessionHandle{value_or_raise(std::move(opened)), parent.connected});
}

Id asked_id(const py::object& ask) {
  if (is_decision(ask)) return decision_of(ask).approval;
  if (py::isinstance<py::str>(ask)) return id_from(ask);
  if (py::hasattr(ask, "id")) return id_from(ask.attr("id"));
  throw py::type_error(
      "what is approved is a Decision that asks, one of Session.pending(), or an approval id");
}

py::list to_list(std::vector<Session> sessions, bool connected) {
  py::list out;
  for (Session& session : sessions)
    out.append(
        py::cast(std::unique_ptr<SessionHandle>(new SessionHandle{std::move(session), connected})));
  return out;
}

py::list restore(const py::bytes& state, std::uint64_t least_generation,
                 const std::vector<Program>& programs, const py::object& host,
                 const py::object& principals, const py::object& audit) {
  const Surroundings surroundings =
      surroundings_from(host, principals, audit, py::none(), py::none());
  const auto bytes = static_cast<std::string_view>(state);
  std::optional<Result<std::vector<Session>>> restored;
  {
    const py::gil_scoped_release released;
    restored = Session::restore(std::as_bytes(std::span<const char>(bytes)), least_generation,
                                programs, surroundings);
  }
  return to_list(value_or_raise(std::move(*restored)), is_connected(surroundings));
}

py::list resume(const py::str& tree, const std::vector<Program>& programs, const py::object& host,
                const py::object& principals, const py::object& audit, const py::object& store,
                const py::object& refresh) {
  const Surroundings surroundings = surroundings_from(host, principals, audit, store, refresh);
  const Id id = id_from(tree);
  std::optional<Result<std::vector<Session>>> resumed;
  {
    const py::gil_scoped_release released;
    resumed = Session::resume(id, programs, surroundings);
  }
  return to_list(value_or_raise(std::move(*resumed)), true);
}

py::object to_status(const SessionStatus& status) {
  return classes().status(reason_name(status.reason),
                          status.ends ? to_datetime(*status.ends) : py::object(py::none()),
                          to_datetime(status.now), str_or_none(status.by), str_or_none(status.why));
}

py::object to_pending(const Session& session, const PendingAsk& ask) {
  py::list rules;
  for (const Decision& decision : ask.rules) {
    if (const auto rule = session.rule(decision)) rules.append(to_rule(*rule));
  }
  const bool approved = ask.state == PendingAsk::State::approved;
  return classes().pending_ask(to_id(ask.id), to_id(ask.session), to_str(ask.action),
                               to_str(ask.resource), approved, to_datetime(ask.asked),
                               approved ? to_datetime(ask.approved) : py::object(py::none()),
                               str_or_none(ask.approver), rules);
}

py::object to_limit(const Session& session, const LimitState& limit) {
  const auto amount = [&](std::int64_t number) -> py::object {
    if (limit.type == Type::size) return classes().bytes(number);
    if (limit.type == Type::duration) return to_timedelta(Duration(number));
    return py::int_(number);
  };
  Decision at;
  at.layer = limit.layer;
  at.rule = limit.rule;
  const auto rule = session.rule(at);
  return classes().limit(limit.layer, rule ? to_rule(*rule) : py::object(py::none()),
                         amount(limit.most), amount(limit.used), amount(limit.remaining()),
                         str_or_none(limit.attribute),
                         limit.per ? to_timedelta(*limit.per) : py::object(py::none()));
}

py::dict facts_of(const Facts& facts) {
  py::dict out = to_dict(facts.named);
  const auto put = [&](const char* name, const std::optional<std::string_view>& fact) {
    out[name] = fact ? py::object(to_str(*fact)) : py::object(py::none());
  };
  put("agent", facts.agent);
  put("user", facts.user);
  put("sponsor", facts.sponsor);
  put("purpose", facts.purpose);
  put("trigger", facts.trigger);
  out["opened"] = to_datetime(facts.opened);
  return out;
}

py::list programs_of(const Layers& layers) {
  py::list out;
  for (std::size_t i = 0; i < layers.size(); ++i) out.append(py::cast(layers.program(i)));
  return out;
}

}  // namespace

SessionHandle& handle_of(PyObject* session) {
  auto* instance = reinterpret_cast<py::detail::instance*>(session);
  void* held = instance->simple_layout ? instance->simple_value_holder[0]
                                       : instance->get_value_and_holder().value_ptr();
  if (held == nullptr)
    throw py::type_error("this Session was never opened: its __init__ was not called");
  return *static_cast<SessionHandle*>(held);
}

py::object to_id(const Id& id) {
  return id.empty() ? py::object(py::none()) : py::object(py::str(to_string(id)));
}

Id id_from(const py::handle& text) {
  Id id;
  if (!py::isinstance<py::str>(text) || !parse_id(py::cast<std::string>(text), id))
    throw py::value_error("an id is 32 hexadecimal digits");
  return id;
}

void bind_sessions(py::module_& module) {
  py::class_<SessionHandle> session(module, "Session");
  session
      .def(py::init(&open), py::arg("task"), py::arg("guardrails"), py::arg("grants"),
           py::kw_only(), py::arg("agent"), py::arg("user"), py::arg("purpose"), py::arg("facts"),
           py::arg("last_review"), py::arg("sponsor_revoked"), py::arg("trigger"),
           py::arg("identity").none(true), py::arg("host"), py::arg("principals"), py::arg("audit"),
           py::arg("store"), py::arg("refresh"), py::arg("now"))
      // Takes over the handle that another call made: how a class of the package wraps what C++
      // returns.
      .def(py::init([](SessionHandle& made) {
             return std::unique_ptr<SessionHandle>(new SessionHandle{std::move(made)});
           }),
           py::arg("made"))
      .def("_delegate", delegate, py::arg("task"), py::kw_only(), py::arg("agent"),
           py::arg("guardrails"), py::arg("grants"), py::arg("purpose"), py::arg("facts"),
           py::arg("last_review"), py::arg("sponsor_revoked"), py::arg("trigger"), py::arg("now"))
      .def_static("_restore", restore, py::arg("state"), py::arg("least_generation"),
                  py::arg("programs"), py::arg("host"), py::arg("principals"), py::arg("audit"))
      .def_static("_resume", resume, py::arg("tree"), py::arg("programs"), py::arg("host"),
                  py::arg("principals"), py::arg("audit"), py::arg("store"), py::arg("refresh"))
      .def(
          "_approve",
          [](SessionHandle& self, const py::object& ask, const std::string& approver,
             const py::object& now) {
            const Id id = asked_id(ask);
            const Time at = time_from(now.ptr());
            raise_unless(self.call([&](Session& on) { return on.approve(id, approver, at); }));
          },
          py::arg("ask"), py::arg("approver"), py::arg("now"))
      .def(
          "_revoke",
          [](SessionHandle& self, const std::string& by, const std::string& why,
             const py::object& now) {
            const Time at = time_from(now.ptr());
            self.call([&](Session& on) { on.revoke(by, why, at); });
          },
          py::arg("by"), py::arg("why"), py::arg("now"))
      .def(
          "_end",
          [](SessionHandle& self, const py::object& now) {
            const Time at = time_from(now.ptr());
            self.call([&](Session& on) { on.end(at); });
          },
          py::arg("now"))
      .def(
          "_outcome",
          [](SessionHandle& self, const py::object& decision, bool ok, const std::string& detail,
             const py::object& now) {
            if (!is_decision(decision)) throw py::type_error("an outcome is of a Decision");
            const Id id = decision_of(decision).id;
            const Time at = time_from(now.ptr());
            raise_unless(self.call([&](Session& on) { return on.outcome(id, ok, detail, at); }));
          },
          py::arg("decision"), py::arg("ok"), py::arg("detail"), py::arg("now"))
      .def(
          "_could",
          [](SessionHandle& self, const std::string& action, const std::string& pattern,
             const py::object& now) {
            const std::optional<Time> at = optional_time(now);
            return std::string(
                to_string(self.call([&](Session& on) { return on.could(action, pattern, at); })));
          },
          py::arg("action"), py::arg("pattern"), py::arg("now"))
      .def(
          "_status",
          [](SessionHandle& self, const py::object& now) {
            const Time at = time_from(now.ptr());
            return to_status(self.call([&](Session& on) { return on.status(at); }));
          },
          py::arg("now"))
      .def(
          "_pending",
          [](SessionHandle& self, const py::object& now) {
            const Time at = time_from(now.ptr());
            py::list out;
            for (const PendingAsk& ask : self.call([&](Session& on) { return on.pending(at); }))
              out.append(to_pending(self.session, ask));
            return out;
          },
          py::arg("now"))
      .def(
          "_limits",
          [](SessionHandle& self, const py::object& now) {
            const Time at = time_from(now.ptr());
            py::list out;
            for (const LimitState& limit : self.call([&](Session& on) { return on.limits(at); }))
              out.append(to_limit(self.session, limit));
            return out;
          },
          py::arg("now"))
      .def("_save",
           [](SessionHandle& self) {
             const SavedState state =
                 value_or_raise(self.call([](Session& on) { return on.save(); }));
             return py::make_tuple(
                 py::bytes(reinterpret_cast<const char*>(state.bytes.data()), state.bytes.size()),
                 state.generation);
           })
      .def_property_readonly(
          "id", [](SessionHandle& self) { return to_id(self.session.id()); },
          "The session's id, 32 hexadecimal digits.")
      .def_property_readonly(
          "parent", [](SessionHandle& self) { return to_id(self.session.parent()); },
          "The id of the session that delegated to this one, or None.")
      .def_property_readonly(
          "tree", [](SessionHandle& self) { return to_id(self.session.tree()); },
          "The outermost session's id: the tree's key in a store.")
      .def_property_readonly(
          "facts", [](SessionHandle& self) { return facts_of(self.session.facts()); },
          "What is known about the session: `agent`, `user`, `sponsor`, `purpose`, `trigger` (None "
          "where absent), `opened`, and the\n"
          "host's `user.NAME` and `agent.NAME`. A dict of its own.")
      .def_property_readonly(
          "_programs", [](SessionHandle& self) { return programs_of(self.session.layers()); });
  bind_session_calls(module, session);
}

}  // namespace remit::python
