// Constants, values and conditions as people read them, one by one: what explain makes of whole decisions
// is session_explain_test's.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "engine/session/words.h"
#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;
using image::Instruction;
using image::Op;

namespace {

const char* const kTypes =
    "system k { action read; attribute n: int; attribute m: int; attribute ns: list of int; attribute s: string; attribute ss: list of string; attribute r: resource; "
    "attribute f: bool; attribute d: duration; attribute z: size; attribute t: time }\n";

std::string why(const std::string& rule, const std::vector<Attribute>& attributes) {
  Session session = open(layers_of(compile_or_die(kTypes + ("expires 1h\n" + rule))));
  const Request request("read", "k:/a", attributes);
  const Decision decision = session.check(request, after(0));
  REQUIRE(decision.reason == Reason::no_matching_rule);
  const std::string text = session.nearest(request, decision, after(0));
  const std::string begin = " for ";
  const std::size_t at = text.find(begin);
  return at == std::string::npos ? text : text.substr(at + begin.size() + std::string("this for ").size() * (text.compare(at, 10, " for this ") == 0 ? 1 : 0));
}

// What the condition's leaf of that operation wants, and what its negation does.
std::pair<std::string, std::string> both_ways(const std::string& condition, Op op) {
  const Program program = compile_or_die(std::string(kTypes) + "expires 1h\nallow read k:/a " + condition);
  for (const Instruction& instruction : program.view().code) {
    if (static_cast<Op>(instruction.op) == op) return {words_of(program.view(), instruction, true), words_of(program.view(), instruction, false)};
  }
  FAIL("no such operation in: " << condition);
  return {};
}

using Pair = std::pair<std::string, std::string>;

}  // namespace

