// The formatter: layout pinned by example; over every document there is, formatting keeps the tree and
// the comments and changes nothing the second time.
#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lang/format/format.h"
#include "lang/parse/parse.h"
#include "lang/syntax/dump.h"

#ifndef REMIT_SOURCE_DIR
#define REMIT_SOURCE_DIR "."
#endif
#ifndef REMIT_CONFORMANCE_DIR
#define REMIT_CONFORMANCE_DIR REMIT_SOURCE_DIR "/../shared/conformance"
#endif

using namespace remit::lang;

namespace {

struct Parsed {
  explicit Parsed(std::string text) : source("x.scope", std::move(text)), document(parse(source, diagnostics)) {}
  Source source;
  Diagnostics diagnostics;
  syntax::Document document;
};

std::string formatted(const std::string& text) {
  const Parsed parsed(text);
  INFO(parsed.diagnostics.render());
  REQUIRE(parsed.diagnostics.all().empty());
  return format(parsed.document);
}

std::vector<std::string> comments_of(const Parsed& parsed) {
  std::vector<std::string> comments;
  for (const Span& span : parsed.document.comments) {
    std::string comment(parsed.source.slice(span));
    while (comment.back() == ' ' || comment.back() == '\t') comment.pop_back();
    comments.push_back(comment);
  }
  return comments;
}

// Empty where all is well; else what is wrong.
std::string fault_of(const std::string& text) {
  const Parsed before(text);
  if (!before.diagnostics.all().empty()) return "does not parse\n" + before.diagnostics.render();
  const std::string once = format(before.document);
  const Parsed after(once);
  if (!after.diagnostics.all().empty()) return "formatted text does not parse\n" + after.diagnostics.render();
  if (syntax::dump(before.document) != syntax::dump(after.document)) return "another tree\n" + once;
  if (comments_of(before) != comments_of(after)) return "other comments\n" + once;
  if (format(after.document) != once) return "not idempotent\n" + once + "-----\n" + format(after.document);
  if (once.find('\r') != std::string::npos || once.find("\n\n\n") != std::string::npos || once.find(" \n") != std::string::npos)
    return "stray line ends or blanks\n" + once;
  return {};
}

std::filesystem::path conformance() {
  const char* const set = std::getenv("REMIT_CONFORMANCE_DIR");
  return set != nullptr ? set : REMIT_CONFORMANCE_DIR;
}

std::string text_of(const nlohmann::json& holder) {
  if (holder.contains("text")) return holder["text"].get<std::string>();
  const std::string hex = holder["text_hex"].get<std::string>();
  std::string text;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) text += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return text;
}

// Every document and module of the conformance cases; none where there are no such files.
std::vector<std::string> conformance_documents() {
  std::vector<std::string> texts;
  for (const char* file : {"valid.jsonl", "decisions.jsonl"}) {
    std::ifstream in(conformance() / file);
    if (!in) std::printf("note: no %s in %s; skipped\n", file, conformance().string().c_str());
    for (std::string line; std::getline(in, line);) {
      const nlohmann::json one = nlohmann::json::parse(line);
      for (const nlohmann::json& document : one["documents"]) texts.push_back(text_of(document));
      if (one.contains("modules"))
        for (const auto& module : one["modules"].items()) texts.push_back(module.value().get<std::string>());
    }
  }
  return texts;
}

}  // namespace

TEST_CASE("a document on one line becomes one statement per line", "[format]") {
  CHECK(formatted("read docs:/clinical/A; write ws:/proj/B; expires 2h") == "read docs:/clinical/A\nwrite ws:/proj/B\nexpires 2h\n");
}

TEST_CASE("the empty document and comments alone", "[format]") {
  CHECK(formatted("").empty());
  CHECK(formatted(" \n;;\n\n").empty());
  CHECK(formatted("\n\n  # only\n\n\n# this") == "# only\n\n# this\n");
}

