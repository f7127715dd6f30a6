// Guard instructions, run. The image is verified, so nothing is checked twice: indexes are in range,
// the stack is deep enough. See engine/image/opcodes.h for what each does.
#include "engine/vm/guard.h"

#include <algorithm>

#include "engine/vm/match.h"

namespace remit::vm {
namespace {

using image::Compare;
using image::Instruction;
using image::Op;
using image::Reference;
using image::View;

Truth truth(bool value) noexcept { return value ? Truth::yes : Truth::no; }

const std::optional<std::string_view>* plain_fact(const Facts& facts, image::Fact fact) noexcept {
  switch (fact) {
    case image::Fact::agent: return &facts.agent;
    case image::Fact::user: return &facts.user;
    case image::Fact::sponsor: return &facts.sponsor;
    case image::Fact::purpose: return &facts.purpose;
    case image::Fact::trigger: return &facts.trigger;
    default: return nullptr;
  }
}

// The value of a reference, where it is there at all. `present` says so even where the declared type
// is another than the guard was compiled for (a stand-in's declaration): then there is no value.
struct Found {
  bool present = false, usable = false;
  Value value;
};

Found find(const Context& context, std::uint32_t index) noexcept {
  const Reference& reference = context.view->references[index];
  const std::string_view name = context.view->text(reference.name);
  if (reference.fact == image::Fact::none) {
    const std::uint8_t declared = context.declared[index];
    if (declared == image::kUndeclared) return {};
    const Value* value = context.attributes->find(name, reference.name_hash);
    if (value == nullptr) return {};
    return {true, declared == image::kDeclared, *value};
  }
  if (reference.fact == image::Fact::named) {
    for (const Attribute& fact : context.facts->named) {
      if (fact.name == name) return {true, true, fact.value};
    }
    return {};
  }
  const auto* fact = plain_fact(*context.facts, reference.fact);
  if (fact == nullptr || !fact->has_value()) return {};
  return {true, true, Value(**fact)};
}

bool is_text(Type type) noexcept { return type == Type::string || type == Type::resource; }

bool holds(Compare compare, int order) noexcept {
  switch (compare) {
    case Compare::eq: return order == 0;
    case Compare::ne: return order != 0;
    case Compare::lt: return order < 0;
    case Compare::le: return order <= 0;
    case Compare::gt: return order > 0;
    case Compare::ge: return order >= 0;
  }
  return false;
}

int order_of(std::int64_t a, std::int64_t b) noexcept { return a < b ? -1 : a > b ? 1 : 0; }
int order_of(std::string_view a, std::string_view b) noexcept { return a.compare(b); }

bool same_scalar(const Value& a, const Value& b) noexcept {
  if (a.type() != b.type() || a.type() == Type::list) return false;
  return is_text(a.type()) ? a.text() == b.text() : a.number() == b.number();
}

// A list whose items are not all of the type asked for is of another type: unknown.
bool is_list_of(const Value& value, Type element) noexcept {
  if (value.type() != Type::list) return false;
  for (const Value& item : value.items()) {
    if (item.type() == Type::list) return false;
    if (element == Type::any ? item.type() != value.items()[0].type() : item.type() != element) return false;
  }
  return true;
}

// The type of a list's items, as its declaration says or else as its items show; any where it is empty.
Type element_of(const Reference& reference, const Value& list) noexcept {
  const Type declared = static_cast<Type>(reference.element);
  return declared != Type::any || list.items().empty() ? declared : list.items()[0].type();
}

bool may_be_same(Type a, Type b) noexcept { return a == b || a == Type::any || b == Type::any; }

Truth compare_attributes(Compare compare, const Reference& left, const Value& a, const Reference& right, const Value& b) noexcept {
  if (a.type() != b.type()) return Truth::unknown;
  const bool ordered = compare != Compare::eq && compare != Compare::ne;
  if (a.type() == Type::list) {
    if (ordered || !is_list_of(a, Type::any) || !is_list_of(b, Type::any)) return Truth::unknown;
    if (!may_be_same(element_of(left, a), element_of(right, b))) return Truth::unknown;
    const bool same = std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(), same_scalar);
    return truth(same == (compare == Compare::eq));
  }
  if (ordered && (a.type() == Type::boolean || a.type() == Type::resource)) return Truth::unknown;
  return truth(holds(compare, is_text(a.type()) ? order_of(a.text(), b.text()) : order_of(a.number(), b.number())));
}

// A declared attribute has the reference's type; only then is its value what the guard expects.
bool has_declared_type(const Reference& reference, const Value& value) noexcept {
  const Type type = static_cast<Type>(reference.type);
  if (type == Type::any) return true;
  if (type == Type::list) return is_list_of(value, static_cast<Type>(reference.element));
  return value.type() == type;
}

bool equals_list(const View& view, image::Range list, Type element, const Value& value) noexcept {
  if (value.items().size() != list.count) return false;
  for (std::uint32_t i = 0; i < list.count; ++i) {
    const Value& item = value.items()[i];
    if (is_text(element) ? item.text() != view.text(view.words[list.first + i]) : item.number() != view.numbers[list.first + i]) return false;
  }
  return true;
}

bool in_words(const View& view, image::Range list, std::string_view word) noexcept {
  const auto words = View::slice(view.words, list);
  const auto at = std::lower_bound(words.begin(), words.end(), word, [&](image::Text a, std::string_view b) { return view.text(a) < b; });
  return at != words.end() && view.text(*at) == word;
}

Truth in_window(const View& view, const image::Window& window, std::int64_t now) noexcept {
  if (now < image::kZonesFrom || now >= image::kZonesUntil) return Truth::unknown;
  const auto steps = View::slice(view.zone_steps, view.zones[window.zone]);
  const auto after = std::upper_bound(steps.begin(), steps.end(), now, [](std::int64_t at, const image::ZoneStep& step) { return at < step.start; });
  constexpr std::int64_t kMinute = 60'000'000, kDay = 1440 * kMinute;
  const std::int64_t local = now + (after - 1)->offset + 7 * kDay;  // a week on, so that it is positive
  const std::int64_t minute = local % kDay / kMinute;
  const std::int64_t weekday = (local / kDay + 3) % 7;  // 1970-01-01 was a Thursday; Monday is 0
  const auto on = [&](std::int64_t day) { return (window.days >> day & 1) != 0; };
  if (window.from < window.to) return truth(minute >= window.from && minute < window.to && on(weekday));
  // Over midnight the day is that of the start.
  if (minute >= window.from) return truth(on(weekday));
  return truth(minute < window.to && on((weekday + 6) % 7));
}

// Instructions that read one attribute and compare it with something.
Truth compare(const Context& context, const Instruction& instruction) noexcept {
  const View& view = *context.view;
  const Op op = static_cast<Op>(instruction.op);
  const Found found = find(context, instruction.reference);
  if (op == Op::has) return truth(found.present);
  if (!found.usable || !has_declared_type(view.references[instruction.reference], found.value)) return Truth::unknown;
  const Value& value = found.value;
  const Type type = static_cast<Type>(image::mode_type(instruction.mode));
  const Compare comparison = image::mode_compare(instruction.mode);
  const std::uint32_t operand = instruction.operand;
  switch (op) {
    case Op::test:
      return value.type() == Type::boolean ? truth(value.number() != 0) : Truth::unknown;
    case Op::compare_number:
      if (value.type() != type || is_text(type) || type == Type::list) return Truth::unknown;
      return truth(holds(comparison, order_of(value.number(), view.numbers[operand])));
    case Op::compare_word:
      if (value.type() != type || !is_text(type)) return Truth::unknown;
      return truth(holds(comparison, order_of(value.text(), view.text(view.words[operand]))));
    case Op::compare_list:
      if (!is_list_of(value, type)) return Truth::unknown;
      return truth(equals_list(view, view.lists[operand], type, value) == (comparison == Compare::eq));
    case Op::in_numbers: {
      if (value.type() != type || is_text(type) || type == Type::list) return Truth::unknown;
      const auto numbers = View::slice(view.numbers, view.lists[operand]);
      return truth(std::binary_search(numbers.begin(), numbers.end(), value.number()));
    }
    case Op::in_words:
      if (value.type() != type || !is_text(type)) return Truth::unknown;
      return truth(in_words(view, view.lists[operand], value.text()));
    case Op::contains_number:
    case Op::contains_word: {
      const bool text = op == Op::contains_word;
      if (text != is_text(type) || !is_list_of(value, type)) return Truth::unknown;
      for (const Value& item : value.items()) {
        if (text ? item.text() == view.text(view.words[operand]) : item.number() == view.numbers[operand]) return Truth::yes;
      }
      return Truth::no;
    }
    case Op::like:
      if (value.type() != Type::string) return Truth::unknown;
      return truth(matches_glob(view.text(view.words[operand]), value.text()));
    case Op::compare_attributes:
    case Op::in_attribute: {
      const Found other = find(context, operand);
      const Reference& second = view.references[operand];
      if (!other.usable || !has_declared_type(second, other.value)) return Truth::unknown;
      if (op == Op::compare_attributes) return compare_attributes(comparison, view.references[instruction.reference], value, second, other.value);
      if (value.type() == Type::list || !is_list_of(other.value, Type::any)) return Truth::unknown;
      if (!may_be_same(element_of(second, other.value), value.type())) return Truth::unknown;
      return truth(std::any_of(other.value.items().begin(), other.value.items().end(), [&](const Value& item) { return same_scalar(item, value); }));
    }
    default:
      return Truth::unknown;
  }
}

bool in_except(const Context& context, image::Range except) noexcept {
  for (const image::Pattern& pattern : View::slice(context.view->patterns, except)) {
    if (matches_pattern(*context.view, pattern, context.system, *context.path)) return true;
  }
  return false;
}

Truth granted_before(const Context& context, std::uint32_t history) noexcept {
  if (context.remembered == nullptr) return Truth::no;
  *context.reads_history = true;
  return static_cast<Truth>(context.remembered[history].load(std::memory_order_relaxed));
}

}  // namespace

