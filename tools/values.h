// Values between the forms they take here: JSON (as in the conformance cases), the language's
// constants, and what a request borrows. Covered by tests/tools_test.py.
#pragma once

#include <list>
#include <span>
#include <string>
#include <vector>

#include <remit/lang/constant.h>
#include <remit/value.h>

#include "tools/json.h"

namespace remit::tools {

// `5` int, `"x"` string, `true`, `[...]`, `{"size": n}`, `{"duration": microseconds}`,
// `{"time": microseconds}`, `{"resource": "docs:/a"}`. BadInput for all else, with `where` in it.
lang::Constant constant_from_json(const Json& value, const std::string& where);
JsonOut json_from_constant(const lang::Constant& value);

// Attributes that own what they name, so that a request can borrow from them. Entries never move
// once added; the set itself may be moved, not copied.
class AttributeSet {
 public:
  AttributeSet() = default;
  AttributeSet(AttributeSet&&) = default;
  AttributeSet& operator=(AttributeSet&&) = default;
  AttributeSet(const AttributeSet&) = delete;
  AttributeSet& operator=(const AttributeSet&) = delete;

  // Names are not checked: a request may hold one twice on purpose.
  void add(std::string name, lang::Constant value);
  // Every member of a JSON object.
  void add_all(const Json& object, const std::string& where);
  std::span<const Attribute> view() const { return attributes_; }

 private:
  Value borrow(const lang::Constant& value);

  std::list<std::string> names_;
  std::list<lang::Constant> constants_;
  std::list<std::vector<Value>> lists_;
  std::vector<Attribute> attributes_;
};

}  // namespace remit::tools
