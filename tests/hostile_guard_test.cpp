// Guards that no compiler writes: instructions whose mode, operand and attribute do not go together. The
// verifier lets them pass, because they harm nothing; the vm must make `unknown` of them, which grants
// nothing, and never read one kind of value as another.
#include <catch2/catch.hpp>
#include <cstring>
#include <tuple>

#include "engine/image/disassemble.h"
#include "tests/image_patient.h"
#include "tests/session_support.h"

using namespace remit;
using image::Instruction;
using image::Op;
using test::Patient;

namespace {

const char* const kDocument = "expires 1h\nread lab:/ when n == 1 and region == \"x\" and labels == [\"a\", \"b\"] and n in [1, 2]\n";

// The document with one instruction for a guard: its reference is the attribute of that name.
Program with(Op op, Type mode, std::string_view attribute, std::uint32_t operand = 0) {
  Patient patient(kDocument);
  const auto* references = patient.at<image::Reference>(image::Section::references);
  const std::string_view texts(patient.at<char>(image::Section::texts), patient.ref(image::Section::texts).count);
  std::uint16_t reference = 0;
  while (texts.substr(references[reference].name.offset, references[reference].name.length) != attribute) ++reference;
  patient.code_is({Instruction{static_cast<std::uint8_t>(op), image::make_mode(image::Compare::eq, static_cast<std::uint8_t>(mode)), reference, operand}});
  REQUIRE(patient.verdict() == "");
  return Program::load(patient.bytes()).value();
}

std::string decided(const Program& program) {
  const std::vector<Value> labels{"a", "b"};
  const std::vector<Attribute> attributes{{"n", 1}, {"region", "x"}, {"labels", std::span<const Value>(labels)}};
  return to_string(test::decide(program, Request("read", "lab:/a", attributes)).reason);
}

}  // namespace

TEST_CASE("an instruction whose type is another than its attribute's, or than its own operand's, grants nothing") {
  // As the compiler writes them they do hold, so what follows fails for no other reason.
  CHECK(decided(with(Op::compare_number, Type::integer, "n")) == "allowed_by_rule");
  CHECK(decided(with(Op::compare_word, Type::string, "region")) == "allowed_by_rule");
  struct Case {
    Op op;
    Type mode;
    const char* attribute;
  };
  for (const Case& each : {Case{Op::compare_number, Type::string, "region"}, Case{Op::compare_number, Type::list, "labels"}, Case{Op::compare_number, Type::size, "n"},
                           Case{Op::compare_word, Type::integer, "n"}, Case{Op::compare_word, Type::resource, "region"}, Case{Op::compare_list, Type::string, "region"},
                           Case{Op::in_numbers, Type::string, "region"}, Case{Op::in_numbers, Type::list, "labels"}, Case{Op::in_numbers, Type::size, "n"},
                           Case{Op::in_words, Type::integer, "n"}, Case{Op::in_words, Type::resource, "region"}, Case{Op::contains_number, Type::string, "labels"},
                           Case{Op::contains_word, Type::integer, "labels"}, Case{Op::contains_word, Type::string, "region"}, Case{Op::like, Type::string, "n"},
                           Case{Op::test, Type::boolean, "n"}, Case{Op::in_attribute, Type::integer, "labels"}}) {
    INFO(static_cast<int>(each.op) << " " << to_string(each.mode) << " " << each.attribute);
    CHECK(decided(with(each.op, each.mode, each.attribute)) == "no_matching_rule");
  }
}

TEST_CASE("a constant for a guard is what it says, and `could` knows it") {
  for (const bool holds : {false, true}) {
    const Program program = with(Op::truth, Type::any, "n", holds ? 1 : 0);
    CHECK(disassemble(program).find(holds ? "truth true\n" : "truth false\n") != std::string::npos);
    CHECK(decided(program) == (holds ? "allowed_by_rule" : "no_matching_rule"));
    Session session = test::open(test::layers_of(program));
    CHECK(session.could("read", "lab:/a") == (holds ? Could::always : Could::never));
  }
}

