// What right documents are resolved to, read off the text dump; what may be written in any order; what
// an unknown parameter holds back. What the checker refuses is in check_errors_test.cpp.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "lang/check/dump.h"
#include "tests/reference/checked.h"
#include "tests/support.h"

using namespace remit;
using remit::lang::Argument;
using remit::lang::CheckOptions;
using remit::lang::Constant;
using remit::reference::Checked;
using remit::reference::check_text;

namespace {

const std::string kBefore = std::string(test::kLab) + "expires 2h\n";

Checked check_good(const std::string& text, const CheckOptions& options = {}) {
  Checked checked = check_text(text, options);
  INFO(text << "\n" << checked.diagnostics.render());
  REQUIRE_FALSE(checked.diagnostics.has_errors());
  return checked;
}

// The dump of the document's rules, without places.
std::string rules_of(const std::string& text, const CheckOptions& options = {}) {
  const Checked checked = check_good(kBefore + text, options);
  const std::string all = dump(checked.document);
  std::string out;
  bool rule = false;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at);
    std::string line = all.substr(at, end - at);
    at = end + 1;
    if (line.substr(0, 4) != "    ") {
      rule = line.find("  # ") != std::string::npos;
      line = line.substr(0, line.find("  # "));
    }
    if (rule) out += line.substr(2) + "\n";
  }
  return out;
}

std::vector<std::string> codes(const std::string& text, const CheckOptions& options = {}) {
  std::vector<std::string> result;
  const Checked checked = check_text(text, options);
  for (const lang::Diagnostic& finding : checked.diagnostics.all()) {
    if (finding.severity == lang::Severity::error) result.push_back(finding.code);
  }
  return result;
}

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("rules are resolved to what they mean", "[check]") {
  CHECK(rules_of("read lab:/a") == "allow read lab:/a\n");
  CHECK(rules_of("deny any only lab:/a/, lab:\"/b c/*\" because \"no\"") == "deny any only lab:/a, lab:\"/b c/*\"\n  because \"no\"\n");
  CHECK(rules_of("ask write lab:a/**/b? except only lab:a/x, lab:a/y/**") == "ask write lab:a/**/b?\n  except only lab:a/x, lab:a/y/**\n");
  CHECK(rules_of("read lab:/ when size <= 5MB and not (flag or user.role == \"x\") unless n in [1, 2]") ==
        "allow read lab:/\n  when (size:size <= 5MB and not (flag:bool or user.role:any == \"x\"))\n  unless n:int in [1, 2]\n");
  CHECK(rules_of("read lab: between 22:00 and 06:30 on fri-mon in Europe/Zurich after list only lab:/a") ==
        "allow read lab:\n  between 22:00 and 06:30 on mon fri sat sun in Europe/Zurich\n  after list only lab:/a\n");
  CHECK(rules_of("read lab:/ when region like \"a*b?\" and has agent.x") == "allow read lab:/\n  when (region:string like \"a*b?\" and has agent.x:any)\n");
}

TEST_CASE("at most adds a limit over the same requests right behind its rule", "[check]") {
  CHECK(rules_of("read lab:/a at most 5 times per 1h when flag") ==
        "allow read lab:/a\n  when flag:bool\nlimit read lab:/a\n  to 5 times per 1h\n  when flag:bool\n");
  CHECK(rules_of("limit any anything to 3s of took\nlimit read lab:/ to 1KiB") ==
        "limit any anything\n  to 3s of took\nlimit read lab:/\n  to 1KiB of size\n");
  const Checked checked = check_good(kBefore + "read lab:/a at most 5 times");
  REQUIRE(checked.document.rules.size() == 2);
  CHECK_FALSE(checked.document.rules[0].from_rule);
  CHECK(checked.document.rules[1].from_rule);
  CHECK(checked.document.rules[0].place.line == checked.document.rules[1].place.line);
}

TEST_CASE("groups cover what they name, transitively", "[check]") {
  const Checked checked = check_good("system s { action all { some, z }; action some { x, y } }\nexpires 1h\nall s:/");
  CHECK(dump(checked.document).find("action all covers all, some, z, x, y\n") != std::string::npos);
  CHECK(dump(checked.document).find("action some covers some, x, y\n") != std::string::npos);
  CHECK(dump(checked.document).find("action x\n") != std::string::npos);
}

