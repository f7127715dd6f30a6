// Conditions (conditions.h). A comparison of two constants (`$site == "ch"`) is worked out here: the
// engine only ever compares attributes. Covered by tests/check_test.cpp.
#include "lang/check/conditions.h"

#include <algorithm>

#include <fmt/format.h>

#include "lang/check/names.h"
#include "lang/check/patterns.h"
#include "lang/check/variables.h"

namespace remit::lang::checker {
namespace {

Compare compare_of(std::string_view op) {
  if (op == "==") return Compare::eq;
  if (op == "!=") return Compare::ne;
  if (op == "<") return Compare::lt;
  if (op == "<=") return Compare::le;
  if (op == ">") return Compare::gt;
  return Compare::ge;
}

bool is_ordered(Type type) { return type != Type::boolean && type != Type::list && type != Type::resource; }

bool same(const Constant& a, const Constant& b) { return a.number == b.number && a.text == b.text && a.items == b.items; }

bool holds(Compare compare, const Constant& a, const Constant& b) {
  const bool less = a.type == Type::string ? a.text < b.text : a.number < b.number;
  switch (compare) {
    case Compare::eq: return same(a, b);
    case Compare::ne: return !same(a, b);
    case Compare::lt: return less;
    case Compare::le: return less || same(a, b);
    case Compare::gt: return !less && !same(a, b);
    case Compare::ge: return !less;
  }
  return false;
}

// One side of a comparison, as the author wrote it and as it is typed.
struct Side {
  Operand operand;
  Type type = Type::any, element = Type::any;
  std::string_view written;
  std::string words() const { return fmt::format("{} is {}", quote(written), a_type(type, element)); }
};

class Resolver {
 public:
  Resolver(Context& context, Scope& scope, const Ground& ground) : context_(context), scope_(scope), ground_(ground) {}

  // Recursion is as deep as the parser let expressions nest.
  std::optional<Condition> resolve(const syntax::Expr& expr) {
    switch (expr.kind) {
      case syntax::ExprKind::any_of: return children(expr, Condition::Kind::any_of);
      case syntax::ExprKind::all_of: return children(expr, Condition::Kind::all_of);
      case syntax::ExprKind::negation: return children(expr, Condition::Kind::negation);
      case syntax::ExprKind::compare: return comparison(expr);
      case syntax::ExprKind::in: return membership(expr);
      case syntax::ExprKind::like: return glob(expr);
      case syntax::ExprKind::has: return presence(expr);
      case syntax::ExprKind::truth: break;
    }
    return truth(expr);
  }

 private:
  std::nullopt_t refuse(Span span, std::string_view code, std::string message, std::string help = {}) {
    context_.report.error(*scope_.text, span, code, std::move(message), std::move(help));
    return std::nullopt;
  }

  Condition make(Condition::Kind kind, const syntax::Expr& expr) const {
    Condition condition;
    condition.kind = kind;
    condition.place = scope_.text->places->place(expr.span);
    return condition;
  }

  Condition constant(bool value, const syntax::Expr& expr) const {
    Condition condition = make(Condition::Kind::truth, expr);
    condition.left.constant.type = Type::boolean;
    condition.left.constant.number = value ? 1 : 0;
    return condition;
  }

  std::optional<Condition> children(const syntax::Expr& expr, Condition::Kind kind) {
    Condition condition = make(kind, expr);
    bool good = true;
    for (const syntax::Expr& child : expr.children) {
      auto resolved = resolve(child);
      good = good && resolved.has_value();
      if (good) condition.children.push_back(std::move(*resolved));
    }
    if (!good) return std::nullopt;
    return condition;
  }

  std::optional<Side> side(const syntax::Value& value) {
    Side result;
    result.written = value.text;
    if (value.kind == syntax::ValueKind::name) {
      auto attribute = resolve_attribute(context_, scope_, value.text, value.span, ground_);
      if (!attribute) return std::nullopt;
      result.type = attribute->type;
      result.element = attribute->element;
      result.operand.is_attribute = true;
      result.operand.attribute = std::move(*attribute);
      return result;
    }
    Meaning meaning = evaluate(context_, scope_, value);
    if (meaning.broken()) return std::nullopt;
    result.type = meaning.value.type;
    result.element = meaning.value.element;
    result.operand.constant = std::move(meaning.value);
    return result;
  }

  // Both sides, also where one is wrong, so that one run says all.
  bool sides(const syntax::Expr& expr, std::optional<Side>& left, std::optional<Side>& right) {
    left = side(expr.left);
    right = side(expr.right);
    return left && right;
  }

