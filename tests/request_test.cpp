// What of a request is refused before any rule is looked at: its limits, its attributes' names, values
// that are none, and in which order faults are reported (language.md section 6, step 1).
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "tests/support.h"

namespace remit {
namespace {

class Door {
 public:
  Reason ask(std::string_view resource, std::span<const Attribute> attributes, std::string_view action = "read") const {
    const Request request(action, resource, attributes);
    const Decision decision = layers_.decide(request, {}, Time{});
    // Every door says the same.
    const Decision prepared = layers_.decide(layers_.prepare(action, resource).value(), attributes, {}, Time{});
    Decision verdict;
    layers_.verdicts(request, {}, Time{}, {&verdict, 1});
    CHECK(decision.reason == prepared.reason);
    CHECK(decision.reason == verdict.reason);
    for (const Decision& each : {decision, prepared, verdict}) CHECK(each.layer == 0);
    CHECK((decision.effect == Effect::allow) == (decision.reason == Reason::allowed_by_rule));
    return decision.reason;
  }
  Reason ask(const std::vector<Attribute>& attributes) const { return ask("lab:/", std::span<const Attribute>(attributes)); }
  Reason ask(std::string_view name, const Value& value) const { return ask(std::vector<Attribute>{{name, value}}); }

 private:
  Layers layers_ = Layers::link(test::compile_or_die("expires 1h\nread lab:/\n" + std::string(test::kLab))).value();
};

constexpr Reason kFine = Reason::allowed_by_rule, kMalformed = Reason::malformed_request;

TEST_CASE("the limits of a request, and one past each") {
  const Door door;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kMaxAttributes + 1; ++i) names.push_back("x" + std::to_string(i));
  std::vector<Attribute> many;
  for (const std::string& name : names) many.push_back({name, 1});
  CHECK(door.ask(many) == kMalformed);
  many.pop_back();
  CHECK(door.ask(many) == kFine);

  CHECK(door.ask(std::string(kMaxAttributeName, 'x'), 1) == kFine);
  CHECK(door.ask(std::string(kMaxAttributeName + 1, 'x'), 1) == kMalformed);
  CHECK(door.ask("", 1) == kMalformed);

  const std::string longest(kMaxAttributeString, 's'), longer = longest + "s";
  const std::vector<Value> lists[] = {std::vector<Value>(kMaxListItems, 1), std::vector<Value>(kMaxListItems + 1, 1), {Value(std::string_view(longest)), Value(std::string_view(longest))},
                                      {Value(std::string_view(longest)), Value(std::string_view(longer))}};
  CHECK(door.ask("x", std::string_view(longest)) == kFine);
  CHECK(door.ask("x", std::string_view(longer)) == kMalformed);
  CHECK(door.ask("x", ResourceName{longest}) == kFine);
  CHECK(door.ask("x", ResourceName{longer}) == kMalformed);
  CHECK(door.ask("x", std::span<const Value>(lists[0])) == kFine);
  CHECK(door.ask("x", std::span<const Value>(lists[1])) == kMalformed);
  CHECK(door.ask("x", std::span<const Value>(lists[2])) == kFine);
  CHECK(door.ask("x", std::span<const Value>(lists[3])) == kMalformed);
}

TEST_CASE("names: no session fact, none twice, UTF-8") {
  const Door door;
  for (const char* name : {"agent", "user", "sponsor", "purpose", "trigger", "user.role", "agent.tier", "user.", "agent."}) {
    INFO(name);
    CHECK(door.ask(name, "x") == kMalformed);
  }
  for (const char* name : {"agents", "users.role", "trigger.x", "sponsor.x", "User", "size", "è"}) {
    INFO(name);
    CHECK(door.ask(name, "x") == kFine);
  }
  CHECK(door.ask({{"size", 1}, {"n", 1}, {"size", 2}}) == kMalformed);
  CHECK(door.ask({{"size", 1}, {"Size", 2}}) == kFine);
  CHECK(door.ask("\xc3", 1) == kMalformed);
  CHECK(door.ask("x", "\xed\xa0\x80") == kMalformed);
  CHECK(door.ask("x", Value(std::string_view("\0", 1))) == kFine);
}

TEST_CASE("lists are of one type, which is no list") {
  const Door door;
  const std::vector<Value> mixed{1, "a"}, numbers{1, 2}, nested{std::span<const Value>(numbers)}, close{1, bytes(1)};
  CHECK(door.ask("x", std::span<const Value>(numbers)) == kFine);
  CHECK(door.ask("x", std::span<const Value>()) == kFine);
  CHECK(door.ask("x", std::span<const Value>(mixed)) == kMalformed);
  CHECK(door.ask("x", std::span<const Value>(close)) == kMalformed);
  CHECK(door.ask("x", std::span<const Value>(nested)) == kMalformed);
}

TEST_CASE("of several faults the first is reported: resource, attributes, system, action") {
  const Door door;
  const std::vector<Attribute> bad{{"user", "eve"}}, good{{"size", bytes(1)}};
  CHECK(door.ask("lab:/../a", bad, "fly") == Reason::malformed_resource);
  CHECK(door.ask("moon:/a", bad, "fly") == Reason::malformed_request);
  CHECK(door.ask("moon:/a", good, "fly") == Reason::unknown_system);
  CHECK(door.ask("lab:/a", good, "fly") == Reason::unknown_action);
  CHECK(door.ask("lab:/a", good, "") == Reason::unknown_action);
  CHECK(door.ask("lab:/a", good, std::string(100'000, 'r')) == Reason::unknown_action);
  CHECK(door.ask("", good, "") == Reason::malformed_resource);
  CHECK(door.ask({}, {}, {}) == Reason::malformed_resource);
  CHECK(door.ask("lab:/a", good, "read") == kFine);
}

}  // namespace
}  // namespace remit
