// A record's body, read back: JSON in the one form that a log writes (RFC 8785), so that no two
// readers can take it for two things. Covered by tests/audit_verify_test.cpp.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/audit/json_text.h"

namespace remit::audit {

// Names in the order of RFC 8785: a value that is written again comes out in canonical order.
struct Utf16Order {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const noexcept {
    return utf16_less(a, b);
  }
};
template <class Key, class Value, class, class Allocator>
using CanonicalMap = std::map<Key, Value, Utf16Order, Allocator>;
using RecordJson = nlohmann::basic_json<CanonicalMap>;

inline constexpr std::size_t kMaxBody = std::size_t{16} << 20;  // far beyond what a log writes
inline constexpr std::size_t kMaxDepth = 32;

// Nothing where `body` is no object in canonical form; `why` then says what it is.
std::optional<RecordJson> parse_record(std::string_view body, const char*& why);

// A member that is a text; null where there is none or it is something else. Borrows from `object`.
const std::string* text_member(const RecordJson& object, const char* name);

// For messages: bytes that are no UTF-8 come out as U+FFFD.
std::string shown(const RecordJson& value);

}  // namespace remit::audit