  std::optional<Condition> comparison(const syntax::Expr& expr) {
    std::optional<Side> left, right;
    if (!sides(expr, left, right)) return std::nullopt;
    const Compare compare = compare_of(expr.op);
    const bool typed = left->type != Type::any && right->type != Type::any;
    const bool lists = left->type == Type::list && right->type == Type::list && left->element != Type::any && right->element != Type::any;
    if (typed && (left->type != right->type || (lists && left->element != right->element))) {
      return refuse(expr.span, "type-mismatch", fmt::format("{}, {}: only values of one type compare", left->words(), right->words()), mismatch_help(*left, *right));
    }
    if (compare != Compare::eq && compare != Compare::ne) {
      for (const Side* one : {&*left, &*right}) {
        if (!is_ordered(one->type)) return refuse(expr.span, "no-order", fmt::format("{}: a {} has no order", one->words(), type_name(one->type)), "compare it with `==` or `!=`");
      }
    }
    if (!left->operand.is_attribute && !right->operand.is_attribute) return constant(holds(compare, left->operand.constant, right->operand.constant), expr);
    Condition condition = make(Condition::Kind::compare, expr);
    condition.compare = compare;
    condition.left = std::move(left->operand);
    condition.right = std::move(right->operand);
    return condition;
  }

  static std::string mismatch_help(const Side& left, const Side& right) {
    const Side& literal = left.operand.is_attribute ? right : left;
    const Side& other = left.operand.is_attribute ? left : right;
    if (literal.written.size() > 2 && literal.written.front() == '"') {
      Constant plain;
      const std::string_view inside = literal.written.substr(1, literal.written.size() - 2);
      if (decode_scalar(inside, plain).ok() && plain.type == other.type) return fmt::format("write it without quotes: `{}`", inside);
    }
    if (literal.type != Type::integer || literal.operand.is_attribute || literal.written[0] == '$') return {};
    if (other.type == Type::size) return fmt::format("write the unit: `{}B`, `{}MB`", literal.written, literal.written);
    if (other.type == Type::duration) return fmt::format("write the unit: `{}s`, `{}h`", literal.written, literal.written);
    if (other.type == Type::string) return fmt::format("write it in quotes: `\"{}\"`", literal.written);
    return {};
  }

  std::optional<Condition> membership(const syntax::Expr& expr) {
    std::optional<Side> left, right;
    if (!sides(expr, left, right)) return std::nullopt;
    if (right->type != Type::list && right->type != Type::any)
      return refuse(expr.span, "not-a-list", fmt::format("{}: `in` wants a list behind it", right->words()),
                    right->operand.is_attribute ? "" : "write the values in brackets: `in [\"a\", \"b\"]`");
    if (left->type == Type::list) return refuse(expr.span, "type-mismatch", fmt::format("{}: a list is in no list", left->words()));
    if (right->element != Type::any && left->type != Type::any && left->type != right->element)
      return refuse(expr.span, "type-mismatch", fmt::format("{}, {}: it can hold no such value", left->words(), right->words()));
    if (!left->operand.is_attribute && !right->operand.is_attribute) {
      const std::vector<Constant>& items = right->operand.constant.items;
      return constant(std::any_of(items.begin(), items.end(), [&](const Constant& item) { return same(item, left->operand.constant); }), expr);
    }
    Condition condition = make(Condition::Kind::in, expr);
    condition.left = std::move(left->operand);
    condition.right = std::move(right->operand);
    return condition;
  }

  std::optional<Condition> glob(const syntax::Expr& expr) {
    std::optional<Side> left, right;
    if (!sides(expr, left, right)) return std::nullopt;
    if (!left->operand.is_attribute) return refuse(expr.left.span, "not-an-attribute", fmt::format("{} is no attribute: `like` compares one with a pattern", quote(left->written)), "write the attribute first: `filename like \"*.md\"`");
    if (left->type != Type::string && left->type != Type::any) return refuse(expr.span, "type-mismatch", fmt::format("{}: `like` compares a string", left->words()));
    if (right->operand.is_attribute || right->type != Type::string)
      return refuse(expr.right.span, "not-a-string", fmt::format("{} is no string: `like` wants one behind it", quote(right->written)), "write the pattern in quotes: `like \"*.md\"`");
    Condition condition = make(Condition::Kind::like, expr);
    if (const LiteralFault fault = decode_glob(right->operand.constant.text, condition.glob); !fault.ok()) {
      context_.report.error(*scope_.text, expr.right.span, fault);
      return std::nullopt;
    }
    condition.left = std::move(left->operand);
    return condition;
  }

