// Command line literals; the doors are in literals.h. The language room decodes them, so that they
// mean here what they mean in a document. Covered by tests/tools_test.py.
#include "tools/literals.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "lang/check/literals.h"
#include "lang/parse/literal_text.h"
#include "tools/errors.h"

namespace remit::tools {
namespace {

lang::Constant string_constant(std::string_view text, Type type = Type::string) {
  lang::Constant out;
  out.type = type;
  out.text = text;
  return out;
}

// The string at the start of `text`, quotes and all; npos where it does not end.
std::size_t string_length(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool wants_number(Type type) {
  return type == Type::integer || type == Type::size || type == Type::duration ||
         type == Type::time;
}

bool looks_numeric(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

lang::Constant read_item(std::string_view text, Type declared) {
  if (!text.empty() && text[0] == '"') {
    if (const auto fault = lang::parsing::check_string(text, false)) {
      throw BadInput(fmt::format("{}: {}", text, fault->message));
    }
    if (string_length(text) != text.size())
      throw BadInput(fmt::format("{}: text follows the string", text));
    return string_constant(lang::decode_string(text));
  }
  if (declared == Type::string || declared == Type::resource)
    return string_constant(text, declared);
  if (text == "true" || text == "false") {
    lang::Constant out;
    out.number = text == "true" ? 1 : 0;
    return out;
  }
  if (looks_numeric(text) || wants_number(declared)) {
    lang::Constant out;
    const lang::checker::LiteralFault fault = lang::checker::decode_scalar(text, out);
    if (fault.ok()) return out;
    if (wants_number(declared)) {
      throw BadInput(fault.help.empty() ? fault.message
                                        : fmt::format("{} ({})", fault.message, fault.help));
    }
  }
  return string_constant(text);
}

lang::Constant read_list(std::string_view text, Type element) {
  const std::string_view whole = text;
  lang::Constant out;
  out.type = Type::list;
  text.remove_prefix(1);
  text.remove_suffix(1);
  text = trimmed(text);
  while (!text.empty()) {
    // A comma inside quotes separates nothing.
    const std::size_t quoted = text[0] == '"' ? string_length(text) : 0;
    const std::size_t end = std::min(text.find(',', quoted), text.size());
    const std::string_view item = trimmed(text.substr(0, end));
    if (item.empty()) throw BadInput(fmt::format("{}: an item of the list is missing", whole));
    out.items.push_back(read_item(item, element));
    const bool more = end < text.size();
    text = more ? trimmed(text.substr(end + 1)) : std::string_view();
    if (more && text.empty())
      throw BadInput(fmt::format("{}: an item of the list is missing", whole));
  }
  if (!out.items.empty()) out.element = out.items[0].type;
  for (const lang::Constant& item : out.items) {
    if (item.type != out.element)
      throw BadInput(fmt::format("{}: a list holds values of one type", whole));
  }
  return out;
}

}  // namespace

std::pair<std::string, std::string> split_pair(const std::string& written,
                                               std::string_view option) {
  const std::size_t equals = written.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw BadInput(fmt::format("{}: {} is written NAME=VALUE", written, option));
  }
  return {written.substr(0, equals), written.substr(equals + 1)};
}

lang::Constant read_literal(std::string_view text, DeclaredType declared) {
  const bool list = text.size() >= 2 && text.front() == '[' && text.back() == ']';
  if (list && declared.type != Type::string && declared.type != Type::resource) {
    return read_list(text, declared.element);
  }
  return read_item(text, declared.type);
}

Time read_time(std::string_view text, std::string_view option) {
  lang::Constant value;
  const lang::checker::LiteralFault fault = lang::checker::decode_scalar(text, value);
  if (fault.ok() && value.type == Type::time) return time_from_micros(value.number);
  const std::string why = fault.ok() ? "is no time" : fault.message;
  throw BadInput(fmt::format("{} {}: {}; a time is written 2026-12-01T09:00Z", option, text, why));
}

Time read_time_after(std::string_view text, Time opened, std::string_view option) {
  if (text.empty() || text[0] != '+') return read_time(text, option);
  lang::Constant value;
  const lang::checker::LiteralFault fault = lang::checker::decode_scalar(text.substr(1), value);
  std::int64_t sum = 0;
  if (!fault.ok() || value.type != Type::duration ||
      __builtin_add_overflow(opened.time_since_epoch().count(), value.number, &sum)) {
    throw BadInput(
        fmt::format("{} {}: `+` is followed by a duration, such as +1h30m", option, text));
  }
  return time_from_micros(sum);
}

}  // namespace remit::tools