TEST_CASE("sizes, durations and times keep every digit") {
  const std::pair<std::int64_t, const char*> sizes[] = {{0, "0B"}, {5, "5B"}, {1000, "1KB"}, {1024, "1KiB"}, {3'000'000, "3MB"}, {3 << 20, "3MiB"}, {std::int64_t{1} << 30, "1GiB"}, {7'000'000'000, "7GB"}, {std::int64_t{1} << 40, "1TiB"}, {2'000'000'000'000, "2TB"}, {1001, "1001B"}};
  for (const auto& [number, words] : sizes) CHECK(words_of(Type::size, number) == words);
  const std::pair<std::int64_t, const char*> durations[] = {{0, "0 microseconds"}, {-5, "-5 microseconds"}, {-3'600'000'000, "-3600000000 microseconds"}, {1500, "1500 microseconds"}, {1000, "1ms"}, {694'861'001'000, "1w1d1h1m1s1ms"}, {3'600'000'000, "1h"}};
  for (const auto& [number, words] : durations) CHECK(words_of(Type::duration, number) == words);
  // From the epoch: a microsecond before it, a leap day, a January, a December, and the last day of February of the year 0.
  const std::pair<std::int64_t, const char*> times[] = {{0, "1970-01-01T00:00:00Z"}, {-1, "1969-12-31T23:59:59.999999Z"}, {951'782'400'000'000, "2000-02-29T00:00:00Z"}, {1'767'225'599'000'000, "2025-12-31T23:59:59Z"}, {1'772'323'200'000'000, "2026-03-01T00:00:00Z"}, {-62'162'121'600'000'000, "0-02-29T00:00:00Z"}};
  for (const auto& [number, words] : times) CHECK(words_of(Type::time, number) == words);
  CHECK(words_of(Type::boolean, 1) == "true");
  CHECK(words_of(Type::boolean, 0) == "false");
  CHECK(words_of(Type::integer, -7) == "-7");
}

TEST_CASE("values are quoted, cut and never endless") {
  CHECK(words_of(Value("a\"b\\c")) == "\"a\\\"b\\\\c\"");
  CHECK(words_of(Value(std::string(80, 'x'))) == "\"" + std::string(80, 'x') + "\"");
  CHECK(words_of(Value(std::string_view("123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 1"))) ==
        "\"123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 ...\"");
  CHECK(words_of(Value(ResourceName{"k:/a"})) == "k:/a");
  std::vector<Value> items(8, Value(1));
  CHECK(words_of(Value(std::span<const Value>(items))) == "[1, 1, 1, 1, 1, 1, 1, 1]");
  items.emplace_back(2);
  CHECK(words_of(Value(std::span<const Value>(items))) == "[1, 1, 1, 1, 1, 1, 1, 1, ...]");
  const std::vector<Value> nested{Value(std::span<const Value>(items)), Value("a")};
  CHECK(words_of(Value(std::span<const Value>(nested))) == "[[...], \"a\"]");
}

TEST_CASE("each condition, and its negation, in words") {
  CHECK(both_ways("when f", Op::test) == Pair("f", "not f"));
  CHECK(both_ways("when has s", Op::has) == Pair("requests with s", "requests without s"));
  CHECK(both_ways("when n == 5", Op::compare_number) == Pair("n 5", "n other than 5"));
  CHECK(both_ways("when n < 5", Op::compare_number) == Pair("n under 5", "n of at least 5"));
  CHECK(both_ways("when z <= 5MB", Op::compare_number) == Pair("z up to 5MB", "z over 5MB"));
  CHECK(both_ways("when s == \"x\"", Op::compare_word) == Pair("s \"x\"", "s other than \"x\""));
  CHECK(both_ways("when ns == [1, 2]", Op::compare_list) == Pair("ns [1, 2]", "ns other than [1, 2]"));
  CHECK(both_ways("when ss == [\"a\"]", Op::compare_list) == Pair("ss [\"a\"]", "ss other than [\"a\"]"));
  CHECK(both_ways("when n >= m", Op::compare_attributes) == Pair("n of at least m", "n under m"));
  CHECK(both_ways("when n in [1, 2]", Op::in_numbers) == Pair("n in [1, 2]", "n not in [1, 2]"));
  CHECK(both_ways("when s in [\"a\", \"b\"]", Op::in_words) == Pair("s in [\"a\", \"b\"]", "s not in [\"a\", \"b\"]"));
  CHECK(both_ways("when r in [k:/a, k:/b]", Op::in_words) == Pair("r in [\"k:/a\", \"k:/b\"]", "r not in [\"k:/a\", \"k:/b\"]"));
  CHECK(both_ways("when 1 in ns", Op::contains_number) == Pair("ns that has 1", "ns without 1"));
  CHECK(both_ways("when \"a\" in ss", Op::contains_word) == Pair("ss that has \"a\"", "ss without \"a\""));
  CHECK(both_ways("when n in ns", Op::in_attribute) == Pair("n in ns", "n not in ns"));
  CHECK(both_ways("when s like \"a?*\"", Op::like) == Pair("s like \"a?*\"", "s not like \"a?*\""));
  CHECK(both_ways("between 09:00 and 17:05 on mon", Op::window) ==
        Pair("the time between 09:00 and 17:05, on the days that it names", "the time outside 09:00 and 17:05, on the days that it names"));
  CHECK(both_ways("except k:/a/b", Op::except) == Pair("resources of its `except`", "resources outside its `except`"));
  CHECK(both_ways("after read k:/b", Op::after) == Pair("sessions that were granted what its `after` names", "sessions that were not granted what its `after` names"));
  CHECK(both_ways("unless n == 5", Op::negate) == Pair("", ""));
  const Program program = compile_or_die(std::string(kTypes) + "expires 1h\nread k:/");
  CHECK(words_of(program.view(), Instruction{static_cast<std::uint8_t>(Op::truth), 0, 0, 0}, true) == "nothing: its condition is never met");
}

TEST_CASE("what a request had instead of what a rule wants") {
  CHECK(why("read k:/a when n == m", {{"n", 1}, {"m", 2}}) == "n m; n was 1, m was 2");
  CHECK(why("read k:/a when n in ns", {{"n", 1}}) == "n in ns; n was 1, ns was not given");
  CHECK(why("read k:/a when f", {{"f", "yes"}}) == "f; f was given as string, declared bool");
  CHECK(why("read k:/a unless has s", {{"s", "x"}}) == "requests without s");
  CHECK(why("read k:/a when r == k:/b", {{"r", ResourceName{"k:/c"}}}).find("r was k:/c") != std::string::npos);
  CHECK(why("read k:/a when user.role == \"lead\"", {}) == "user.role \"lead\"; user.role was not given");
  CHECK(why("read k:/a between 09:00 and 09:01 on mon", {}).find("; it was 2001-09-09T01:46:40Z") != std::string::npos);
  CHECK(why("read k:/a when n == 1 and f", {{"n", 2}, {"f", false}}) == "n 1; n was 2");
  CHECK(why("read k:/a when n == 1 and f", {{"n", 1}, {"f", false}}) == "f; f was false");
  CHECK(why("read k:/a unless n == 1 or f", {{"n", 2}, {"f", true}}) == "not f; f was true");
  CHECK(why("read k:/a unless n == 1 and f", {{"n", 1}, {"f", true}}) == "n other than 1 or not f; f was true; n was 1");
  CHECK(why("read k:/a unless not f", {{"f", false}}) == "f; f was false");
  // Of many alternatives the first six are told.
  CHECK(why("read k:/a when n == 1 or n == 2 or m == 3 or m == 4 or s == \"a\" or s == \"b\" or f", {}) ==
        "n 1 or n 2 or m 3 or m 4 or s \"a\" or s \"b\"; m was not given; n was not given; s was not given");
}

TEST_CASE("a fact of the session is told by its name") {
  const std::vector<Attribute> facts{{"user.role", "dev"}};
  Opening opening;
  opening.user = kPerson;
  opening.layers = layers_of(compile_or_die(std::string(kTypes) + "expires 1h\nread k:/a when user.role == \"lead\""));
  opening.facts = facts;
  Session session = Session::open(opening, after(0)).value();
  const Request request("read", "k:/a");
  const std::string text = session.nearest(request, session.check(request, after(0)), after(0));
  CHECK(text.find("for user.role \"lead\"; user.role was \"dev\"") != std::string::npos);
}
