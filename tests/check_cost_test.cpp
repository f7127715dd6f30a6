// Documents made to keep the checker or the compiler busy: many of one thing times many of another.
// Each of these once took minutes, or all memory, for a few megabytes of text. They are refused or
// compiled in time that is about linear in their size.
#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include <remit/lang/compile.h>

#include "lang/syntax/source.h"
#include "tests/generate/random.h"
#include "tests/processor_time.h"

using namespace remit;
using namespace remit::lang;

namespace {

std::string repeat(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

// `part` with each `#` in it replaced by 0, 1, 2, ...
std::string numbered(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    for (const char c : part) out += c == '#' ? std::to_string(i) : std::string(1, c);
  }
  return out;
}

using Modules = std::vector<std::pair<std::string, std::string>>;

// The code of the first error ("" for none), within three seconds of this process's time.
std::string compile_soon(const std::string& text, const Modules& modules = {}) {
  CompileOptions options;
  options.modules = modules;
  const double from = test::processor_seconds();
  const Compiled compiled = compile("expires 1h\n" + text, options);
  const double seconds = test::processor_seconds() - from;
  CHECK(seconds < 3 * test::kSlower);
  for (const Diagnostic& finding : compiled.diagnostics().all()) {
    if (finding.severity == Severity::error) return finding.code;
  }
  return {};
}

}  // namespace

