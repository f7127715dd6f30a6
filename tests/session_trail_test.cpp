// What a session tells its audit sink, by a sink that keeps it, and what a sink's refusal does. The audit
// room's own sink has tests of its own.
#include "engine/session/identifier.h"
#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

struct Kept {
  AuditEvent::Kind kind;
  std::string trigger, agent, why, detail;
  std::vector<std::string> chain;
  std::optional<std::string_view> user;
  Id session, parent, decision;
};

class KeepingSink final : public AuditSink {
 public:
  std::vector<Kept> events;
  std::optional<AuditEvent::Kind> refuses;
  std::uint64_t answer = 0;  // where it is not 0, instead of the number

  std::uint64_t write(const AuditEvent& event) noexcept override {
    if (refuses == event.kind) return 0;
    const AuditedSession& session = *event.session;
    shares_.push_back(event.session);
    events.push_back({event.kind, session.trigger_kind + (session.facts.trigger ? ":" + std::string(*session.facts.trigger) : ""), std::string(session.facts.agent.value_or("-")), std::string(event.why), std::string(event.detail),
                      session.chain, session.facts.user, session.session, session.parent, event.decision.id});
    return answer != 0 ? answer : events.size();
  }

 private:
  std::vector<std::shared_ptr<const AuditedSession>> shares_;
};

struct World {
  std::shared_ptr<KeepingSink> sink = std::make_shared<KeepingSink>();
  Program task = scope("expires 9h\ndelegate up to 200 levels\nread lab:/ at most 9 times\n");
  Identity identity;
  Opening opening;

  World() {
    opening.agent = kAgent;
    opening.user = kPerson;
    opening.layers = layers_of(task);
    opening.surroundings.audit = sink;
  }
};

}  // namespace

TEST_CASE("the trail names the trigger, the chain of agents and whoever is there") {
  World world;
  world.identity.agent = kAgent;
  world.identity.user = kPerson;
  for (int i = 0; i < 200; ++i) world.identity.chain.push_back("spiffe://acme/" + std::to_string(i));
  world.opening.identity = &world.identity;
  world.opening.trigger = TriggerFact{"event", "night"};
  Session session = Session::open(world.opening, after(0)).value();
  REQUIRE(world.sink->events.size() == 1);
  CHECK(world.sink->events[0].trigger == "event:night");
  CHECK(world.sink->events[0].chain.size() == 128);  // the innermost ones
  CHECK(world.sink->events[0].chain.back() == kAgent);
  Session child = child_of(session, scope("expires 1h\nread lab:/"), 0, "");
  CHECK(world.sink->events[1].kind == AuditEvent::Kind::delegation);
  CHECK(world.sink->events[1].agent == "-");
  CHECK(world.sink->events[1].parent == session.id());
  CHECK(child.parent() == session.id());
  CHECK(session.parent().empty());
}

TEST_CASE("after a restore the trail has the trigger from the scope itself") {
  for (const char* const kind : {"event", "schedule"}) {
    World world;
    const Program standing = scope(std::string("trigger ") + kind + " \"night\"\nexpires 9h\nread lab:/");
    world.opening.layers = layers_of(standing);
    world.opening.trigger = TriggerFact{kind, "night"};
    world.opening.surroundings = {};
    Session session = Session::open(world.opening, after(0)).value();
    Surroundings around;
    around.audit = world.sink;
    const std::vector<Program> programs{standing};
    std::vector<Session> restored = Session::restore(session.save()->bytes, 0, programs, around).value();
    CHECK(check(restored[0], {"read", "lab:/a"}) == "allowed_by_rule");
    CHECK(world.sink->events.at(0).trigger == std::string(kind) + ":night");
  }
  // Where the scope names none, whatever started it has no kind any more.
  World world;
  world.opening.trigger = TriggerFact{"event", "by hand"};
  world.opening.surroundings = {};
  Session session = Session::open(world.opening, after(0)).value();
  Surroundings around;
  around.audit = world.sink;
  const std::vector<Program> programs{world.task};
  std::vector<Session> restored = Session::restore(session.save()->bytes, 0, programs, around).value();
  CHECK(check(restored[0], {"read", "lab:/a"}) == "allowed_by_rule");
  CHECK(world.sink->events.at(0).trigger == ":by hand");
}

TEST_CASE("a refused opening is told with what is known of it") {
  World world;
  world.opening.layers = layers_of(scope("agent spiffe://acme/other\nexpires 1h\nread lab:/"));
  world.opening.trigger = TriggerFact{"event", "night"};
  CHECK_FALSE(Session::open(world.opening, after(0)).ok());
  world.identity.agent = kAgent;
  world.identity.user = kPerson;
  world.opening.identity = &world.identity;
  CHECK_FALSE(Session::open(world.opening, after(0)).ok());
  world.opening.agent = world.opening.user = {};
  world.identity.chain = {"spiffe://acme/first"};
  CHECK_FALSE(Session::open(world.opening, after(0)).ok());
  REQUIRE(world.sink->events.size() == 3);
  for (const Kept& event : world.sink->events) {
    CHECK(event.kind == AuditEvent::Kind::refusal);
    CHECK(event.agent == kAgent);
    CHECK(event.trigger == "event:night");
    CHECK(event.session.empty());
    CHECK(event.chain.back() == kAgent);
  }
  CHECK(world.sink->events[2].chain.size() == 2);
}

