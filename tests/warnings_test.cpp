// Warnings, each pinned as errors are (mistakes.h), with what must not be warned of beside it; and
// how they are silenced. Every row stands behind the systems below and is otherwise in order.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "tests/mistakes.h"
#include "tests/processor_time.h"
#include "tests/reference/cases.h"
#include "tests/reference/checked.h"

using remit::test::Mistake;
using remit::test::underlined;

namespace {

const std::string kSystems =
    "system lab { action read, list, send; action write { create, update }; attribute size: size; "
    "attribute n: int; attribute region: string; attribute labels: list of string; "
    "attribute flag: bool }; system box { action read, list; attribute n: int; attribute size: "
    "size }\n";
const std::string kScope = kSystems + "agent spiffe://acme.example/agent/*; expires 2h\n";

const Mistake kInScopes[] = {
    // clang-format off
    {"read lab:/a; read lab:/a/b", 3, 14, "covered-rule", "read lab:/a/b",
     "the rule in line 3 covers this one wholly", "leave this rule out"},
    {"read lab:/a\nread lab:/a", 4, 1, "covered-rule", "read lab:/a",
     "the rule in line 3 covers this one wholly", "leave this rule out"},
    {"create lab:/a when n == 5\nwrite lab:/*, lab:/b when n >= 4", 3, 1, "covered-rule", "create lab:/a",
     "the rule in line 4 covers this one wholly", "leave this rule out"},
    {"read lab:/a at most 3 times\nread lab:/a/b at most 3 times", 4, 1, "covered-rule", "read lab:/a/b",
     "the rule in line 3 covers this one wholly", "leave this rule out"},
    {"read lab:/a\nlimit read lab:/a/b to 5 times; limit read lab:/a to 4 times", 4, 7, "covered-rule", "read lab:/a/b",
     "the limit in line 4 counts all that this one counts, and allows no more of it", "leave this limit out"},
    {"deny read lab:/a\nread lab:/a/b", 4, 1, "denied-allow", "read lab:/a/b",
     "the `deny` in line 3 forbids all that this rule permits", "leave one of the two out, or let the `deny` except something"},
    {"ask read lab:/a/*.md when n > 5\ndeny write, read anything when n > 3", 3, 5, "denied-allow", "read lab:/a/*.md",
     "the `deny` in line 4 forbids all that this rule permits", "leave one of the two out, or let the `deny` except something"},
    {"read lab:/a except lab:/b", 3, 20, "idle-except", "lab:/b",
     "`lab:/b` is nothing that this rule covers", "leave it out"},
    {"read lab:/a except lab:/a/b, lab:/a/b/c", 3, 30, "idle-except", "lab:/a/b/c",
     "`lab:/a/b/c` is excepted by another pattern already", "leave it out"},
    {"send lab:/a except box:/b", 3, 20, "idle-except", "box:/b",
     "`box:/b` is nothing that this rule covers", "leave it out"},
    {"read lab:/a/?.md except only lab:/a/*.txt", 3, 25, "idle-except", "only lab:/a/*.txt",
     "`lab:/a/*.txt` is nothing that this rule covers", "leave it out"},
    {"read lab:/a/b except lab:/**/b", 3, 15, "never-matches", "except lab:/**/b",
     "this `except` takes away all that the rule covers, so this rule never matches", "leave the rule out, or except less"},
    {"read only lab:", 3, 6, "never-matches", "only lab:",
     "a system by itself is no resource that `only` could cover, so this rule never matches", "leave `only` out, or name a resource"},
    {"read lab:/a when n > 5 and n < 5", 3, 13, "never-matches", "when n > 5 and n < 5",
     "this condition is true for no request, so this rule never matches", ""},
    {"read lab:/a unless 1 == 1", 3, 13, "never-matches", "unless 1 == 1",
     "this condition is false for no request, so this rule never matches", ""},
    {"read lab:/a when n > 5 unless n > 3", 3, 1, "never-matches", "read lab:/a",
     "its conditions hold together for no request, so this rule never matches", ""},
    {"deny read lab:/a when false", 3, 18, "never-matches", "when false",
     "this condition is true for no request, so this rule never matches", ""},
    {"read lab:/a; limit read lab:/ab to 3 times", 3, 20, "unreachable-limit", "read lab:/ab",
     "no rule permits what this limit counts", "leave it out, or permit something of it"},
    {"read lab:/a; limit write lab:/a to 3 times", 3, 20, "unreachable-limit", "write lab:/a",
     "no rule permits what this limit counts", "leave it out, or permit something of it"},
    {"read lab:/a except lab:/a/b; limit read lab:/a/b to 3 times", 3, 36, "unreachable-limit", "read lab:/a/b",
     "no rule permits what this limit counts", "leave it out, or permit something of it"},
    {"read lab:/a/x; limit read lab:/*/y to 3 times", 3, 22, "unreachable-limit", "read lab:/*/y",
     "no rule permits what this limit counts", "leave it out, or permit something of it"},
    {"read lab:/a; deny read lab:/a/b; limit read lab:/a/b to 3 times", 3, 40, "unreachable-limit", "read lab:/a/b",
     "the `deny` in line 3 forbids all that this limit counts", "leave this limit out"},
    {"delegate up to 2 levels", 3, 1, "delegate-to-anyone", "delegate up to 2 levels",
     "sub-sessions may be opened for any agent", "say for which: `delegate to spiffe://acme.example/agent/*`"},
    {"delegate to **", 3, 1, "delegate-to-anyone", "delegate to **",
     "sub-sessions may be opened for any agent", "say for which: `delegate to spiffe://acme.example/agent/*`"},
    {"read lab:/a between 09:00 and 18:00 on mon-fri", 3, 13, "between-without-zone", "between 09:00 and 18:00 on mon-fri",
     "no `in` says whose clock is meant: this is UTC", "add the zone: `in Europe/Zurich`, or `in UTC`"},
    {"read lab:/", 3, 6, "whole-system", "lab:/",
     "`lab:/` covers the whole of system `lab`", "name the part of it that the task needs"},
    {"read box:/a, lab:**", 3, 14, "whole-system", "lab:**",
     "`lab:**` covers the whole of system `lab`", "name the part of it that the task needs"},
    {"let all = lab:; read $all", 3, 22, "whole-system", "$all",
     "`$all` covers the whole of system `lab`", "name the part of it that the task needs"},
    {"send anything", 3, 6, "whole-system", "anything",
     "`anything` covers every system that is known", "name the part of it that the task needs"},
    {"any lab:/a", 3, 1, "grant-of-any", "any",
     "`any` permits every action of the system, deleting and sharing too", "list the actions that are needed"},
    {"read lab:/a unless n > 5 and has region", 3, 30, "has-in-unless", "has region",
     "a caller who leaves `region` out is permitted more", "compare its value instead: where that is unknown, an `allow` does not match"},
    {"read lab:/a when n > 5 or not has region", 3, 31, "has-in-unless", "has region",
     "a caller who leaves `region` out is permitted more", "compare its value instead: where that is unknown, an `allow` does not match"},
    {"create lab:/a when size <= 5MB; test \"t\" { deny create lab:/a with szie = 6MB }", 3, 68, "undeclared-attribute", "szie",
     "system `lab` has no attribute `szie`, so it is ignored; did you mean `size`?", "leave it out, or write it as the system declares it"},
    {"deny read lab:/a when has region", 3, 23, "has-in-when", "has region",
     "a caller who leaves `region` out escapes this `deny`", "compare its value instead: where that is unknown, the rule matches"},
    {"read lab:/a; limit read lab:/a to 3 times when has n", 3, 48, "has-in-when", "has n",
     "a caller who leaves `n` out escapes this `limit`", "compare its value instead: where that is unknown, the rule matches"},
    {"read lab:/\xD0\xB0" "dmin/x", 3, 6, "look-alike", "lab:/\xD0\xB0" "dmin/x",
     "`\xD0\xB0" "dmin` mixes scripts: U+0430 only looks like a Latin letter", "write it with the letters of one script, or rename what it names"},
    {"read lab:/a when region == \"\xCE\x95U\"", 3, 28, "look-alike", "\"\xCE\x95U\"",
     "`\xCE\x95U` mixes scripts: U+0395 only looks like a Latin letter", "write it with the letters of one script, or rename what it names"},
    {"read lab:/cop; read lab:/x/\xD1\x81\xD0\xBE\xD1\x80", 3, 21, "look-alike", "lab:/x/\xD1\x81\xD0\xBE\xD1\x80",
     "`\xD1\x81\xD0\xBE\xD1\x80` with U+0441 looks like `cop`, which this document names too", "write it with the letters of one script, or rename what it names"},
    {"read lab:/b when region == \"cop\"; read lab:/x/\xD1\x81\xD0\xBE\xD1\x80 when region == \"x\"", 3, 40, "look-alike", "lab:/x/\xD1\x81\xD0\xBE\xD1\x80",
     "`\xD1\x81\xD0\xBE\xD1\x80` with U+0441 looks like `cop`, which this document names too", "write it with the letters of one script, or rename what it names"},
    {"read lab:/\xD0\xB0\xC3\xA9", 3, 6, "look-alike", "lab:/\xD0\xB0\xC3\xA9",
     "`\xD0\xB0\xC3\xA9` mixes scripts: U+0430 only looks like a Latin letter", "write it with the letters of one script, or rename what it names"},
    {"read lab:/\xD0\xB0\xE1\xB8\xBF", 3, 6, "look-alike", "lab:/\xD0\xB0\xE1\xB8\xBF",
     "`\xD0\xB0\xE1\xB8\xBF` mixes scripts: U+0430 only looks like a Latin letter", "write it with the letters of one script, or rename what it names"},
    {"read lab:/\xD0\xB0\xE1\xBC\x80z", 3, 6, "look-alike", "lab:/\xD0\xB0\xE1\xBC\x80z",
     "`\xD0\xB0\xE1\xBC\x80z` mixes scripts: U+0430 only looks like a Latin letter", "write it with the letters of one script, or rename what it names"},
    {"read lab:/a; test \"t\" { allow read lab:/a with frobnicate = 6 }", 3, 48, "undeclared-attribute", "frobnicate",
     "system `lab` has no attribute `frobnicate`, so it is ignored", "leave it out, or write it as the system declares it"},
    {"on behalf of m\xD1\x96ke@acme.example", 3, 14, "look-alike", "m\xD1\x96ke@acme.example",
     "`m\xD1\x96ke` mixes scripts: U+0456 only looks like a Latin letter", "write it with the letters of one script, or rename what it names"},
    // clang-format on
};

// Whole documents, for what is about the document as a whole.
const Mistake kDocuments[] = {
    // clang-format off
    {"scope t\nexpires 1h", 1, 1, "any-agent", "scope t",
     "any agent may hold this scope", "say which: `agent spiffe://acme.example/agent/summarizer`"},
    {"read docs:/a; expires 1h", 1, 15, "any-agent", "expires 1h",
     "any agent may hold this scope", "say which: `agent spiffe://acme.example/agent/summarizer`"},
    {"agent x, **; expires 1h", 1, 1, "any-agent", "agent x, **",
     "any agent may hold this scope", "say which: `agent spiffe://acme.example/agent/summarizer`"},
    {"agent x; expires 1441m", 1, 10, "long-expiry", "expires 1441m",
     "`expires 1441m` is beyond 24 h, and nobody sponsors this scope", "let it end within a day, or name who answers for it: `sponsor` with `review every`"},
    {"guardrail g\ndeny read docs:/a", 1, 1, "permits-nothing", "guardrail g",
     "this guardrail document permits nothing, so with it nothing is permitted", "begin with `allow any anything`, and deny what must not be"},
    {"grants g", 1, 1, "permits-nothing", "grants g",
     "this grants document permits nothing, so with it nothing is permitted", "say what the user already has: `read docs:/clinical`"},
    {"grants g\nany docs:/a", 2, 1, "grant-of-any", "any",
     "`any` permits every action of the system, deleting and sharing too", "list the actions that are needed"},
    // clang-format on
};

// Nothing to warn of, though each is near something.
const char* const kFine[] = {
    "create lab:/a when size <= 5MB; test \"t\" { deny create lab:/a with size = 6MB\ndeny create lab:/a with user = \"eve\" because malformed_request }",
    "read lab:/a; read lab:/ab",
    "read lab:/a; write lab:/a/b",
    "read lab:/a when n > 5; read lab:/a/b",
    "read lab:/a except lab:/a/b; read lab:/a/b/c",
    "read lab:/a; read lab:/a/b at most 3 times",
    "read lab:/a at most 4 times; read lab:/a/b at most 3 times",
    "read lab:/a at most 3 times per 1h; read lab:/a/b at most 3 times per 2h",
    "read lab:/a between 09:00 and 10:00 in UTC; read lab:/a/b",
    "read lab:/a between 09:00 and 10:00 in UTC; read lab:/a/b between 09:00 and 10:00 in Europe/Zurich",
    "read lab:/a after read lab:/b; read lab:/a/b",
    "read lab:/a; limit read lab:/a to 5 times; limit read lab:/a/b to 4 times",
    "read lab:/a; limit read lab:/a to 5 times per 1h; limit read lab:/a to 5 times per 2h",
    "read lab:/a; limit read lab:/a to 5MB; limit read lab:/a to 5 times",
    "deny list lab:/a/b/c because \"this\"; deny list lab:/a/b because \"that\"",
    "ask read lab:/a; ask read lab:/a/b because \"look\"",
    "deny read lab:/a/b; read lab:/a",
    "deny read lab:/a except lab:/a/b; read lab:/a/b/c",
    "deny read lab:/a when n > 5; read lab:/a/b when n > 4",
    "deny read lab:/a after read lab:/b; read lab:/a/b",
    "deny create lab:/a; write lab:/a",
    "read lab:/a except lab:/*/b",
    "read lab:/a, box:/b except box:/b/c",
    "read lab:/a except only lab:/a",
    "read lab:/a when n > 5 and n < 7",
    "read lab:/a when n > 5 or n < 3",
    "deny read lab:/a when n > 5 and n < 3",  // it denies what has no n
    "read lab:/a when region > \"a\" and region < \"b\"",
    "read lab:/a; limit read lab:/a/b to 3 times",
    "read lab:/a/b; limit read lab:/a to 3 times",
    "read lab:/a/b; limit read lab:/*/b to 3 times",
    "create lab:/a; limit write lab:/a to 3 times",
    "write lab:/a; limit create lab:/a to 3 times",
    "ask read lab:/a; limit read lab:/a to 3 times",
    "read lab:/a; deny read lab:/a/b when n > 5; limit read lab:/a/b to 3 times",
    "deny any anything; ask send lab:/a after read lab:/b  # allow: denied-allow",
    "delegate to spiffe://acme.example/agent/*",
    "read lab:/*/*",
    "read lab:/?*/a",
    "deny read lab:",
    "read lab:/a; limit any anything to 9 times",
    "deny any lab:/a",
    "read lab:/a when has region",
    "deny read lab:/a unless has region",
    "read lab:/a unless has user.role",
    "deny read lab:/a when has purpose and purpose == \"x\"",
    "ask read lab:/a unless has region",
    "read lab:/\xD0\xBC\xD0\xBE\xD1\x81\xD0\xBA\xD0\xB2\xD0\xB0",  // all Cyrillic
    "read lab:/\xCE\x94t",                          // a Greek letter that looks like none
    "read lab:/caf\xC3\xA9; read lab:/\xD0\xB0-b",  // words of their own
    // What is no letter, or of another script than these, parts words.
    "read lab:/\xD0\xB0~b, lab:/\xD0\xB0_b, lab:/\xD0\xB0\xC2\xA1"
    "b, lab:/\xD0\xB0\xC3\x97"
    "b, lab:/\xD0\xB0\xC3\xB7"
    "b, lab:/\xD0\xB0\xD7\x90"
    "b, lab:/\xD0\xB0\xE6\x97\xA5"
    "b",
    "read lab:/a; test \"t\" { deny read lab:/a with user.role = \"x\", agent.kind = 1 because malformed_request }",
    "read lab:/a because \"\xD0\xB0"
    "dmin\"",
    "read lab:/a; test \"t\" { deny read lab:/\xD0\xB0"
    "dmin }",
};

remit::reference::Checked check(const std::string& text,
                                const remit::lang::CheckOptions& options = {}) {
  return remit::reference::check_text(text, options);
}

void pin(const Mistake& row, const std::string& before) {
  const remit::reference::Checked checked = check(before + row.source);
  INFO(row.source);
  INFO(checked.diagnostics.render());
  REQUIRE(checked.diagnostics.all().size() == 1);
  const remit::lang::Diagnostic& finding = checked.diagnostics.all()[0];
  CHECK(finding.severity == remit::lang::Severity::warning);
  CHECK(finding.code == row.code);
  CHECK(finding.line == row.line);
  CHECK(finding.column == row.column);
  CHECK(underlined(finding) == row.underlined);
  CHECK(finding.message == row.message);
  CHECK(finding.help == row.help);
}

std::size_t count(const remit::lang::Diagnostics& diagnostics) { return diagnostics.all().size(); }

}  // namespace

