// JSON in and out, strictly: nlohmann behind one wrapper that refuses what it would let through.
// Covered by tests/tools_test.py.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace remit::tools {

using Json = nlohmann::json;             // as read
using JsonOut = nlohmann::ordered_json;  // as written: fields in the order of our pages

inline constexpr std::size_t kMaxJsonDepth = 64;

// Parses one JSON text. BadInput for anything that is no JSON, for a name given twice in one
// object, for nesting beyond kMaxJsonDepth (found before anything recurses) and for whole numbers
// beyond 64 bits, which a double would silently round.
Json parse_json(std::string_view text);

// One line, without its end. Bytes that are no UTF-8 come out as U+FFFD.
std::string to_line(const JsonOut& value);
// Many lines, for people who look at it.
std::string to_text(const JsonOut& value);

// The fields of one object, with errors that name the field: `step 3: "now" must be a whole
// number`.
class Fields {
 public:
  // BadInput where `object` is none. It must outlive the Fields.
  Fields(const Json& object, std::string where);

  bool has(const char* name) const { return object_.contains(name); }
  // The field itself; BadInput where it is missing.
  const Json& at(const char* name) const;

  const std::string& text(const char* name) const;
  std::int64_t whole(const char* name) const;  // never a double, however whole
  bool truth(const char* name) const;
  const Json& object(const char* name) const;
  const Json& array(const char* name) const;
  // A text, or bytes in hexadecimal in the field `NAME_hex`.
  std::string bytes(const char* name) const;

  std::string text_or(const char* name, std::string_view otherwise) const;
  bool truth_or(const char* name, bool otherwise) const;

  // BadInput where the object has a field that is not in `known`.
  void only(std::initializer_list<std::string_view> known) const;

  [[noreturn]] void fail(const std::string& sentence) const;

 private:
  const Json& object_;
  std::string where_;
};

}  // namespace remit::tools
