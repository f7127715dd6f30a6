// What the files of `remit token` share.
#pragma once

#include <optional>
#include <string>

#include <remit/value.h>

#include "tools/command.h"

namespace remit::tools {

void add_token_mint(CLI::App& token, Action& chosen);

// One token from a file or standard input, without the line end behind it.
std::string read_token(const std::string& file);
// `--now TIME`, or the clock.
Time token_time(const std::optional<std::string>& written);

}  // namespace remit::tools
