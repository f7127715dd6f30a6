// Comparisons of one attribute with constants, as sets of values: which of them lie within others,
// and which have nothing in common. The arithmetic of condition_logic.h. Covered by
// tests/condition_logic_test.cpp.
#pragma once

#include <optional>
#include <vector>

#include "lang/check/resolved.h"

namespace remit::lang {

// One comparison with constants of one type. Integers, sizes, durations and times are whole
// numbers, so `< 5` is kept as `<= 4`; of a bool, `!= true` as `== false`.
struct AttributeTest {
  const AttributeRef* attribute = nullptr;  // borrowed
  Type type = Type::any;                    // of the constants
  // `eq`: one of `values`; `ne`: none of them; all others have one value.
  Compare compare = Compare::eq;
  std::vector<Constant> values;
};

// The comparison that a condition (or its negation) is; nothing where it is none, or one with
// lists, globs or another attribute.
std::optional<AttributeTest> test_of(const Condition& condition, bool negated);

// Does every value that passes `a` pass `b`?
bool follows(const AttributeTest& a, const AttributeTest& b);

// Can the attributes have values that pass all of them?
bool satisfiable(const std::vector<AttributeTest>& tests);

}  // namespace remit::lang
