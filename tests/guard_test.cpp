// Guards, run: all small expressions over Kleene's three values, all comparisons of each type at their
// edges, windows minute by minute. What generated conditions add is differential_test's.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support.h"

namespace remit {
namespace {

enum class Kleene { no, unknown, yes };

// A condition as text, and its value for the three facts p, q, r.
struct Expression {
  std::string text;
  Kleene (*of)(const Expression& self, const Kleene* facts);
  std::size_t left = 0, right = 0;  // in kExpressions
};

std::vector<Expression> g_expressions;  // those of lower indexes are what the others are made of

Kleene value_of(std::size_t expression, const Kleene* facts) { return g_expressions[expression].of(g_expressions[expression], facts); }

Kleene negation(const Expression& e, const Kleene* facts) { return static_cast<Kleene>(2 - static_cast<int>(value_of(e.left, facts))); }
Kleene conjunction(const Expression& e, const Kleene* facts) { return std::min(value_of(e.left, facts), value_of(e.right, facts)); }
Kleene disjunction(const Expression& e, const Kleene* facts) { return std::max(value_of(e.left, facts), value_of(e.right, facts)); }

void make_expressions() {
  g_expressions = {{"p", [](const Expression&, const Kleene* f) { return f[0]; }},
                   {"q", [](const Expression&, const Kleene* f) { return f[1]; }},
                   {"r", [](const Expression&, const Kleene* f) { return f[2]; }}};
  for (std::size_t begin = 0, depth = 0; depth < 2; ++depth) {
    const std::size_t end = g_expressions.size();
    for (std::size_t i = begin; i < end; ++i) {
      const std::string a = g_expressions[i].text;
      g_expressions.push_back({"not (" + a + ")", negation, i});
    }
    // At the second level every expression meets the three facts: from both sides.
    const std::size_t partners = depth == 0 ? end : 3;
    for (std::size_t i = begin; i < end; ++i) {
      for (std::size_t j = 0; j < partners; ++j) {
        const std::string a = g_expressions[i].text, b = g_expressions[j].text;
        g_expressions.push_back({"(" + a + ") and (" + b + ")", conjunction, i, j});
        g_expressions.push_back({"(" + b + ") or (" + a + ")", disjunction, j, i});
        g_expressions.push_back({"(" + b + ") and (" + a + ")", conjunction, j, i});
      }
    }
    begin = end;
  }
}

TEST_CASE("every small condition, in every kind of rule") {
  make_expressions();
  const std::size_t count = g_expressions.size();
  REQUIRE(count > 200);
  // For each expression an action of each kind of rule, and of an `unless`.
  std::string text = "expires 1h\nsystem lab { attribute p: bool; attribute q: bool; attribute r: bool";
  std::string rules;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string n = std::to_string(i);
    text += "; action allow" + n + ", deny" + n + ", ask" + n + ", unless" + n;
    rules += "allow allow" + n + " lab:/ when " + g_expressions[i].text + "\n";
    rules += "allow deny" + n + ", ask" + n + " lab:/\n";
    rules += "deny deny" + n + " lab:/ when " + g_expressions[i].text + "\n";
    rules += "ask ask" + n + " lab:/ when " + g_expressions[i].text + "\n";
    rules += "allow unless" + n + " lab:/ unless " + g_expressions[i].text + "\n";
  }
  const Layers layers = Layers::link(test::compile_or_die(text + " }\n" + rules)).value();
  for (int world = 0; world < 27; ++world) {
    const Kleene facts[] = {static_cast<Kleene>(world % 3), static_cast<Kleene>(world / 3 % 3), static_cast<Kleene>(world / 9)};
    std::vector<Attribute> attributes;  // an unknown fact is absent
    const char* const names[] = {"p", "q", "r"};
    for (int i = 0; i < 3; ++i) {
      if (facts[i] != Kleene::unknown) attributes.push_back({names[i], facts[i] == Kleene::yes});
    }
    const auto effect = [&](const char* action, std::size_t i) {
      return layers.decide(Request(action + std::to_string(i), "lab:/x", attributes), {}, Time{}).effect;
    };
    for (std::size_t i = 0; i < count; ++i) {
      const Kleene value = value_of(i, facts);
      INFO(g_expressions[i].text << " is " << static_cast<int>(value) << " in world " << world);
      REQUIRE((effect("allow", i) == Effect::allow) == (value == Kleene::yes));
      REQUIRE((effect("deny", i) == Effect::allow) == (value == Kleene::no));
      REQUIRE((effect("ask", i) == Effect::allow) == (value == Kleene::no));
      REQUIRE((effect("unless", i) == Effect::allow) == (value == Kleene::no));
    }
  }
}

// One type of attribute: literals in rising order, and the same values as a request has them.
struct TypeCase {
  const char* name;
  bool ordered;
  std::vector<std::string> literals;
  std::vector<Value> values;
};

TEST_CASE("every comparison of every type, and other types than the declared one") {
  const std::vector<TypeCase> types = {
      {"int", true, {"-9_223_372_036_854_775_808", "-1", "0", "7", "9_223_372_036_854_775_807"}, {INT64_MIN, -1, 0, 7, INT64_MAX}},
      {"size", true, {"0B", "1KB", "1KiB", "5MB"}, {bytes(0), bytes(1000), bytes(1024), bytes(5'000'000)}},
      {"duration", true, {"500ms", "1h", "1h30m"}, {std::chrono::milliseconds(500), std::chrono::hours(1), std::chrono::minutes(90)}},
      {"time", true, {"1970-01-01T00:00Z", "1970-01-01T02:00+01:00"}, {time_from_micros(0), time_from_micros(test::kHour)}},
      {"string", true, {"\"\"", "\"a\"", "\"ab\"", "\"b\"", "\"é\""}, {"", "a", "ab", "b", "é"}},
      {"bool", false, {"false", "true"}, {false, true}},
      {"resource", false, {"lab:/a", "lab:/b"}, {ResourceName{"lab:/a"}, ResourceName{"lab:/b"}}},
  };
  const char* const compares[] = {"==", "!=", "<", "<=", ">", ">="};
  const auto holds = [](std::size_t compare, std::size_t a, std::size_t b) {
    return compare == 0 ? a == b : compare == 1 ? a != b : compare == 2 ? a < b : compare == 3 ? a <= b : compare == 4 ? a > b : a >= b;
  };
  for (const TypeCase& type : types) {
    // One action for each comparison with each literal, from either side.
    std::string text = "expires 1h\nsystem lab { attribute x: " + std::string(type.name), rules;
    const std::size_t kinds = type.ordered ? 6 : 2;
    for (std::size_t c = 0; c < kinds; ++c) {
      for (std::size_t i = 0; i < type.literals.size(); ++i) {
        const std::string n = std::to_string(c) + "_" + std::to_string(i);
        text += "; action left" + n + ", right" + n;
        rules += "left" + n + " lab:/ when x " + compares[c] + " " + type.literals[i] + "\n";
        rules += "right" + n + " lab:/ when " + type.literals[i] + " " + compares[c] + " x\n";
      }
    }
    const Layers layers = Layers::link(test::compile_or_die(text + " }\n" + rules)).value();
    const auto allowed = [&](const char* side, std::size_t c, std::size_t i, const Value& value) {
      const Attribute attribute{"x", value};
      return layers.decide(Request(side + std::to_string(c) + "_" + std::to_string(i), "lab:/", {&attribute, 1}), {}, Time{}).allowed();
    };
    for (std::size_t c = 0; c < kinds; ++c) {
      for (std::size_t i = 0; i < type.literals.size(); ++i) {
        for (std::size_t v = 0; v < type.values.size(); ++v) {
          INFO(type.name << " value " << v << " " << compares[c] << " " << type.literals[i]);
          CHECK(allowed("left", c, i, type.values[v]) == holds(c, v, i));
          CHECK(allowed("right", c, i, type.values[v]) == holds(c, i, v));
        }
        for (const TypeCase& other : types) {
          if (&other == &type) continue;
          INFO("a " << other.name << " for a " << type.name);
          for (const Value& value : other.values) CHECK_FALSE(allowed("left", c, i, value));
          CHECK_FALSE(allowed("left", c, i, Value(std::span<const Value>(type.values))));
        }
      }
    }
  }
}

TEST_CASE("lists in a document are looked through whatever their order, and compared in it") {
  const Layers layers = Layers::link(test::compile_or_die(
      "expires 1h\nsystem lab { action number, word, fact, same, none; attribute n: int; attribute region: string; attribute labels: list of string }\n"
      "number lab:/ when n in [30, 10, 20, 10]\n"
      "word lab:/ when region in [\"us\", \"ch\", \"eu\", \"ch\"]\n"
      "fact lab:/ when user.region in [\"us\", \"ch\", \"eu\"]\n"
      "same lab:/ when labels == [\"b\", \"a\", \"b\"]\n"
      "none lab:/ unless n in []\n")).value();
  const auto ask = [&](const char* action, const Attribute& attribute, const std::vector<Attribute>& facts = {}) {
    Facts session;
    session.named = facts;
    return layers.decide(Request(action, "lab:/", {&attribute, 1}), session, Time{}).allowed();
  };
  for (const std::int64_t n : {10, 20, 30}) CHECK(ask("number", {"n", n}));
  for (const std::int64_t n : {9, 15, 25, 31}) CHECK_FALSE(ask("number", {"n", n}));
  for (const char* const region : {"ch", "eu", "us"}) {
    CHECK(ask("word", {"region", region}));
    CHECK(ask("fact", {"n", 1}, {{"user.region", region}}));
  }
  for (const char* const region : {"", "c", "de", "uz"}) {
    CHECK_FALSE(ask("word", {"region", region}));
    CHECK_FALSE(ask("fact", {"n", 1}, {{"user.region", region}}));
  }
  const Value b_a_b[] = {"b", "a", "b"}, a_b_b[] = {"a", "b", "b"};
  CHECK(ask("same", {"labels", std::span<const Value>(b_a_b)}));
  CHECK_FALSE(ask("same", {"labels", std::span<const Value>(a_b_b)}));
  CHECK(ask("none", {"n", 1}));
}

TEST_CASE("lists: membership, equality, and what is no list of the declared type") {
  const Layers layers = Layers::link(test::compile_or_die(
      "expires 1h\nsystem lab { action one_of, holds, same, of_user, same_user, empty; attribute region: string; attribute labels: list of string }\n"
      "one_of lab:/ when region in [\"eu\", \"us\"]\n"
      "holds lab:/ when \"a\" in labels\n"
      "same lab:/ when labels == [\"a\", \"b\"]\n"
      "of_user lab:/ when user.region in labels\n"
      "same_user lab:/ unless user.tags == labels\n"
      "empty lab:/ when has labels\n")).value();
  const Value a_b[] = {"a", "b"}, b_a[] = {"b", "a"}, numbers[] = {1, 2};
  const auto list = [](const auto& items) { return Value(std::span<const Value>(items)); };
  const Value none{std::span<const Value>()};
  const auto ask = [&](const char* action, const char* name, const Value& value, const std::vector<Attribute>& facts = {}) {
    const Attribute attribute{name, value};
    Facts session;
    session.named = facts;
    return layers.decide(Request(action, "lab:/", {&attribute, 1}), session, Time{}).allowed();
  };
  CHECK(ask("one_of", "region", "eu"));
  CHECK_FALSE(ask("one_of", "region", "e"));
  CHECK_FALSE(ask("one_of", "region", list(a_b)));
  CHECK(ask("holds", "labels", list(b_a)));
  CHECK_FALSE(ask("holds", "labels", none));
  CHECK_FALSE(ask("holds", "labels", "a"));
  CHECK(ask("same", "labels", list(a_b)));
  CHECK_FALSE(ask("same", "labels", list(b_a)));
  CHECK_FALSE(ask("same", "labels", list(numbers)));
  CHECK(ask("empty", "labels", none));
  CHECK(ask("empty", "labels", list(numbers)));  // of the wrong type, but there
  CHECK(ask("of_user", "labels", list(a_b), {{"user.region", "b"}}));
  CHECK_FALSE(ask("of_user", "labels", list(a_b), {{"user.region", "c"}}));
  CHECK_FALSE(ask("of_user", "labels", list(a_b)));
  // A fact of another type than the list's items is unknown even where the list is empty.
  CHECK_FALSE(ask("same_user", "labels", none, {{"user.tags", list(numbers)}}));
  CHECK(ask("same_user", "labels", none, {{"user.tags", list(a_b)}}));
  CHECK_FALSE(ask("same_user", "labels", none, {{"user.tags", none}}));
}

TEST_CASE("each window is of its own zone") {
  const Layers layers = Layers::link(test::compile_or_die("expires 2200-01-01T00:00Z\n" + std::string(test::kLab) +
                                                          "read lab:/ between 00:00 and 12:00 in UTC\nlist lab:/ between 00:00 and 12:00 in Asia/Tokyo\nupdate lab:/ between 00:00 and 12:00 in America/New_York\n")).value();
  const auto allowed = [&](const char* action, std::int64_t hour) { return layers.decide({action, "lab:/"}, {}, time_from_micros(hour * test::kHour)).allowed(); };
  for (std::int64_t hour = 48; hour < 96; ++hour) {
    CHECK(allowed("read", hour) == (hour % 24 < 12));
    CHECK(allowed("list", hour) == ((hour + 9) % 24 < 12));
    CHECK(allowed("update", hour) == ((hour - 5) % 24 < 12));
  }
}

TEST_CASE("windows, minute by minute through a week and at the ends of time") {
  struct WindowCase {
    const char* text;
    int from, to;
    std::vector<int> days;  // of the start; 0 is Monday
  };
  const std::vector<WindowCase> cases = {
      {"between 09:00 and 18:00", 540, 1080, {0, 1, 2, 3, 4, 5, 6}},
      {"between 22:30 and 06:15 on fri", 1350, 375, {4}},
      {"between 23:59 and 00:00 on sun, wed", 1439, 0, {6, 2}},
      {"between 00:00 and 00:01 on fri-mon", 0, 1, {4, 5, 6, 0}},
      {"between 00:00 and 00:02 on thu", 0, 2, {3}},
  };
  constexpr std::int64_t kMinute = 60'000'000;
  for (const WindowCase& window : cases) {
    const Layers layers = Layers::link(test::compile_or_die("expires 2200-01-01T00:00Z\n" + std::string(test::kLab) + "read lab:/ " + window.text + " in UTC\n")).value();
    const auto allowed = [&](std::int64_t now) { return layers.decide({"read", "lab:/"}, {}, time_from_micros(now)).allowed(); };
    // The days are counted from 1970-01-01, a Thursday, which is day 3 of its week.
    for (std::int64_t minute = 0; minute < 2 * 7 * 1440; ++minute) {
      const auto of_day = static_cast<int>(minute % 1440), day = static_cast<int>((minute / 1440 + 3) % 7);
      const auto starts_on = [&](int start) { return std::count(window.days.begin(), window.days.end(), start) != 0; };
      const bool over_midnight = window.to < window.from;
      const bool expected = over_midnight ? (of_day >= window.from && starts_on(day)) || (of_day < window.to && starts_on((day + 6) % 7))
                                          : of_day >= window.from && of_day < window.to && starts_on(day);
      INFO(window.text << " at minute " << minute);
      REQUIRE(allowed(minute * kMinute) == expected);
      REQUIRE(allowed(minute * kMinute + kMinute - 1) == expected);
    }
    for (const std::int64_t never : {INT64_MIN, std::int64_t{-1}, std::int64_t{4102444800} * 1'000'000}) {
      for (std::int64_t hour = 0; hour < 24 && never > 0; ++hour) CHECK_FALSE(allowed(never + hour * test::kHour));
      CHECK_FALSE(allowed(never));
    }
  }
}

TEST_CASE("two constants compare as an attribute and a constant do") {
  const std::vector<std::vector<std::string>> rising = {
      {"-1", "0", "7"}, {"0B", "1KB", "1KiB"}, {"500ms", "90s", "2m", "1h"}, {"1970-01-01T00:00Z", "2026-12-01T09:00Z"}, {"\"\"", "\"a\"", "\"ab\"", "\"b\""}};
  const char* const compares[] = {"==", "!=", "<", "<=", ">", ">="};
  std::vector<std::pair<std::string, bool>> rows = {
      {"true == true", true},       {"true == false", false},       {"true != false", true},    {"lab:/a == lab:/a", true}, {"lab:/a != lab:/b", true},
      {"[1, 2] == [1, 2]", true},   {"[1, 2] == [2, 1]", false},    {"[1] != [1, 1]", true},    {"[] == []", true},         {"[] == [\"a\"]", false},
      {"\"b\" in [\"a\"]", false},  {"\"a\" in [\"b\", \"a\"]", true}};
  for (const std::vector<std::string>& literals : rising) {
    for (std::size_t a = 0; a < literals.size(); ++a) {
      for (std::size_t b = 0; b < literals.size(); ++b) {
        const bool holds[] = {a == b, a != b, a < b, a <= b, a > b, a >= b};
        for (std::size_t c = 0; c < 6; ++c) rows.emplace_back(literals[a] + " " + compares[c] + " " + literals[b], holds[c]);
      }
    }
  }
  std::string text = "expires 1h\nsystem lab { action a0", rules;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) text += ", a" + std::to_string(i);
    rules += "a" + std::to_string(i) + " lab:/ when " + rows[i].first + "\n";
  }
  const Layers layers = Layers::link(test::compile_or_die(text + " }\n" + rules)).value();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO(rows[i].first);
    CHECK(layers.decide({"a" + std::to_string(i), "lab:/x"}, {}, Time{}).allowed() == rows[i].second);
  }
}

