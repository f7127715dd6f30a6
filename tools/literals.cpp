// Command line literals; the doors are in literals.h. Scalars are decoded by the checker, so that
// they mean here what they mean in a document. Covered by tests/tools_test.py.
#include "tools/literals.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "lang/check/literals.h"
#include "tools/errors.h"

namespace remit::tools {
namespace {

lang::Constant string_constant(std::string_view text, Type type = Type::string) {
  lang::Constant out;
  out.type = type;
  out.text = text;
  return out;
}

void append_utf8(std::string& out, char32_t point) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6)), put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12)), put(0x80 | ((point >> 6) & 0x3F)), put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18)), put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F)), put(0x80 | (point & 0x3F));
  }
}

// The code point of `{1F600}` at the start of `text`, which loses it; nullopt where it is none.
std::optional<char32_t> take_code_point(std::string_view& text) {
  const std::size_t end = text.find('}');
  if (text.empty() || text[0] != '{' || end == text.npos || end < 2 || end > 7) return std::nullopt;
  char32_t point = 0;
  for (const char c : text.substr(1, end - 1)) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c));
    if (digit == std::string_view::npos) return std::nullopt;
    point = point * 16 + static_cast<char32_t>(digit);
  }
  if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return std::nullopt;
  text.remove_prefix(end + 1);
  return point;
}

// `text` starts with a quote. Gives what the string says and takes it off `text`.
std::string take_string(std::string_view& text) {
  const std::string_view whole = text;
  std::string out;
  text.remove_prefix(1);
  while (!text.empty() && text[0] != '"') {
    if (text[0] != '\\') {
      out.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    const char escape = text.size() > 1 ? text[1] : '\0';
    text.remove_prefix(std::min<std::size_t>(2, text.size()));
    if (escape == 'u') {
      const std::optional<char32_t> point = take_code_point(text);
      if (!point) throw BadInput(fmt::format("{}: \\u is followed by a code point, such as \\u{{1F600}}", whole));
      append_utf8(out, *point);
    } else if (escape == 'n' || escape == 't') {
      out.push_back(escape == 'n' ? '\n' : '\t');
    } else if (escape == '"' || escape == '\\') {
      out.push_back(escape);
    } else {
      throw BadInput(fmt::format(R"({}: a string escapes only \" \\ \n \t \u{{...}})", whole));
    }
  }
  if (text.empty()) throw BadInput(fmt::format("{}: the string does not end", whole));
  text.remove_prefix(1);
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool wants_number(Type type) {
  return type == Type::integer || type == Type::size || type == Type::duration || type == Type::time;
}

bool looks_numeric(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

lang::Constant read_item(std::string_view text, Type declared) {
  if (!text.empty() && text[0] == '"') {
    std::string_view rest = text;
    std::string value = take_string(rest);
    if (!rest.empty()) throw BadInput(fmt::format("{}: text follows the string", text));
    return string_constant(value);
  }
  if (declared == Type::string || declared == Type::resource) return string_constant(text, declared);
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
      throw BadInput(fault.help.empty() ? fault.message : fmt::format("{} ({})", fault.message, fault.help));
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
    std::size_t end = 0;
    if (text[0] == '"') {
      std::string_view rest = text;
      take_string(rest);
      end = text.size() - rest.size();
    }
    end = std::min(text.find(',', end), text.size());
    const std::string_view item = trimmed(text.substr(0, end));
    if (item.empty()) throw BadInput(fmt::format("{}: an item of the list is missing", whole));
    out.items.push_back(read_item(item, element));
    const bool more = end < text.size();
    text = more ? trimmed(text.substr(end + 1)) : std::string_view();
    if (more && text.empty()) throw BadInput(fmt::format("{}: an item of the list is missing", whole));
  }
  if (!out.items.empty()) out.element = out.items[0].type;
  for (const lang::Constant& item : out.items) {
    if (item.type != out.element) throw BadInput(fmt::format("{}: a list holds values of one type", whole));
  }
  return out;
}

}  // namespace

std::pair<std::string, std::string> split_pair(const std::string& written, std::string_view option) {
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
    throw BadInput(fmt::format("{} {}: `+` is followed by a duration, such as +1h30m", option, text));
  }
  return time_from_micros(sum);
}

}  // namespace remit::tools
