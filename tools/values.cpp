// Values between JSON, constants and requests; the doors are in values.h. Covered by
// tests/tools_test.py.
#include "tools/values.h"

#include <fmt/format.h>

#include "tools/errors.h"

namespace remit::tools {
namespace {

lang::Constant numeric(Type type, std::int64_t number) {
  lang::Constant out;
  out.type = type;
  out.number = number;
  return out;
}

lang::Constant textual(Type type, std::string text) {
  lang::Constant out;
  out.type = type;
  out.text = std::move(text);
  return out;
}

lang::Constant typed_from_json(const Json& value, const std::string& where) {
  const Fields fields(value, where);
  fields.only({"size", "duration", "time", "resource"});
  if (value.size() != 1) {
    fields.fail(R"(a value is {"size": n}, {"duration": n}, {"time": n} or {"resource": "..."})");
  }
  if (fields.has("size")) return numeric(Type::size, fields.whole("size"));
  if (fields.has("duration")) return numeric(Type::duration, fields.whole("duration"));
  if (fields.has("time")) return numeric(Type::time, fields.whole("time"));
  return textual(Type::resource, fields.text("resource"));
}

}  // namespace

lang::Constant constant_from_json(const Json& value, const std::string& where) {
  switch (value.type()) {
    case Json::value_t::boolean: return numeric(Type::boolean, value.get<bool>() ? 1 : 0);
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return numeric(Type::integer, value.get<std::int64_t>());
    case Json::value_t::string: return textual(Type::string, value.get<std::string>());
    case Json::value_t::object: return typed_from_json(value, where);
    case Json::value_t::array: {
      lang::Constant list;
      list.type = Type::list;
      for (const Json& item : value) list.items.push_back(constant_from_json(item, where));
      // A list of several types keeps `any`: the engine decides what to make of it.
      if (!list.items.empty()) list.element = list.items[0].type;
      for (const lang::Constant& item : list.items) {
        if (item.type != list.element) list.element = Type::any;
      }
      return list;
    }
    case Json::value_t::number_float:
      throw BadInput(where + ": a value is a whole number, never a fraction");
    default: throw BadInput(where + ": null is no value");
  }
}

JsonOut json_from_constant(const lang::Constant& value) {
  switch (value.type) {
    case Type::boolean: return value.number != 0;
    case Type::integer: return value.number;
    case Type::size: return {{"size", value.number}};
    case Type::duration: return {{"duration", value.number}};
    case Type::time: return {{"time", value.number}};
    case Type::resource: return {{"resource", value.text}};
    case Type::list: {
      JsonOut list = JsonOut::array();
      for (const lang::Constant& item : value.items) list.push_back(json_from_constant(item));
      return list;
    }
    default: return value.text;
  }
}

Value AttributeSet::borrow(const lang::Constant& value) {
  switch (value.type) {
    case Type::boolean: return Value(value.number != 0);
    case Type::integer: return Value(value.number);
    case Type::size: return Value(bytes(value.number));
    case Type::duration: return Value(Duration(value.number));
    case Type::time: return Value(time_from_micros(value.number));
    case Type::resource: return Value(ResourceName{value.text});
    case Type::list: {
      std::vector<Value> items;
      items.reserve(value.items.size());
      for (const lang::Constant& item : value.items) items.push_back(borrow(item));
      const std::vector<Value>& kept = lists_.emplace_back(std::move(items));
      return Value(std::span<const Value>(kept));
    }
    default: return Value(std::string_view(value.text));
  }
}

void AttributeSet::add(std::string name, lang::Constant value) {
  const std::string& kept_name = names_.emplace_back(std::move(name));
  const lang::Constant& kept_value = constants_.emplace_back(std::move(value));
  attributes_.push_back({kept_name, borrow(kept_value)});
}

void AttributeSet::add_all(const Json& object, const std::string& where) {
  for (const auto& [name, value] : object.items()) {
    add(name, constant_from_json(value, fmt::format("{}, {}", where, name)));
  }
}

}  // namespace remit::tools
