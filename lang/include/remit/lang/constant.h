// A value that owns what it holds: arguments of a document, literals in a resolved document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <remit/value.h>

namespace remit::lang {

struct Constant {
  Type type = Type::boolean;
  Type element = Type::any;      // of a list: the items' type; `any` for the empty list
  std::int64_t number = 0;       // bool, int, size (bytes), duration and time (microseconds)
  std::string text;              // string, resource
  std::vector<Constant> items;   // list

  bool operator==(const Constant&) const = default;
};

// A value for a parameter, given by the host or the command line. Where `literal` is set, `value` is
// ignored and the text is read by the language's rules for the parameter's declared type
// (`--arg folder=docs:/a`, `--arg cap=5`; strings with or without quotes).
struct Argument {
  std::string name;
  Constant value;
  std::string literal;

  static Argument of(std::string name, Constant value) { return {std::move(name), std::move(value), {}}; }
  static Argument written(std::string name, std::string literal) {
    return {std::move(name), {}, std::move(literal)};
  }
};

}  // namespace remit::lang