  std::optional<Condition> presence(const syntax::Expr& expr) {
    auto left = side(expr.left);
    if (!left) return std::nullopt;
    Condition condition = make(Condition::Kind::has, expr);
    condition.left = std::move(left->operand);
    return condition;
  }

  std::optional<Condition> truth(const syntax::Expr& expr) {
    auto left = side(expr.left);
    if (!left) return std::nullopt;
    if (left->type != Type::boolean && left->type != Type::any)
      return refuse(expr.span, "not-a-condition", fmt::format("{}, so it is no condition by itself: only a bool is", left->words()),
                    left->operand.is_attribute ? fmt::format("compare it, or write `has {}` to ask whether it is there", left->written) : "");
    Condition condition = make(Condition::Kind::truth, expr);
    condition.left = std::move(left->operand);
    return condition;
  }

  Context& context_;
  Scope& scope_;
  const Ground& ground_;
};

std::optional<AttributeRef> fact(std::string_view name) {
  AttributeRef reference;
  reference.name = name;
  reference.type = Type::string;
  if (name == "agent") reference.fact = Fact::agent;
  if (name == "user") reference.fact = Fact::user;
  if (name == "sponsor") reference.fact = Fact::sponsor;
  if (name == "purpose") reference.fact = Fact::purpose;
  if (name == "trigger") reference.fact = Fact::trigger;
  if (name.substr(0, 5) == "user." || name.substr(0, 6) == "agent.") {
    reference.fact = Fact::named;
    reference.type = Type::any;
  }
  if (reference.fact == Fact::none) return std::nullopt;
  return reference;
}

}  // namespace

std::optional<AttributeRef> resolve_attribute(Context& context, const Scope& scope, std::string_view name, Span span, const Ground& ground) {
  if (auto known = fact(name)) return known;
  if (ground.broken) return std::nullopt;  // its systems are unknown: said already
  if (const auto known = ground.attributes.find(name); known != ground.attributes.end()) return known->second;
  if (context.report.full()) return std::nullopt;
  const Systems& systems = context.systems;
  const auto unknown = [&](std::string who, const Ground& near_to, std::string help) {
    const std::string near = systems.nearest_attribute(name, near_to);
    context.report.error(*scope.text, span, "unknown-attribute",
                         fmt::format("{} attribute {}{}", who, quote(name), near.empty() ? "" : fmt::format("; did you mean `{}`?", near)), near.empty() ? std::move(help) : "");
    return std::nullopt;
  };
  const auto differ = [&](std::uint32_t one, std::uint32_t other) {
    const auto words = [&](std::uint32_t system) {
      const AttributeInfo& attribute = *systems.attribute(system, name);
      return a_type(attribute.type, attribute.element);
    };
    context.report.error(*scope.text, span, "attribute-types-differ",
                         fmt::format("{} is {} in system `{}` and {} in `{}`", quote(name), words(one), systems.all()[one].name, words(other), systems.all()[other].name),
                         "split the rule: one for each system");
    return std::nullopt;
  };
  AttributeRef reference;
  reference.name = name;
  std::uint32_t first = 0;
  if (ground.anything || ground.open) {
    const Anywhere* const anywhere = systems.with_attribute(name);
    if (anywhere == nullptr && context.damaged) return std::nullopt;
    if (anywhere == nullptr) return unknown("no known system has an", ground, "declare it in a system");
    first = anywhere->systems.front();
    if (anywhere->other != first && ground.anything) return differ(first, anywhere->other);
    if (anywhere->other != first) return reference;  // which of them is meant shows later
  } else {
    first = ground.systems.front();
    for (const std::uint32_t system : ground.systems) {
      const AttributeInfo* const attribute = systems.attribute(system, name);
      if (attribute == nullptr) {
        Ground one;
        one.add(system);
        return unknown(fmt::format("system `{}` has no", systems.all()[system].name), one,
                       ground.systems.size() > 1 ? "a condition over several systems may use what all of them declare: split the rule" : "declare it in the system");
      }
      if (*attribute != *systems.attribute(first, name)) return differ(first, system);
    }
  }
  reference.type = systems.attribute(first, name)->type;
  reference.element = systems.attribute(first, name)->element;
  ground.attributes.emplace(name, reference);
  return reference;
}

std::optional<Condition> resolve_condition(Context& context, Scope& scope, const syntax::Expr& expr, const Ground& ground) {
  return Resolver(context, scope, ground).resolve(expr);
}

}  // namespace remit::lang::checker