TEST_CASE("facts of the host are of any type, and of which none is taken for another") {
  const std::vector<Value> numbers{1, 2}, single{1}, words{"a"}, mixed{1, "a"}, none{}, nested{std::span<const Value>(numbers)};
  const auto list = [](const std::vector<Value>& items) { return Value(std::span<const Value>(items)); };
  const auto reason = [](const char* condition, const Value& a, const Value& b) {
    const std::vector<Attribute> named{{"user.a", a}, {"user.b", b}};
    Facts facts;
    facts.named = named;
    const Program program = test::compile_or_die(std::string("expires 1h\nread lab:/ when ") + condition + "\n" + std::string(test::kLab));
    return test::decide(program, Request("read", "lab:/a"), Time{}, facts).effect == Effect::allow;
  };
  const char *const equal = "user.a == user.b", *const other = "user.a != user.b", *const less = "user.a < user.b", *const in = "user.a in user.b";
  CHECK(reason(equal, 1, 1));
  CHECK(reason(less, 1, 2));
  CHECK(reason(less, "a", "b"));
  CHECK(reason(equal, list(numbers), list(numbers)));
  CHECK(reason(other, list(numbers), list(none)));
  CHECK(reason(other, list(none), list(numbers)));
  CHECK(reason(equal, list(none), list(none)));
  CHECK(reason(equal, true, true));
  CHECK(reason(in, 2, list(numbers)));
  CHECK_FALSE(reason(in, 3, list(numbers)));
  // Unknown, whichever way it is asked.
  for (const char* const condition : {equal, other}) {
    CHECK_FALSE(reason(condition, 1, "1"));
    CHECK_FALSE(reason(condition, list(numbers), list(words)));
    CHECK_FALSE(reason(condition, list(mixed), list(numbers)));
    CHECK_FALSE(reason(condition, list(numbers), list(mixed)));
    CHECK_FALSE(reason(condition, list(nested), list(nested)));
  }
  CHECK_FALSE(reason(less, list(none), list(numbers)));
  CHECK_FALSE(reason(less, false, true));
  CHECK_FALSE(reason(less, Value(ResourceName{"lab:/a"}), Value(ResourceName{"lab:/b"})));
  for (const Value& other_type : {list(single), Value(1), Value("x"), list(nested)}) CHECK_FALSE(reason("user.a != [\"x\"]", other_type, 0));
  CHECK(reason("user.a != [\"x\"]", list(words), 0));
  CHECK_FALSE(reason(in, "1", list(numbers)));
  CHECK_FALSE(reason(in, list(numbers), list(nested)));
  CHECK_FALSE(reason(in, 1, 1));
}

TEST_CASE("an attribute of another type than declared is unknown, though the fact that it is compared with is of that type") {
  const std::vector<Attribute> named{{"user.a", 5}}, attributes{{"region", 5}};
  Facts facts;
  facts.named = named;
  for (const char* const condition : {"user.a == region", "region == user.a", "user.a != region"}) {
    const Program program = test::compile_or_die(std::string("expires 1h\nread lab:/ when ") + condition + "\n" + std::string(test::kLab));
    INFO(condition);
    CHECK(test::decide(program, Request("read", "lab:/a", attributes), Time{}, facts).reason == Reason::no_matching_rule);
  }
}

TEST_CASE("a glob's `?` takes no bytes that a broken text does not have") {
  const Program program = test::compile_or_die("expires 1h\nread lab:/ when user like \"?\"\n" + std::string(test::kLab));
  Facts facts;
  for (const auto& [user, matches] : {std::pair("a", true), std::pair("\xe2\x82\xac", true), std::pair("\xe2\x82", false), std::pair("\xe2", false), std::pair("", false)}) {
    facts.user = user;
    CHECK((test::decide(program, Request("read", "lab:/a"), Time{}, facts).effect == Effect::allow) == matches);
  }
  for (const auto& [glob, user, matches] : {std::tuple("?", "\x80", false), std::tuple("?*", "\xe2", false), std::tuple("?*", "\xe2\x82\xac", true), std::tuple("*?", "\x80", true), std::tuple("*??", "\x80", false)}) {
    const Program other = test::compile_or_die("expires 1h\nread lab:/ when user like \"" + std::string(glob) + "\"\n" + std::string(test::kLab));
    facts.user = user;
    INFO(glob);
    CHECK((test::decide(other, Request("read", "lab:/a"), Time{}, facts).effect == Effect::allow) == matches);
  }
}

