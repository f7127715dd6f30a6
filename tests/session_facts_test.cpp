// What rules see of a session and of those who answer for it, and what a session says of itself: each
// fact comes from where language.md section 3 and 7 say, and from nowhere else.
#include <optional>

#include "engine/session/encode.h"
#include "engine/session/rehearse.h"
#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

constexpr std::string_view kStanding = "sponsor eve@acme\nreview every 30d\ntrigger event \"night\"\nexpires 9h\n";

Opening standing(const Layers& layers) {
  Opening opening;
  opening.agent = kAgent;
  opening.layers = layers;
  opening.last_review = after(-kHour);
  opening.trigger = TriggerFact{"event", "night"};
  return opening;
}

// Is `read lab:/a` allowed where the rule asks for this?
bool holds(Opening opening, std::string_view head, const std::string& condition) {
  opening.layers = layers_of(scope(std::string(head) + "read lab:/a when " + condition));
  return Session::open(opening, after(0)).value().check({"read", "lab:/a"}, after(0)).allowed();
}

}  // namespace

TEST_CASE("facts of an attended session") {
  Opening opening;
  opening.agent = kAgent;
  opening.user = kPerson;
  opening.purpose = "reports";
  const std::string_view head = "expires 1h\n";
  CHECK(holds(opening, head, "agent == \"spiffe://acme/agent/one\""));
  CHECK(holds(opening, head, "user == \"ann@acme\""));
  CHECK(holds(opening, head, "purpose == \"reports\""));
  CHECK(holds(opening, "expires 1h\npurpose \"stated\"\n", "purpose == \"stated\""));
  for (const char* const absent : {"sponsor", "trigger"}) CHECK(holds(opening, head, std::string("not has ") + absent));
  opening.purpose = {};
  opening.agent = {};
  CHECK(holds(opening, head, "not has purpose"));
  CHECK(holds(opening, head, "not has agent"));
  const std::vector<Attribute> facts{{"user.role", "lead"}};
  opening.facts = facts;
  CHECK(holds(opening, head, "user.role == \"lead\""));
  CHECK(holds(opening, head, "not has agent.role"));
}

TEST_CASE("facts of a standing authorization") {
  const Opening opening = standing(layers_of(scope("expires 1h\nread lab:/")));
  CHECK(holds(opening, kStanding, "sponsor == \"eve@acme\""));
  CHECK(holds(opening, kStanding, "trigger == \"night\""));
  CHECK(holds(opening, kStanding, "not has user"));
  CHECK(holds(opening, kStanding, "agent == \"spiffe://acme/agent/one\""));
}

TEST_CASE("what was lent to open a session may go afterwards") {
  for (const bool stated : {false, true}) {
    std::string agent(kAgent), user(kPerson), purpose = "a purpose that is long enough not to be kept inside", word = "night", fact = "lead";
    const auto value_of = [](const std::optional<std::string_view>& text) { return std::string(text.value_or("-")); };
    std::optional<Session> session;
    {
      const std::vector<Value> numbers{1, 2}, places{ResourceName{"lab:/x"}, ResourceName{"lab:/y"}};
      std::vector<Attribute> facts{{"user.role", std::string_view(fact)}, {"agent.home", ResourceName{fact}}, {"user.numbers", std::span<const Value>(numbers)}, {"user.places", std::span<const Value>(places)}};
      Opening opening;
      opening.agent = agent;
      opening.user = user;
      opening.purpose = purpose;
      opening.trigger = TriggerFact{"event", word};
      opening.layers = layers_of(scope(stated ? std::string(kStanding) + "read lab:/" : "expires 1h\nread lab:/"));
      opening.last_review = after(0);
      opening.facts = facts;
      session = Session::open(opening, after(0)).value();
      for (std::string* const lent : {&agent, &user, &purpose, &word, &fact}) lent->assign(lent->size(), '!');
    }
    const Facts& facts = session->facts();
    CHECK(value_of(facts.agent) == kAgent);
    CHECK(value_of(facts.user) == kPerson);
    CHECK(value_of(facts.purpose) == "a purpose that is long enough not to be kept inside");
    CHECK(value_of(facts.trigger) == "night");
    CHECK(value_of(facts.sponsor) == (stated ? "eve@acme" : "-"));
    REQUIRE(facts.named.size() == 4);
    CHECK(facts.named[0].value.text() == "lead");
    CHECK(facts.named[1].value.type() == Type::resource);
    CHECK(facts.named[1].value.text() == "lead");
    REQUIRE(facts.named[2].value.items().size() == 2);
    CHECK(facts.named[2].value.items()[1].type() == Type::integer);
    CHECK(facts.named[2].value.items()[1].number() == 2);
    REQUIRE(facts.named[3].value.items().size() == 2);
    CHECK(facts.named[3].value.items()[1].type() == Type::resource);
    CHECK(facts.named[3].value.items()[1].text() == "lab:/y");
  }
}

