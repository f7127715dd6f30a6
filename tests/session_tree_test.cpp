// Trees of sessions: delegation, lifetime, history, revocation. What a sub-session may do is judged by
// asking its parent.
#include <random>

#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

std::string code(const Result<Session>& result) { return result ? "ok" : to_string(result.error().code); }

Result<Session> try_child(Session& parent, const Program& task, std::string_view agent = "spiffe://acme/agent/two", std::int64_t now = 0) {
  Delegation delegation;
  delegation.agent = agent;
  delegation.task = task;
  return parent.delegate(delegation, after(now));
}

}  // namespace

TEST_CASE("delegation needs a statement, a level and an agent that every ancestor names") {
  const Program child = scope("expires 9h\ndelegate up to 5 levels to spiffe://acme/**\nany lab:/");
  Session none = open("expires 1h\nany lab:/");
  CHECK(code(try_child(none, child)) == "no_delegation");
  Session root = open("expires 1h\ndelegate up to 2 levels to spiffe://acme/agent/*\nany lab:/");
  CHECK(code(try_child(root, child, "spiffe://other/agent/x")) == "agent_not_allowed");
  CHECK(code(try_child(root, scope("expires 1h\nagent spiffe://acme/agent/other\nany lab:/"))) == "agent_not_allowed");
  CHECK(code(try_child(root, scope("expires 1h\non behalf of bob\nany lab:/"))) == "user_not_allowed");
  CHECK(code(try_child(root, guardrail("allow any anything"))) == "wrong_kind");
  Session one = child_of(root, child);
  CHECK(code(try_child(one, child, "spiffe://acme/bot/x")) == "agent_not_allowed");  // the root's patterns hold
  Session two = child_of(one, child);
  CHECK(code(try_child(two, child)) == "too_deep");
  CHECK(two.layers().size() == 3);
  CHECK(two.tree() == root.id());
  CHECK(two.parent() == one.id());
  CHECK(code(try_child(root, child, "spiffe://acme/agent/two", kHour)) == "session_over");
}

TEST_CASE("a parent that ends, ends its tree; each end has its own reason") {
  const Program child = scope("expires 9h\nany lab:/");
  const std::string text = "expires 2h\ndelegate\nany lab:/";
  for (int way = 0; way < 3; ++way) {
    Session root = open(text);
    Session sub = child_of(root, child);
    CHECK(check(sub, {"read", "lab:/"}) == "allowed_by_rule");
    if (way == 0) root.revoke("ann", "enough", after(1));
    if (way == 1) root.end(after(1));
    const Decision decision = sub.check({"read", "lab:/"}, after(way == 2 ? 2 * kHour : 1));
    CHECK(reason(decision) == std::vector<std::string>{"revoked", "session_ended", "expired"}[static_cast<std::size_t>(way)]);
    CHECK(decision.layer == 1);
    CHECK(check(sub, {"create", "lab:/"}, -5 * kHour) == reason(decision));  // time never runs backwards
    CHECK(root.status(after(0)).reason == decision.reason);
    if (way == 0) CHECK(sub.status(after(0)).why == "enough");
  }
  Session root = open(text);
  Session first = child_of(root, child), second = child_of(root, child);
  first.end(after(0));
  first.revoke("ann", "late", after(0));
  CHECK(check(first, {"read", "lab:/"}) == "revoked");
  CHECK(check(second, {"read", "lab:/"}) == "allowed_by_rule");
  CHECK(check(root, {"read", "lab:/"}) == "allowed_by_rule");
}

TEST_CASE("idle time counts from the last grant anywhere in the tree") {
  Session root = open("expires 9h\nidle 10m\ndelegate\nread lab:/");
  Session sub = child_of(root, scope("expires 9h\nidle 20m\nread lab:/"));
  CHECK(check(root, {"write", "lab:/"}, 9 * kMinute) == "no_matching_rule");
  CHECK(check(sub, {"read", "lab:/"}, 9 * kMinute) == "allowed_by_rule");
  CHECK(check(root, {"read", "lab:/"}, 19 * kMinute - 1) == "allowed_by_rule");
  CHECK(check(root, {"read", "lab:/"}, 29 * kMinute - 1) == "idle_expired");
  CHECK(check(sub, {"read", "lab:/"}, 29 * kMinute - 1) == "idle_expired");
}

TEST_CASE("only what is granted keeps a session from being idle") {
  Session session = open("expires 9h\nidle 10m\nread lab:/");
  CHECK(check(session, {"read", "lab:/"}, 6 * kMinute) == "allowed_by_rule");
  CHECK(check(session, {"list", "lab:/"}, 15 * kMinute) == "no_matching_rule");
  CHECK(check(session, {"read", "lab:/"}, 15 * kMinute) == "allowed_by_rule");
  CHECK(check(session, {"list", "lab:/"}, 24 * kMinute) == "no_matching_rule");
  CHECK(check(session, {"read", "lab:/"}, 25 * kMinute) == "idle_expired");
}

