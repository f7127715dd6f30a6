// See guards.h. The instruction set is engine/image/opcodes.h.
#include "lang/compile/guards.h"

#include <algorithm>

#include "engine/image/hash.h"

namespace remit::lang {
namespace {

using image::Op;

bool is_text(Type type) { return type == Type::string || type == Type::resource; }

image::Compare swapped(Compare compare) {
  switch (compare) {
    case Compare::lt: return image::Compare::gt;
    case Compare::le: return image::Compare::ge;
    case Compare::gt: return image::Compare::lt;
    case Compare::ge: return image::Compare::le;
    case Compare::eq: return image::Compare::eq;
    case Compare::ne: break;
  }
  return image::Compare::ne;
}

image::Compare straight(Compare compare) { return static_cast<image::Compare>(compare); }

std::uint8_t mode(image::Compare compare, Type type) { return image::make_mode(compare, static_cast<std::uint8_t>(type)); }

}  // namespace

NormalPattern normalise(const Pattern& pattern) {
  if (pattern.text.find(kDeep) == std::string::npos) return {pattern.text, pattern.only};
  NormalPattern result{{}, pattern.only};
  std::string_view rest = pattern.text;
  const bool rooted = rest[0] == '/';
  if (rooted) rest.remove_prefix(1);
  const auto is_deep = [](std::string_view segment) { return segment.size() == 1 && segment[0] == kDeep; };
  std::vector<std::string_view> segments;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (!is_deep(segment) || segments.empty() || segments.back() != segment) segments.push_back(segment);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  // `**` is always a whole segment. `docs:**` stays: all named resources, and those only.
  const bool named_deep = !rooted && segments.size() == 1;
  if (is_deep(segments.back())) {
    if (!named_deep) segments.pop_back();
    result.exact = false;
  }
  if (rooted) result.text = "/";
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (i != 0) result.text += '/';
    result.text += segments[i];
  }
  return result;
}

std::uint32_t GuardCompiler::reference(const AttributeRef& attribute) {
  const auto key = std::make_tuple(attribute.name, attribute.fact, attribute.type, attribute.element);
  const auto [at, added] = references_.try_emplace(key, static_cast<std::uint32_t>(builder_.references.size()));
  if (added) {
    image::Reference reference{};
    reference.name = builder_.text(attribute.name);
    reference.name_hash = image::hash_name(attribute.name);
    reference.type = static_cast<std::uint8_t>(attribute.type);
    reference.element = static_cast<std::uint8_t>(attribute.element);
    reference.fact = static_cast<image::Fact>(attribute.fact);
    builder_.references.push_back(reference);
  }
  return at->second;
}

image::Pattern GuardCompiler::pattern(const Pattern& pattern) {
  if (pattern.anything) return {builder_.text(""), image::kNone, 0};
  const NormalPattern normal = normalise(pattern);
  return {builder_.text(normal.text), pattern.system, normal.exact ? 1u : 0u};
}

image::Range GuardCompiler::compile(const Guard& guard, std::uint32_t history) {
  const std::size_t start = builder_.code.size();
  // Every part must hold: the smallest of their truths. Jumps go from one join to the next, so none
  // is far and none is open for long, however many parts there are.
  bool first = true;
  const auto part = [&](auto&& emit_part) {
    const std::size_t skip = builder_.code.size();
    if (!first) push(Op::skip_if_false);
    emit_part();
    if (!first) {
      push(Op::both);
      builder_.code[skip].operand = static_cast<std::uint32_t>(builder_.code.size() - skip - 1);
    }
    first = false;
  };
  for (const Guard::Part& item : guard.conditions) {
    part([&] {
      condition(item.condition);
      if (item.unless) push(Op::negate);
    });
  }
  if (guard.between) part([&] { push(Op::window, window(*guard.between)); });
  if (!guard.except.empty()) {
    part([&] {
      const image::Range range{static_cast<std::uint32_t>(builder_.patterns.size()), static_cast<std::uint32_t>(guard.except.size())};
      for (const Pattern& item : guard.except) builder_.patterns.push_back(pattern(item));
      builder_.excepts.push_back(range);
      push(Op::except, static_cast<std::uint32_t>(builder_.excepts.size() - 1));
      push(Op::negate);
    });
  }
  if (history != image::kNone) part([&] { push(Op::after, history); });
  const auto begin = static_cast<std::uint32_t>(start), count = static_cast<std::uint32_t>(builder_.code.size() - start);
  if (count == 0) return {begin, 0};
  // Rules with the same clauses run the same code: what many decisions run stays near the processor.
  const std::string code(reinterpret_cast<const char*>(builder_.code.data() + start), count * sizeof(image::Instruction));
  const auto [at, added] = guards_.try_emplace(code, begin);
  if (!added) builder_.code.resize(start);
  return {at->second, count};
}

