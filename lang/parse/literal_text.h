// Strings as written -> what they say (language.md section 2), and names as written -> whether they
// may be. The parser has found every fault already, so the stages behind it only decode.
// Covered by tests/parse_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace remit::lang {

inline constexpr std::size_t kMaxString = 65'536;  // bytes of the decoded text

// What the string says. `quoted` has its quotes; a bad escape stands for itself.
std::string decode_string(std::string_view quoted);

namespace parsing {

// A fault in a token: a range of its bytes.
struct TokenFault {
  std::size_t begin, end;
  std::string code, message, help;
};

// Closing quote, escapes, length. `for_people` adds: no character that section 1 forbids.
std::optional<TokenFault> check_string(std::string_view quoted, bool for_people);

// A path in quotes has its own escapes (the checker's), but must be closed too.
std::optional<TokenFault> check_closed(std::string_view quoted);

// `[a-z][a-z0-9_]*`, at most 64 bytes; each part of a dotted name.
std::optional<TokenFault> check_name(std::string_view name, bool action = false);

// `[a-z][a-z0-9+-]*`, at most 64 bytes.
std::optional<TokenFault> check_system_name(std::string_view name);

// An action in quotes: 1 to 64 of `A-Za-z0-9_.:/-`.
std::optional<TokenFault> check_quoted_action(std::string_view quoted);

}  // namespace parsing
}  // namespace remit::lang
