// JSON, strictly: nlohmann behind one door that refuses what its own tree builder lets through (the
// last of two equal names wins, 2^64 becomes a double, a deep tree overflows the stack of whoever
// walks it). Shared with the tools, which have sentences of their own.
// Covered by tests/identity_jws_test.cpp and tests/tools_test.py.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace remit::identity {

using Json = nlohmann::json;

struct JsonFault {
  enum class Kind { malformed, duplicate_name, too_deep, number } kind = Kind::malformed;
  std::string about;  // the name that is there twice, or the parser's words, which quote the text
};

// Parses one JSON text into `out`, without recursion and with at most `most_depth` open levels.
std::optional<JsonFault> parse_strict(std::string_view text, std::size_t most_depth, Json& out);

// The room's own use: refuses by code, without a word of the text, and with no byte-order mark
// before it (RFC 8259 section 8.1). Depth 16.
Json read_json(std::string_view text);
// As read_json; refuses what is not an object.
Json read_object(std::string_view text);

}  // namespace remit::identity