void GuardCompiler::condition(const Condition& item) {
  switch (item.kind) {
    case Condition::Kind::any_of: return chain(item.children, Op::either, Op::skip_if_true);
    case Condition::Kind::all_of: return chain(item.children, Op::both, Op::skip_if_false);
    case Condition::Kind::negation:
      condition(item.children[0]);
      return push(Op::negate);
    case Condition::Kind::compare: return comparison(item);
    case Condition::Kind::in: return membership(item);
    case Condition::Kind::like: return push(Op::like, word(item.glob), mode(image::Compare::eq, Type::string), reference(item.left.attribute));
    case Condition::Kind::has: return push(Op::has, 0, 0, reference(item.left.attribute));
    case Condition::Kind::truth:
      if (!item.left.is_attribute) return push(Op::truth, item.left.constant.number != 0 ? 1 : 0);
      return push(Op::test, 0, mode(image::Compare::eq, Type::boolean), reference(item.left.attribute));
  }
}

void GuardCompiler::chain(const std::vector<Condition>& children, Op join, Op skip) {
  condition(children[0]);
  for (std::size_t i = 1; i < children.size(); ++i) {
    const std::size_t at = builder_.code.size();
    push(skip);
    condition(children[i]);
    push(join);
    builder_.code[at].operand = static_cast<std::uint32_t>(builder_.code.size() - at - 1);
  }
}

void GuardCompiler::comparison(const Condition& item) {
  if (item.left.is_attribute && item.right.is_attribute) {
    return push(Op::compare_attributes, reference(item.right.attribute), mode(straight(item.compare), Type::any), reference(item.left.attribute));
  }
  const bool forward = item.left.is_attribute;
  const AttributeRef& attribute = forward ? item.left.attribute : item.right.attribute;
  const Constant& constant = forward ? item.right.constant : item.left.constant;
  const image::Compare compare = forward ? straight(item.compare) : swapped(item.compare);
  if (constant.type == Type::list) {
    const Type element = constant.element == Type::any ? attribute.element : constant.element;
    return push(Op::compare_list, list(constant, element, false), mode(compare, element), reference(attribute));
  }
  if (is_text(constant.type)) return push(Op::compare_word, word(constant.text), mode(compare, constant.type), reference(attribute));
  push(Op::compare_number, number(constant.number), mode(compare, constant.type), reference(attribute));
}

void GuardCompiler::membership(const Condition& item) {
  if (item.left.is_attribute && item.right.is_attribute) {
    return push(Op::in_attribute, reference(item.right.attribute), 0, reference(item.left.attribute));
  }
  if (item.left.is_attribute) {
    const Constant& items = item.right.constant;
    const Type element = items.element == Type::any ? item.left.attribute.type : items.element;
    return push(is_text(element) ? Op::in_words : Op::in_numbers, list(items, element, true), mode(image::Compare::eq, element), reference(item.left.attribute));
  }
  const Constant& constant = item.left.constant;
  const Op op = is_text(constant.type) ? Op::contains_word : Op::contains_number;
  const std::uint32_t operand = is_text(constant.type) ? word(constant.text) : number(constant.number);
  push(op, operand, mode(image::Compare::eq, constant.type), reference(item.right.attribute));
}

void GuardCompiler::push(Op op, std::uint32_t operand, std::uint8_t mode, std::uint32_t reference) {
  builder_.code.push_back({static_cast<std::uint8_t>(op), mode, static_cast<std::uint16_t>(reference), operand});
}

std::uint32_t GuardCompiler::number(std::int64_t value) {
  const auto [at, added] = numbers_.try_emplace(value, static_cast<std::uint32_t>(builder_.numbers.size()));
  if (added) builder_.numbers.push_back(value);
  return at->second;
}

std::uint32_t GuardCompiler::word(std::string_view text) {
  const auto [at, added] = words_.try_emplace(std::string(text), static_cast<std::uint32_t>(builder_.words.size()));
  if (added) builder_.words.push_back(builder_.text(text));
  return at->second;
}

std::uint32_t GuardCompiler::list(const Constant& list, Type element, bool sorted) {
  std::vector<Constant> items = list.items;
  if (sorted) {
    std::sort(items.begin(), items.end(), [](const Constant& a, const Constant& b) { return std::tie(a.number, a.text) < std::tie(b.number, b.text); });
    items.erase(std::unique(items.begin(), items.end()), items.end());
  }
  const bool words = is_text(element);
  std::vector<std::uint64_t> key = {words};
  std::vector<image::Text> texts;
  std::vector<std::int64_t> numbers;
  for (const Constant& item : items) {
    if (words) {
      texts.push_back(builder_.text(item.text));
      key.push_back(std::uint64_t{texts.back().offset} << 32 | texts.back().length);
    } else {
      numbers.push_back(item.number);
      key.push_back(static_cast<std::uint64_t>(item.number));
    }
  }
  const auto [at, added] = lists_.try_emplace(std::move(key), static_cast<std::uint32_t>(builder_.lists.size()));
  if (added) {
    const std::size_t first = words ? builder_.words.size() : builder_.numbers.size();
    builder_.words.insert(builder_.words.end(), texts.begin(), texts.end());
    builder_.numbers.insert(builder_.numbers.end(), numbers.begin(), numbers.end());
    builder_.lists.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(items.size())});
  }
  return at->second;
}

std::uint32_t GuardCompiler::window(const Window& window) {
  const auto [at, added] = windows_.try_emplace({window.from, window.to, window.days, window.zone}, static_cast<std::uint32_t>(builder_.windows.size()));
  if (added) builder_.windows.push_back({window.from, window.to, window.days, window.zone, 0});
  return at->second;
}

}  // namespace remit::lang
