// `use`: where modules are found, what comes in, what stays behind, whom a module may serve, and that
// no tree of modules, however made, costs more than it may.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "lang/check/dump.h"
#include "tests/reference/checked.h"
#include "tests/support.h"

using namespace remit;
using remit::lang::CheckOptions;
using remit::reference::Checked;
using remit::reference::check_text;

namespace {

using Modules = std::vector<std::pair<std::string, std::string>>;
using Codes = std::vector<std::string>;

const std::string kBefore = std::string(test::kLab) + "expires 2h\n";

Checked check_with(const std::string& text, const Modules& modules) {
  CheckOptions options;
  options.modules = modules;
  return check_text(text, options);
}

Codes codes(const std::string& text, const Modules& modules) {
  Codes result;
  const Checked checked = check_with(text, modules);
  for (const lang::Diagnostic& finding : checked.diagnostics.all()) {
    if (finding.severity == lang::Severity::error) result.push_back(finding.code);
  }
  return result;
}

std::vector<std::string> rules(const std::string& text, const Modules& modules) {
  const Checked checked = check_with(text, modules);
  INFO(checked.diagnostics.render());
  REQUIRE(checked.complete());
  std::vector<std::string> result;
  for (const lang::Rule& rule : checked.document.rules) {
    result.push_back(checked.document.files[rule.place.file] + ":" + std::to_string(rule.place.line));
  }
  return result;
}

}  // namespace

TEST_CASE("a module's rules stand where its use stands, with the module's own places", "[modules]") {
  const Modules modules = {{"a.b", "# comment\nread lab:/x\nuse c\ndeny read lab:/y\n"}, {"c", "list lab:/z"}};
  CHECK(rules(kBefore + "read lab:/1\nuse a.b\nread lab:/2", modules) == std::vector<std::string>{"document:3", "a/b.scope:2", "c.scope:1", "a/b.scope:4", "document:5"});
  CHECK(rules(kBefore + "use c\nuse c", modules).size() == 2);
}

TEST_CASE("lifetime and identity statements and tests of a module stay behind", "[modules]") {
  const Checked checked = check_with(kBefore + "use m\n", {{"m", "scope m\nexpires 9h\nidle 1m\nagent x\nsponsor a\nread lab:/a\ntest \"t\" { allow read lab:/a }\n"}});
  INFO(checked.diagnostics.render());
  REQUIRE(checked.complete());
  CHECK(checked.document.lifetime.expires_after == 2 * test::kHour);
  CHECK_FALSE(checked.document.lifetime.idle.has_value());
  CHECK_FALSE(checked.document.lifetime.sponsor.has_value());
  CHECK(checked.document.lifetime.agents.empty());
  CHECK(checked.document.tests.empty());
}

TEST_CASE("parameters of a module are given by its use", "[modules]") {
  const Modules modules = {{"m", "scope m(f: resource, cap: size)\nread $f/x when size < $cap\n"}};
  const Checked checked = check_with("scope s(g: resource)\n" + kBefore + "let here = lab:/a\nuse m(f = $here, cap = 5MB)\nuse m(f = lab:/b, cap = 1KB)\nuse m(f = $g, cap = 1B)", modules);
  INFO(checked.diagnostics.render());
  CHECK_FALSE(checked.diagnostics.has_errors());
  CHECK_FALSE(checked.complete());  // $g has no value
  const std::string text = dump(checked.document);
  CHECK(text.find("allow read lab:/a/x") != std::string::npos);
  CHECK(text.find("allow read lab:/b/x") != std::string::npos);
  CHECK(codes(kBefore + "use m(cap = 1B)", modules) == Codes{"missing-argument"});
}

TEST_CASE("arguments of a module are checked where they are written", "[modules]") {
  const Modules modules = {{"m", "scope m(f: resource, n0: int)\nread $f when n < $n0\n"}};
  CHECK(codes(kBefore + "use m(f = lab:/a, n0 = 5MB)", modules) == Codes{"type-mismatch"});
  CHECK(codes(kBefore + "use m(f = lab:/*, n0 = 5)", modules) == Codes{"not-one-resource"});
  CHECK(codes(kBefore + "use m(f = lab:/a\\*, n0 = 5)", modules) == Codes{"wildcard-in-argument"});
  CHECK(codes(kBefore + "use m(f = lab:/a, n0 = 5, n0 = 6)", modules) == Codes{"argument-twice"});
  CHECK(codes(kBefore + "use m(f = lab:/a, n0 = 5, g = 6)", modules) == Codes{"unknown-parameter"});
  CHECK(codes(kBefore + "let p = lab:/a, lab:/b\nuse m(f = $p, n0 = 5)", modules) == Codes{"not-one-resource"});
}

TEST_CASE("lets come in with a module, and one's own go before", "[modules]") {
  const Modules modules = {{"a", "let x = lab:/a\nlet y = 1"}, {"b", "let x = lab:/b\nlet z = 1"}, {"c", "use a"}};
  CHECK(rules(kBefore + "use a\nread $x when n == $y", modules).size() == 1);
  CHECK(rules(kBefore + "use c\nread $x", modules).size() == 1);
  CHECK(rules(kBefore + "use a\nuse c\nread $x", modules).size() == 1);  // the same let twice
  CHECK(codes(kBefore + "use a\nuse b\nread $x", modules) == Codes{"ambiguous-name"});
  CHECK(codes(kBefore + "use a\nuse b\nread lab:/a when n == $z and n == $y", modules).empty());  // nobody asks for $x
  const Checked own = check_with(kBefore + "use a\nlet x = lab:/own\nread $x", modules);
  CHECK(dump(own.document).find("lab:/own") != std::string::npos);
  // A module does not see its user's lets.
  CHECK(codes(kBefore + "let w = 5\nuse m", {{"m", "read lab:/a when n == $w"}}) == Codes{"unknown-name"});
  // A let of a module that is made of its own parameter, given by that let: a circle.
  CHECK(codes(kBefore + "use m(p = $q)\nread lab:/a when n == $q", {{"m", "scope m(p: int)\nlet q = $p"}}) == Codes{"let-circle"});
}