TEST_CASE("a rehearsal asks for nobody who answers, and knows of a trigger what it is told") {
  Facts facts;
  facts.trigger = "by hand";
  facts.opened = after(0);
  Session session = rehearse(layers_of(scope(std::string(kStanding) + "read lab:/ when trigger == \"by hand\"\nlist lab:/ when sponsor == \"eve@acme\"")), facts).value();
  CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
  CHECK(check(session, {"list", "lab:/a"}) == "allowed_by_rule");
}

TEST_CASE("the digest that an approval is bound to is of action, resource and attributes, each with its length") {
  const auto number = [](std::string& out, std::uint64_t value) {
    for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> 8 * i);
  };
  const auto text = [&](std::string& out, std::string_view value) { number(out, value.size()), out += value; };
  const auto type = [](std::string& out, Type value) { out += static_cast<char>(value); };
  const std::vector<Value> words{"x", "yz"};
  for (const auto& [written, meant] : {std::pair("lab:/", "lab:/"), std::pair("lab:/a/", "lab:/a"), std::pair("lab:a", "lab:a"), std::pair("l:/", "l:/")}) {
    std::string expected;
    text(expected, "read");
    text(expected, meant);
    number(expected, 2);
    text(expected, "labels"), type(expected, Type::list), number(expected, 2);
    for (const char* const word : {"x", "yz"}) type(expected, Type::string), text(expected, word);
    text(expected, "n"), type(expected, Type::integer), number(expected, 7);
    image::Sha256 hash;
    hash.update(expected.data(), expected.size());
    const std::vector<Attribute> attributes{{"n", 7}, {"labels", std::span<const Value>(words)}};
    INFO(written);
    CHECK(digest_of(Request("read", written, attributes)) == hash.finish());
  }
}

TEST_CASE("an identity's sponsor answers where the scope names none") {
  Identity identity;
  identity.agent = kAgent;
  identity.sponsor = "eve@acme";
  Opening opening;
  opening.identity = &identity;
  CHECK(holds(opening, "expires 1h\n", "sponsor == \"eve@acme\""));
  CHECK(holds(opening, "expires 1h\n", "agent == \"spiffe://acme/agent/one\""));
  CHECK(holds(opening, "expires 1h\n", "not has user"));
}

TEST_CASE("a standing authorization needs its review and its trigger") {
  const Layers layers = layers_of(scope(std::string(kStanding) + "read lab:/"));
  const auto opened = [&](auto change) {
    Opening opening = standing(layers);
    change(opening);
    const auto session = Session::open(opening, after(0));
    return session ? std::string("ok") : std::string(to_string(session.error().code));
  };
  constexpr std::int64_t kEvery = 30 * 24 * kHour;
  CHECK(opened([](Opening&) {}) == "ok");
  CHECK(opened([](Opening& o) { o.last_review = after(-kEvery); }) == "ok");
  CHECK(opened([](Opening& o) { o.last_review = after(-kEvery - 1); }) == "review_overdue");
  CHECK(opened([](Opening& o) { o.last_review.reset(); }) == "review_overdue");
  CHECK(opened([](Opening& o) { o.sponsor_revoked = true; }) == "sponsor_revoked");
  CHECK(opened([](Opening& o) { o.trigger.reset(); }) == "wrong_trigger");
  CHECK(opened([](Opening& o) { o.trigger = TriggerFact{"event", "day"}; }) == "wrong_trigger");
  CHECK(opened([](Opening& o) { o.trigger = TriggerFact{"schedule", "night"}; }) == "wrong_trigger");
}