TEST_CASE("the empty list is a list of every type") {
  const Layers layers = Layers::link(test::compile_or_die(
      "expires 1h\nsystem lab { action none, some, in_none, not_in_none; attribute region: string; attribute n: int; attribute labels: list of string }\n"
      "system other { action none; attribute labels: list of int }\nnone other:/ when 1 in labels\n"
      "none lab:/ when labels == []\nsome lab:/ when [] != labels\nin_none lab:/ when region in [] or n in []\nnot_in_none lab:/ when not region in []\n")).value();
  const Value a_b[] = {"a", "b"};
  const auto ask = [&](const char* action, const char* name, const Value& value) {
    const Attribute attribute{name, value};
    return layers.decide(Request(action, "lab:/", {&attribute, 1}), {}, Time{}).allowed();
  };
  const Value empty{std::span<const Value>()}, full{std::span<const Value>(a_b)};
  CHECK(ask("none", "labels", empty));
  CHECK_FALSE(ask("none", "labels", full));
  CHECK_FALSE(ask("some", "labels", empty));
  CHECK(ask("some", "labels", full));
  CHECK_FALSE(ask("in_none", "region", "a"));
  CHECK_FALSE(ask("in_none", "n", 1));
  CHECK(ask("not_in_none", "region", "a"));
  CHECK_FALSE(ask("not_in_none", "region", 1));  // of another type: unknown
}

}  // namespace
}  // namespace remit
