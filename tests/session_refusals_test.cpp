// What opening and delegating refuse, one reason at a time: each case is a good call with one thing wrong.
#include <functional>

#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

template <class T>
std::string code(const Result<T>& result) {
  return result ? "ok" : to_string(result.error().code);
}

std::string opened(const std::function<void(Opening&)>& change, std::string_view text = "expires 1h\nread lab:/") {
  Opening opening;
  opening.agent = kAgent;
  opening.user = kPerson;
  opening.layers = layers_of(scope(text));
  change(opening);
  return code(Session::open(opening, after(0)));
}

std::string delegated(const std::function<void(Delegation&)>& change) {
  Session session = open("expires 1h\ndelegate up to 3 levels\nread lab:/");
  const Program task = scope("expires 1h\nread lab:/");
  Delegation delegation;
  delegation.agent = "spiffe://acme/agent/two";
  delegation.task = task;
  change(delegation);
  return code(session.delegate(delegation, after(0)));
}

}  // namespace

TEST_CASE("an opening with one thing wrong") {
  CHECK(opened([](Opening&) {}) == "ok");
  CHECK(opened([](Opening& o) { o.layers.reset(); }) == "bad_argument");
  CHECK(opened([](Opening& o) { o.user = {}; }) == "no_accountable_person");
  for (const char* const name : {"user.", "agent.", "role", "purpose", "user", "sponsor.x"}) {
    const std::vector<Attribute> facts{{name, 1}};
    INFO(name);
    CHECK(opened([&](Opening& o) { o.facts = facts; }) == "bad_argument");
  }
  const std::vector<Attribute> right{{"user.a", 1}, {"agent.b", 2}};
  CHECK(opened([&](Opening& o) { o.facts = right; }) == "ok");
  CHECK(opened([](Opening& o) { o.trigger = TriggerFact{"event", ""}; }) == "ok");
}

TEST_CASE("an identity that has expired, misses a half or is somebody else's") {
  Identity identity;
  identity.agent = kAgent;
  identity.user = kPerson;
  const auto with = [&](const std::function<void(Opening&)>& change) {
    return opened([&](Opening& o) {
      o.identity = &identity;
      o.agent = o.user = {};
      change(o);
    });
  };
  const auto nothing = [](Opening&) {};
  CHECK(with(nothing) == "ok");
  CHECK(with([](Opening& o) { o.agent = kAgent; o.user = kPerson; }) == "ok");
  CHECK(with([](Opening& o) { o.agent = "spiffe://acme/agent/other"; }) == "bad_argument");
  CHECK(with([](Opening& o) { o.user = "eve@acme"; }) == "bad_argument");
  identity.expires = after(1);
  CHECK(with(nothing) == "ok");
  identity.expires = after(0);
  CHECK(with(nothing) == "identity_expired");
  identity.expires.reset();
  for (const auto& [habit, refused] : {std::pair(BadHabit::impersonation, "impersonation"), std::pair(BadHabit::unaccountable, "unaccountable")}) {
    identity.habit = habit;
    identity.supplied = false;
    CHECK(with(nothing) == refused);
    identity.supplied = true;
    CHECK(with(nothing) == "ok");
  }
  identity.habit = BadHabit::none;
  identity.user.clear();
  CHECK(with(nothing) == "no_accountable_person");
  identity.sponsor = "eve@acme";
  CHECK(with(nothing) == "ok");
}

TEST_CASE("a session ends with the identity that it was opened for") {
  Identity identity;
  identity.agent = kAgent;
  identity.user = kPerson;
  identity.expires = after(kMinute);
  Opening opening;
  opening.identity = &identity;
  opening.layers = layers_of(scope("expires 1h\nread lab:/"));
  Session session = Session::open(opening, after(0)).value();
  CHECK(session.status(after(0)).ends == after(kMinute));
  CHECK(check(session, {"read", "lab:/a"}, kMinute - 1) == "allowed_by_rule");
  CHECK(check(session, {"read", "lab:/a"}, kMinute) == "expired");
}