TEST_CASE("each warning, word for word, and no other beside it") {
  for (const Mistake& row : kInScopes) pin(row, kScope);
  for (const Mistake& row : kDocuments) pin(row, "");
}

TEST_CASE("what is near a warning but right") {
  for (const char* const source : kFine) {
    const remit::reference::Checked checked = check(kScope + source);
    INFO(source);
    CHECK(checked.diagnostics.render().empty());
  }
  for (const char* const source : {
           "agent x; expires 24h", "agent x; expires 48h; expires 2026-12-01T09:00Z",
           "agent x; expires 48h; sponsor eve; review every 30d", "guardrail g\nallow any anything",
           "grants g\nread docs:", "agent a/**; expires 1h",
           "guardrail g\nallow any anything; deny create anything; deny write anything",  // elsewhere,
                                                                                          // create
                                                                                          // may be
                                                                                          // no
                                                                                          // write
       }) {
    const remit::reference::Checked checked = check(source);
    INFO(source);
    CHECK(checked.diagnostics.render().empty());
  }
}

TEST_CASE("each warning is silenced at the end of a line of its statement") {
  for (const Mistake& row : kInScopes) {
    const remit::reference::Checked checked = check(kScope + row.source + "  # allow: " + row.code);
    INFO(row.source);
    // Where the statement is not the last, the comment belongs to another one.
    const std::string source = row.source;
    const bool last_line =
        row.line == 3 + static_cast<std::uint32_t>(std::count(source.begin(), source.end(), '\n'));
    CHECK(count(checked.diagnostics) == (last_line ? 0 : 1));
  }
  CHECK(count(check("scope t  # allow: any-agent\nexpires 1h").diagnostics) == 0);
  CHECK(count(check("read docs:/a; expires 1h  # allow: any-agent").diagnostics) == 0);
  CHECK(count(check("guardrail g # allow: permits-nothing").diagnostics) == 0);
  CHECK(count(check("scope t\nexpires 1h  # allow: any-agent").diagnostics) == 1);
}

