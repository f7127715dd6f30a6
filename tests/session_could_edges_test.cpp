// `could` where the small worlds of session_could_test do not go: what is no pattern, escapes, rules over
// anything, limits of sums, more than 64 actions, comparisons of two attributes, a host that may say no.
#include "tests/image_patient.h"
#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

TEST_CASE("a pattern is read as the language writes it") {
  Session session = open("expires 9h\nread lab:/a\nread lab:/star\\*\nread lab:/what\\?\nread lab:/a\\ b\nlist lab:/deep/**/x\ncreate lab:/");
  CHECK(session.could("read", "lab:/a/") == Could::always);
  CHECK(session.could("read", "lab:/a/**") == Could::always);
  CHECK(session.could("read", "lab:/a/**/**") == Could::always);
  CHECK(session.could("create", "lab:/**") == Could::always);
  CHECK(session.could("create", "lab:/") == Could::always);
  CHECK(session.could("create", "lab:") == Could::maybe);
  CHECK(session.could("create", "lab:**") == Could::never);  // what is named without a root
  CHECK(session.could("create", "lab:/x**") == Could::never);
  CHECK(session.could("create", "lab:/x**/y") == Could::never);
  CHECK(session.could("create", "lab:/**x") == Could::never);
  Session starred = open("expires 9h\nread lab:/x*\nread lab:a");
  CHECK(starred.could("read", "lab:/x*") == Could::always);
  CHECK(starred.could("read", "lab:a/") == Could::always);
  CHECK(starred.could("read", "lab:**") == Could::maybe);
  // What stands behind the pattern in memory is not part of it.
  CHECK(session.could("read", std::string_view("lab:/star\\*").substr(0, 10)) == Could::never);
  // An escaped wildcard is itself.
  CHECK(session.could("read", "lab:/star\\*") == Could::always);
  CHECK(session.could("read", "lab:/what\\?") == Could::always);
  CHECK(session.could("read", "lab:/star*") == Could::maybe);
  CHECK(session.could("read", "lab:/starx") == Could::never);
  CHECK(session.could("read", "lab:/a\\ b") == Could::always);
  // A backslash before anything else is none, and no resource has one.
  CHECK(session.could("read", "lab:/a\\b") == Could::never);
  CHECK(session.could("read", "lab:/a\\") == Could::never);
  CHECK(session.could("list", "lab:/deep/a/x") == Could::always);
  CHECK(session.could("list", "lab:/deep/*/x") == Could::always);
  CHECK(session.could("list", "lab:/deep/**/x") == Could::always);
  CHECK(session.could("list", "lab:/deep/**/y") == Could::maybe);
}

TEST_CASE("a `**` may stand for no segment, also where there is room for none") {
  std::string longest = "lab:";
  for (int i = 0; i < 64; ++i) longest += "/s";
  Session session = open("expires 9h\nread lab:/s");
  CHECK(session.could("read", longest) == Could::always);
  CHECK(session.could("read", longest + "/**") == Could::always);
  CHECK(session.could("read", "lab:/**" + longest.substr(4)) == Could::maybe);
  CHECK(session.could("read", "lab:/s/**" + longest.substr(6)) == Could::always);
  CHECK(session.could("read", longest + "/s") == Could::never);
  CHECK(session.could("read", longest + "/*/**") == Could::never);
  CHECK(session.could("read", "lab:/s//**") == Could::never);
}

TEST_CASE("rules over anything answer for a system that their document does not know") {
  const Program rail = compile_or_die("guardrail g\nsystem other { action read; attribute n: int }\nallow read anything\ndeny list anything when n > 5\nallow list anything\n");
  Session session = open(layers_of(scope("expires 9h\nany lab:/"), {rail}));
  CHECK(session.could("read", "lab:/a") == Could::always);
  CHECK(session.could("list", "lab:/a") == Could::maybe);
  CHECK(session.could("create", "lab:/a") == Could::never);
}

TEST_CASE("an except of anything, of another system, of all and of a part") {
  Session session = open(layers_of(compile_or_die(std::string(kLab) + "system moon { action read }\nexpires 9h\nread lab:/ except lab:/secret, moon:/\n")));
  CHECK(session.could("read", "lab:/a") == Could::always);
  CHECK(session.could("read", "lab:/secret/x") == Could::never);
  CHECK(session.could("read", "lab:/") == Could::maybe);
  Session none = open(layers_of(scope("expires 9h\nany lab:/"), {guardrail("allow read lab:/ except anything\nallow list anything except lab:/a")}));
  CHECK(none.could("read", "lab:/a") == Could::never);
  CHECK(none.could("list", "lab:/a") == Could::never);
  CHECK(none.could("list", "lab:/b") == Could::always);
}