TEST_CASE("a guardrail that judges by another's declaration takes no list of one type for one of another") {
  const Layers layers = Layers::link(test::compile_or_die("expires 1h\nsystem k { action read, list; attribute kinds: list of string; attribute n: int }\nallow any k:/\n"),
                                     {test::compile_or_die("guardrail g\nsystem other { action read, list; attribute kinds: list of int; attribute n: int }\nallow any anything\n"
                                                           "ask read anything when 1 in kinds\nask list anything when n == 1\n")})
                            .value();
  const std::vector<Value> kinds{"a"};
  const std::vector<Attribute> attributes{{"kinds", std::span<const Value>(kinds)}, {"n", 2}};
  CHECK(layers.decide(Request("read", "k:/a", attributes), {}, Time{}).effect == Effect::ask);  // unknown, so it asks
  CHECK(layers.decide(Request("list", "k:/a", attributes), {}, Time{}).effect == Effect::allow);
}

TEST_CASE("a prepared request of layers with limits or history is refused: only a session can decide it") {
  const std::string history = "deny list anything after read anything\n";
  for (const std::string& rail : {std::string("allow any anything\n") + history, std::string("allow any anything\nlimit any anything to 5 times\n")}) {
    const Layers layers = Layers::link(test::compile_or_die("expires 1h\nallow any lab:/\n" + std::string(test::kLab)), {test::compile_or_die("guardrail g\n" + rail)}).value();
    const Prepared prepared = layers.prepare("read", "lab:/a").value();
    CHECK(std::string(to_string(layers.decide(prepared, {}, {}, Time{}).reason)) == "internal_error");
  }
  const Layers own = Layers::link(test::compile_or_die("expires 1h\nread lab:/ at most 3 times\ndeny list lab:/ after read lab:/\n" + std::string(test::kLab))).value();
  CHECK(std::string(to_string(own.decide(own.prepare("read", "lab:/a").value(), {}, {}, Time{}).reason)) == "internal_error");
}

TEST_CASE("rules over anything, times the actions of a system that they judge by another's declaration, have an end") {
  // 2,100 rules over a group of 2,000 actions: more than four million.
  std::string task = "expires 1h\nsystem k { action write { a0", rail = "guardrail g\nsystem other { action write { z } }\nallow any anything\n";
  for (int i = 1; i < 2000; ++i) task += ", a" + std::to_string(i);
  task += " } }\nany k:/\n";
  for (int i = 0; i < 2100; ++i) rail += "deny write anything when user.n == " + std::to_string(i) + "\n";
  const Result<Layers> layers = Layers::link(test::compile_or_die(task), {test::compile_or_die(rail)});
  REQUIRE_FALSE(layers.ok());
  CHECK(std::string(to_string(layers.error().code)) == "too_large");
}

TEST_CASE("attributes that a guardrail reads, times the systems that it judges by another's declaration, have an end") {
  constexpr std::uint32_t kReferences = 41'605, kSystems = 1'613;
  static_assert(std::size_t{kReferences} * kSystems == image::kMaxDeclaredTable + 1);
  Patient rail(test::kBroadText);
  REQUIRE(rail.ref(image::Section::systems).count == test::compile_or_die("expires 1h\nallow any anything\n").view().systems.size() + 1);
  rail.move(image::Section::references, kReferences * sizeof(image::Reference), kReferences);
  rail.move(image::Section::declared, std::size_t{kReferences} * rail.ref(image::Section::systems).count, kReferences * rail.ref(image::Section::systems).count);
  std::memset(rail.at<image::Reference>(image::Section::references), 0, kReferences * sizeof(image::Reference));
  std::memset(rail.at<std::uint8_t>(image::Section::declared), 0, rail.ref(image::Section::declared).count);
  REQUIRE(rail.verdict() == "");
  std::string task = "expires 1h\nallow any anything\n";
  for (std::uint32_t i = 0; i < kSystems; ++i) task += "system k" + std::to_string(i) + " { action a }\n";
  const Result<Layers> layers = Layers::link(test::compile_or_die(task), {Program::load(rail.bytes()).value()});
  REQUIRE_FALSE(layers.ok());
  CHECK(std::string(to_string(layers.error().code)) == "too_large");
}