TEST_CASE("history is the tree's: before a sub-session opened, beside it, beneath it") {
  const std::string text = "expires 9h\ndelegate up to 2 levels\nany lab:/";
  const Program careful = scope("expires 9h\ndelegate\nread, list lab:/\ndeny list lab:/ after read lab:/secret");
  for (int who = 0; who < 4; ++who) {
    Session root = open(text);
    Session sub = child_of(root, careful), beside = child_of(root, scope("expires 9h\nread lab:/"));
    Session beneath = child_of(sub, scope("expires 9h\nany lab:/"));
    CHECK(check(sub, {"list", "lab:/a"}) == "allowed_by_rule");
    Session* const reader[] = {&root, &sub, &beside, &beneath};
    CHECK(check(*reader[who], {"read", "lab:/secret/x"}) == "allowed_by_rule");
    CHECK(check(sub, {"list", "lab:/a"}) == "denied_by_rule");
    CHECK(check(beneath, {"list", "lab:/a"}) == "denied_by_rule");
    CHECK(check(root, {"list", "lab:/a"}) == "allowed_by_rule");
    Session later = child_of(root, careful);
    CHECK(check(later, {"list", "lab:/a"}) == "denied_by_rule");
  }
}

TEST_CASE("beyond what the log holds, history is unknown: neither deny nor allow goes the wrong way") {
  Session root = open("expires 9h\ndelegate\nany lab:/");
  const Program careful = scope("expires 9h\nread lab:/\ndeny read lab:/ after list lab:/secret\ncreate lab:/ after list lab:/secret");
  Session early = child_of(root, careful);
  for (int i = 0; i < 5000; ++i) REQUIRE(check(root, {"read", "lab:/" + std::to_string(i)}) == "allowed_by_rule");
  Session late = child_of(root, careful);
  CHECK(check(late, {"read", "lab:/a"}) == "denied_by_rule");
  CHECK(check(late, {"create", "lab:/a"}) == "no_matching_rule");
  CHECK(check(early, {"read", "lab:/a"}) == "denied_by_rule");
}

TEST_CASE("what a sub-session is given grants for is all that it may, and the deepest knows what each above it knows") {
  Session root = open("expires 9h\ndelegate up to 20 levels\nany lab:/\ndeny list lab:/ after read lab:/0");
  const Program task = scope("expires 9h\nany lab:/"), some = compile_or_die("grants g\n" + std::string(kLab) + "allow read lab:/a\n");
  Delegation delegation;
  delegation.agent = "spiffe://acme/agent/two";
  delegation.task = task;
  delegation.grants = {&some, 1};
  Session granted = root.delegate(delegation, after(0)).value();
  CHECK(check(granted, {"read", "lab:/a"}) == "allowed_by_rule");
  CHECK(check(granted, {"read", "lab:/b"}) == "no_matching_rule");
  std::vector<Session> chain;
  for (int i = 1; i <= 16; ++i) {
    const std::string n = std::to_string(i);
    chain.push_back(child_of(chain.empty() ? root : chain.back(), scope("expires 9h\ndelegate up to 20 levels\nany lab:/\ndeny create lab:/" + n + " after read lab:/" + n)));
  }
  Session& deepest = chain.back();
  for (int i = 1; i <= 16; ++i) {
    const std::string resource = "lab:/" + std::to_string(i);
    CHECK(check(deepest, {"create", resource}) == "allowed_by_rule");
    CHECK(check(deepest, {"read", resource}) == "allowed_by_rule");
    CHECK(check(deepest, {"create", resource}) == "denied_by_rule");
  }
}

TEST_CASE("limits are shared down the tree") {
  Session root = open("expires 9h\ndelegate up to 2 levels\nread lab:/ at most 3 times");
  const Program child = scope("expires 9h\ndelegate\nread lab:/ at most 2 times");
  Session one = child_of(root, child), two = child_of(root, child), deep = child_of(one, child);
  CHECK(check(deep, {"read", "lab:/"}) == "allowed_by_rule");
  CHECK(check(one, {"read", "lab:/"}) == "allowed_by_rule");
  CHECK(check(deep, {"read", "lab:/"}) == "limit_exceeded");  // one's two are used
  CHECK(check(two, {"read", "lab:/"}) == "allowed_by_rule");
  CHECK(check(two, {"read", "lab:/"}) == "limit_exceeded");  // the root's three
}