TEST_CASE("what only the request can tell is unknown: one attribute, two, or a list") {
  Session session = open(layers_of(compile_or_die("system k { action a, b, c, d, e, f; attribute n: int; attribute m: int; attribute ns: list of int }\nexpires 9h\n"
                                                  "a k:/ when n == m\nb k:/ when n in ns\nc k:/ when user.n == n\nd k:/ when user.n == 5 or n == 1\ne k:/ when user.n == 4 or user.n == 5\n"
                                                  "f k:/ when user.n == 4 and n == 1\n")));
  const std::vector<Value> numbers{5, 6};
  const std::vector<Attribute> known{{"user.n", 5}, {"user.ns", std::span<const Value>(numbers)}};
  Opening facts_only;
  facts_only.user = kPerson;
  facts_only.layers = layers_of(compile_or_die("system k { action a, b, c; attribute ns: list of int }\nexpires 9h\na k:/ when user.n in user.ns\nb k:/ when user.n in ns\nc k:/ when user.n == user.m\n"));
  facts_only.facts = known;
  Session certain = Session::open(facts_only, after(0)).value();
  CHECK(certain.could("a", "k:/") == Could::always);
  CHECK(certain.could("b", "k:/") == Could::maybe);
  CHECK(certain.could("c", "k:/") != Could::always);
  for (const char* const action : {"a", "b", "c"}) {
    INFO(action);
    CHECK(session.could(action, "k:/") == Could::maybe);
  }
  Opening opening;
  opening.user = kPerson;
  opening.layers = session.layers();
  const std::vector<Attribute> facts{{"user.n", 5}};
  opening.facts = facts;
  Session five = Session::open(opening, after(0)).value();
  CHECK(five.could("c", "k:/") == Could::maybe);
  CHECK(five.could("d", "k:/") == Could::always);
  CHECK(five.could("e", "k:/") == Could::always);
  CHECK(five.could("f", "k:/") == Could::never);
  const std::string yes = "user.n == 5", no = "user.n == 4";
  const auto always = [&](const std::string& condition) {
    opening.layers = layers_of(scope("expires 9h\nread lab:/ when " + condition));
    return Session::open(opening, after(0)).value().could("read", "lab:/") == Could::always;
  };
  CHECK(always(no + " or (" + yes + " and " + yes + ")"));
  CHECK_FALSE(always(no + " or (" + yes + " and " + no + ")"));
  CHECK_FALSE(always(yes + " and (" + no + " or " + no + ")"));
  CHECK(always(yes + " or not " + yes));
  CHECK(always(yes + " and not " + no));
  CHECK_FALSE(always(no + " or not " + yes));
}

TEST_CASE("what was granted before is known") {
  Session session = open("expires 9h\nread lab:/\nlist lab:/ after read lab:/a");
  CHECK(session.could("list", "lab:/") == Could::never);
  CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
  CHECK(session.could("list", "lab:/") == Could::always);
}

TEST_CASE("a limit of a sum is never surely full, one of part of the pattern neither") {
  Session session = open("expires 9h\nread lab:/\nlimit read lab:/ to 5 of n\nlist lab:/\nlimit list lab:/a to 1 times");
  CHECK(check(session, {"read", "lab:/a", {{"n", 5}}}) == "allowed_by_rule");
  CHECK(session.could("read", "lab:/a") == Could::maybe);  // of n 0 there is room
  CHECK(check(session, {"list", "lab:/a"}) == "allowed_by_rule");
  CHECK(session.could("list", "lab:/a/b") == Could::never);
  CHECK(session.could("list", "lab:/") == Could::maybe);
  CHECK(session.could("list", "lab:/b") == Could::always);
}

TEST_CASE("what lies behind an image's index is none of it") {
  Patient patient("expires 1h\nread lab:/a\n");
  const std::uint32_t own = patient.ref(image::Section::nodes).count;
  patient.append_node("lab:/zz", 1, {1, 0, static_cast<std::uint32_t>(image::EntryKind::allow)});
  REQUIRE(patient.verdict() == "");
  CHECK(open(layers_of(Program::load(patient.bytes()).value())).could("read", "lab:/zz") == Could::always);
  patient.ref(image::Section::nodes).count = own;
  patient.free_last_slot();
  REQUIRE(patient.verdict() == "");
  CHECK(open(layers_of(Program::load(patient.bytes()).value())).could("read", "lab:/zz") == Could::never);
}

TEST_CASE("of more than 64 actions each answers for itself") {
  std::string text = "expires 1h\nsystem big { ";
  for (int i = 0; i < 70; ++i) text += "action a" + std::to_string(i) + "; ";
  Session session = open(layers_of(compile_or_die(text + "}\na1 big:/x\na69 big:/y\n")));
  CHECK(session.could("a1", "big:/x") == Could::always);
  CHECK(session.could("a1", "big:/y") == Could::never);
  CHECK(session.could("a69", "big:/y") == Could::always);
  CHECK(session.could("a69", "big:/x") == Could::never);
  CHECK(session.could("a65", "big:/x") == Could::never);
}

TEST_CASE("a host's own check makes always maybe, and never stays never") {
  Surroundings around;
  around.host = [](const HostQuestion&) { return true; };
  Session session = open("expires 9h\nread lab:/a", around);
  CHECK(session.could("read", "lab:/a") == Could::maybe);
  CHECK(session.could("read", "lab:/b") == Could::never);
  Surroundings connected;
  connected.principals = std::make_shared<MemoryPrincipals>();
  Session other = open("expires 9h\nread lab:/a", connected);
  CHECK(other.could("read", "lab:/a") == Could::always);
}
