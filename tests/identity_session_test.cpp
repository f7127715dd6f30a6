// From an identity to a session and its trail: a bad habit opens nothing until the host has supplied the
// missing half by name, and then every event of the session says so.
#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

#include <remit/remit.h>

#include "tests/support.h"

using namespace remit;

namespace {

struct Seen {
  AuditEvent::Kind kind;
  BadHabit habit;
  std::string agent, user, sponsor;
};

class Collect final : public AuditSink {
 public:
  std::vector<Seen> seen;
  std::uint64_t write(const AuditEvent& event) noexcept override {
    const Facts& facts = event.session->facts;
    seen.push_back({event.kind, event.session->habit, std::string(facts.agent.value_or("")), std::string(facts.user.value_or("")), std::string(facts.sponsor.value_or(""))});
    return seen.size();
  }
};

Result<Session> open_for(const Identity& identity, const std::shared_ptr<AuditSink>& sink) {
  Opening opening;
  opening.layers = Layers::link(test::compile_or_die("read docs:/a; expires 2h; delegate")).value();
  opening.identity = &identity;
  opening.surroundings.audit = sink;
  return Session::open(opening, Time{});
}

}  // namespace

TEST_CASE("a bad habit opens nothing until the missing half is supplied, and the trail says so", "[identity]") {
  Identity user_alone;
  user_alone.user = "mike@acme.example";
  user_alone.habit = BadHabit::impersonation;
  Identity service_alone;
  service_alone.agent = "batch-7";
  service_alone.habit = BadHabit::unaccountable;
  for (Identity identity : {user_alone, service_alone}) {
    const bool user = identity.habit == BadHabit::impersonation;
    const auto sink = std::make_shared<Collect>();
    const auto refused = open_for(identity, sink);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == (user ? ErrorCode::impersonation : ErrorCode::unaccountable));

    (user ? identity.agent : identity.sponsor) = user ? "spiffe://acme.example/agent/tickets" : "ann@acme.example";
    identity.supplied = true;
    REQUIRE(sink->seen.size() == 1);
    CHECK(sink->seen[0].kind == AuditEvent::Kind::refusal);
    CHECK(sink->seen[0].habit == identity.habit);
    const std::size_t before = sink->seen.size();
    auto session = open_for(identity, sink);
    REQUIRE(session.ok());
    CHECK(session->check({"read", "docs:/a"}, Time{}).allowed());
    Delegation delegation;
    delegation.agent = "spiffe://acme.example/agent/helper";
    delegation.task = test::compile_or_die("read docs:/a; expires 1h");
    auto helper = session->delegate(delegation, Time{});
    REQUIRE(helper.ok());
    CHECK(helper->check({"read", "docs:/a/b"}, Time{}).allowed());
    session->end(Time{});
    REQUIRE(sink->seen.size() == before + 5);
    for (std::size_t i = before; i < sink->seen.size(); ++i) {
      CHECK(sink->seen[i].habit == identity.habit);
      CHECK(sink->seen[i].user == identity.user);
      CHECK(sink->seen[i].sponsor == identity.sponsor);
    }
    CHECK(sink->seen[before].kind == AuditEvent::Kind::opening);
    CHECK(sink->seen[before].agent == identity.agent);
  }
}

TEST_CASE("a session ends with the identity that it was opened for", "[identity]") {
  Identity identity;
  identity.agent = "spiffe://acme.example/agent/tickets";
  identity.user = "mike@acme.example";
  identity.expires = Time{} + std::chrono::minutes(5);
  auto session = open_for(identity, nullptr);
  REQUIRE(session.ok());
  CHECK(session->check({"read", "docs:/a"}, Time{} + std::chrono::minutes(5) - Duration(1)).allowed());
  CHECK(session->check({"read", "docs:/a"}, Time{} + std::chrono::minutes(5)).reason == Reason::expired);
  Opening late;
  late.layers = session->layers();
  late.identity = &identity;
  CHECK(Session::open(late, Time{} + std::chrono::minutes(5)).error().code == ErrorCode::identity_expired);
}