TEST_CASE("what the sink refuses does not happen, but for ends") {
  World world;
  world.sink->refuses = AuditEvent::Kind::opening;
  CHECK(std::string(to_string(Session::open(world.opening, after(0)).error().code)) == "audit_unavailable");
  world.sink->refuses = AuditEvent::Kind::delegation;
  Session session = Session::open(world.opening, after(0)).value();
  Delegation delegation;
  delegation.agent = "spiffe://acme/agent/two";
  delegation.task = scope("expires 1h\nread lab:/");
  CHECK(std::string(to_string(session.delegate(delegation, after(0)).error().code)) == "audit_unavailable");
  world.sink->refuses = AuditEvent::Kind::decision;
  CHECK(check(session, {"read", "lab:/a"}) == "audit_unavailable");
  CHECK(check(session, {"list", "lab:/a"}) == "no_matching_rule");
  world.sink->refuses = AuditEvent::Kind::outcome;
  Id some;
  some.bytes[0] = 1;
  CHECK(std::string(to_string(session.outcome(some, true, "done", after(0)).error().code)) == "audit_unavailable");
  world.sink->refuses = AuditEvent::Kind::end;
  session.end(after(0));
  CHECK(check(session, {"read", "lab:/a"}) == "session_ended");
}

TEST_CASE("a decision that stands unrecorded has no id to speak of it by") {
  World world;
  Session session = Session::open(world.opening, after(0)).value();
  const Decision recorded = session.check({"read", "lab:/a"}, after(0));
  CHECK(recorded.record == 2);
  CHECK_FALSE(recorded.id.empty());
  world.sink->answer = AuditSink::kUnrecorded;
  const Decision unrecorded = session.check({"read", "lab:/a"}, after(0));
  CHECK(unrecorded.allowed());
  CHECK(unrecorded.record == 0);
  CHECK(unrecorded.id.empty());
}

TEST_CASE("an outcome is of a decision, in at most 4096 bytes of UTF-8") {
  World world;
  Session session = Session::open(world.opening, after(0)).value();
  const Id id = session.check({"read", "lab:/a"}, after(0)).id;
  const auto code = [&](const Id& of, const std::string& detail) {
    const Status status = session.outcome(of, true, detail, after(0));
    return std::string(status ? "ok" : to_string(status.error().code));
  };
  CHECK(code(id, std::string(kMaxOutcomeDetail, 'x')) == "ok");
  CHECK(world.sink->events.back().decision == id);
  CHECK(code(id, std::string(kMaxOutcomeDetail + 1, 'x')) == "bad_argument");
  CHECK(code(id, "\xff") == "bad_argument");
  CHECK(code(Id{}, "fine") == "bad_argument");
}

TEST_CASE("a reservation without limits is kept only for the trail") {
  World world;
  world.opening.layers = layers_of(scope("expires 9h\nread lab:/"));
  Session session = Session::open(world.opening, after(0)).value();
  Reservation reservation = session.reserve({"read", "lab:/a"}, after(0));
  CHECK(reservation.granted());
  reservation.rollback();
  CHECK(world.sink->events.back().kind == AuditEvent::Kind::rollback);
  CHECK(world.sink->events.back().decision == reservation.decision().id);
  const std::size_t told = world.sink->events.size();
  reservation.rollback();
  reservation.commit();
  CHECK(world.sink->events.size() == told);
  Reservation used = session.reserve({"read", "lab:/a"}, after(0));
  used.commit();
  CHECK(world.sink->events.back().kind == AuditEvent::Kind::commit);
  // What was denied is neither used nor given back.
  Reservation denied = session.reserve({"list", "lab:/a"}, after(0));
  CHECK_FALSE(denied.granted());
  denied.rollback();
  CHECK(world.sink->events.back().kind == AuditEvent::Kind::decision);
}

TEST_CASE("a wimse identifier's scheme and domain are without case, as a spiffe one's are") {
  for (const std::string& scheme : {std::string("spiffe"), std::string("wimse")}) {
    CHECK(matches_identifier(scheme + "://acme/agent/*", scheme + "://ACME/agent/one"));
    CHECK_FALSE(matches_identifier(scheme + "://acme/agent/*", scheme + "://ACME/AGENT/one"));
  }
  CHECK_FALSE(matches_identifier("https://acme/x", "https://ACME/x"));
}