TEST_CASE("a helper has its own agent, and its parent's user, purpose and documents") {
  Opening opening;
  opening.agent = kAgent;
  opening.user = kPerson;
  opening.purpose = "reports";
  opening.layers = layers_of(scope("expires 9h\ndelegate\nany lab:/"));
  Session parent = Session::open(opening, after(0)).value();
  const auto helper_may = [&](const std::string& head, const std::string& condition, auto change) {
    Delegation delegation;
    delegation.agent = "spiffe://acme/agent/two";
    delegation.task = scope("expires 1h\n" + head + "read lab:/a when " + condition);
    change(delegation);
    Session helper = parent.delegate(delegation, after(0)).value();
    CHECK(helper.parent() == parent.id());
    CHECK(helper.tree() == parent.id());
    CHECK(helper.id() != parent.id());
    return helper.check({"read", "lab:/a"}, after(0)).allowed();
  };
  const auto as_is = [](Delegation&) {};
  CHECK(helper_may("", "agent == \"spiffe://acme/agent/two\"", as_is));
  CHECK(helper_may("", "user == \"ann@acme\"", as_is));
  CHECK(helper_may("", "purpose == \"reports\"", as_is));
  CHECK(helper_may("", "purpose == \"own\"", [](Delegation& d) { d.purpose = "own"; }));
  CHECK(helper_may("purpose \"stated\"\n", "purpose == \"stated\"", [](Delegation& d) { d.purpose = "own"; }));
  const std::vector<Program> rails{guardrail("allow any anything\ndeny read lab:/a")};
  CHECK_FALSE(helper_may("", "not has trigger", [&](Delegation& d) { d.guardrails = rails; }));
  CHECK(helper_may("", "not has trigger", as_is));
}

TEST_CASE("what is pending is told in full") {
  Session session = open("expires 9h\nask read lab:/ because \"first\"");
  CHECK(session.pending(after(0)).empty());
  const std::vector<Attribute> one{{"n", 1}}, two{{"n", 2}};
  const Decision asked = session.check({"read", "lab:/a", one}, after(kMinute));
  const Decision other = session.check({"read", "lab:/b", two}, after(2 * kMinute));
  REQUIRE(session.approve(asked.approval, kPerson, after(3 * kMinute)));
  const std::vector<PendingAsk> pending = session.pending(after(3 * kMinute));
  REQUIRE(pending.size() == 2);
  CHECK(pending[0].id == asked.approval);
  CHECK(pending[0].session == session.id());
  CHECK(pending[0].resource == "lab:/a");
  CHECK(pending[0].asked == after(kMinute));
  CHECK(pending[0].approved == after(3 * kMinute));
  CHECK(pending[0].approver == kPerson);
  CHECK(pending[0].state == PendingAsk::State::approved);
  REQUIRE(pending[0].rules.size() == 1);
  CHECK(pending[0].rules[0].effect == Effect::ask);
  CHECK(pending[0].rules[0].reason == Reason::asked_by_rule);
  CHECK(pending[1].id == other.approval);
  CHECK(pending[1].state == PendingAsk::State::open);
  CHECK(pending[0].request != pending[1].request);
}

TEST_CASE("an approval is for its attributes: names, types, lists and their items") {
  const std::vector<Value> a{Value("a")}, ab{Value("a"), Value("b")}, b{Value("b")};
  const auto list = [](const std::vector<Value>& items) { return Value(std::span<const Value>(items)); };
  const std::vector<std::vector<Attribute>> all{{},          {{"n", 1}},       {{"m", 1}},      {{"n", 2}},       {{"n", "1"}},
                                                {{"n", true}}, {{"l", list(a)}}, {{"l", list(b)}}, {{"l", list(ab)}}, {{"n", 1}, {"m", 1}}};
  for (std::size_t asked = 0; asked < all.size(); ++asked) {
    Session session = open("expires 9h\nask read lab:/");
    const Decision decision = session.check({"read", "lab:/a", all[asked]}, after(0));
    REQUIRE(decision.asks());
    REQUIRE(session.approve(decision.approval, kPerson, after(0)));
    for (std::size_t used = 0; used < all.size(); ++used) {
      INFO(asked << " asked, " << used << " used");
      CHECK(session.would({"read", "lab:/a", all[used]}, after(0)).allowed() == (asked == used));
    }
  }
}

TEST_CASE("checks in one call are answered in their order, at one time") {
  Session session = open("expires 9h\nread lab:/a at most 1 times\nlist lab:/");
  const std::vector<Request> requests{{"list", "lab:/a"}, {"read", "lab:/a"}, {"read", "lab:/a"}, {"write", "lab:/a"}};
  const std::vector<Decision> out = session.check_all(requests, after(kMinute));
  REQUIRE(out.size() == 4);
  CHECK(reason(out[0]) == "allowed_by_rule");
  CHECK(reason(out[1]) == "allowed_by_rule");
  CHECK(reason(out[2]) == "limit_exceeded");
  CHECK(reason(out[3]) == "no_matching_rule");
  CHECK(session.status(after(0)).now == after(kMinute));
  CHECK(session.status(after(0)).ends == after(9 * kHour));
}
