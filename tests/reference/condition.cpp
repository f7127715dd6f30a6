// Conditions. See condition.h.
#include "tests/reference/condition.h"

#include <algorithm>

#include "tests/reference/match.h"

namespace remit::reference {
namespace {

using lang::AttributeRef;
using lang::Condition;
using lang::Constant;
using lang::Operand;

// What an operand stands for. `there` says whether the request or session supplies it at all, which
// is all that `has` asks; `value` is empty too where what is supplied has the wrong type.
struct Found {
  bool there = false;
  std::optional<Constant> value;
  Type element = Type::any;  // of a list, where it is known
};

bool has_type(const Constant& value, Type type, Type element) {
  if (value.type != type) return false;
  if (type != Type::list) return true;
  return std::all_of(value.items.begin(), value.items.end(),
                     [&](const Constant& item) { return item.type == element; });
}

// A fact that the host supplies may be of any type, but a list is of one type (section 2).
bool is_uniform(const Constant& value) {
  return std::all_of(value.items.begin(), value.items.end(), [&](const Constant& item) {
    return item.type != Type::list && item.type == value.items[0].type;
  });
}

Type element_of(const Constant& list) {
  return list.items.empty() ? Type::any : list.items[0].type;
}

Found find(const AttributeRef& reference, const lang::SystemInfo& system, const SessionFacts& facts,
           const Asked& asked) {
  if (reference.fact != lang::Fact::none) {
    const auto fact = facts.find(reference);
    if (!fact) return {};
    if (!is_uniform(*fact)) return {true, std::nullopt, Type::any};
    return {true, fact, element_of(*fact)};
  }
  // Section 4: "Other undeclared attributes of a request are ignored; a declared one of the wrong
  // type is unknown (and `has` it)". Over `anything`, the system at hand may declare it with
  // another type than the rule was checked for, or not at all ("and is unknown elsewhere").
  const lang::AttributeInfo* declared = nullptr;
  for (const lang::AttributeInfo& attribute : system.attributes) {
    if (attribute.name == reference.name) declared = &attribute;
  }
  const Constant* value = asked.attribute(reference.name);
  if (declared == nullptr || value == nullptr) return {};
  const bool meant = declared->type == reference.type && declared->element == reference.element;
  if (!meant || !has_type(*value, declared->type, declared->element))
    return {true, std::nullopt, Type::any};
  return {true, *value, declared->element};
}

Found find(const Operand& operand, const lang::SystemInfo& system, const SessionFacts& facts,
           const Asked& asked) {
  if (operand.is_attribute) return find(operand.attribute, system, facts, asked);
  const Constant& constant = operand.constant;
  return {true, constant, constant.element != Type::any ? constant.element : element_of(constant)};
}

bool same(const Constant& a, const Constant& b) {
  return a.type == b.type && a.number == b.number && a.text == b.text &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same);
}

// "Strings order by bytes; bools and lists have no order." Nor have resources: the page gives them
// none, and an author who wants beneath-ness writes a pattern.
bool is_ordered(Type type) {
  return type == Type::integer || type == Type::size || type == Type::duration ||
         type == Type::time || type == Type::string;
}

bool is_less(const Constant& a, const Constant& b) {
  return a.type == Type::string ? a.text < b.text
                                : a.number < b.number;  // char_traits compares bytes
}

// "comparisons between values of one type"; anything else can only come from the host: unknown.
Kleene compare(lang::Compare how, const Found& left, const Found& right) {
  if (!left.value || !right.value || left.value->type != right.value->type) return Kleene::unknown;
  const Constant &a = *left.value, &b = *right.value;
  const bool other_items =
      left.element != Type::any && right.element != Type::any && left.element != right.element;
  if (a.type == Type::list && other_items) return Kleene::unknown;
  if (how == lang::Compare::eq) return kleene(same(a, b));
  if (how == lang::Compare::ne) return kleene(!same(a, b));
  if (!is_ordered(a.type)) return Kleene::unknown;
  switch (how) {
    case lang::Compare::lt: return kleene(is_less(a, b));
    case lang::Compare::le: return kleene(!is_less(b, a));
    case lang::Compare::gt: return kleene(is_less(b, a));
    default: return kleene(!is_less(a, b));
  }
}

// "`X in LIST` (and `LITERAL in ATTR` for list attributes)".
Kleene in(const Found& item, const Found& list) {
  if (!item.value || !list.value) return Kleene::unknown;
  if (list.value->type != Type::list || item.value->type == Type::list) return Kleene::unknown;
  if (list.element != Type::any && list.element != item.value->type) return Kleene::unknown;
  const auto& items = list.value->items;
  return kleene(std::any_of(items.begin(), items.end(),
                            [&](const Constant& one) { return same(one, *item.value); }));
}

// "`*` any run, `?` one code point, whole string".
Kleene like(const Found& text, const std::string& glob) {
  if (!text.value || text.value->type != Type::string) return Kleene::unknown;
  return kleene(glob_matches(glob, text.value->text));
}

Kleene negate(Kleene truth) {
  if (truth == Kleene::unknown) return Kleene::unknown;
  return kleene(truth == Kleene::no);
}

}  // namespace

Kleene evaluate(const Condition& condition, const lang::SystemInfo& system,
                const SessionFacts& facts, const Asked& asked) {
  const auto child = [&](const Condition& one) { return evaluate(one, system, facts, asked); };
  const auto operand = [&](const Operand& one) { return find(one, system, facts, asked); };
  switch (condition.kind) {
    case Condition::Kind::any_of: {  // true if any is true, false if all are false
      Kleene truth = Kleene::no;
      for (const Condition& one : condition.children) truth = std::max(truth, child(one));
      return truth;
    }
    case Condition::Kind::all_of: {  // false if any is false, true if all are true
      Kleene truth = Kleene::yes;
      for (const Condition& one : condition.children) truth = std::min(truth, child(one));
      return truth;
    }
    case Condition::Kind::negation: return negate(child(condition.children[0]));
    case Condition::Kind::compare:
      return compare(condition.compare, operand(condition.left), operand(condition.right));
    case Condition::Kind::in: return in(operand(condition.left), operand(condition.right));
    case Condition::Kind::like: return like(operand(condition.left), condition.glob);
    case Condition::Kind::has: return kleene(operand(condition.left).there);  // "is never unknown"
    case Condition::Kind::truth: {  // "a bool attribute alone"
      const Found found = operand(condition.left);
      if (!found.value || found.value->type != Type::boolean) return Kleene::unknown;
      return kleene(found.value->number != 0);
    }
  }
  return Kleene::unknown;
}

}  // namespace remit::reference