TEST_CASE("a comparison of constants is worked out", "[check]") {
  CHECK(rules_of("let site = \"ch\"\nread lab:/a when $site == \"ch\"") == "allow read lab:/a\n  when true\n");
  CHECK(rules_of("let cap = 5\nread lab:/a when $cap > 5 or 3 in [1, 2]") == "allow read lab:/a\n  when (false or false)\n");
}

TEST_CASE("lets name values, patterns and one another, in any order", "[check]") {
  const std::string expected = "allow read lab:/a/x, only lab:/b/*/x\n  when n:int < 5\n";
  CHECK(rules_of("let p = lab:/a, only lab:/b/*\nlet m = 5\nread $p/x when n < $m") == expected);
  CHECK(rules_of("read $q/x when n < $m\nlet q = $p\nlet m = $k\nlet k = 5\nlet p = lab:/a, only lab:/b/*") == expected);
  CHECK(rules_of("let two = $one, lab:/b\nlet one = lab:/a\nread only $two") == "allow read only lab:/a, only lab:/b\n");
  CHECK(rules_of("let root = lab:/\nread $root/x") == "allow read lab:/x\n");
  CHECK(rules_of("let l = [$a, \"y\"]\nlet a = \"x\"\nread lab:/a when region in $l") == "allow read lab:/a\n  when region:string in [\"x\", \"y\"]\n");
  // A circle, however long, is an error and ends.
  CHECK(codes(kBefore + "let a = $b\nlet b = $c\nlet c = $a\nread $a") == Codes{"let-circle"});
  // Twenty doublings would be a million patterns; a hundred must be refused.
  std::string bomb = "let x0 = lab:/a\n";
  for (int i = 1; i < 60; ++i) bomb += "let x" + std::to_string(i) + " = $x" + std::to_string(i - 1) + ", $x" + std::to_string(i - 1) + "\n";
  CHECK(codes(kBefore + bomb) == Codes{"too-large"});
}