const Value* usable_value(const Context& context, std::uint32_t index) noexcept {
  const Reference& reference = context.view->references[index];
  if (reference.fact != image::Fact::none || context.declared[index] != image::kDeclared) return nullptr;
  const Value* value = context.attributes->find(context.view->text(reference.name), reference.name_hash);
  return value != nullptr && has_declared_type(reference, *value) ? value : nullptr;
}

const Value* present_value(const Context& context, std::uint32_t reference, Value& storage) noexcept {
  const Found found = find(context, reference);
  if (!found.present) return nullptr;
  storage = found.value;
  return &storage;
}

Truth run_leaf(const Context& context, const Instruction& instruction) noexcept {
  const View& view = *context.view;
  switch (static_cast<Op>(instruction.op)) {
    case Op::truth: return truth(instruction.operand != 0);
    case Op::window: return in_window(view, view.windows[instruction.operand], context.now);
    case Op::except: return truth(in_except(context, view.excepts[instruction.operand]));
    case Op::after: return granted_before(context, instruction.operand);
    default: return compare(context, instruction);
  }
}

// The verifier proved that the code ends, and that the stack neither underflows nor overflows.
// NOLINTBEGIN(clang-analyzer-core.*): an analyzer that sees only this function cannot know that.
Truth run_guard(const Context& context, const image::Rule& rule) noexcept {
  const View& view = *context.view;
  Truth stack[image::kMaxStack];
  Truth* top = stack;  // one past the topmost
  const Instruction* at = view.code.data() + rule.code;
  const Instruction* const end = at + rule.code_length;
  for (; at != end; ++at) {
    switch (static_cast<Op>(at->op)) {
      case Op::truth: *top++ = truth(at->operand != 0); break;
      case Op::window: *top++ = in_window(view, view.windows[at->operand], context.now); break;
      case Op::except: *top++ = truth(in_except(context, view.excepts[at->operand])); break;
      case Op::after: *top++ = granted_before(context, at->operand); break;
      case Op::negate: top[-1] = static_cast<Truth>(2 - static_cast<int>(top[-1])); break;
      case Op::both: --top; top[-1] = std::min(top[-1], *top); break;
      case Op::either: --top; top[-1] = std::max(top[-1], *top); break;
      case Op::skip_if_false: if (top[-1] == Truth::no) at += at->operand; break;
      case Op::skip_if_true: if (top[-1] == Truth::yes) at += at->operand; break;
      default: *top++ = compare(context, *at); break;
    }
  }
  return top[-1];
}
// NOLINTEND(clang-analyzer-core.*)

}  // namespace remit::vm
