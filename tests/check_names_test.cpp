// Reserved words, quoting, and the nearest name against a plain reference of the same distance.
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/image/unicode.h"
#include "lang/check/names.h"
#include "lang/parse/parse.h"
#include "tests/generate/random.h"

using namespace remit;
using namespace remit::lang;
using namespace remit::lang::checker;
using generate::Random;

namespace {

// Language.md section 1, word for word.
const std::set<std::string> kReserved = {
    "allow",   "deny",   "ask",   "limit",   "any",       "anything", "only",   "except",
    "when",    "unless", "at",    "most",    "per",       "between",  "after",  "because",
    "expires", "starts", "idle",  "purpose", "agent",     "on",       "behalf", "of",
    "sponsor", "review", "every", "trigger", "delegate",  "up",       "to",     "level",
    "levels",  "use",    "scope", "grants",  "guardrail", "system",   "let",    "test",
    "with",    "and",    "or",    "not",     "in",        "has",      "like",   "times",
    "true",    "false"};

// Optimal string alignment by its recursive definition, as a full table.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

// The nearest by that distance, the first of equals, if near enough.
std::string nearest(const std::string& wanted, const std::vector<std::string>& known) {
  const std::size_t most = wanted.size() <= 3 ? 1 : wanted.size() <= 7 ? 2 : 3;
  std::string best;
  std::size_t least = most + 1;
  for (const std::string& name : known) {
    const std::size_t found = distance(wanted, name);
    if (!name.empty() && found < least && found < std::max(wanted.size(), name.size())) {
      least = found;
      best = name;
    }
  }
  return best;
}

std::string offer(const std::string& wanted, const std::vector<std::string>& known) {
  Nearest nearest(wanted);
  for (const std::string& name : known) nearest.offer(name);
  return nearest.best();
}

// A word near `word`: a few letters put in, left out, replaced, swapped.
std::string mistyped(Random& random, std::string word) {
  for (std::size_t slips = random.below(5); slips > 0; --slips) {
    const std::size_t at = random.below(word.size() + 1);
    const auto letter = static_cast<char>('a' + random.below(4));
    switch (random.below(4)) {
      case 0: word.insert(at, 1, letter); break;
      case 1: word.erase(at, 1); break;
      case 2: word.replace(at, 1, 1, letter); break;
      default:
        if (at + 1 < word.size()) std::swap(word[at], word[at + 1]);
    }
  }
  return word;
}

}  // namespace

TEST_CASE("the reserved words are those of the page", "[names]") {
  for (const std::string& word : kReserved) {
    INFO(word);
    CHECK(is_reserved(word));
    for (const std::string& near :
         {word + "s", word.substr(0, word.size() - 1), "a" + word, word + "_"})
      CHECK(is_reserved(near) == (kReserved.count(near) != 0));
    // And the grammar agrees: no let, action or attribute has such a name, but after a dot and in
    // quotes.
    const auto parses = [](const std::string& text) {
      const Source source("x", text);
      Diagnostics diagnostics;
      static_cast<void>(parse(source, diagnostics));
      return !diagnostics.has_errors();
    };
    CHECK_FALSE(parses("let " + word + " = 5"));
    CHECK_FALSE(parses("system s { action " + word + " }"));
    CHECK_FALSE(parses("system s { attribute " + word + ": int }"));
    CHECK(parses("let " + word + "x = 5"));
    CHECK(parses("read docs:/a when user." + word + " == 1"));
    CHECK(parses("\"" + word + "\" docs:/a"));
  }
  CHECK_FALSE(is_reserved(""));
  CHECK_FALSE(is_reserved("Allow"));
}

TEST_CASE("the facts of a session", "[names]") {
  for (const char* fact : {"agent", "user", "sponsor", "purpose", "trigger"}) CHECK(is_fact(fact));
  for (const char* other : {"", "users", "user.role", "opened", "size"})
    CHECK_FALSE(is_fact(other));
}

TEST_CASE("long text is quoted with its middle left out, between characters", "[names]") {
  CHECK(quote("") == "``");
  CHECK(quote(std::string(80, 'x')) == "`" + std::string(80, 'x') + "`");
  CHECK(quote(std::string(81, 'x')) ==
        "`" + std::string(40, 'x') + "..." + std::string(20, 'x') + "`");
  for (const char* character : {"a", "\xC3\xA9", "\xE6\x9D\xB1", "\xF0\x9F\x98\x80"}) {
    for (std::size_t before = 0; before < 4; ++before) {
      std::string text(before, 'x');
      while (text.size() < 200) text += character;
      const std::string quoted = quote(text);
      CHECK(detail::valid_utf8_prefix(quoted) == quoted.size());
      CHECK(quoted.size() <= 65);
      CHECK(quoted.find("...") != std::string::npos);
    }
  }
}

TEST_CASE("types have names and articles", "[names]") {
  CHECK(a_type(Type::integer) == "an int");
  CHECK(a_type(Type::string) == "a string");
  CHECK(a_type(Type::list, Type::integer) == "a list of int");
  CHECK(a_type(Type::list) == "a list");
  CHECK(a_type(Type::any) == "a value of any type");
}

TEST_CASE("the nearest name is that of the plain reference", "[names]") {
  Random random(23);
  std::size_t found = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::vector<std::string> known;
    for (std::size_t left = 1 + random.below(12); left > 0; --left) {
      std::string name;
      for (std::size_t size = 1 + random.below(random.chance(80) ? 9 : 70); size > 0; --size)
        name += static_cast<char>('a' + random.below(4));
      known.push_back(name);
    }
    const std::string wanted = mistyped(random, random.pick(known));
    const std::string best = nearest(wanted, known);
    INFO(wanted);
    REQUIRE(offer(wanted, known) == best);
    found += best.empty() ? 0 : 1;
  }
  CHECK(found > 1'000);
}

TEST_CASE("a hint is given where a name is near, and only there", "[names]") {
  CHECK(offer("raed", {"list", "read", "write"}) == "read");
  CHECK(offer("reed", {"read", "seed"}) == "read");  // equally near: the first
  CHECK(offer("x", {"ab", "y"}).empty());
  CHECK(offer("", {"a"}).empty());
  CHECK(offer("weekly_sumary", {"weekly_summary"}) == "weekly_summary");
  CHECK(Nearest("read").hint().empty());
  Nearest nearest("folde");
  nearest.offer("folder");
  CHECK(nearest.hint("$") == "; did you mean `$folder`?");
}

TEST_CASE("what a host hands in is quoted and compared, however odd", "[names]") {
  // No character begins anywhere in it: the cut still ends.
  CHECK(quote(std::string(200, '\x80')).size() <= 65);
  CHECK(offer("x", {""}).empty());
  const std::string long_one(256, 'a');
  CHECK(offer(long_one, {std::string(255, 'a')}).empty());
  CHECK(offer(std::string(255, 'a'), {long_one}).empty());
  CHECK(offer(std::string(255, 'a'), {std::string(254, 'a')}) == std::string(254, 'a'));
  // A document that declares endless names is no reason to compare endlessly.
  std::vector<std::string> many(4'999, "zzzzzz");
  many.push_back("folder");
  CHECK(offer("folde", many) == "folder");
  many.insert(many.begin(), "zzzzzz");
  CHECK(offer("folde", many).empty());
}