TEST_CASE("a delegation with one thing wrong") {
  const Program rail = guardrail("allow any anything"), task = scope("expires 1h\nread lab:/");
  const Program grants = compile_or_die("grants g\n" + std::string(kLab) + "allow any anything\n");
  CHECK(delegated([](Delegation&) {}) == "ok");
  CHECK(delegated([](Delegation& d) { d.agent = {}; }) == "ok");
  CHECK(delegated([](Delegation& d) { d.task.reset(); }) == "bad_argument");
  CHECK(delegated([&](Delegation& d) { d.task = rail; }) == "wrong_kind");
  CHECK(delegated([&](Delegation& d) { d.guardrails = {&rail, 1}; d.grants = {&grants, 1}; }) == "ok");
  CHECK(delegated([&](Delegation& d) { d.guardrails = {&task, 1}; }) == "wrong_kind");
  CHECK(delegated([&](Delegation& d) { d.grants = {&rail, 1}; }) == "wrong_kind");
  for (const char* const name : {"user.a", "agent.", "role"}) {
    const std::vector<Attribute> facts{{name, 1}};
    INFO(name);
    CHECK(delegated([&](Delegation& d) { d.facts = facts; }) == "bad_argument");
  }
  const std::vector<Program> many(kMaxLayers - 1, rail), fewer(kMaxLayers - 2, rail);
  CHECK(delegated([&](Delegation& d) { d.guardrails = many; }) == "too_many_layers");
  CHECK(delegated([&](Delegation& d) { d.guardrails = fewer; }) == "ok");
}

TEST_CASE("how deep may be delegated is told with its line, and a faulty request is refused in the first layer") {
  for (const auto& [levels, said] : {std::pair("delegate", "at line 3 allows 1 level; this would be level 2"), std::pair("delegate up to 2 levels", "at line 3 allows 2 levels; this would be level 3")}) {
    std::vector<Session> chain;
    chain.push_back(open(std::string("expires 1h\n") + levels + "\nread lab:/"));
    const Program task = scope("expires 1h\ndelegate up to 9 levels\nread lab:/");
    Delegation delegation;
    delegation.agent = "spiffe://acme/agent/two";
    delegation.task = task;
    for (;;) {
      Result<Session> next = chain.back().delegate(delegation, after(0));
      if (!next) {
        CHECK(next.error().text.find(said) != std::string::npos);
        break;
      }
      chain.push_back(std::move(next).value());
      REQUIRE(chain.size() < 5);
    }
  }
  Session session = open("expires 1h\nread lab:/ at most 3 times");
  const Decision decision = session.check({"read", "lab:/../a"}, after(0));
  CHECK(reason(decision) == "malformed_resource");
  CHECK(decision.layer == 0);
}

TEST_CASE("one person's revocation is told by the registry, and nobody else's") {
  MemoryPrincipals people;
  people.revoke(kPerson, "eve", "left", after(0));
  people.revoke(kPerson, "mallory", "again", after(1));
  CHECK(people.is_revoked(kPerson));
  CHECK_FALSE(people.is_revoked("bob@acme"));
  REQUIRE(people.revocation(kPerson));
  CHECK(people.revocation(kPerson)->by == "eve");
  CHECK_FALSE(people.revocation("bob@acme"));
}

namespace {

class CountingRegistry final : public PrincipalRegistry {
 public:
  int asked = 0;
  bool everybody = false;

  bool is_revoked(std::string_view) noexcept override {
    ++asked;
    return everybody;
  }
  void change() noexcept { changed(); }
};

class CountingSink final : public AuditSink {
 public:
  int revocations = 0;

  std::uint64_t write(const AuditEvent& event) noexcept override {
    revocations += event.kind == AuditEvent::Kind::revocation ? 1 : 0;
    return ++number_;
  }

 private:
  std::uint64_t number_ = 0;
};

}  // namespace

