// The limits of documents that show only when all of one is put together (those of the text alone
// are in parse_test.cpp): each at the limit, one past it, and with its own error.
#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "lang/check/context.h"
#include "tests/reference/checked.h"

using namespace remit;
using namespace remit::lang;

namespace {

using Modules = std::vector<std::pair<std::string, std::string>>;

std::string repeat(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

// The first error's code; empty where there is none.
std::string code(const std::string& text, const CheckOptions& options = {}) {
  const reference::Checked checked = reference::check_text(text, options);
  for (const Diagnostic& finding : checked.diagnostics.all()) {
    if (finding.severity == Severity::error) return finding.code;
  }
  return {};
}

std::string with_modules(const std::string& text, const Modules& modules) {
  return code(text, {{}, {}, modules});
}

std::string with_argument(const std::string& type, const std::string& value) {
  return code("scope t(p: " + type + ")\nexpires 1h\nread docs:/a",
              {{Argument::written("p", value)}, {}, {}});
}

const std::string kStart = "expires 1h\n";

}  // namespace

TEST_CASE("a pattern has 4096 bytes and 64 segments, however it is put together", "[limits]") {
  const std::string most = "docs:/" + std::string(4090, 'a');
  CHECK(code(kStart + "read " + most).empty());
  CHECK(code(kStart + "read " + most + "a") == "pattern-too-long");
  CHECK(code(kStart + "let f = docs:/" + std::string(2045, 'a') + "\nread $f/" +
             std::string(2044, 'b'))
            .empty());
  CHECK(code(kStart + "let f = docs:/" + std::string(2045, 'a') + "\nread $f/" +
             std::string(2045, 'b')) == "pattern-too-long");
  CHECK(with_argument("resource", most).empty());
  CHECK(with_argument("resource", most + "a") == "pattern-too-long");
  const auto extended = [](std::size_t bytes) {
    const Argument folder = Argument::written("p", "docs:/" + std::string(2045, 'a'));
    return code("scope t(p: resource)\nexpires 1h\nread $p/" + std::string(bytes, 'b'),
                {{folder}, {}, {}});
  };
  CHECK(extended(2044).empty());
  CHECK(extended(2045) == "pattern-too-long");

  CHECK(code(kStart + "read docs:" + repeat("/a", 64)).empty());
  CHECK(code(kStart + "read docs:" + repeat("/a", 65)) == "too-many-segments");
  CHECK(code(kStart + "let f = docs:" + repeat("/a", 60) + "\nread $f" + repeat("/b", 4)).empty());
  CHECK(code(kStart + "let f = docs:" + repeat("/a", 60) + "\nread $f" + repeat("/b", 5)) ==
        "too-many-segments");
  CHECK(with_argument("resource", "docs:" + repeat("/a", 64)).empty());
  CHECK(with_argument("resource", "docs:" + repeat("/a", 65)) == "too-many-segments");
}

TEST_CASE("the name of a system has 64 bytes, in patterns too", "[limits]") {
  const std::string name(64, 'a');
  CHECK(code(kStart + "system " + name + " { action read }\nread " + name + ":/x, " + name + ":")
            .empty());
  CHECK(code(kStart + "read " + name + "a:/x") == "name-too-long");
  CHECK(code(kStart + "read " + name + "a:") == "name-too-long");
}

TEST_CASE("a string has 64 KiB, given from outside too", "[limits]") {
  CHECK(with_argument("string", std::string(65'536, 'x')).empty());
  CHECK(with_argument("string", std::string(65'537, 'x')) == "bad-argument");
  CHECK(with_argument("string", "\"" + std::string(65'536, 'x') + "\"").empty());
  CHECK(with_argument("string", "\"" + std::string(65'537, 'x') + "\"") == "bad-argument");
  CHECK(code(kStart + "let s = \"" + std::string(65'536, 'x') + "\"\nread docs:/a when user == $s")
            .empty());
  CHECK(code(kStart + "let s = \"" + std::string(65'537, 'x') +
             "\"\nread docs:/a when user == $s") == "string-too-long");
}

TEST_CASE("lets name lets 64 deep", "[limits]") {
  const auto chain = [](std::size_t depth, bool downwards) {
    std::vector<std::string> lets = {"let x1 = docs:/a\n"};
    for (std::size_t i = 2; i <= depth; ++i)
      lets.push_back("let x" + std::to_string(i) + " = $x" + std::to_string(i - 1) + "\n");
    std::string text = kStart;
    for (std::size_t i = 0; i < lets.size(); ++i) text += lets[downwards ? lets.size() - 1 - i : i];
    return text + "read $x" + std::to_string(depth);
  };
  for (const bool downwards : {false, true}) {
    CHECK(code(chain(63, downwards)).empty());
    CHECK(code(chain(64, downwards)).empty());
    CHECK(code(chain(65, downwards)) == "lets-too-deep");
    CHECK(code(chain(60'000, downwards)) == "lets-too-deep");
  }
}

TEST_CASE("modules use modules 64 deep", "[limits]") {
  const auto chain = [](std::size_t depth) {
    Modules modules;
    for (std::size_t i = 1; i <= depth; ++i) {
      const std::string next = i == depth ? "read docs:/a" : "use m" + std::to_string(i + 1);
      modules.emplace_back("m" + std::to_string(i), next);
    }
    return modules;
  };
  CHECK(with_modules(kStart + "use m1", chain(64)).empty());
  CHECK(with_modules(kStart + "use m1", chain(65)) == "modules-too-deep");
  CHECK(with_modules(kStart + "use m1", chain(3'000)) == "modules-too-deep");
  // Also where a deep one was met before by a shorter way.
  CHECK(with_modules(kStart + "use m2; use m1", chain(64)).empty());
  CHECK(with_modules(kStart + "use m2; use m1", chain(65)) == "modules-too-deep");
  CHECK(with_modules(kStart + "use m1; use m2", chain(65)) == "modules-too-deep");
}

TEST_CASE("a document has 2^20 statements with all its modules", "[limits]") {
  // Lifetimes of a module stay behind, but they stand there.
  const std::size_t uses = 1023, each = 1024;
  const Modules modules = {{"m", repeat("idle 1m\n", each)}};
  const std::size_t rest = checker::kMaxStatements - 1 - uses * (each + 1);  // 1 is `expires`
  const std::string text = kStart + repeat("use m\n", uses) + repeat("read docs:/a\n", rest);
  CHECK(with_modules(text, modules).empty());
  CHECK(with_modules(text + "read docs:/a", modules) == "too-many-statements");
  CHECK(with_modules(text + "use m", modules) == "too-many-statements");
  // Doubling through modules of modules ends soon.
  Modules doubling = {{"d0", "read docs:/a"}};
  for (int i = 1; i < 60; ++i)
    doubling.emplace_back("d" + std::to_string(i),
                          repeat("use d" + std::to_string(i - 1) + "\n", 2));
  CHECK(with_modules(kStart + "use d59", doubling) == "too-many-statements");
}

TEST_CASE("a module is a document: 16 MiB", "[limits]") {
  const std::string most = "read docs:/a\n" + std::string((std::size_t{16} << 20) - 13, '\n');
  CHECK(with_modules(kStart + "use m", {{"m", most}}).empty());
  CHECK(with_modules(kStart + "use m", {{"m", most + "\n"}}) == "file-too-large");
}

TEST_CASE("systems, their actions and attributes are as many as an image can hold", "[limits]") {
  const std::size_t standard = checker::standard_systems().size();
  const auto systems = [](std::size_t count) {
    std::string text = kStart;
    for (std::size_t i = 0; i < count; ++i)
      text += "system s" + std::to_string(i) + " { action read }\n";
    return text + "read s0:/a";
  };
  CHECK(code(systems(4096 - standard)).empty());
  CHECK(code(systems(4097 - standard)) == "too-many-systems");
  const auto members = [](std::string_view word, std::string_view type, std::size_t count) {
    std::string text = kStart + "system s { action read;";
    for (std::size_t i = 0; i < count; ++i)
      text += std::string(word) + " x" + std::to_string(i) + std::string(type) + ";";
    return text + "}\nread s:/a";
  };
  CHECK(code(members("action", "", 4095)).empty());
  CHECK(code(members("action", "", 4096)) == "system-too-large");
  CHECK(code(members("action", "", 9999)) == "system-too-large");
  CHECK(code(members("attribute", ": int", 4096)).empty());
  CHECK(code(members("attribute", ": int", 4097)) == "system-too-large");
}

TEST_CASE("what groups in groups unfold to is bounded", "[limits]") {
  const auto groups = [](std::size_t count) {
    std::string text = kStart + "system s { action a0", wide = "{ a0";
    for (int i = 1; i < 3'000; ++i) {
      const std::string name = "a" + std::to_string(i);
      text += "; action " + name + " { a" + std::to_string(i - 1) + " }";
      wide += ", " + name;
    }
    for (std::size_t i = 0; i < count; ++i) text += "; action g" + std::to_string(i) + " " + wide + " }";
    return code(text + " }\nread s:/a");
  };
  CHECK(groups(2) != "too-large");
  CHECK(groups(14) == "too-large");
}

TEST_CASE("what lets, parameters and modules unfold to is bounded", "[limits]") {
  const auto uses = [](std::string_view use, std::size_t times) {
    return kStart + repeat(use, times);
  };
  // Patterns, their text, lists and strings.
  const std::size_t patterns = checker::kMaxUnfolded / (checker::kPatternWeight + 2);
  const std::string thousand = "let a = docs:/a" + repeat(", docs:/a", 999) + "\n";
  CHECK(code(uses(thousand + "let x = docs:/b\n", 1) + repeat("read $a\n", patterns / 1000 - 1))
            .empty());
  CHECK(code(uses(thousand + "let x = docs:/b\n", 1) + repeat("read $a\n", patterns / 1000 + 1)) ==
        "too-large");
  CHECK(code(uses(thousand, 1) + repeat("read $a/x\n", patterns / 1000 + 1)) == "too-large");
  const std::string long_one = "let a = docs:/" + std::string(4000, 'x') + "\n";
  CHECK(code(kStart + long_one + "let b = $a" + repeat(", $a", 999) + "\nlet c = $b" +
             repeat(", $b", 99) + "\nread $c") == "too-large");
  const std::string list = "let l = [1" + repeat(", 1", 99'999) + "]\n";
  CHECK(code(kStart + list + "system s { action a; attribute n: int }\na s: when n in $l" +
             repeat(" or n in $l", 10))
            .empty());
  CHECK(code(kStart + list + "system s { action a; attribute n: int }\na s: when n in $l" +
             repeat(" or n in $l", 100)) == "too-large");
  const std::string string = "let s = \"" + std::string(65'536, 'x') + "\"\n";
  CHECK(code(kStart + string + "read docs:/a when user == $s" + repeat(" or user == $s", 1'000))
            .empty());
  CHECK(code(kStart + string + "read docs:/a when user == $s" + repeat(" or user == $s", 5'000)) ==
        "too-large");
  // Doubling.
  std::string doubling = kStart + "let a0 = docs:/a\n";
  for (int i = 1; i < 64; ++i)
    doubling += "let a" + std::to_string(i) + " = $a" + std::to_string(i - 1) + ", $a" +
                std::to_string(i - 1) + "\n";
  CHECK(code(doubling + "read $a63") == "too-large");
  // The text of a module, and its parameters, each time that it is used.
  const Modules heavy = {
      {"m", "read docs:/a when user == \"a\"" + repeat(" or user == \"a\"", 10'000)}};
  CHECK(with_modules(uses("use m\n", 50), heavy).empty());
  CHECK(with_modules(uses("use m\n", 200), heavy) == "too-large");
  std::string parameters = "scope m(p: int";
  for (int i = 0; i < 20'000; ++i) parameters += ", p" + std::to_string(i) + ": int";
  CHECK(with_modules(uses("use m\n", 60'000), {{"m", parameters + ")\nread docs:/a"}}) != "");
}

TEST_CASE("what modules bring is counted to the byte", "[limits]") {
  // 16 for each of their text, 64 for a let each time that it is brought, 96 for an item of a list and its text.
  const auto filled = [](std::size_t left, const std::string& rest, Modules modules) {
    const std::size_t text = checker::kMaxUnfolded - left, most = std::size_t{1} << 24;
    const auto idle = [](std::size_t bytes) { return "idle" + std::string(bytes / checker::kTextWeight - 6, ' ') + "1m"; };
    modules.emplace_back("m0", idle(most));
    modules.emplace_back("m1", idle(text % most + most));
    return with_modules(kStart + repeat("use m0\n", text / most - 1) + "use m1\n" + rest, modules);
  };
  const Modules lets = {{"a", "let x = docs:/a"}, {"b", "use a"}};
  CHECK(filled(15 * 16 + 64, "use a; read docs:/a", lets).empty());
  CHECK(filled(15 * 16 + 48, "use a; read docs:/a", lets) == "too-large");
  CHECK(filled(5 * 16 + 15 * 16 + 128, "use b; read docs:/a", lets).empty());
  CHECK(filled(5 * 16 + 15 * 16 + 112, "use b; read docs:/a", lets) == "too-large");
  CHECK(filled(97, "read docs:/a when user in [\"a\"]", {}).empty());
  CHECK(filled(96, "read docs:/a when user in [\"a\"]", {}) == "too-large");
}