TEST_CASE("lets nest 64 deep, whichever way round they are written", "[check]") {
  for (const bool forward : {true, false}) {
    for (const int deep : {64, 65, 5'000}) {
      std::string text = kBefore + "let x0 = 1\n", reversed;
      for (int i = 1; i < deep; ++i) {
        const std::string let = "let x" + std::to_string(i) + " = $x" + std::to_string(i - 1) + "\n";
        text += forward ? let : "";
        reversed.insert(0, forward ? "" : let);
      }
      INFO(deep << " " << forward);
      const Codes found = codes(text + reversed);
      CHECK(found.empty() == (deep == 64));
      if (!found.empty()) CHECK(found.front() == "lets-too-deep");
    }
  }
}

TEST_CASE("parameters take values of their type and widen nothing", "[check]") {
  const std::string text = "scope s(f: resource, n0: int, r: string, b: size, d: duration, t: time)\n" + std::string(test::kLab) +
                           "expires $d\nstarts $t\nread $f, $f/x/* when n < $n0 and region == $r and size < $b\n";
  const Checked open = check_good(text);
  CHECK_FALSE(open.document.complete);  // checked, but no program
  const auto with = [&](const std::string& f, const std::string& n) {
    CheckOptions options;
    options.arguments = {Argument::written("f", f),   Argument::written("n0", n),  Argument::written("r", "\"e\\u{75}\""),
                         Argument::written("b", "5MB"), Argument::written("d", "2h"), Argument::written("t", "2026-12-01T09:00Z")};
    return options;
  };
  const Checked bound = check_good(text, with("lab:/a/", "-3"));
  CHECK(bound.document.complete);
  CHECK(dump(bound.document).find("allow read lab:/a, lab:/a/x/*") != std::string::npos);
  CHECK(dump(bound.document).find("(n:int < -3 and region:string == \"eu\" and size:size < 5MB)") != std::string::npos);
  CHECK(check_good(text, with("lab:/a b", "1")).document.complete);  // an argument is the resource itself, no quotes
  for (const char* bad : {"lab:/a/*", "lab:/a?", "lab:/**", "lab:", "lab:/a/../b", "lab:/a//b", "/a", "", "labb:/a", "lab:/\xff", "lab:/a\\*"}) {
    INFO(bad);
    CHECK(codes(text, with(bad, "1")).size() >= 1);
  }
  for (const char* bad : {"5MB", "x", "99999999999999999999", "\"5\"", "1.5", ""}) {
    INFO(bad);
    CHECK(codes(text, with("lab:/a", bad)).size() >= 1);
  }
  CheckOptions twice = with("lab:/a", "1");
  twice.arguments.push_back(Argument::written("f", "lab:/b"));
  CHECK(codes(text, twice) == Codes{"argument-twice"});
  twice.arguments.back().name = "folder";
  CHECK(codes(text, twice) == Codes{"unknown-parameter"});
  Constant wrong;
  wrong.type = Type::size;
  wrong.number = 1;
  CheckOptions typed = with("lab:/a", "1");
  typed.arguments[1] = Argument::of("n0", wrong);
  CHECK(codes(text, typed) == Codes{"bad-argument"});
}

TEST_CASE("only task scopes have lifetime statements, and each has an end", "[check]") {
  CHECK(codes("read docs:/a") == Codes{"no-expiry"});
  CHECK(codes("read docs:/a; expires 0s") == Codes{"bad-duration"});
  CHECK(codes("guardrail g\nallow any anything").empty());
  CHECK(codes("grants g\nread docs:/a").empty());
  for (const char* statement : {"expires 2h", "starts 2026-12-01T09:00Z", "idle 5m", "purpose \"x\"", "agent a", "on behalf of a", "sponsor a", "review every 9d",
                                "trigger event \"x\"", "delegate"}) {
    INFO(statement);
    CHECK(codes("guardrail g\n" + std::string(statement)) == Codes{"not-in-this-kind"});
    CHECK(codes("grants g\n" + std::string(statement)) == Codes{"not-in-this-kind"});
    const std::string twice = "expires 1h\nsponsor b; review every 5d\n" + std::string(statement) + "\n" + statement;
    CHECK(codes(twice).size() >= 1);
  }
}

TEST_CASE("a broken statement is not blamed on those who use it", "[check]") {
  CHECK(codes(kBefore + "let x = = 5\nread lab:/a when n < $x") == Codes{"syntax"});
  CHECK(codes("system s { actions read }\nexpires 2h\nread s:/a when z == 3") == Codes{"syntax"});
  CHECK(codes("read docs:/a\nexpires 2hh") .size() == 1);
  CHECK(codes(kBefore + "use !\nread $x") == Codes{"syntax"});
  // Nor on what is known beside it: anything may have what did not parse.
  CHECK(codes(kBefore + "read anything when frob == 1") == Codes{"unknown-attribute"});
  CHECK(codes(kBefore + "use !\nread anything when frob == 1") == Codes{"syntax"});
  CHECK(codes(kBefore + "use !\nread anything when n == 1") == Codes{"syntax"});
}

TEST_CASE("of two sides that do not compare what is wrong is said, and help only where there is some", "[check]") {
  const auto finding = [](const std::string& rule) {
    const Checked checked = check_text(kBefore + rule);
    for (const lang::Diagnostic& each : checked.diagnostics.all()) {
      if (each.severity == lang::Severity::error) return each;
    }
    return lang::Diagnostic{};
  };
  for (const char* const rule : {"read lab:/a when 1 == flag", "read lab:/a when flag == 1", "read lab:/a when n == \"abc\"", "read lab:/a when size == \"abc\"",
                                 "let x = 5\nread lab:/a when size < $x", "read lab:/a when n == size", "read lab:/a when n == \"\""}) {
    INFO(rule);
    CHECK(finding(rule).code == "type-mismatch");
    CHECK(finding(rule).help.empty());
  }
  CHECK(finding("read lab:/a when 5 < size").help == "write the unit: `5B`, `5MB`");
  CHECK(codes(kBefore + "read lab:/a when n == user.x and user.x == n").empty());
  CHECK(finding("read lab:/a at most 5 of flag").code == "not-summable");
  CHECK(codes("scope t(p: resource)\n" + kBefore + "read $p at most 5 of n").empty());
  CHECK(finding("read lab:/" + std::string(4092, 'a')).message.find("has 4097 bytes; at most 4096 are allowed") != std::string::npos);
  CHECK(finding("read " + std::string(65, 'a') + ":/").message.find("at most 64 bytes") != std::string::npos);
}

TEST_CASE("what an attribute is shows only when it is known of which system", "[check]") {
  const std::string systems = "expires 2h\nsystem lab { action read; attribute kind: string }\nsystem box { action read; attribute kind: int }\n";
  CHECK(codes(systems + "read box:/a when kind == \"x\"") == Codes{"type-mismatch"});
  CHECK(codes("scope t(p: resource)\n" + systems + "read $p when kind == 1").empty());
  CHECK(codes("scope t(p: resource)\n" + systems + "read $p when kind == \"x\"").empty());
}

TEST_CASE("one run reports every independent error, at most twenty", "[check]") {
  const Codes found = codes(kBefore + "raed lab:/a\nread labb:/a\nread lab:/a when sise < 5\nread lab:/a between 25:00 and 26:00\nexpires 3h");
  CHECK(found == Codes{"unknown-action", "unknown-system", "unknown-attribute", "bad-clock", "bad-clock", "statement-twice"});
  std::string many = kBefore;
  for (int i = 0; i < 500; ++i) many += "raed lab:/a\n";
  CHECK(codes(many).size() == 20);
}

TEST_CASE("what depends on an argument waits for it", "[check]") {
  const std::string systems = "system here { action read; attribute kind: string }\nsystem there { action read; attribute kind: int }\n";
  const std::string text = "scope s(folder: resource, deep: int, often: int, late: duration, cap: size)\n" + systems +
                           "expires $late\ndelegate up to $deep levels\n"
                           "read $folder when kind == 7 at most $cap per $late\n"
                           "read $folder/deeper when $often in [1, $often, 2]\n"
                           "test \"t\" with folder = there:/a, deep = 1, often = 2, late = 2h, cap = 5MB { deny read $folder at $late repeat $often }\n";
  CHECK(codes("scope s(folder: resource)\n" + systems + "expires 1h\nread $folder/a//b") == Codes{"malformed-pattern"});
  CHECK(codes("scope s(folder: resource)\n" + systems + "expires 1h\nfrobnicate $folder") == Codes{"unknown-action"});
  CHECK(codes("scope s(folder: resource)\n" + systems + "expires 1h\nread $folder at most 5 of kind") == Codes{});
  const auto with = [&](const char* folder, const char* deep, const char* often, const char* late, const char* cap) {
    CheckOptions options;
    options.arguments = {Argument::written("folder", folder), Argument::written("deep", deep), Argument::written("often", often), Argument::written("late", late), Argument::written("cap", cap)};
    return codes(text, options);
  };
  // Before the values are there nothing is wrong; then the `size` to be summed is in neither system.
  CHECK(codes(text).empty());
  CHECK(with("there:/a", "1", "2", "2h", "5MB") == Codes{"unknown-attribute"});
  CHECK(with("here:/a", "1", "2", "2h", "5MB") == Codes{"type-mismatch", "unknown-attribute"});
  CHECK(with("there:/a", "0", "2", "2h", "5MB") == Codes{"bad-levels", "unknown-attribute"});
  CHECK(with("there:/a", "1", "0", "2h", "5MB") == Codes{"unknown-attribute", "bad-repeat"});
  CHECK(with("there:/a", "1", "2", "0s", "5MB") == Codes{"bad-duration", "unknown-attribute", "bad-duration"});
}

TEST_CASE("a test's values for parameters are held to their types", "[check]") {
  const auto with = [](const std::string& given) {
    return codes("scope s(folder: resource, n0: int, odd: nothing)\n" + kBefore + "read $folder when n < $n0\ntest \"t\" with " + given + " { deny read lab:/q }");
  };
  const Codes odd = {"unknown-type"};
  CHECK(with("folder = lab:/a, n0 = 5, odd = 5MB") == odd);
  CHECK(with("folder = lab:/a, n0 = 5MB") == Codes{"unknown-type", "type-mismatch"});
  CHECK(with("folder = 5, n0 = 5") == Codes{"unknown-type", "type-mismatch"});
  CHECK(with("folder = lab:/a\\*, n0 = 5") == Codes{"unknown-type", "wildcard-in-argument"});
  CHECK(with("folder = $folder, n0 = $n0") == odd);
  CHECK(with("frobnicate = 5") == Codes{"unknown-type", "unknown-parameter"});
}

TEST_CASE("arguments that only a host can give", "[check]") {
  const auto with = [](const std::string& header, std::vector<Argument> arguments) {
    CheckOptions options;
    options.arguments = std::move(arguments);
    return codes(header + "\n" + kBefore + "read lab:/a when region == $r", options);
  };
  const std::string header = "scope s(r: string)";
  CHECK(with(header, {Argument::written("r", "\"")}).empty());      // one quote is a text like any other
  CHECK(with(header, {Argument::written("r", "\"eu")}).empty());
  CHECK(with(header, {Argument::written("r", "eu\"")}).empty());
  CHECK(with(header, {Argument::written("r", "\"e\\q\"")}) == Codes{"bad-argument"});
  CHECK(with(header, {Argument::written("r", "e\xFFu")}) == Codes{"bad-argument"});
  // A header that does not parse may have had any parameter; one of no known type takes any value.
  CHECK(with("scope s(r: )", {Argument::written("x", "5")}) == Codes{"syntax"});
  CHECK(with("scope s(r: sting)", {Argument::written("r", "5MB")}) == Codes{"unknown-type"});
}

TEST_CASE("what else the dump shows", "[check]") {
  CHECK(rules_of("read lab:/a between 09:00 and 10:00 in Etc/GMT+5") == "allow read lab:/a\n  between 09:00 and 10:00 on mon tue wed thu fri sat sun in Etc/GMT+5\n");
  CHECK(rules_of("let cap = 5MB\nread lab:/a at most $cap") == "allow read lab:/a\nlimit read lab:/a\n  to 5MB of size\n");
  CHECK(rules_of("read lab:/a when n == user.quota or user.tags == [] or labels == []") ==
        "allow read lab:/a\n  when (n:int == user.quota:any or user.tags:any == [] or labels:list of string == [])\n");
  const Checked checked = check_good(kBefore + "read lab:/a\ntest \"t\" with opened = 2026-12-01T09:00Z { allow read lab:/a }");
  CHECK(dump(checked.document).find("with opened = 2026-12-01T09:00Z\n") != std::string::npos);
  const Checked usual = check_good(kBefore + "read lab:/a\ntest \"t\" { allow read lab:/a }");
  CHECK(dump(usual.document).find("test \"t\"\n    allow read lab:/a\n") != std::string::npos);
}

TEST_CASE("after two hundred errors of any kind the rest is left out", "[check]") {
  const auto repeat = [](const std::string& part, const std::string& between = "") {
    std::string out;
    for (int i = 0; i < 250; ++i) {
      if (i > 0) out += between;
      const std::size_t at = part.find('#');
      out += part.substr(0, at) + std::to_string(i) + part.substr(at + 1);
    }
    return out;
  };
  const std::pair<std::string, const char*> rows[] = {
      {repeat("use x#\n"), "unknown-module"},
      {"read " + repeat("sys#:/a", ", "), "unknown-system"},
      {repeat("act#", ", ") + " lab:/a", "unknown-action"},
      {"read lab:/a when " + repeat("x# == 1", " or "), "unknown-attribute"},
      {"read " + repeat("$x#", ", "), "unknown-name"},
      {"system s { action a; " + repeat("attribute x#: nothing", "; ") + " }", "unknown-type"},
      {"test \"t\" with " + repeat("x# = 5", ", ") + " { allow read lab:/a }", "unknown-parameter"},
      {"test \"t\" { " + repeat("allow act# lab:/a", "; ") + " }", "unknown-action"},
      {repeat("read lab:/a between 09:00 and 10:00 in Nowhere#\n"), "unknown-zone"},
      {"read lab:/a when " + repeat("x# == 1", " or ") + " between 09:00 and 10:00 in Nowhere", "unknown-attribute"},
  };
  for (const auto& [text, code] : rows) {
    INFO(text.substr(0, 60));
    CHECK(codes(kBefore + text) == Codes(20, code));
  }
}
