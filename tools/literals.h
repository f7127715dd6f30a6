// Values as they are typed on a command line, where the shell has eaten the quotes.
// Covered by tests/tools_test.py.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <remit/lang/constant.h>
#include <remit/value.h>

#include "tools/documents.h"

namespace remit::tools {

// `size=20KB` as name and text; BadInput, naming `option`, where there is no `=`.
std::pair<std::string, std::string> split_pair(const std::string& written, std::string_view option);

// A value in the language's literals, told apart by how it looks: `5`, `20KB`, `1h`, a time,
// `true`,
// `"text"`, `[a, b]`. Anything else is a string without its quotes, and so is everything where
// `declared` is string (a file called `5` is no number). BadInput where the declared type wants a
// number and the text is a bad one (`20XB`), so that a slip of the finger is not taken for a
// string.
lang::Constant read_literal(std::string_view text, DeclaredType declared = {});

// A time as the language writes it: `2026-12-01T09:00Z`.
Time read_time(std::string_view text, std::string_view option);
// `+2h` is that long after `opened`; anything else as read_time.
Time read_time_after(std::string_view text, Time opened, std::string_view option);

}  // namespace remit::tools
