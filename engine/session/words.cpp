// See words.h.
#include "engine/session/words.h"

#include <array>
#include <utility>

#include "engine/image/printable.h"

namespace remit {
namespace {

using image::Compare;
using image::Instruction;
using image::Op;
using image::View;

bool is_text(Type type) noexcept { return type == Type::string || type == Type::resource; }

// The largest unit that divides the number, so that nothing is rounded.
std::string size_words(std::int64_t bytes) {
  static constexpr std::pair<std::int64_t, const char*> kUnits[] = {{1'000'000'000'000, "TB"}, {std::int64_t{1} << 40, "TiB"}, {1'000'000'000, "GB"},
                                                                    {1 << 30, "GiB"},          {1'000'000, "MB"},              {1 << 20, "MiB"},
                                                                    {1000, "KB"},              {1024, "KiB"}};
  for (const auto& [unit, name] : kUnits) {
    if (bytes != 0 && bytes % unit == 0) return std::to_string(bytes / unit) + name;
  }
  return std::to_string(bytes) + "B";
}

std::string duration_words(std::int64_t micros) {
  static constexpr std::pair<std::int64_t, const char*> kUnits[] = {{604'800'000'000, "w"}, {86'400'000'000, "d"}, {3'600'000'000, "h"},
                                                                    {60'000'000, "m"},      {1'000'000, "s"},      {1000, "ms"}};
  if (micros <= 0 || micros % 1000 != 0) return std::to_string(micros) + " microseconds";
  std::string text;
  for (const auto& [unit, name] : kUnits) {
    if (micros >= unit) text += std::to_string(micros / unit) + name;
    micros %= unit;
  }
  return text;
}

std::string two_digits(std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

// RFC 3339 in UTC, by the civil calendar (days to years as Howard Hinnant's chrono page derives it).
std::string time_words(std::int64_t micros) {
  constexpr std::int64_t kDay = 86'400'000'000;
  std::int64_t days = micros / kDay - (micros % kDay < 0 ? 1 : 0);
  const std::int64_t rest = micros - days * kDay;
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097, day = days - era * 146'097;
  const std::int64_t year = (day - day / 1460 + day / 36'524 - day / 146'096) / 365, of_year = day - (365 * year + year / 4 - year / 100);
  const std::int64_t month = (5 * of_year + 2) / 153, number = month < 10 ? month + 3 : month - 9;
  const std::int64_t second = rest / 1'000'000 % 60, fraction = rest % 1'000'000;
  std::string text = std::to_string(year + era * 400 + (number <= 2 ? 1 : 0)) + "-" + two_digits(number) + "-" + two_digits(of_year - (153 * month + 2) / 5 + 1) + "T" +
                     two_digits(rest / 3'600'000'000) + ":" + two_digits(rest / 60'000'000 % 60) + ":" + two_digits(second);
  if (fraction != 0) text += "." + std::to_string(1'000'000 + fraction).substr(1);
  return text + "Z";
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, 80)) {
    switch (c) {
      case image::kStar: out += '*'; break;
      case image::kQuestion: out += '?'; break;
      case '"': case '\\': out += '\\'; out += c; break;
      default: out += c;
    }
  }
  return detail::printable(out) + (text.size() > 80 ? "...\"" : "\"");
}

std::string compared(const std::string& name, Compare compare, const std::string& value) {
  switch (compare) {
    case Compare::eq: return name + " " + value;
    case Compare::ne: return name + " other than " + value;
    case Compare::lt: return name + " under " + value;
    case Compare::le: return name + " up to " + value;
    case Compare::gt: return name + " over " + value;
    case Compare::ge: return name + " of at least " + value;
  }
  return name;
}

Compare opposite(Compare compare) noexcept {
  constexpr std::array<Compare, 6> kOpposites{Compare::ne, Compare::eq, Compare::ge, Compare::gt, Compare::le, Compare::lt};
  return kOpposites[static_cast<std::size_t>(compare)];
}

std::string constants(const View& view, image::Range list, Type type) {
  std::string out = "[";
  for (std::uint32_t i = 0; i < list.count; ++i) {
    if (i != 0) out += ", ";
    out += is_text(type) ? quoted(view.text(view.words[list.first + i])) : words_of(type, view.numbers[list.first + i]);
  }
  return out + "]";
}

std::string minutes(std::uint16_t of_day) { return two_digits(of_day / 60) + ":" + two_digits(of_day % 60); }

}  // namespace

std::string words_of(Type type, std::int64_t number) {
  switch (type) {
    case Type::boolean: return number != 0 ? "true" : "false";
    case Type::size: return size_words(number);
    case Type::duration: return duration_words(number);
    case Type::time: return time_words(number);
    default: return std::to_string(number);
  }
}

std::string words_of(const Value& value) {
  if (value.type() == Type::string) return quoted(value.text());
  if (value.type() == Type::resource) return std::string(value.text().substr(0, 200));
  if (value.type() != Type::list) return words_of(value.type(), value.number());
  std::string out = "[";
  std::size_t shown = 0;
  for (const Value& item : value.items()) {
    if (shown == 8) return out + ", ...]";
    if (shown++ != 0) out += ", ";
    out += item.type() == Type::list ? "[...]" : words_of(item);
  }
  return out + "]";
}

std::string words_of(const View& view, const Instruction& leaf, bool wanted) {
  const Op op = static_cast<Op>(leaf.op);
  const Type type = static_cast<Type>(image::mode_type(leaf.mode));
  const Compare compare = wanted ? image::mode_compare(leaf.mode) : opposite(image::mode_compare(leaf.mode));
  const std::string name = image::reads_reference(op) ? std::string(view.text(view.references[leaf.reference].name)) : std::string();
  const auto other = [&] { return std::string(view.text(view.references[leaf.operand].name)); };
  switch (op) {
    case Op::truth: return "nothing: its condition is never met";
    case Op::test: return wanted ? name : "not " + name;
    case Op::has: return wanted ? "requests with " + name : "requests without " + name;
    case Op::compare_number: return compared(name, compare, words_of(type, view.numbers[leaf.operand]));
    case Op::compare_word: return compared(name, compare, quoted(view.text(view.words[leaf.operand])));
    case Op::compare_list: return compared(name, compare, constants(view, view.lists[leaf.operand], type));
    case Op::compare_attributes: return compared(name, compare, other());
    case Op::in_numbers: case Op::in_words: return name + (wanted ? " in " : " not in ") + constants(view, view.lists[leaf.operand], type);
    case Op::contains_number: return name + (wanted ? " that has " : " without ") + words_of(type, view.numbers[leaf.operand]);
    case Op::contains_word: return name + (wanted ? " that has " : " without ") + quoted(view.text(view.words[leaf.operand]));
    case Op::in_attribute: return name + (wanted ? " in " : " not in ") + other();
    case Op::like: return name + (wanted ? " like " : " not like ") + quoted(view.text(view.words[leaf.operand]));
    case Op::window: {
      const image::Window& window = view.windows[leaf.operand];
      return std::string(wanted ? "the time between " : "the time outside ") + minutes(window.from) + " and " + minutes(window.to) + ", on the days that it names";
    }
    case Op::except: return wanted ? "resources of its `except`" : "resources outside its `except`";
    case Op::after: return wanted ? "sessions that were granted what its `after` names" : "sessions that were not granted what its `after` names";
    default: return {};
  }
}

std::string actual_words(const vm::Context& context, const Instruction& leaf) {
  const Op op = static_cast<Op>(leaf.op);
  if (op == Op::window) return "it was " + time_words(context.now);
  if (!image::reads_reference(op) || op == Op::has) return {};
  const auto one = [&](std::uint32_t index) {
    const image::Reference& reference = context.view->references[index];
    const std::string name(context.view->text(reference.name));
    Value storage;
    const Value* value = vm::present_value(context, index, storage);
    if (value == nullptr) return name + " was not given";
    const Type declared = static_cast<Type>(reference.type);
    if (declared != Type::any && value->type() != declared) return name + " was given as " + to_string(value->type()) + ", declared " + to_string(declared);
    return name + " was " + words_of(*value);
  };
  std::string out = one(leaf.reference);
  if (op == Op::compare_attributes || op == Op::in_attribute) out += ", " + one(leaf.operand);
  return out;
}

}  // namespace remit
