// Text from outside -> what a person may be shown of it. Covered by tests/session_explain_test.cpp and
// tests/disassemble_test.cpp.
#pragma once

#include <string>
#include <string_view>

namespace remit::detail {

// The text, with what could act on a terminal, break a line of a log, or is no text at all as \xNN: names in
// requests and images may come from anywhere.
std::string printable(std::string_view text);

}  // namespace remit::detail