TEST_CASE("what speaks of a parameter is not compared, with or without a value") {
  const std::string text = "scope t(folder: resource, n: int)\n" + kSystems +
                           "agent x; expires 2h\n"
                           "read $folder except lab:/b\nread lab:/a when n > 5 and n < $n\nread "
                           "$folder/x\nlimit write lab:/a to 3 times\n";
  CHECK(check(text).diagnostics.render().empty());
  remit::lang::CheckOptions options;
  options.arguments = {remit::lang::Argument::written("folder", "lab:/a"),
                       remit::lang::Argument::written("n", "2")};
  const remit::reference::Checked checked = check(text, options);
  CHECK(checked.complete());
  CHECK(checked.diagnostics.render().empty());
}

TEST_CASE("rules of modules are warned of where they are used") {
  remit::lang::CheckOptions options;
  options.modules = {{"one", "scope one\nexpires 1h\nlist lab:/m\nread lab:/m/x except lab:/q\n"},
                     {"two", "scope two\nexpires 1h\nlist lab:/m/y\n"}};
  const auto render = [&](const std::string& source) {
    return check(kScope + source, options).diagnostics;
  };
  const auto used = render("use one");
  REQUIRE(count(used) == 1);
  CHECK(used.all()[0].code == "idle-except");
  CHECK(used.all()[0].line == 3);
  CHECK(used.all()[0].message == "in one.scope:4: `lab:/q` is nothing that this rule covers");
  CHECK(count(render("use one  # allow: idle-except")) == 0);
  // Modules may overlap; what the author can leave out is his own.
  CHECK(count(render("use one  # allow: idle-except\nuse two")) == 0);
  const auto own = render("use one  # allow: idle-except\nlist lab:/m/z");
  REQUIRE(count(own) == 1);
  CHECK(own.all()[0].message == "the rule in one.scope:3 covers this one wholly");
  const auto denied = render("use two\ndeny list lab:/m");
  REQUIRE(count(denied) == 1);
  CHECK(denied.all()[0].message ==
        "in two.scope:3: the `deny` in line 4 forbids all that this rule permits");
}