TEST_CASE("blanks around words and signs are canonical", "[format]") {
  CHECK(formatted("scope  x (a:resource ,b : int)") == "scope x(a: resource, b: int)\n");
  CHECK(formatted("use  a.b ( x=5 ,y= docs:/a )") == "use a.b(x = 5, y = docs:/a)\n");
  CHECK(formatted("read  ,list docs:/a ,only docs:/b") == "read, list docs:/a, only docs:/b\n");
  CHECK(formatted("read docs:/a when n==3 and( m<=-1 or x in[ 1,2 ] )") == "read docs:/a when n == 3 and (m <= -1 or x in [1, 2])\n");
  CHECK(formatted("read docs:/a between 09:00  and 10:00 on mon-fri,sun in America/Port-au-Prince") ==
        "read docs:/a between 09:00 and 10:00 on mon-fri, sun in America/Port-au-Prince\n");
  CHECK(formatted("let x=[ ]") == "let x = []\n");
  CHECK(formatted("read docs:/a when user.role  ==\"a  b\"") == "read docs:/a when user.role == \"a  b\"\n");
  CHECK(formatted("agent  a{b}=(c):d , \"e f\"") == "agent a{b}=(c):d, \"e f\"\n");
}

TEST_CASE("clauses stay on the line where all of it fits in 100 columns", "[format]") {
  const std::string start = "read docs:/a except docs:/b because \"";
  const std::string fits = start + std::string(100 - start.size() - 1, 'x') + "\"";
  REQUIRE(fits.size() == 100);
  CHECK(formatted(fits) == fits + "\n");
  const std::string too_long = start + std::string(100 - start.size(), 'x') + "\"";
  CHECK(formatted(too_long) == "read docs:/a\n  except docs:/b\n  because \"" + std::string(100 - start.size(), 'x') + "\"\n");
  CHECK(formatted("read docs:/a\n\n  except docs:/b\n  at most 3 times") == "read docs:/a except docs:/b at most 3 times\n");
}

TEST_CASE("long lists go on after a comma, long conditions after a word", "[format]") {
  std::string list = "read docs:/folder/number/0";
  for (int i = 1; i < 9; ++i) list += ", docs:/folder/number/" + std::to_string(i);
  CHECK(formatted(list) ==
        "read docs:/folder/number/0, docs:/folder/number/1, docs:/folder/number/2, docs:/folder/number/3,\n"
        "    docs:/folder/number/4, docs:/folder/number/5, docs:/folder/number/6, docs:/folder/number/7,\n"
        "    docs:/folder/number/8\n");
  std::string condition = "read docs:/a when attribute_0 == 0";
  for (int i = 1; i < 6; ++i) condition += " and attribute_" + std::to_string(i) + " == " + std::to_string(i);
  CHECK(formatted(condition) ==
        "read docs:/a\n"
        "  when attribute_0 == 0 and attribute_1 == 1 and attribute_2 == 2 and attribute_3 == 3 and\n"
        "      attribute_4 == 4 and attribute_5 == 5\n");
}

TEST_CASE("systems and tests have one member per line", "[format]") {
  CHECK(formatted("system crm \"the customers\" {action read,list;action write{create ,update} # three\n\n\n attribute labels:list of string;;}") ==
        "system crm \"the customers\" {\n"
        "  action read, list\n"
        "  action write { create, update }  # three\n\n"
        "  attribute labels: list of string\n"
        "}\n");
  CHECK(formatted("test \"x\" with a=1 {\n\n# first\nallow read docs:/a;deny \"x/y\" docs:/b with n=1 at 1h\nbecause expired\nask read docs:/c\napprove # yes\n\n# last\n\n}") ==
        "test \"x\" with a = 1 {\n"
        "  # first\n"
        "  allow read docs:/a\n"
        "  deny \"x/y\" docs:/b with n = 1 at 1h because expired\n"
        "  ask read docs:/c\n"
        "  approve  # yes\n\n"
        "  # last\n"
        "}\n");
}

