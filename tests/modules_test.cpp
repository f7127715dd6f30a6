// `use`: where modules are found, what comes in, what stays behind, whom a module may serve, and that
// no tree of modules, however made, costs more than it may.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/resource.h>

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

TEST_CASE("a module file that cannot be opened or read is no module", "[modules]") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "remit_unreadable_modules";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "good.scope") << "read docs:/a";
  std::filesystem::create_symlink("/proc/self/mem", folder / "bad.scope");  // a plain file, of which no byte can be read
  CheckOptions options;
  options.module_path = {folder.string()};
  const auto first_code = [&](const char* module) {
    const Checked checked = check_text("expires 1h\nuse " + std::string(module), options);
    return checked.diagnostics.has_errors() ? checked.diagnostics.all()[0].code : "";
  };
  CHECK(first_code("good").empty());
  CHECK(first_code("bad") == "unknown-module");
  rlimit usual{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &usual) == 0);
  rlimit none = usual;
  none.rlim_cur = 0;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const std::string without = first_code("good");
  REQUIRE(setrlimit(RLIMIT_NOFILE, &usual) == 0);
  CHECK(without == "unknown-module");
  std::filesystem::remove_all(folder);
}

TEST_CASE("headers, lets and arguments of modules: every name once, and near ones offered", "[modules]") {
  const auto message = [](const std::string& text, const Modules& modules) {
    const Checked checked = check_with(text, modules);
    std::string all;
    for (const lang::Diagnostic& finding : checked.diagnostics.all()) {
      if (finding.severity == lang::Severity::error) all += finding.code + ": " + finding.message + "\n";
    }
    return all;
  };
  CHECK(message("expires 1h\nuse team.rulez", {{"team.rules", "read docs:/a"}}) == "unknown-module: there is no module `team.rulez`; did you mean `team.rules`?\n");
  CHECK(message("scope s(a: int, a: size)\n" + kBefore + "read lab:/a when n == $a", {}) == "parameter-twice: a second parameter `a`\n");
  CHECK(message("scope s(a: bool)\n" + kBefore + "read lab:/a", {}) == "unknown-type: a parameter cannot be of type `bool`\n");
  CHECK(message("scope s(a: sise)\n" + kBefore + "read lab:/a when size < $a", {}) == "unknown-type: a parameter cannot be of type `sise`; did you mean `size`?\n");
  CHECK(message("scope s(a: int)\n" + kBefore + "let a = 5\nread lab:/a", {}) == "let-twice: `a` is a parameter already\n");
  CHECK(message("scope s(folder: resource)\n" + kBefore + "let cap = 5\nuse m\nread $foldr when n in [$capp, $topp]", {{"m", "let top = 7"}}) ==
        "unknown-name: nothing is called `$foldr`; did you mean `$folder`?\nunknown-name: nothing is called `$capp`; did you mean `$cap`?\n");
  CHECK(message(kBefore + "use m\nread lab:/a when n == $topp", {{"m", "let top = 7"}}) == "unknown-name: nothing is called `$topp`; did you mean `$top`?\n");
  // A module's parameter of no known type: said once, and what is given for it is not blamed.
  CHECK(message(kBefore + "use m(p = 5)", {{"m", "scope m(p: number)\nread lab:/a when n == $p"}}) == "unknown-type: a parameter cannot be of type `number`\n");
}

TEST_CASE("modules that mean different things by one name, in each way to differ", "[modules]") {
  for (const char* other : {"let x = lab:/b", "let x = ws:/a", "let x = only lab:/a", "let x = lab:/a, lab:/a", "let x = 5", "let x = \"lab:/a\""}) {
    INFO(other);
    CHECK(codes(kBefore + "use a\nuse b\nread $x", {{"a", "let x = lab:/a"}, {"b", other}}) == Codes{"ambiguous-name"});
  }
  CHECK(codes(kBefore + "use a\nuse b\nread lab:/a when n == $x", {{"a", "let x = 5"}, {"b", "let x = 6"}}) == Codes{"ambiguous-name"});
  CHECK(codes(kBefore + "use a\nuse b\nread lab:/a when n == $x", {{"a", "let x = 5"}, {"b", "let x = 5"}}).empty());
}

TEST_CASE("what a damaged module may have declared is missed by nobody", "[modules]") {
  const auto only = [](const std::string& text, const std::string& module) { return codes(kBefore + text, {{"m", module}}); };
  CHECK(only("use m(p = 5)", "scope m(p: )\nread lab:/a") == Codes{"syntax"});
  CHECK(only("use m\nraed anything", "system other { action raed; atribute x: int }") == Codes{"syntax"});
  CHECK(only("use m\nread lab:/a when n == $cap", "let cap = = 5") == Codes{"syntax"});
}

TEST_CASE("a module of which nothing is used", "[modules]") {
  const auto unused = [](const std::string& text, const Modules& modules) {
    Codes result;
    const Checked checked = check_with("agent x; " + kBefore + text, modules);
    for (const lang::Diagnostic& finding : checked.diagnostics.all()) {
      if (finding.code == "unused-module") result.push_back(finding.message);
    }
    return result;
  };
  const Modules modules = {{"a", "system new { action go }\nsystem old { action go }"}, {"outer", "use a\nuse c"}, {"c", "let x = 5"}, {"rules", "use c\nread lab:/q"}};
  CHECK(unused("use a\nread lab:/a", modules) == Codes{"nothing of module `a` is used here"});
  CHECK(unused("use a\ngo old:/x", modules).empty());
  CHECK(unused("use outer\nread lab:/a", modules) == Codes{"nothing of module `outer` is used here"});
  CHECK(unused("use outer\ngo new:/x", modules).empty());
  CHECK(unused("use outer\nread lab:/a when n == $x", modules).empty());
  CHECK(unused("use rules", modules).empty());
}

TEST_CASE("endless arguments that no module asked for end at twenty errors", "[modules]") {
  std::string text = kBefore + "use m(x0 = 0";
  for (int i = 1; i < 300; ++i) text += ", x" + std::to_string(i) + " = 0";
  CHECK(codes(text + ")", {{"m", "read lab:/a"}}) == Codes(20, "unknown-parameter"));
}