TEST_CASE("large documents are looked at in time") {
  const auto timed = [](const std::string& rules) {
    const double start = remit::test::processor_seconds();
    const auto checked = check(kScope + rules);
    CHECK_FALSE(checked.diagnostics.has_errors());
    return remit::test::processor_seconds() - start;
  };
  std::string alike, wild, limits, excepts = "read lab:/e except lab:/e/x";
  for (int i = 0; i < 20'000; ++i) {
    const std::string number = std::to_string(i);
    alike += "read lab:/a when n > " + number + "\n";
    wild += "read lab:/*/" + number + "*/?" + number + "\n";
    limits += i % 2 == 0 ? "read lab:/t/x" + number + "\n"
                         : "limit read lab:/*/y" + number + " to 3 times\n";
    excepts += ", lab:/e/" + number;
  }
  for (const std::string& rules : {alike, wild, limits, excepts})
    CHECK(timed(rules) < 2 * remit::test::kSlower);
}

TEST_CASE("a limit is reached by a rule behind more than are tried one by one") {
  std::string rules;
  for (int i = 0; i < 300; ++i) rules += "write lab:/a when n > " + std::to_string(1'000 - i) + "\n";
  const auto warned = [&](const std::string& rest) {
    const remit::reference::Checked checked = check(kScope + rules + rest);
    const auto& all = checked.diagnostics.all();
    return std::count_if(all.begin(), all.end(), [](const auto& finding) { return finding.code == "unreachable-limit"; });
  };
  CHECK(warned("limit read lab:/a/b to 3 times") == 1);
  CHECK(warned("read lab:/a\nlimit read lab:/a/b to 3 times") == 0);
}

TEST_CASE("no warning where there is no effort left to find out whether it is true") {
  const auto warned = [](int n) {
    const auto names = [](int from, int to) {
      std::string out = "a" + std::to_string(from);
      for (int i = from + 1; i < to; ++i) out += ", a" + std::to_string(i);
      return out;
    };
    std::string text = "system s { action " + names(0, 2 * n) + " }\n" + kScope + names(0, n) + " s:/\n";
    for (int i = 0; i < 6; ++i) text += "limit " + names(n, 2 * n) + " s:/" + std::to_string(i) + " to 3 times\n";
    const auto checked = check(text + "limit read lab:/ to 3 times");
    const auto& all = checked.diagnostics.all();
    return std::count_if(all.begin(), all.end(), [](const auto& finding) { return finding.code == "unreachable-limit"; });
  };
  CHECK(warned(100) == 7);
  CHECK(warned(2'000) == 4);  // four times 2,000 names by 2,000 are all that a document may cost
}

TEST_CASE("a thousand warnings are kept") {
  std::string header = "scope t(p0: int";
  for (int i = 1; i < 1'100; ++i) header += ", p" + std::to_string(i) + ": int";
  CHECK(count(check(header + ")\n" + kScope + "read lab:/a").diagnostics) == 1'000);
}

TEST_CASE("the conformance documents, whatever is warned of in them") {
  const std::string folder = remit::reference::conformance_folder(REMIT_CONFORMANCE_DIR);
  std::size_t documents = 0, warned = 0;
  for (const char* const file : {"/valid.jsonl", "/decisions.jsonl"}) {
    for (const remit::reference::Case& one : remit::reference::read_cases(folder + file)) {
      for (const remit::reference::CaseDocument& document : one.documents) {
        remit::lang::CheckOptions options;
        options.arguments = document.arguments;
        options.modules = one.modules;
        const remit::reference::Checked checked = check(document.text, options);
        CHECK_FALSE(checked.diagnostics.has_errors());
        ++documents;
        warned += checked.diagnostics.all().empty() ? 0 : 1;
      }
    }
  }
  if (documents == 0) WARN("no conformance cases at " << folder);
  CHECK((documents == 0 || warned > 0));
}
