// JSON in words and fields; the strict reader itself is the engine's. Covered by
// tests/tools_test.py.
#include "tools/json.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/identity/strict_json.h"
#include "tools/errors.h"

namespace remit::tools {
namespace {

std::string sentence(const identity::JsonFault& fault) {
  using Kind = identity::JsonFault::Kind;
  switch (fault.kind) {
    case Kind::duplicate_name: return fmt::format("\"{}\" is given twice", fault.about);
    case Kind::too_deep: return fmt::format("nested deeper than {} levels", kMaxJsonDepth);
    case Kind::number: return "a number is beyond 64 bits";
    case Kind::malformed: break;
  }
  // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..."
  const std::size_t place = fault.about.find("column ");
  return "not JSON: " + (place == std::string::npos ? fault.about : fault.about.substr(place));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Json parse_json(std::string_view text) {
  Json out;
  if (const auto fault = identity::parse_strict(text, kMaxJsonDepth, out)) {
    throw BadInput(sentence(*fault));
  }
  return out;
}

std::string to_line(const JsonOut& value) {
  return value.dump(-1, ' ', false, JsonOut::error_handler_t::replace);
}
std::string to_text(const JsonOut& value) {
  return value.dump(2, ' ', false, JsonOut::error_handler_t::replace);
}

Fields::Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (!object.is_object()) fail("an object is needed");
}

void Fields::fail(const std::string& sentence) const {
  throw BadInput(where_.empty() ? sentence : where_ + ": " + sentence);
}

const Json& Fields::at(const char* name) const {
  const auto found = object_.find(name);
  if (found == object_.end()) fail(fmt::format("\"{}\" is missing", name));
  return *found;
}

const std::string& Fields::text(const char* name) const {
  const Json& value = at(name);
  if (!value.is_string()) fail(fmt::format("\"{}\" must be a string", name));
  return value.get_ref<const std::string&>();
}

std::int64_t Fields::whole(const char* name) const {
  const Json& value = at(name);
  if (!value.is_number_integer()) fail(fmt::format("\"{}\" must be a whole number", name));
  return value.get<std::int64_t>();
}

bool Fields::truth(const char* name) const {
  const Json& value = at(name);
  if (!value.is_boolean()) fail(fmt::format("\"{}\" must be true or false", name));
  return value.get<bool>();
}

const Json& Fields::object(const char* name) const {
  const Json& value = at(name);
  if (!value.is_object()) fail(fmt::format("\"{}\" must be an object", name));
  return value;
}

const Json& Fields::array(const char* name) const {
  const Json& value = at(name);
  if (!value.is_array()) fail(fmt::format("\"{}\" must be an array", name));
  return value;
}

std::string Fields::bytes(const char* name) const {
  const std::string hex_name = std::string(name) + "_hex";
  if (!has(hex_name.c_str())) return text(name);
  const std::string& hex = text(hex_name.c_str());
  if (hex.size() % 2 != 0) fail(fmt::format("\"{}\" has an odd number of digits", hex_name));
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);
    if (high < 0 || low < 0) fail(fmt::format("\"{}\" is not hexadecimal", hex_name));
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::string Fields::text_or(const char* name, std::string_view otherwise) const {
  return has(name) ? text(name) : std::string(otherwise);
}

bool Fields::truth_or(const char* name, bool otherwise) const {
  return has(name) ? truth(name) : otherwise;
}

void Fields::only(std::initializer_list<std::string_view> known) const {
  for (const auto& [name, value] : object_.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      fail(fmt::format("\"{}\" is no field here", name));
    }
  }
}

}  // namespace remit::tools
