// How the tools room reports input that it cannot use: one exception with a sentence for people. It
// never leaves this room; main() and the runners turn it into exit code 2 or an error object.
#pragma once

#include <stdexcept>
#include <string>

namespace remit::tools {

struct BadInput : std::runtime_error {
  explicit BadInput(const std::string& sentence) : std::runtime_error(sentence) {}
};

// Exit codes of the command (architecture.md).
inline constexpr int kFine = 0;      // for eval: allow
inline constexpr int kNo = 1;        // deny, failed tests, not formatted
inline constexpr int kBadInput = 2;  // does not compile, unreadable, bad arguments
inline constexpr int kAsk = 3;       // eval: a person has to approve

}  // namespace remit::tools
