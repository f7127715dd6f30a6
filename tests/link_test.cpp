// Layers: which documents link, whose declaration judges a request, and handles that are nobody's.
#include <catch2/catch.hpp>

#include <cstring>
#include <string>
#include <vector>

#include "tests/image_patient.h"
#include "tests/support.h"

namespace remit {
namespace {

// Systems of the task scope, of a guardrail, and of both with other actions.
const std::string kTask =
    "expires 1h\n"
    "system lab { action read, list; action write { create, update }; attribute size: size; attribute n: int }\n"
    "system moon { action read, land; attribute n: string }\n"
    "allow any anything\n";

Layers link(const std::string& task, const std::vector<std::string>& guardrails, const std::vector<std::string>& grants = {}) {
  const auto compiled = [](const std::vector<std::string>& texts) {
    std::vector<Program> programs;
    for (const std::string& text : texts) programs.push_back(test::compile_or_die(text));
    return programs;
  };
  return Layers::link(test::compile_or_die(task), compiled(guardrails), compiled(grants)).value();
}

std::string ask(const Layers& layers, std::string_view action, std::string_view resource, std::initializer_list<Attribute> attributes = {}) {
  const Decision decision = layers.decide(Request(action, resource, attributes), {}, Time{});
  return std::string(to_string(decision.effect)) + " " + to_string(decision.reason) + " " + std::to_string(decision.layer);
}

TEST_CASE("documents of the wrong kind, and too many") {
  const Program task = test::compile_or_die("expires 1h\nallow any anything\n"), guardrail = test::compile_or_die("guardrail g\nallow any anything\n"),
                grants = test::compile_or_die("grants m\nallow any anything\n");
  const auto code = [](const Result<Layers>& layers) { return layers ? std::string() : std::string(to_string(layers.error().code)); };
  CHECK(code(Layers::link(task, {guardrail}, {grants})) == "");
  CHECK(code(Layers::link(guardrail)) == "wrong_kind");
  CHECK(code(Layers::link(grants)) == "wrong_kind");
  CHECK(code(Layers::link(task, {task})) == "wrong_kind");
  CHECK(code(Layers::link(task, {grants})) == "wrong_kind");
  CHECK(code(Layers::link(task, {}, {guardrail})) == "wrong_kind");
  CHECK(Layers::link(task, {grants}).error().text.find("a grants document was passed as a guardrail") != std::string::npos);
  const std::vector<Program> many(kMaxLayers - 1, guardrail), more(kMaxLayers, guardrail);
  CHECK(code(Layers::link(task, many)) == "");
  CHECK(code(Layers::link(task, more)) == "too_many_layers");
}

TEST_CASE("a guardrail judges a system that it does not know by the first layer's declaration") {
  // The guardrail's own `write` has other members: in `lab`, the task's count.
  const Layers layers = link(kTask, {"guardrail g\n"
                                     "system mars { action read, delete; action write { delete }; attribute n: int }\n"
                                     "allow any anything\n"
                                     "deny write anything because \"no writing\"\n"
                                     "deny read mars:/\n"
                                     "ask read anything when n > 5\n"});
  CHECK(ask(layers, "write", "lab:/a") == "deny denied_by_rule 1");
  CHECK(ask(layers, "create", "lab:/a") == "deny denied_by_rule 1");
  CHECK(ask(layers, "list", "lab:/a") == "allow allowed_by_rule 0");
  CHECK(ask(layers, "land", "moon:/a") == "allow allowed_by_rule 0");
  // The condition: of the declared type in lab, of another in moon, where it is unknown.
  CHECK(ask(layers, "read", "lab:/a", {{"n", 5}}) == "allow allowed_by_rule 0");
  CHECK(ask(layers, "read", "lab:/a", {{"n", 6}}) == "ask asked_by_rule 1");
  CHECK(ask(layers, "read", "moon:/a", {{"n", "5"}}) == "ask asked_by_rule 1");
  // A task scope stands in for nobody, and nobody for it.
  CHECK(ask(layers, "read", "mars:/a") == "deny unknown_system 0");
  CHECK(ask(layers, "fly", "lab:/a") == "deny unknown_action 0");
  CHECK(ask(layers, "delete", "lab:/a") == "deny unknown_action 0");
  CHECK(ask(layers, "read", "venus:/a") == "deny unknown_system 0");
}

TEST_CASE("a guardrail that knows the system judges by its own declaration") {
  const Layers layers = link(kTask, {"guardrail g\nsystem lab { action read; attribute n: int }\nallow any anything\nallow read lab:/a\n"});
  CHECK(ask(layers, "read", "lab:/a") == "allow allowed_by_rule 0");
  CHECK(ask(layers, "list", "lab:/a") == "deny unknown_action 1");
  CHECK(ask(layers, "read", "moon:/a") == "allow allowed_by_rule 0");
}

TEST_CASE("only the rules over anything are judged by another's declaration") {
  const Layers layers = link(kTask, {"guardrail g\nsystem mars { action read }\nallow read mars:/\n", "guardrail h\nallow any anything except anything\n"});
  CHECK(ask(layers, "read", "lab:/a") == "deny no_matching_rule 1");
}

TEST_CASE("of two layers that know the system the first stands in") {
  // `write` covers `create` for the task only; the first guardrail that knows `mars` says what its
  // `write` covers.
  const std::string anything = "allow any anything\ndeny write anything\n";
  const Layers layers = link("expires 1h\nsystem lab { action read }\nsystem mars { action write; action create }\nallow any anything\n",
                             {"guardrail g\n" + anything, "guardrail h\nsystem mars { action write { create } }\nallow any anything\n", "guardrail i\n" + anything});
  CHECK(ask(layers, "write", "mars:/a") == "deny denied_by_rule 1");
  CHECK(ask(layers, "create", "mars:/a") == "allow allowed_by_rule 0");
}

TEST_CASE("more than 64 actions, and groups across their words") {
  std::string text = "expires 1h\nsystem lab { action a0";
  for (int i = 1; i < 200; ++i) text += ", a" + std::to_string(i);
  text += "; action all { a0, a70, a150, a199 } }\nallow all lab:/\ndeny a70 lab:/x*\n";
  const Layers layers = link(text, {"guardrail g\nsystem mars { action all }\nallow any anything\ndeny all anything when has agent\n"});
  for (int i = 0; i < 200; ++i) {
    const bool covered = i == 0 || i == 70 || i == 150 || i == 199;
    const std::string action = "a" + std::to_string(i);
    INFO(action);
    CHECK(ask(layers, action, "lab:/y") == (covered ? "allow allowed_by_rule 0" : "deny no_matching_rule 0"));
    CHECK(ask(layers, action, "lab:/xy") == (i == 70 ? "deny denied_by_rule 0" : covered ? "allow allowed_by_rule 0" : "deny no_matching_rule 0"));
    Facts facts;
    facts.agent = "spiffe://a/b";
    CHECK(layers.decide({action, "lab:/y"}, facts, Time{}).layer == (covered ? 1 : 0));
  }
}

TEST_CASE("rules over anything times unknown actions have a limit") {
  std::string task = "expires 1h\nallow any anything\n", guardrail = "guardrail g\nallow any anything\n";
  for (int system = 0; system < 4; ++system) {
    task += "system s" + std::to_string(system) + " { action a0";
    for (int i = 1; i < 4000; ++i) task += ", a" + std::to_string(i);
    task += " }\n";
  }
  for (int i = 0; i < 300; ++i) guardrail += "deny any anything when agent == \"" + std::to_string(i) + "\"\n";
  const Program scope = test::compile_or_die(task), fence = test::compile_or_die(guardrail);
  const auto layers = Layers::link(scope, {fence});
  REQUIRE_FALSE(layers.ok());
  CHECK(layers.error().code == ErrorCode::too_large);
}

TEST_CASE("layers say what they must remember, whichever layer asks for it; what counts time, limits or history, only a session decides") {
  const auto use = [](const std::string& task, const std::string& rail) { return link("expires 1h\n" + task, {"guardrail g\n" + rail}).memory_use(); };
  CHECK_FALSE(use("allow any anything\n", "allow any anything\n").any());
  CHECK(use("idle 5m\nallow any anything\n", "allow any anything\n").idle);
  CHECK(use("delegate\nallow any anything\n", "allow any anything\n").delegation);
  CHECK(use("allow any anything\n", "allow any anything\nlimit any anything to 3 times\n").limits);
  CHECK(use("allow any anything\n", "allow any anything\ndeny write anything after read anything\n").history);
  for (const char* const head : {"idle 5m\n", "limit any anything to 3 times\n", "deny write anything after read anything\n"}) {
    INFO(head);
    const Layers layers = link(std::string(head) + kTask, {});
    CHECK(ask(layers, "read", "lab:/a") == "deny internal_error 0");
    Decision verdict{Effect::allow, Reason::allowed_by_rule, 0, 0};
    layers.verdicts({"read", "lab:/a"}, {}, Time{}, {&verdict, 1});
    CHECK(verdict.reason == Reason::internal_error);
  }
}

TEST_CASE("what a scope states is a fact without a session too") {
  const auto allowed = [](const std::string& head, const std::string& condition) {
    return test::decide(test::compile_or_die("expires 1h\n" + std::string(test::kLab) + head + "read lab:/ when " + condition + "\n"), {"read", "lab:/"}).allowed();
  };
  const std::string purpose = "purpose \"care\"\n", sponsor = "sponsor eve@acme\nreview every 1d\n", trigger = "trigger event \"night\"\n";
  CHECK(allowed(purpose, "purpose == \"care\""));
  CHECK(allowed(sponsor, "sponsor == \"eve@acme\""));
  CHECK(allowed(trigger, "trigger == \"night\""));
  CHECK(allowed(purpose + sponsor, "purpose == \"care\" and sponsor == \"eve@acme\""));
  for (const char* const fact : {"purpose", "sponsor", "trigger"}) CHECK(allowed("", std::string("not has ") + fact));
}

TEST_CASE("a condition over anything reads only what the system declares") {
  const Layers layers = link("expires 1h\nsystem lab { action read; attribute n: int }\nsystem moon { action read }\nallow any anything when n == 1\n", {});
  CHECK(ask(layers, "read", "lab:/a", {{"n", 1}}) == "allow allowed_by_rule 0");
  CHECK(ask(layers, "read", "moon:/a", {{"n", 1}}) == "deny no_matching_rule 0");
}

TEST_CASE("the longest name of an action is one") {
  const std::string longest(64, 'a');
  const Layers layers = link("expires 1h\nsystem lab { action " + longest + " }\nallow any anything\n", {});
  CHECK(ask(layers, longest, "lab:/a") == "allow allowed_by_rule 0");
  CHECK(ask(layers, longest + "a", "lab:/a") == "deny unknown_action 0");
}

// No document can say so, but an image may: then nobody can ask for it, for so long a name is not even looked up.
TEST_CASE("a longer name than that is no action's, whatever an image calls one") {
  test::Patient patient("expires 1h\nread lab:/\n");
  const std::uint32_t size = patient.ref(image::Section::texts).count;
  const std::string name(65, 'a');
  patient.move(image::Section::texts, size + name.size());
  std::memcpy(patient.at<char>(image::Section::texts) + size, name.data(), name.size());
  for (std::uint32_t i = 0; i < patient.ref(image::Section::actions).count; ++i) patient.at<image::Action>(image::Section::actions)[i].name = {size, 65};
  REQUIRE(patient.verdict() == "");
  const Layers layers = Layers::link(Program::load(patient.bytes()).value()).value();
  CHECK(ask(layers, name, "lab:/a") == "deny unknown_action 0");
}

TEST_CASE("a prepared request is decided as one that was not, with guards, without, and where nobody knows its name") {
  // Many patterns of one rule for one path, so that the rule is met many times.
  std::string many = "ask read ";
  for (int i = 0; i < 40; ++i) many += (i == 0 ? "lab:/" : ", lab:/") + std::string("abcdefghijklmnopqrstuvwxyzabcdefghijklmnop").substr(0, static_cast<std::size_t>(i)) + "*";
  const std::string deep = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqr";
  const Layers layers = link("expires 1h\nsystem lab { action read, list, write; attribute n: int }\nread lab:/\nlist lab:/ when n > 1\n" + many + " when n == 7\ndeny read lab:/a* when n == 9\n",
                             {"guardrail g\nsystem other { action read, list; attribute n: int }\nallow any anything\ndeny list anything when n > 5\nask list anything when n > 3\n"});
  int effects[3] = {};
  for (const std::string& resource : std::vector<std::string>{"lab:/z", "lab:/a", "lab:/" + deep, "moon:/a", "lab:/../a", "lab:"}) {
    for (const char* const action : {"read", "list", "write", "fly"}) {
      const Prepared prepared = layers.prepare(action, resource).value();
      for (std::int64_t n = 0; n < 11; ++n) {
        const std::vector<Attribute> attributes{{"n", n}};
        const Decision expected = layers.decide({action, resource, attributes}, {}, Time{}), decision = layers.decide(prepared, attributes, {}, Time{});
        INFO(action << " " << resource << " with " << n);
        REQUIRE(decision.effect == expected.effect);
        REQUIRE(decision.reason == expected.reason);
        REQUIRE(decision.layer == expected.layer);
        REQUIRE(decision.rule == expected.rule);
        ++effects[static_cast<int>(decision.effect)];
      }
    }
  }
  for (const int seen : effects) CHECK(seen > 3);
}

TEST_CASE("handles: copied, moved from, of other layers, of none") {
  Program program = test::compile_or_die(kTask);
  Layers layers = Layers::link(program).value(), others = Layers::link(program).value();
  const Prepared prepared = layers.prepare("read", "lab:/a").value();
  CHECK(layers.decide(prepared, {}, {}, Time{}).allowed());
  CHECK(others.decide(prepared, {}, {}, Time{}).reason == Reason::internal_error);
  CHECK(layers.decide(Prepared{}, {}, {}, Time{}).reason == Reason::internal_error);
  // Moving copies: nobody is left with an empty handle.
  const Program moved = std::move(program);
  CHECK(program.rule_count() == moved.rule_count());  // NOLINT(bugprone-use-after-move)
  const Layers moved_layers = std::move(layers);
  CHECK(layers.decide({"read", "lab:/a"}, {}, Time{}).allowed());  // NOLINT(bugprone-use-after-move)
  CHECK(moved_layers.decide(prepared, {}, {}, Time{}).allowed());
  // Numbers that name nothing.
  CHECK(moved_layers.program(1).rule_count() == moved.rule_count());
  CHECK(moved_layers.program(99).rule_count() == moved.rule_count());
  CHECK(moved.rule(99).line == 0);
  CHECK_FALSE(moved_layers.rule({Effect::deny, Reason::denied_by_rule, 99, 0}));
  CHECK_FALSE(moved_layers.rule({Effect::deny, Reason::denied_by_rule, 0, 99}));
  CHECK_FALSE(moved_layers.rule({}));
  CHECK(to_string(static_cast<Reason>(200)) == std::string("unknown"));
  // A span for verdicts that is shorter or longer than there are layers.
  std::vector<Decision> verdicts(3);
  moved_layers.verdicts({"read", "lab:/a"}, {}, Time{}, verdicts);
  CHECK(verdicts[0].allowed());
  CHECK(verdicts[1].reason == Reason::internal_error);
  moved_layers.verdicts({"read", "lab:/a"}, {}, Time{}, {});
}

}  // namespace
}  // namespace remit
