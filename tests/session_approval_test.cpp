// Approvals: bound to the exact request, single use, less than 15 minutes, decided anew.
#include <set>
#include <utility>

#include "engine/session/asks.h"
#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

constexpr std::string_view kAsking = "expires 10h\nask read lab:/ because \"first\"\nlist lab:/\n";

std::string code(const Status& status) { return status ? "ok" : to_string(status.error().code); }

ApprovalId ask(Session& session, const Request& request, std::int64_t now = 0) {
  const Decision decision = session.check(request, after(now));
  REQUIRE(decision.asks());
  REQUIRE_FALSE(decision.approval.empty());
  return decision.approval;
}

}  // namespace

TEST_CASE("an approval grants exactly one check of exactly that request") {
  Session session = open(kAsking);
  const std::vector<Attribute> one{{"n", 1}, {"region", "eu"}}, same{{"region", "eu"}, {"n", 1}};
  const ApprovalId id = ask(session, {"read", "lab:/a", one});
  CHECK(code(session.approve(id, kPerson, after(0))) == "ok");
  CHECK(code(session.approve(id, kPerson, after(0))) == "already_approved");
  CHECK(check(session, {"read", "lab:/b", one}) == "asked_by_rule");
  CHECK(check(session, {"read", "lab:/a"}) == "asked_by_rule");
  CHECK(check(session, {"read", "lab:/a", {{"n", 1}, {"region", "us"}}}) == "asked_by_rule");
  CHECK(check(session, {"read", "lab:/a", {{"n", bytes(1)}, {"region", "eu"}}}) == "asked_by_rule");
  CHECK(check(session, {"read", "lab:/a", {{"n", 1}, {"region", "eu"}, {"flag", true}}}) == "asked_by_rule");
  const Decision granted = session.check({"read", "lab:/a/", same}, after(0));
  CHECK(granted.allowed());
  CHECK(reason(granted) == "granted_by_approval");
  CHECK(granted.approval == id);
  CHECK(check(session, {"read", "lab:/a", one}) == "asked_by_rule");
  CHECK(code(session.approve(id, kPerson, after(0))) == "approval_used");
}

TEST_CASE("an approval lasts less than 15 minutes, and no longer than its session") {
  Session session = open(kAsking);
  const ApprovalId id = ask(session, {"read", "lab:/a"});
  REQUIRE(session.approve(id, kPerson, after(kMinute)));
  CHECK(reason(session.would({"read", "lab:/a"}, after(16 * kMinute - 1))) == "granted_by_approval");
  CHECK(check(session, {"read", "lab:/a"}, 16 * kMinute) == "asked_by_rule");
  CHECK(code(session.approve(id, kPerson, after(16 * kMinute))) == "approval_lapsed");
  const ApprovalId late = ask(session, {"read", "lab:/a"}, 17 * kMinute);
  CHECK(code(session.approve(late, kPerson, after(10 * kHour))) == "session_over");
}

TEST_CASE("who may approve, and what") {
  Session session = open(std::string(kAsking) + "delegate\n");
  const ApprovalId id = ask(session, {"read", "lab:/a"});
  {
    Session child = child_of(session, scope("expires 1h\nread lab:/"), 0, "urn:agent:two");
    CHECK(code(child.approve(id, kPerson, after(0))) == "unknown_approval");  // another session's ask
    const ApprovalId of_child = ask(child, {"read", "lab:/a"});
    CHECK(code(child.approve(of_child, "urn:agent:two", after(0))) == "approver_is_agent");
  }
  for (const std::string_view agent : {kAgent, std::string_view("urn:agent:two"), std::string_view("spiffe://elsewhere/x"), std::string_view("WIMSE:x")}) {
    CHECK(code(session.approve(id, agent, after(0))) == "approver_is_agent");
  }
  CHECK(code(session.approve(id, "", after(0))) == "bad_argument");
  CHECK(code(session.approve(Id{}, kPerson, after(0))) == "unknown_approval");
  CHECK(code(session.approve(id, kPerson, after(0))) == "ok");  // none of that used it up
}

TEST_CASE("an approval is decided anew, and only a grant uses it up") {
  Session session = open("expires 10h\nask read lab:/\nlimit read lab:/a to 1 times per 1m\nlist lab:/");
  const ApprovalId first = ask(session, {"read", "lab:/a"}), second = ask(session, {"read", "lab:/a"});
  REQUIRE(session.approve(second, kPerson, after(0)));
  REQUIRE(session.approve(first, kPerson, after(1)));
  CHECK(session.check({"read", "lab:/a"}, after(2)).approval == second);  // approved first
  CHECK(check(session, {"read", "lab:/a"}, 3) == "limit_exceeded");
  CHECK(session.check({"read", "lab:/a"}, after(2 * kMinute)).approval == first);
}