TEST_CASE("facts of a sub-session: its own agent, its parent's user, the outermost purpose elsewhere") {
  const Program task = scope("purpose \"root\"\nexpires 9h\ndelegate\nread lab:/ when purpose == \"root\"\nlist lab:/ when agent == \"spiffe://acme/agent/two\"");
  const Program child = scope("purpose \"own\"\nexpires 9h\nread lab:/ when purpose == \"own\" and user == \"ann@acme\" and user.role == \"lead\"\nlist lab:/ when agent.level == 2");
  Opening opening;
  opening.agent = kAgent;
  opening.user = kPerson;
  opening.layers = layers_of(task);
  const std::vector<Attribute> facts{{"user.role", "lead"}, {"agent.level", 1}}, own{{"agent.level", 2}}, not_own{{"user.role", "boss"}};
  opening.facts = facts;
  Session root = Session::open(opening, after(0)).value();
  Delegation delegation;
  delegation.agent = "spiffe://acme/agent/two";
  delegation.task = child;
  delegation.facts = not_own;
  CHECK(code(root.delegate(delegation, after(0))) == "bad_argument");
  delegation.facts = own;
  Session sub = root.delegate(delegation, after(0)).value();
  CHECK(check(sub, {"read", "lab:/"}) == "allowed_by_rule");
  CHECK(check(sub, {"list", "lab:/"}) == "allowed_by_rule");
}

TEST_CASE("what started the run, and who answers for it, come down: a sub-agent passes no guardrail that stops its parent") {
  const Program task = scope("expires 9h\ndelegate\nread, list lab:/");
  const Program rail = guardrail("allow any anything\ndeny read anything when trigger == \"nightly\"\ndeny list anything unless sponsor == \"eve\"");
  Opening opening;
  opening.agent = kAgent;
  opening.user = kPerson;
  opening.layers = layers_of(task, {rail});
  opening.trigger = TriggerFact{"event", "nightly"};  // reported by the host, whatever the scope states
  Session root = Session::open(opening, after(0)).value();
  CHECK(check(root, {"read", "lab:/"}) == "denied_by_rule");
  CHECK(check(root, {"list", "lab:/"}) == "denied_by_rule");
  Delegation delegation;
  delegation.agent = "spiffe://acme/agent/two";
  delegation.task = scope("expires 9h\nsponsor eve\nreview every 1d\ntrigger event \"other\"\nread, list lab:/");
  delegation.last_review = after(0);
  delegation.trigger = TriggerFact{"event", "other"};
  Session sub = root.delegate(delegation, after(0)).value();
  CHECK(check(sub, {"read", "lab:/"}) == "denied_by_rule");
  CHECK(check(sub, {"list", "lab:/"}) == "denied_by_rule");
}

TEST_CASE("revoking a person ends every session that rests on them") {
  Surroundings around;
  const auto registry = std::make_shared<MemoryPrincipals>();
  around.principals = registry;
  const Layers layers = layers_of(scope("expires 9h\ndelegate\nread lab:/"));
  Session session = open(layers, around);
  Session sub = child_of(session, scope("expires 9h\nread lab:/"));
  registry->revoke("bob", "hr", "left", after(0));
  CHECK(check(sub, {"read", "lab:/"}) == "allowed_by_rule");
  registry->revoke(kPerson, "hr", "left", after(0));
  CHECK(check(sub, {"read", "lab:/"}) == "revoked");
  CHECK(check(session, {"read", "lab:/"}) == "revoked");
  Opening opening;
  opening.user = kPerson;
  opening.layers = layers;
  opening.surroundings = around;
  CHECK(code(Session::open(opening, after(0))) == "principal_revoked");
  CHECK(registry->revocation(kPerson)->by == "hr");
}

TEST_CASE("a sub-session is never granted what its parent would not be") {
  std::mt19937_64 random(5);
  const auto some = [&](std::initializer_list<const char*> all) { return std::string(all.begin()[random() % all.size()]); };
  const auto document = [&](const char* head) {
    std::string text = head;
    for (std::uint64_t i = 2 + random() % 5; i > 0; --i) {
      text += some({"allow ", "allow ", "deny ", "ask "}) + some({"any ", "read ", "write ", "list, create "}) + some({"lab:/", "lab:/a", "lab:/a/b", "lab:/*/b"}) +
              some({"", "", " when n > 2", " unless region == \"eu\"", " except lab:/a/b"}) + "\n";
    }
    return scope(text);
  };
  int granted = 0;
  for (int round = 0; round < 500; ++round) {
    Session root = open(layers_of(document("expires 9h\ndelegate up to 3 levels\n")));
    Session one = child_of(root, document("expires 9h\ndelegate up to 3 levels\n")), two = child_of(one, document("expires 9h\n"));
    for (int i = 0; i < 30; ++i) {
      const std::vector<Attribute> attributes{{"n", static_cast<std::int64_t>(random() % 6)}, {"region", random() % 2 == 0 ? "eu" : "us"}};
      const std::string action = some({"read", "list", "create", "update"}), resource = some({"lab:/", "lab:/a", "lab:/a/b", "lab:/c/b", "lab:/c"});
      const Request request(action, resource, attributes);
      const Effect above = root.would(request, after(0)).effect, between = one.would(request, after(0)).effect, below = two.would(request, after(0)).effect;
      REQUIRE(below <= between);
      REQUIRE(between <= above);
      granted += below == Effect::allow ? 1 : 0;
    }
  }
  CHECK(granted > 100);
}