TEST_CASE("the registry is asked once for each change, and a revocation is told once, whatever asks next") {
  const auto after_revocation = [](const std::function<std::string(Session&, const ApprovalId&)>& question) {
    Surroundings around;
    const auto registry = std::make_shared<CountingRegistry>();
    const auto sink = std::make_shared<CountingSink>();
    around.principals = registry;
    around.audit = sink;
    Session session = open("expires 1h\nread lab:/\nask list lab:/", around);
    const ApprovalId id = session.check({"list", "lab:/"}, after(0)).approval;
    const int asked = registry->asked;
    CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
    CHECK(registry->asked == asked);
    registry->everybody = true;
    registry->change();
    const std::string answer = question(session, id);
    CHECK(sink->revocations == 1);
    for (int i = 0; i < 2; ++i, registry->change()) CHECK(check(session, {"read", "lab:/a"}) == "revoked");
    CHECK(sink->revocations == 1);
    return answer;
  };
  CHECK(after_revocation([](Session& s, const ApprovalId&) { return check(s, {"read", "lab:/a"}); }) == "revoked");
  CHECK(after_revocation([](Session& s, const ApprovalId&) { return reason(s.would({"read", "lab:/a"}, after(0))); }) == "revoked");
  CHECK(after_revocation([](Session& s, const ApprovalId&) { return std::string(to_string(s.status(after(0)).reason)); }) == "revoked");
  CHECK(after_revocation([](Session& s, const ApprovalId&) { return std::string(to_string(s.could("read", "lab:/a", after(0)))); }) == "never");
  CHECK(after_revocation([](Session& s, const ApprovalId& id) { return std::string(to_string(s.approve(id, kPerson, after(0)).error().code)); }) == "session_over");
  CHECK(after_revocation([](Session& s, const ApprovalId&) {
          Delegation delegation;
          delegation.task = scope("expires 1h\nread lab:/");
          return code(s.delegate(delegation, after(0)));
        }) == "session_over");
  CHECK(after_revocation([](Session& s, const ApprovalId&) {
          Decision verdict;
          s.verdicts({"read", "lab:/a"}, after(0), {&verdict, 1});
          return reason(verdict);
        }) == "revoked");
}

TEST_CASE("a moved session is the other one, and moving it onto itself changes nothing") {
  Session one = open("expires 1h\nread lab:/"), two = open("expires 1h\nlist lab:/");
  const Id id = two.id();
  Session& same = one;
  one = std::move(same);
  CHECK(check(one, {"read", "lab:/a"}) == "allowed_by_rule");
  one = std::move(two);
  CHECK(one.id() == id);
  CHECK(check(one, {"read", "lab:/a"}) == "no_matching_rule");
}

TEST_CASE("many requests at once are checked in their order") {
  Session session = open("expires 1h\nread lab:/ at most 2 times");
  const std::vector<Request> requests{{"read", "lab:/a"}, {"list", "lab:/a"}, {"read", "lab:/b"}, {"read", "lab:/c"}};
  std::vector<std::string> reasons;
  for (const Decision& decision : session.check_all(requests, after(0))) reasons.push_back(reason(decision));
  CHECK(reasons == std::vector<std::string>{"allowed_by_rule", "no_matching_rule", "allowed_by_rule", "limit_exceeded"});
  CHECK(session.check_all({}, after(0)).empty());
}

TEST_CASE("a scope that ends beyond the end of time has no end to tell, and is in force until then") {
  Opening opening;
  opening.user = kPerson;
  opening.layers = layers_of(scope("expires 1h\nread lab:/"));
  const auto late = [](std::int64_t before) { return time_from_micros(INT64_MAX - before); };
  Session session = Session::open(opening, late(1000)).value();
  CHECK_FALSE(session.status(late(500)).ends);
  CHECK(reason(session.check({"read", "lab:/a"}, late(1))) == "allowed_by_rule");
  CHECK(reason(session.check({"read", "lab:/a"}, late(0))) == "expired");
}

TEST_CASE("a fact's list holds no lists") {
  const std::vector<Value> inner{1}, outer{2, std::span<const Value>(inner), "a"};
  const std::vector<Attribute> facts{{"user.x", std::span<const Value>(outer)}};
  Opening opening;
  opening.user = kPerson;
  opening.layers = layers_of(scope("expires 1h\nread lab:/"));
  opening.facts = facts;
  const Session session = Session::open(opening, after(0)).value();
  const std::span<const Value> kept = session.facts().named[0].value.items();
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].number() == 2);
  CHECK(kept[1].text() == "a");
}

TEST_CASE("an ask that nobody made is unknown to a session that was never asked anything") {
  Session session = open("expires 1h\nread lab:/");
  Id some;
  some.bytes[0] = 1;
  CHECK(std::string(to_string(session.approve(some, kPerson, after(0)).error().code)) == "unknown_approval");
  CHECK(session.pending(after(0)).empty());
}