TEST_CASE("an approval answers only the ask rules that were there when it was asked") {
  Session session = open("expires 10h\nask read lab:/ because \"one\"\nask read lab:/ after list lab:/ because \"two\"\nlist lab:/");
  const ApprovalId id = ask(session, {"read", "lab:/a"});
  REQUIRE(session.pending(after(0)).size() == 1);
  CHECK(session.pending(after(0))[0].rules.size() == 1);
  REQUIRE(session.approve(id, kPerson, after(0)));
  CHECK(check(session, {"list", "lab:/a"}) == "allowed_by_rule");
  const ApprovalId anew = ask(session, {"read", "lab:/a"});
  REQUIRE(session.pending(after(0)).size() == 2);
  CHECK(session.pending(after(0))[1].rules.size() == 2);
  REQUIRE(session.approve(anew, kPerson, after(0)));
  CHECK(session.check({"read", "lab:/a"}, after(0)).approval == anew);
}

TEST_CASE("ask rules of every layer are carried, unknown ones too") {
  Session session = open(layers_of(scope("expires 1h\nask read lab:/ because \"own\"\nread lab:/"),
                                   {guardrail("allow any anything\nask read anything when n > 5 because \"big\"\nask list anything")}));
  ask(session, {"read", "lab:/a"});
  const std::vector<PendingAsk> pending = session.pending(after(0));
  REQUIRE(pending.size() == 1);
  REQUIRE(pending[0].rules.size() == 2);
  CHECK(session.rule(pending[0].rules[0])->because == "own");
  CHECK(session.rule(pending[0].rules[1])->because == "big");
  CHECK(pending[0].action == "read");
}

TEST_CASE("a tree keeps 1,024 open asks: the oldest unapproved ones go first") {
  Session session = open(kAsking);
  std::vector<ApprovalId> ids;
  const auto resource = [](std::size_t i) { return "lab:/" + std::to_string(i); };
  for (std::size_t i = 0; i < kMaxOpenAsks + 2; ++i) {
    ids.push_back(ask(session, {"read", resource(i)}));
    if (i == 0) REQUIRE(session.approve(ids[0], kPerson, after(0)));
  }
  CHECK(code(session.approve(ids[1], kPerson, after(0))) == "unknown_approval");
  CHECK(code(session.approve(ids[2], kPerson, after(0))) == "ok");
  CHECK(check(session, {"read", resource(0)}) == "granted_by_approval");
  CHECK(session.pending(after(0)).size() == kMaxOpenAsks);
  std::set<std::string> distinct;
  for (const ApprovalId& id : ids) distinct.insert(to_string(id));
  CHECK(distinct.size() == ids.size());
}

TEST_CASE("what a host agrees to is decided again as things are then") {
  Surroundings around;
  Session* other = nullptr;
  around.host = [&](const HostQuestion&) {
    if (other != nullptr) (void)std::exchange(other, nullptr)->check({"write", "lab:/a"}, after(20 * kHour));
    return true;
  };
  Session session = open("expires 10h\nread lab:/\n", around);
  CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
  other = &session;
  CHECK(check(session, {"read", "lab:/a"}) == "expired");
}

TEST_CASE("the host is asked last, for what would be granted; its refusal uses no approval") {
  Surroundings around;
  int asked = 0;
  bool agrees = false;
  around.host = [&](const HostQuestion& question) {
    ++asked;
    CHECK(question.facts.agent == kAgent);
    if (question.request.resource == "lab:/throw") throw 1;
    return agrees;
  };
  Session session = open(kAsking, around);
  CHECK(check(session, {"write", "lab:/a"}) == "no_matching_rule");
  const ApprovalId id = ask(session, {"read", "lab:/a"});
  CHECK(asked == 0);
  REQUIRE(session.approve(id, kPerson, after(0)));
  CHECK(check(session, {"read", "lab:/a"}) == "denied_by_host");
  CHECK(check(session, {"list", "lab:/throw"}) == "denied_by_host");
  agrees = true;
  CHECK(reason(session.would({"read", "lab:/a"}, after(0))) == "granted_by_approval");
  CHECK(check(session, {"read", "lab:/a"}) == "granted_by_approval");
}
