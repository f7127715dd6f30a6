// Conditions compared with one another (condition_logic.h). Negation is carried inwards, to where
// `not a < 5` is `a >= 5`: so unknown stays unknown, and only what stands between the parts
// changes.
#include "lang/check/condition_logic.h"

#include <algorithm>
#include <cstdint>

#include "lang/check/attribute_range.h"

namespace remit::lang {
namespace {

constexpr std::size_t kMaxComparisons = 4'096;  // of parts, for one answer
constexpr std::size_t kMaxCases = 256;          // ways to choose one side of every `or`
constexpr std::size_t kMaxAtoms = 64;           // in one of them

enum class Shape : std::uint8_t { any_of, all_of, constant, atom };

Shape shape_of(Claim claim) {
  const Condition& condition = *claim.condition;
  switch (condition.kind) {
    case Condition::Kind::any_of: return claim.negated ? Shape::all_of : Shape::any_of;
    case Condition::Kind::all_of: return claim.negated ? Shape::any_of : Shape::all_of;
    case Condition::Kind::truth: return condition.left.is_attribute ? Shape::atom : Shape::constant;
    default: return Shape::atom;
  }
}

// `not not x` is `x`.
Claim plain(Claim claim) {
  while (claim.condition->kind == Condition::Kind::negation)
    claim = {&claim.condition->children[0], !claim.negated};
  return claim;
}

std::vector<Claim> parts_of(Claim claim) {
  std::vector<Claim> result;
  result.reserve(claim.condition->children.size());
  for (const Condition& child : claim.condition->children)
    result.push_back(plain({&child, claim.negated}));
  return result;
}

bool value_of(Claim constant) {
  return (constant.condition->left.constant.number != 0) != constant.negated;
}

class Implication {
 public:
  bool holds(Claim a, Claim b) {
    if (++comparisons_ > kMaxComparisons) return false;
    a = plain(a);
    b = plain(b);
    if (a.negated == b.negated && same(*a.condition, *b.condition)) return true;
    const Shape of_a = shape_of(a), of_b = shape_of(b);
    if ((of_a == Shape::constant && !value_of(a)) || (of_b == Shape::constant && value_of(b)))
      return true;
    const auto from_a = [&](Claim part) { return holds(part, b); };
    const auto to_b = [&](Claim part) { return holds(a, part); };
    const std::vector<Claim> parts_a = parts_of(a), parts_b = parts_of(b);
    // What must hold for every part comes first: it is not only enough, but needed.
    if (of_a == Shape::any_of) return std::all_of(parts_a.begin(), parts_a.end(), from_a);
    if (of_b == Shape::all_of) return std::all_of(parts_b.begin(), parts_b.end(), to_b);
    if (of_a == Shape::all_of && std::any_of(parts_a.begin(), parts_a.end(), from_a)) return true;
    if (of_b == Shape::any_of && std::any_of(parts_b.begin(), parts_b.end(), to_b)) return true;
    if (of_a != Shape::atom || of_b != Shape::atom) return false;
    const auto one = test_of(*a.condition, a.negated), other = test_of(*b.condition, b.negated);
    return one && other && follows(*one, *other);
  }

 private:
  std::size_t comparisons_ = 0;
};

// Looks for a way to make all claims true at once: one side of every `or`, and values that agree.
class Search {
 public:
  // `open`: still to be taken apart. Answers true also where there are too many ways to look at.
  bool possible(std::vector<Claim> open, std::vector<Claim> atoms) {
    while (!open.empty()) {
      const Claim claim = plain(open.back());
      open.pop_back();
      switch (shape_of(claim)) {
        case Shape::constant:
          if (!value_of(claim)) return false;
          break;
        case Shape::atom:
          atoms.push_back(claim);
          if (atoms.size() > kMaxAtoms) return true;
          break;
        case Shape::all_of:
          for (const Claim part : parts_of(claim)) open.push_back(part);
          break;
        case Shape::any_of:
          for (const Claim part : parts_of(claim)) {
            std::vector<Claim> with = open;
            with.push_back(part);
            if (++cases_ > kMaxCases || possible(std::move(with), atoms)) return true;
          }
          return false;
      }
    }
    return agree(atoms);
  }

 private:
  static bool agree(const std::vector<Claim>& atoms) {
    std::vector<AttributeTest> tests;
    for (const Claim atom : atoms) {
      if (auto test = test_of(*atom.condition, atom.negated)) tests.push_back(std::move(*test));
      for (const Claim other : atoms) {
        if (atom.negated != other.negated && same(*atom.condition, *other.condition)) return false;
        if (lacks(atom) && needs(other, atom.condition->left.attribute)) return false;
      }
    }
    return satisfiable(tests);
  }

  // `not has x`
  static bool lacks(Claim atom) {
    return atom.negated && atom.condition->kind == Condition::Kind::has;
  }

  // What compares an attribute is true only where the request has it.
  static bool needs(Claim atom, const AttributeRef& attribute) {
    if (lacks(atom)) return false;
    for (const Operand* side : {&atom.condition->left, &atom.condition->right}) {
      if (side->is_attribute && side->attribute.name == attribute.name) return true;
    }
    return false;
  }

  std::size_t cases_ = 0;
};

bool same(const Operand& a, const Operand& b) {
  if (a.is_attribute != b.is_attribute) return false;
  if (!a.is_attribute) return a.constant == b.constant;
  return a.attribute.name == b.attribute.name && a.attribute.type == b.attribute.type &&
         a.attribute.element == b.attribute.element;
}

}  // namespace

bool same(const Condition& a, const Condition& b) {
  if (a.kind != b.kind || a.compare != b.compare || a.glob != b.glob || !same(a.left, b.left) ||
      !same(a.right, b.right))
    return false;
  return std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                    [](const Condition& one, const Condition& other) { return same(one, other); });
}

std::vector<Claim> claims_of(const Guard& guard) {
  std::vector<Claim> result;
  result.reserve(guard.conditions.size());
  for (const Guard::Part& part : guard.conditions) result.push_back({&part.condition, part.unless});
  return result;
}

bool implies(const std::vector<Claim>& a, Claim b) {
  if (always_false({b.condition, !b.negated})) return true;
  return std::any_of(a.begin(), a.end(), [&](Claim one) { return Implication().holds(one, b); });
}

bool never_true(const std::vector<Claim>& claims) { return !Search().possible(claims, {}); }

bool always_false(Claim claim) {
  claim = plain(claim);
  const auto each = [](Claim part) { return always_false(part); };
  const std::vector<Claim> parts = parts_of(claim);
  switch (shape_of(claim)) {
    case Shape::constant: return !value_of(claim);
    case Shape::all_of: return std::any_of(parts.begin(), parts.end(), each);
    case Shape::any_of: return std::all_of(parts.begin(), parts.end(), each);
    case Shape::atom: break;
  }
  return false;
}

}  // namespace remit::lang