TEST_CASE("comments stay where they were", "[format]") {
  CHECK(formatted("# top\nread docs:/a    # trailing\n\n\n\n# before\n\n  write docs:/b") == "# top\nread docs:/a  # trailing\n\n# before\n\nwrite docs:/b\n");
  CHECK(formatted("read docs:/a; write docs:/b # of the second\n") == "read docs:/a\nwrite docs:/b  # of the second\n");
  CHECK(formatted("read docs:/a # here\n\n  # between\n except docs:/b # there\nlist docs:/c") ==
        "read docs:/a  # here\n  # between\n  except docs:/b  # there\nlist docs:/c\n");
  CHECK(formatted("read, # and\n\n list docs:/a, # here\n # there\n docs:/b") == "read,  # and\n    list docs:/a,  # here\n    # there\n    docs:/b\n");
  CHECK(formatted("system x { # open\naction a { # group\nb, # first\nc # second\n} }") ==
        "system x {  # open\n  action a {  # group\n      b,  # first\n      c  # second\n      }\n}\n");
}

TEST_CASE("carriage returns and byte-order marks go", "[format]") {
  CHECK(formatted("\xEF\xBB\xBFread docs:/a # x \r\n\r\n\r\nexpires 2h\r\n") == "read docs:/a  # x\n\nexpires 2h\n");
}

TEST_CASE("a document with errors comes back as it is", "[format]") {
  const Parsed parsed("read docs:/a &&\n\n\n\nexpires 2h");
  CHECK(format(parsed.document) == parsed.source.text());
}

TEST_CASE("every document keeps its tree and its comments", "[format]") {
  std::vector<std::string> texts = conformance_documents();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(REMIT_SOURCE_DIR)) {
    if (entry.path().extension() != ".scope") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (Parsed(text).diagnostics.all().empty()) texts.push_back(std::move(text));  // some examples are wrong on purpose
  }
  std::size_t faults = 0;
  for (const std::string& text : texts) {
    const std::string fault = fault_of(text);
    if (fault.empty() || ++faults > 5) continue;
    FAIL_CHECK(text << "\n=====\n" << fault);
  }
  CHECK(faults == 0);
}

TEST_CASE("a comment at every place where a line may end is kept", "[format]") {
  // A line end and a comment behind every comma, operator and bracket, and before every clause.
  const std::string text =
      "scope x(a: int, b: int)\nuse m(k = 1, l = docs:/a)\nlet z = docs:/a, docs:/b\nagent a, b\n"
      "read, list docs:/a, only docs:/b except docs:/c, docs:/d when (n == 1 and not m) or x in [1, 2] and has y "
      "after read docs:/e, docs:/f between 09:00 and 10:00 on mon, tue because \"why\"\n"
      "system s { action a, b; action w { c, d }; attribute n: int }\n"
      "test \"t\" with u = 1, v = 2 { allow read docs:/a with w = [1, 2], x = 3 at 1h because expired; approve }\n";
  REQUIRE(fault_of(text).empty());
  for (const char* comment : {" # here\n", "\n# here\n", " # one\n\n# two\n \n"}) {
    for (std::size_t at = 1; at < text.size(); ++at) {
      std::string with = text;
      with.insert(at, comment);
      if (!Parsed(with).diagnostics.all().empty()) continue;
      const std::string fault = fault_of(with);
      if (!fault.empty()) FAIL_CHECK(with << "\n=====\n" << fault);
    }
  }
}

TEST_CASE("names that look like clauses, brackets that are none, blanks behind comments", "[format]") {
  CHECK(formatted("read docs:/a when user.at==1 and (user.when ==2)") == "read docs:/a when user.at == 1 and (user.when == 2)\n");
  CHECK(formatted("agent  ) , ( , a") == "agent ), (, a\n");
  CHECK(formatted("read docs:/a # here \t \n# there\t\n") == "read docs:/a  # here\n# there\n");
  CHECK(formatted("read docs:/a at most $cap per $time") == "read docs:/a at most $cap per $time\n");
}