TEST_CASE("who may use whom", "[modules]") {
  const Modules modules = {{"g", "guardrail g\ndeny read docs:/a"}, {"r", "grants r\nread docs:/a"}, {"s", "scope s\nread docs:/a"}, {"t", "use g"}};
  CHECK(codes("expires 1h\nuse g", modules) == Codes{"wrong-kind"});
  CHECK(codes("expires 1h\nuse r", modules) == Codes{"wrong-kind"});
  CHECK(codes("expires 1h\nuse s", modules).empty());
  CHECK(codes("guardrail x\nuse g\nuse s", modules).empty());
  CHECK(codes("guardrail x\nuse r", modules) == Codes{"wrong-kind"});
  CHECK(codes("grants x\nuse r\nuse s", modules).empty());
  CHECK(codes("guardrail x\nuse t", modules) == Codes{"wrong-kind"});  // t is a task scope's module
}

TEST_CASE("a module may declare a system that nobody else declares", "[modules]") {
  const Modules modules = {{"a", "system new { action go }\ngo new:/"}, {"b", "system new { action go }"}, {"c", "system docs { action go }"}};
  CHECK(codes("expires 1h\nuse a\ngo new:/x", modules).empty());
  CHECK(codes("expires 1h\nuse a\nuse a\ngo new:/x", modules).empty());
  CHECK(codes("expires 1h\nuse a\nuse b", modules) == Codes{"system-of-module"});
  CHECK(codes("expires 1h\nuse c", modules) == Codes{"system-of-module"});
  CHECK(codes("expires 1h\nsystem new { action go }\nuse a", modules) == Codes{"system-of-module"});
}

TEST_CASE("circles, missing modules, faults inside modules", "[modules]") {
  CHECK(codes("expires 1h\nuse a", {{"a", "use b"}, {"b", "use a"}}) == Codes{"module-circle"});
  CHECK(codes("expires 1h\nuse a", {{"a", "use a"}}) == Codes{"module-circle"});
  CHECK(codes("expires 1h\nuse a", {}) == Codes{"unknown-module"});
  const Checked broken = check_with(kBefore + "use a\nread $x", {{"a", "read lab:/a\nlet x = = 3\n"}});
  REQUIRE(broken.diagnostics.all().size() == 1);
  CHECK(broken.diagnostics.all()[0].file == "a.scope");
  CHECK(broken.diagnostics.all()[0].line == 2);
  // Wrong once, however often it is used.
  CHECK(codes(kBefore + "use a\nuse a\nuse b", {{"a", "raed lab:/a"}, {"b", "use a"}}) == Codes{"unknown-action"});
}

TEST_CASE("modules are found in folders, never outside of them", "[modules]") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "remit_modules_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "one" / "team");
  std::filesystem::create_directories(folder / "two" / "team" / "dir.scope");
  std::ofstream(folder / "one" / "team" / "a.scope") << "read docs:/one";
  std::ofstream(folder / "two" / "team" / "a.scope") << "read docs:/two\nread docs:/three";
  std::ofstream(folder / "secret.scope") << "read docs:/secret";
  CheckOptions options;
  options.module_path = {(folder / "one").string(), (folder / "two").string()};
  const Checked first = check_text("expires 1h\nuse team.a", options);
  CHECK(first.document.rules.size() == 1);
  CHECK(first.document.files.at(1).find("one/team/a.scope") != std::string::npos);
  for (const char* name : {"team.dir", "team.nobody", "team", "secret"}) {
    const Checked none = check_text("expires 1h\nuse " + std::string(name), options);
    REQUIRE(none.diagnostics.has_errors());
    CHECK(none.diagnostics.all()[0].code == "unknown-module");
  }
  CHECK(check_text("expires 1h\nuse ..secret", options).diagnostics.has_errors());
  options.modules = {{"team.a", "read docs:/given\nread docs:/given2\nread docs:/given3"}};
  CHECK(check_text("expires 1h\nuse team.a", options).document.rules.size() == 3);
  std::filesystem::remove_all(folder);
}

TEST_CASE("no tree of modules costs more than it may", "[modules]") {
  // Each uses the next one twice: 2^60 statements, if nobody counted.
  Modules doubling;
  for (int i = 0; i < 60; ++i) doubling.emplace_back("m" + std::to_string(i), "use m" + std::to_string(i + 1) + "\nuse m" + std::to_string(i + 1) + "\n");
  doubling.emplace_back("m60", "read docs:/a");
  CHECK(codes("expires 1h\nuse m0", doubling) == Codes{"too-many-statements"});
  for (const int deep : {64, 65, 3'000}) {
    Modules chain;
    for (int i = 1; i < deep; ++i) chain.emplace_back("m" + std::to_string(i), "use m" + std::to_string(i + 1));
    chain.emplace_back("m" + std::to_string(deep), "read docs:/a");
    const Codes found = codes("expires 1h\nuse m1", chain);
    INFO(deep);
    CHECK(found.empty() == (deep == 64));
    if (!found.empty()) CHECK(found == Codes{"modules-too-deep"});
  }
}
