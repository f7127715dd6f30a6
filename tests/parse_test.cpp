// The parser: trees, statement ends, limits at their edge and one past it, recovery, spans, hostile and
// mutated texts, linear time.
#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

#include "lang/parse/grammar_check.h"
#include "lang/parse/literal_text.h"
#include "lang/parse/parse.h"
#include "lang/syntax/dump.h"
#include "tests/processor_time.h"

using namespace remit::lang;
using remit::test::kSlower;
using remit::test::processor_seconds;

namespace {

struct Parsed {
  explicit Parsed(std::string text) : source("x.scope", std::move(text)), document(parse(source, diagnostics)) {}
  Source source;
  Diagnostics diagnostics;
  syntax::Document document;
  bool clean() const { return diagnostics.all().empty(); }
  std::string tree() const { return syntax::dump(document); }
  // `line:column code` of each finding.
  std::vector<std::string> findings() const {
    std::vector<std::string> out;
    for (const Diagnostic& d : diagnostics.all()) out.push_back(std::to_string(d.line) + ":" + std::to_string(d.column) + " " + d.code);
    return out;
  }
};

using Findings = std::vector<std::string>;

std::string repeat(const std::string& part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

double milliseconds(const std::string& text) {
  const Source source("x.scope", text);
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    Diagnostics diagnostics;
    const double from = processor_seconds();
    static_cast<void>(parse(source, diagnostics));
    best = std::min(best, (processor_seconds() - from) * 1'000);
  }
  return best;
}

const char* const kEverything =
    "scope weekly(folder: resource, cap: int)\n"
    "purpose \"Why\"; agent spiffe://a/*, \"b c\"; on behalf of ann@x; expires 2h; idle $i\n"
    "starts 2026-12-01T09:00Z; sponsor ann; review every 90d; trigger schedule \"0 0 * * *\"\n"
    "delegate up to 2 levels to a, b; use m.n(x = 1, y = docs:/a)\n"
    "let places = docs:/a, only $folder/b; let many = [1, 2]\n"
    "system crm-2 \"The CRM\" { action read, \"x/y\"; action write { create, update }; attribute labels: list of string }\n"
    "read, \"x/y\" $folder, only docs:\"/a b\"\n"
    "  except docs:/**/hr when n == -1 and (a or not has b) unless \"x\" in labels\n"
    "  between 22:00 and 06:00 on mon-fri, sun in Europe/Zurich after list docs:/a at most 5 of n per 1h because \"b\"\n"
    "deny any anything\nlimit any anything to 5MB\n"
    "test \"t\" with folder = docs:/a, user.role = \"lead\" {\n"
    "  ask read docs:/a with n = 5 at 1h repeat 3 because expired\n  approve\n  deny \"x/y\" $folder/x because \"b\"\n}\n";

}  // namespace

TEST_CASE("the grammar is sound", "[parse]") { CHECK(grammar::faults() == 0); }

TEST_CASE("every kind of statement makes its tree", "[parse]") {
  const Parsed parsed(kEverything);
  INFO(parsed.diagnostics.render());
  REQUIRE(parsed.clean());
  CHECK(parsed.tree() == R"(scope weekly
  parameter folder: resource
  parameter cap: int
purpose string "Why"
agent
  bare spiffe://a/*
  string "b c"
on behalf of
  bare ann@x
expires scalar 2h
idle variable $i
starts scalar 2026-12-01T09:00Z
sponsor
  bare ann
review every scalar 90d
trigger
  schedule "0 0 * * *"
delegate scalar 2
  bare a
  bare b
use m.n
  argument x = scalar 1
  argument y = resource docs:/a
let places
  pattern docs:/a
  only variable $folder/b
let many = list [scalar 1, scalar 2]
system crm-2 "The CRM"
  action read
  action "x/y"
  action write
    create
    update
  attribute labels: list of string
allow (left out)
  actions read, "x/y"
  variable $folder
  only pattern docs:"/a b"
  except
    pattern docs:/**/hr
  when
    and
      name n == scalar -1
      or
        name a
        not
          has name b
  unless
    string "x" in name labels
  between 22:00 and 06:00
    on mon-fri
    on sun
    in Europe/Zurich
  after
    actions list
    pattern docs:/a
  at most scalar 5 of n per scalar 1h
  because "b"
deny
  actions any
  anything
limit
  actions any
  anything
  to scalar 5MB
test "t"
  with folder = resource docs:/a
  with user.role = string "lead"
  ask
    action read
    pattern docs:/a
    with n = scalar 5
    at scalar 1h
    repeat scalar 3
    because expired
  approve
  deny
    action "x/y"
    variable $folder/x
    because "b"
)");
}

TEST_CASE("conditions bind as the page says", "[parse]") {
  const Parsed parsed("read docs:/a when not a == 1 and b or c and d or (e or f) and not not g");
  REQUIRE(parsed.clean());
  CHECK(parsed.tree().find("    or\n      and\n        not\n          name a == scalar 1\n        name b\n      and\n        name c\n"
                           "        name d\n      and\n        or\n          name e\n          name f\n        not\n          not\n"
                           "            name g\n") != std::string::npos);
}

TEST_CASE("a statement ends where the page says", "[parse]") {
  CHECK(Parsed("read docs:/a; write docs:/b;;expires 2h").document.statements.size() == 3);
  CHECK(Parsed("read docs:/a\nwrite docs:/b\r\nexpires 2h").document.statements.size() == 3);
  for (const char* one : {"read docs:/a\n\n# c\n\n  except docs:/b", "read docs:/a # c\nwhen x", "read,\nlist docs:/a,\n# c\ndocs:/b",
                          "read docs:/a when n ==\n3", "read docs:/a when not\nx", "read docs:/a when a and\nb", "read docs:/a when a or # c\nb",
                          "read docs:/a when a in\n[\n1\n,\n2\n]", "read docs:/a when a like\n\"x\"", "read docs:/a when has\nx",
                          "read docs:/a when (\na\nand # c\nb\n)", "read docs:/a between 09:00 and\n10:00 on mon,\ntue in\nUTC",
                          "let x =\n5", "use m(\na\n=\n1\n)", "read docs:/a\r\n  at most 3 times\r\n  because \"x\""}) {
    const Parsed parsed(one);
    INFO(one << parsed.diagnostics.render());
    CHECK(parsed.clean());
    CHECK(parsed.document.statements.size() == 1);
  }
  for (const char* bad : {"read\ndocs:/a", "read docs:/a when\nx", "read docs:/a when a\nand b", "expires\n2h", "let x\n= 5", "system x\n{ }"})
    CHECK_FALSE(Parsed(bad).clean());
  CHECK(Parsed("afterwards docs:/a\nat_once docs:/b").document.statements.size() == 2);
  CHECK(Parsed("read docs:/a\n\"except\" docs:/b").document.statements.size() == 2);
}

TEST_CASE("comments are comments only where they begin after a blank", "[parse]") {
  const Parsed parsed("#a\nread docs:/a # b \n\t#c\nread docs:\"/a # x\" because \"# y\" # d");
  REQUIRE(parsed.clean());
  std::vector<std::string> comments;
  for (const Span& span : parsed.document.comments) comments.emplace_back(parsed.source.slice(span));
  CHECK(comments == std::vector<std::string>{"#a", "# b ", "#c", "# d"});
  for (const char* bad : {"read docs:/a;# x", "read docs:/a when flag#", "agent a#b", "expires 2h#", "read docs:/a when (#x\na)", "let x = [1]# c"})
    CHECK_FALSE(Parsed(bad).clean());
}

TEST_CASE("spans lie on the text of statements, clauses and names", "[parse]") {
  const Parsed parsed("\xEF\xBB\xBF  ask read docs:/\xC3\xA9 when a == 1  because \"x\" # c\nsystem s { action a }");
  REQUIRE(parsed.clean());
  const auto text = [&](Span span) { return std::string(parsed.source.slice(span)); };
  CHECK(text(parsed.document.statements[0].span) == "ask read docs:/\xC3\xA9 when a == 1  because \"x\"");
  CHECK(text(parsed.document.statements[1].span) == "system s { action a }");
  const syntax::Rule& rule = parsed.document.rules[0];
  CHECK(text(rule.subject.span) == "read docs:/\xC3\xA9");
  CHECK(text(rule.clauses[0].span) == "when a == 1");
  CHECK(text(rule.clauses[0].condition->span) == "a == 1");
  CHECK(text(rule.clauses[1].span) == "because \"x\"");
  const Position at = parsed.source.position(rule.clauses[0].span.begin);
  CHECK(at.line == 1);
  CHECK(at.column == 20);  // the mark counts for nothing, an accented letter for one
}

TEST_CASE("columns count code points, a tab as one", "[parse]") {
  CHECK(Parsed("\t\tread docs:/\xE6\x9D\xB1\xE4\xBA\xAC &&").findings() == Findings{"1:17 syntax"});
  CHECK(Parsed("\xEF\xBB\xBF& x\r\n\r\n\t& y").findings() == Findings{"1:1 syntax", "3:2 syntax"});
}

TEST_CASE("one run reports every independent error", "[parse]") {
  const Parsed parsed(
      "expire 2h\n"
      "read docs:/a when (n == && 1\n"
      "  or m)\n"
      "read docs:/b because \"open\n"
      "system s {\n  action a, use\n  attribute n\n  action ok\n}\n"
      "test \"t\" {\n  read docs:/a\n  allow read docs:/b\n  deny docs:/c\n}\n"
      "read docs:/c,\nexpires 2h\n"
      "let per = 5; let x = [1, 2; read docs:/d\n"
      "read docs:/e");
  CHECK(parsed.findings() == Findings{"1:1 unknown-statement", "2:25 syntax", "4:22 unterminated-string", "6:13 reserved-word", "7:14 syntax",
                                      "11:3 syntax", "13:8 syntax", "16:1 syntax", "17:5 reserved-word", "17:27 syntax"});
  CHECK(parsed.tree().find("expires scalar 2h") != std::string::npos);
  CHECK(parsed.tree().find("pattern docs:/e") != std::string::npos);
  std::vector<std::string> failed;
  for (const syntax::Failed& what : parsed.document.failed) failed.push_back(std::string(what.first_word) + " " + std::string(what.name));
  CHECK(failed == std::vector<std::string>{"expire ", "read ", "read ", "system s", "test \"t\"", "read ", "let per", "let x"});
}

TEST_CASE("a bracket that is never closed does not hide the next statement", "[parse]") {
  CHECK(Parsed("read docs:/a when (n == 1 or m == 2\nexpires 3h\nlet per = 1").findings() == Findings{"2:1 syntax", "3:5 reserved-word"});
  CHECK(Parsed("system s { action a\nexpires 3h\nlet per = 1").findings() == Findings{"2:1 syntax", "3:5 reserved-word"});
  CHECK(Parsed("test \"t\" { allow read docs:/a\n\nlet per = 1").findings() == Findings{"3:1 syntax", "3:5 reserved-word"});
}

TEST_CASE("at most twenty errors are kept, and then parsing stops", "[parse]") {
  CHECK(Parsed(repeat("& x\n", 19)).diagnostics.all().size() == 19);
  CHECK(Parsed(repeat("& x\n", 500)).diagnostics.all().size() == 20);
}

TEST_CASE("forbidden characters are found wherever they stand", "[parse]") {
  CHECK(Parsed("read docs:/a \xFF\xFE x\nread docs:/b\n").findings() == Findings{"1:14 invalid-utf8"});
  CHECK(Parsed("# \xC3").findings() == Findings{"1:3 invalid-utf8"});
  CHECK(Parsed("# \xED\xA0\x80").findings() == Findings{"1:3 invalid-utf8"});
  CHECK(Parsed(std::string("# \0\nread docs:/b", 16)).findings() == Findings{"1:3 control-character"});
  CHECK(Parsed("read docs:/a\rread docs:/b").findings() == Findings{"1:13 control-character"});
  CHECK(Parsed("read docs:/a\r").findings() == Findings{"1:13 control-character"});
  CHECK(Parsed("# \xC2\x85\n# \xE2\x80\xA8\n# \xE2\x80\xA9\n# \xE2\x80\xAE\n# \xE2\x81\xA6").findings() ==
        Findings{"1:3 control-character", "2:3 line-separator", "3:3 line-separator", "4:3 bidi-control", "5:3 bidi-control"});
  CHECK(Parsed("# \xE2\x80\x8D \xE2\x81\xAA\tfine\r\n").clean());
  // What holds one does not count, and says nothing else.
  const Parsed parsed("& \x01\nread docs:/\x02\nread docs:/b");
  CHECK(parsed.findings() == Findings{"1:3 control-character", "2:12 control-character"});
  CHECK(parsed.document.rules.size() == 1);
}

TEST_CASE("limits hold at the limit and break one past it", "[parse]") {
  const auto code = [](const std::string& text) {
    const Parsed parsed(text);
    return parsed.clean() ? std::string() : parsed.diagnostics.all().front().code;
  };
  SECTION("a file has 16 MiB") {
    const std::string file = "expires 2h\n" + std::string((std::size_t{16} << 20) - 11, '\n');
    CHECK(code(file).empty());
    CHECK(code(file + "\n") == "file-too-large");
    CHECK(Parsed(file + "\n& \xFF").diagnostics.all().size() == 1);
  }
  SECTION("a name has 64 bytes, each part of a dotted one") {
    const std::string name(64, 'a');
    for (const std::string& form : {std::string("let @ = 5"), std::string("@ docs:/a"), std::string("\"@\" docs:/a"), std::string("read $@/x"),
                                    std::string("scope @"), std::string("scope x(@: int)"), std::string("use m.@"), std::string("use m(@ = 1)"),
                                    std::string("system @ { }"), std::string("system s { action @ }"), std::string("system s { action x { @ } }"),
                                    std::string("system s { attribute @: int }"), std::string("read docs:/a when user.@ == 1")}) {
      const auto with = [&](const std::string& n) { return std::string(form).replace(form.find('@'), 1, n); };
      INFO(form);
      CHECK(code(with(name)).empty());
      CHECK(code(with(name + "a")) == "name-too-long");
    }
  }
  SECTION("conditions nest 64 deep") {
    CHECK(code("read docs:/a when " + repeat("(", 64) + "x" + repeat(")", 64)).empty());
    CHECK(code("read docs:/a when " + repeat("(", 65) + "x" + repeat(")", 65)) == "nesting-too-deep");
    CHECK(code("read docs:/a when " + repeat("not ", 64) + "x").empty());
    CHECK(code("read docs:/a when " + repeat("not ", 65) + "x") == "nesting-too-deep");
    CHECK(code("read docs:/a when " + repeat("not (", 32) + "x" + repeat(")", 32)).empty());
    CHECK(code("read docs:/a when " + repeat("not (", 32) + "not x" + repeat(")", 32)) == "nesting-too-deep");
    CHECK(code("read docs:/a when (" + repeat("(x) or ", 100) + "x)").empty());
    CHECK(code("read docs:/a when " + repeat("(", 64) + "note" + repeat(")", 64)).empty());
  }
  SECTION("a string has 64 KiB of text") {
    CHECK(code("purpose \"" + std::string(65'536, 'x') + "\"").empty());
    CHECK(code("purpose \"" + std::string(65'537, 'x') + "\"") == "string-too-long");
    CHECK(code("purpose \"" + repeat("\\u{41}", 65'536) + "\"").empty());
    CHECK(code("purpose \"" + repeat("\\u{41}", 65'537) + "\"") == "string-too-long");
  }
  SECTION("a document has 2^20 statements") {
    const std::string text = repeat("idle 1s\n", std::size_t{1} << 20);
    CHECK(code(text).empty());
    const Parsed parsed(text + "idle 1s\nidle 1s\n& x");
    CHECK(parsed.findings() == Findings{"1048577:1 too-many-statements"});
    CHECK(parsed.document.statements.size() == std::size_t{1} << 20);
  }
}

TEST_CASE("strings are decoded", "[parse]") {
  CHECK(decode_string(R"("")").empty());
  CHECK(decode_string(R"("a\"b\\c\n\t\u{41}\u{e9}\u{1F600}")") == "a\"b\\c\n\tA\xC3\xA9\xF0\x9F\x98\x80");
  CHECK(decode_string(R"("\u{6771}\\")") == "\xE6\x9D\xB1\\");
}

TEST_CASE("hostile texts end soon and break nothing", "[parse]") {
  for (const std::string& text :
       {repeat("(", 1'000'000), "read docs:/a when " + repeat("(", 1'000'000), "read docs:/a when " + repeat("not ", 1'000'000),
        "read docs:/a when a in " + repeat("[", 1'000'000), repeat("{", 1'000'000), "system s {" + repeat("{", 1'000'000),
        "test \"t\" { " + repeat("allow ", 200'000), repeat("\"", 1'000'001), repeat("\\", 1'000'001), "read " + repeat("a, ", 300'000),
        repeat("read docs:/a when (\n", 100'000), repeat("system s {\n", 100'000), repeat("a\n\n", 300'000), repeat("# c\n", 300'000) + "& x",
        "read docs:/a" + repeat("\n# c", 300'000) + "\nwhen", repeat("let x = ", 100'000), repeat("$", 1'000'000), repeat("a:", 1'000'000)}) {
    INFO(text.substr(0, 40));
    const double from = processor_seconds();
    const Parsed parsed(text);
    const double seconds = processor_seconds() - from;
    CHECK(parsed.diagnostics.has_errors());
    CHECK(seconds < 1.0 * kSlower);  // it takes milliseconds
    CHECK_FALSE(parsed.diagnostics.render().empty());
  }
}

TEST_CASE("mutated documents never break the parser", "[parse]") {
  std::mt19937 random(20'261'201);
  const std::string pool = "abz_09 \t\n\r,;:()[]{}\"\\#$-=!<>/*.&|\x01\xC3\xA9\xE2\x80\xAE\xFF";
  const std::vector<std::string> words = {"when ", "deny ", "not ", "(", "\n", "system s { ", "test \"x\" { ", "\"", " # c\n", "only ", "anything", "[", " in "};
  std::size_t good = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string text = kEverything;
    for (unsigned change = random() % 4 + 1; change > 0 && !text.empty(); --change) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text.erase(at, random() % 6 + 1); break;
        case 1: text.insert(at, 1, pool[random() % pool.size()]); break;
        case 2: text.insert(at, words[random() % words.size()]); break;
        default: text[at] = pool[random() % pool.size()]; break;
      }
    }
    const Parsed parsed(text);
    good += parsed.clean() ? 1 : 0;
    CHECK(parsed.clean() == parsed.document.failed.empty());
    for (const Diagnostic& finding : parsed.diagnostics.all()) {
      CHECK_FALSE(finding.message.empty());
      CHECK((finding.end_line > finding.line || finding.end_column >= finding.column));
    }
    static_cast<void>(parsed.tree());
    static_cast<void>(parsed.diagnostics.render());
  }
  CHECK(good > 100);
  CHECK(good < 2'900);
}

TEST_CASE("every prefix of a document parses or says why not", "[parse]") {
  const std::string text = kEverything;
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const Parsed parsed(text.substr(0, size));
    CHECK(parsed.clean() == parsed.document.failed.empty());
  }
}

TEST_CASE("time is linear in size", "[parse]") {
  const std::string rule = "allow read, list docs:/team/x/*.pdf except docs:/team/hr when size <= 5MB and (owner == \"x\" or not has region)\n";
  for (const std::string& part : {rule, std::string("read docs:/a when (a == 1\n"), std::string("# comment\n\n"), std::string("read docs:/a,\n")}) {
    const double small = milliseconds(repeat(part, 4'000));
    const double large = milliseconds(repeat(part, 32'000));
    INFO(part << small << " ms for 4,000, " << large << " ms for 32,000");
    CHECK(large < 8 * small * 4 + 20 * kSlower);  // eight times as much, and room for a busy machine
  }
}
