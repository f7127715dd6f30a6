// Sets of values of one attribute (attribute_range.h).
#include "lang/check/attribute_range.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace remit::lang {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

bool is_number(Type type) {
  return type == Type::integer || type == Type::size || type == Type::duration ||
         type == Type::time;
}

Compare inverse(Compare compare) {
  switch (compare) {
    case Compare::eq: return Compare::ne;
    case Compare::ne: return Compare::eq;
    case Compare::lt: return Compare::ge;
    case Compare::le: return Compare::gt;
    case Compare::gt: return Compare::le;
    case Compare::ge: break;
  }
  return Compare::lt;
}

// `5 < n` is `n > 5`.
Compare swapped(Compare compare) {
  switch (compare) {
    case Compare::lt: return Compare::gt;
    case Compare::le: return Compare::ge;
    case Compare::gt: return Compare::lt;
    case Compare::ge: return Compare::le;
    default: return compare;
  }
}

bool equal(const Constant& a, const Constant& b) {
  return a.number == b.number && a.text == b.text;
}
bool less(const Constant& a, const Constant& b) {
  return is_number(a.type) ? a.number < b.number : a.text < b.text;
}

bool passes(const Constant& value, const AttributeTest& test) {
  const Constant& first = test.values[0];
  switch (test.compare) {
    case Compare::lt: return less(value, first);
    case Compare::le: return !less(first, value);
    case Compare::gt: return less(first, value);
    case Compare::ge: return !less(value, first);
    default: break;
  }
  const bool found = std::any_of(test.values.begin(), test.values.end(),
                                 [&](const Constant& one) { return equal(one, value); });
  return found == (test.compare == Compare::eq);
}

AttributeTest normal(AttributeTest test) {
  Constant& first = test.values[0];
  if (is_number(test.type)) {
    // What is below the least number or above the greatest stays as it is: nothing passes.
    if (test.compare == Compare::lt && first.number != kLeast)
      test.compare = Compare::le, --first.number;
    if (test.compare == Compare::gt && first.number != kMost)
      test.compare = Compare::ge, ++first.number;
  }
  if (test.type == Type::boolean && test.compare == Compare::ne && test.values.size() == 1) {
    test.compare = Compare::eq;
    first.number = first.number != 0 ? 0 : 1;
  }
  return test;
}

bool upward(Compare compare) { return compare == Compare::gt || compare == Compare::ge; }
bool downward(Compare compare) { return compare == Compare::lt || compare == Compare::le; }

using Tests = std::vector<const AttributeTest*>;  // of one attribute, with constants of one type

bool pass_all(const Constant& value, const Tests& tests) {
  return std::all_of(tests.begin(), tests.end(),
                     [&](const AttributeTest* test) { return passes(value, *test); });
}

bool numbers_left(const Tests& tests) {
  std::int64_t low = kLeast, high = kMost;
  std::size_t excluded = 0;
  for (const AttributeTest* test : tests) {
    const std::int64_t bound = test->values[0].number;
    if (test->compare == Compare::lt || test->compare == Compare::gt) return false;  // see normal()
    if (test->compare == Compare::ge) low = std::max(low, bound);
    if (test->compare == Compare::le) high = std::min(high, bound);
    if (test->compare == Compare::ne) excluded += test->values.size();
  }
  if (low > high) return false;
  // Fewer exclusions than numbers leave one; otherwise look.
  if (static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) >= excluded) return true;
  Constant value = tests[0]->values[0];
  for (std::int64_t number = low;; ++number) {
    value.number = number;
    if (pass_all(value, tests)) return true;
    if (number == high) return false;
  }
}

bool texts_left(const Tests& tests) {
  for (const AttributeTest* upper : tests) {
    if (!downward(upper->compare)) continue;
    if (upper->compare == Compare::lt && upper->values[0].text.empty()) return false;
    for (const AttributeTest* lower : tests) {
      if (!upward(lower->compare)) continue;
      if (less(upper->values[0], lower->values[0])) return false;
      // Just one text is left, where it is.
      if (equal(upper->values[0], lower->values[0]) && !pass_all(upper->values[0], tests))
        return false;
    }
  }
  return true;
}

bool values_left(const Tests& tests) {
  for (const AttributeTest* test : tests) {
    if (test->compare != Compare::eq) continue;
    return std::any_of(test->values.begin(), test->values.end(),
                       [&](const Constant& value) { return pass_all(value, tests); });
  }
  return is_number(tests[0]->type) ? numbers_left(tests)
                                   : tests[0]->type != Type::string || texts_left(tests);
}

bool alike(const AttributeTest& a, const AttributeTest& b) {
  return a.type == b.type && a.attribute->name == b.attribute->name;
}

}  // namespace

std::optional<AttributeTest> test_of(const Condition& condition, bool negated) {
  AttributeTest test;
  switch (condition.kind) {
    case Condition::Kind::compare: {
      const bool forward = condition.left.is_attribute;
      if (forward && condition.right.is_attribute) return std::nullopt;
      test.attribute = forward ? &condition.left.attribute : &condition.right.attribute;
      test.compare = forward ? condition.compare : swapped(condition.compare);
      test.values.push_back(forward ? condition.right.constant : condition.left.constant);
      break;
    }
    case Condition::Kind::in:
      if (!condition.left.is_attribute || condition.right.is_attribute ||
          condition.right.constant.items.empty())
        return std::nullopt;
      test.attribute = &condition.left.attribute;
      test.values = condition.right.constant.items;
      break;
    case Condition::Kind::truth: {
      if (!condition.left.is_attribute) return std::nullopt;
      test.attribute = &condition.left.attribute;
      Constant yes;
      yes.number = 1;
      test.values.push_back(std::move(yes));
      break;
    }
    default: return std::nullopt;
  }
  test.type = test.values[0].type;
  if (test.type == Type::list) return std::nullopt;
  if (negated) test.compare = inverse(test.compare);
  return normal(std::move(test));
}

bool follows(const AttributeTest& a, const AttributeTest& b) {
  if (!alike(a, b)) return false;
  if (a.compare == Compare::eq)
    return std::all_of(a.values.begin(), a.values.end(),
                       [&](const Constant& value) { return passes(value, b); });
  if (b.compare == Compare::ne)
    return std::none_of(b.values.begin(), b.values.end(),
                        [&](const Constant& value) { return passes(value, a); });
  const Constant &one = a.values[0], &other = b.values[0];
  const bool strict = b.compare == Compare::gt || b.compare == Compare::lt;
  const bool strictly = a.compare == Compare::gt || a.compare == Compare::lt;
  const bool at_bound = equal(one, other) && (!strict || strictly);
  if (upward(a.compare) && upward(b.compare)) return less(other, one) || at_bound;
  if (downward(a.compare) && downward(b.compare)) return less(one, other) || at_bound;
  return false;
}

bool satisfiable(const std::vector<AttributeTest>& tests) {
  for (std::size_t i = 0; i < tests.size(); ++i) {
    Tests group;
    for (const AttributeTest& test : tests) {
      if (alike(tests[i], test)) group.push_back(&test);
    }
    if (group[0] == &tests[i] && !values_left(group)) return false;  // each group once
  }
  return true;
}

}  // namespace remit::lang