TEST_CASE("many actions", "[cost]") {
  CHECK(compile_soon("read" + numbered(", a#", 300'000) + " docs:/a") == "unknown-action");
  CHECK(compile_soon("system s { action a }\nsystem t { action a }\na" + repeat(", a", 500'000) +
                     " s:/a, t:/b")
            .empty());
  CHECK(compile_soon("system s { action w { x" + numbered(", a#", 300'000) +
                     " } }\nread docs:/a") == "system-too-large");
  // All names times all patterns.
  CHECK(compile_soon("system s { " + numbered("action a#;", 4'000) + " }\nx" +
                     numbered(", a#", 4'000) + " s:" + numbered(", s:/#", 50'000)) ==
        "unknown-action");
  CHECK(compile_soon("system s { " + numbered("action a#;", 4'000) + " }\na0" +
                     numbered(", a#", 4'000) + " s:" + numbered(", s:/#", 50'000))
            .empty());
}

TEST_CASE("many systems", "[cost]") {
  const std::string systems = numbered("system s# { action a; attribute n: int }\n", 4'000);
  CHECK(compile_soon(systems + "a s0:" + repeat(numbered(", s#:", 4'000), 50)).empty());
  CHECK(compile_soon(systems + "a s0:" + numbered(", s#:", 4'000) + " when n == 1" +
                     repeat(" or n == 1", 50'000))
            .empty());
  CHECK(compile_soon(systems + repeat("a anything when n == 1\n", 100'000)) == "too-large");
  CHECK(compile_soon(systems + "system t { action b; attribute n: string }\n" +
                     repeat("a anything when n == 1\n", 100'000)) == "attribute-types-differ");
  CHECK(compile_soon(numbered("system s# { action a }\n", 200'000) +
                     "a s0:" + numbered(", s#:", 200'000)) == "too-many-systems");
}

TEST_CASE("many mistakes among names that are all alike", "[cost]") {
  const std::string name(50, 'a');
  const std::string systems = "system s { " + numbered("action " + name + "#;", 4'000) + " }\n" +
                              "system t { action b; " +
                              numbered("attribute " + name + "#: int;", 4'000) + " }\n";
  CHECK(compile_soon(systems + numbered(name + "#x s:/a\n", 20'000)) == "unknown-action");
  CHECK(compile_soon(systems + numbered(name + "#x anything\n", 20'000)) == "unknown-action");
  CHECK(compile_soon(systems + "b t:/a when " + name + "x" +
                     numbered(" or " + name + "#x == 1", 20'000)) == "unknown-attribute");
  CHECK(compile_soon(numbered("let " + name + "# = docs:/a\n", 20'000) +
                     numbered("read $" + name + "#x\n", 20'000)) == "unknown-name");
  CHECK(compile_soon(numbered("read docs:/a between 09:00 and 10:00 in Europe/Zurich#\n",
                              50'000)) == "unknown-zone");
  CHECK(compile_soon(numbered("use nowhere.x#\n", 200'000)) == "unknown-module");
  CHECK(compile_soon(numbered("read doc#:/a\n", 200'000)) == "unknown-system");
}

TEST_CASE("many uses of modules", "[cost]") {
  // All users of a name times all modules that have it.
  CHECK(
      compile_soon(repeat("use m\n", 100'000) + repeat("read docs:/a at most $x times\n", 100'000),
                   {{"m", "let x = 5\n"}})
          .empty());
  CHECK(compile_soon(
            repeat("use m; use n\n", 50'000) + repeat("read docs:/a at most $x times\n", 100'000),
            {{"m", "let x = 5\n"}, {"n", "let x = 6\n"}}) == "ambiguous-name");
  CHECK(compile_soon(repeat("use m\n", 100'000),
                     {{"m", "scope m(p: int" + numbered(", p#: int", 20'000) +
                                ")\nread docs:/a"}}) == "missing-argument");
  CHECK(compile_soon(repeat("use m\n", 100'000),
                     {{"m", "let x = docs:" + repeat(", docs:", 100'000)}}) == "too-large");
  CHECK(compile_soon(repeat("use m\n", 100'000),
                     {{"m", "read docs:" + repeat(", docs:", 100'000)}}) == "too-large");
}

TEST_CASE("all on one line", "[cost]") {
  // Findings at its end, each with a place in code points; comments that silence all of it.
  CHECK(compile_soon(repeat("read docs:/a; ", 100'000) + numbered("raed docs:/#; ", 20'000)) ==
        "unknown-action");
  CHECK(compile_soon(numbered("let x# = docs:; ", 100'000) + "read docs:/a").empty());
  CHECK(compile_soon(numbered("let x# = docs:; ", 100'000) +
                     "read docs:/a # allow: " + repeat("unused, ", 500'000) + "unused-let")
            .empty());
  CHECK(compile_soon("read docs:/b,\n" + repeat("# allow: nothing\n", 200'000) + "docs:, " +
                     numbered("docs:/#, ", 2'000) + "docs:/a")
            .empty());
}

TEST_CASE("rules that warnings compare with one another", "[cost]") {
  const std::string system = "system s { action a, b; attribute n: int }\n";
  const std::string names = "x" + numbered(", a#", 4'000);
  const std::string many = "system t { action x;" + numbered("action a#;", 4'000) + " }\n";
  CHECK(compile_soon(system + repeat("a s:/x\n", 100'000)).empty());
  CHECK(compile_soon(system + numbered("a s:/x when n == #\n", 50'000)).empty());
  CHECK(compile_soon(system + repeat("limit b s:/x to 5 times\n", 50'000) +
                     repeat("a s:/x\n", 50'000))
            .empty());
  CHECK(compile_soon(system + numbered("a s:/#\n", 50'000) +
                     numbered("limit a s:/**/# to 5 times\n", 50'000))
            .empty());
  CHECK(compile_soon(system + "a s:/x" + numbered(", s:/#", 50'000) + " except s:/x/y" +
                     numbered(", s:/#/y", 50'000))
            .empty());
  CHECK(
      compile_soon(system + repeat("a s:/x when n == 1" + numbered(" or n == #", 50'000) + "\n", 2))
          .empty());
  CHECK(compile_soon(many + repeat(names + " t:/x\n", 100)).empty());
  CHECK(compile_soon(many + repeat(names + " anything\n", 100)).empty());
}

TEST_CASE("places are found fast and are those of a plain count", "[cost]") {
  generate::Random random(31);
  for (int round = 0; round < 300; ++round) {
    std::string text = random.chance(30) ? "\xEF\xBB\xBF" : "";
    const std::uint32_t start = static_cast<std::uint32_t>(text.size());
    for (std::size_t left = random.below(400); left > 0; --left)
      text +=
          random.pick({std::string("a"), std::string("\xC3\xA9"), std::string("\xF0\x9F\x98\x80"),
                       std::string("\n"), std::string("\r\n"), std::string("\t")});
    const Source source("x", text);
    Position at;
    for (std::uint32_t i = start; i <= text.size(); ++i) {
      const Position found = source.position(i);
      REQUIRE(found.line == at.line);
      const bool within_line_end =
          i > start && i < text.size() && text[i] == '\n' && text[i - 1] == '\r';
      REQUIRE(found.column == at.column - (within_line_end ? 1 : 0));
      if (i == text.size()) break;
      if (text[i] == '\n')
        at = {at.line + 1, 1};
      else if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U)
        ++at.column;
    }
  }
}
