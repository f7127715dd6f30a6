// The strict JSON reader; its doors are in json.h. Covered by tests/tools_test.py.
#include "tools/json.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "tools/errors.h"

namespace remit::tools {
namespace {

// Builds the value from nlohmann's events. Its own tree builder keeps the last of two equal names
// and turns 2^64 into a double; and a deep tree, once built, overflows the stack of whoever walks
// it.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Json result;
  std::string error;

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX))
      return refuse("a number is beyond 64 bits");
    return put(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t value, const string_t& written) override {
    if (written.find_first_of(".eE") == std::string::npos)
      return refuse("a number is beyond 64 bits");
    return put(value);
  }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return refuse("binary values are not JSON"); }

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool end_object() override { return open_.pop_back(), true; }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return open_.pop_back(), true; }

  bool key(string_t& name) override {
    const auto [place, added] = open_.back()->get_ref<Json::object_t&>().emplace(name, nullptr);
    if (!added) return refuse(fmt::format("\"{}\" is given twice", name));
    slot_ = &place->second;
    return true;
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& problem) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..."
    const std::string_view text = problem.what();
    const std::size_t place = text.find("column ");
    return refuse("not JSON: " + std::string(place == text.npos ? text : text.substr(place)));
  }

 private:
  Json* place(Json value) {
    if (open_.empty()) return &(result = std::move(value));
    if (open_.back()->is_array())
      return &open_.back()->get_ref<Json::array_t&>().emplace_back(std::move(value));
    return &(*slot_ = std::move(value));
  }
  bool put(Json value) { return place(std::move(value)), true; }
  bool open(Json value) {
    if (open_.size() == kMaxJsonDepth) {
      return refuse(fmt::format("nested deeper than {} levels", kMaxJsonDepth));
    }
    // Stays valid while it is open: its parent gets no further member before it is closed.
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool refuse(std::string why) {
    error = std::move(why);
    return false;
  }

  std::vector<Json*> open_;
  Json* slot_ = nullptr;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Json parse_json(std::string_view text) {
  Builder builder;
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) throw BadInput(builder.error);
  return std::move(builder.result);
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
