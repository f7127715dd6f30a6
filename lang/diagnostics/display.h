// Text -> what a terminal may be shown of it, with its width. Covered by tests/diagnostics_test.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace remit::lang {

// One code point as it is shown: itself, four blanks for a tab, an escape such as `\u{202E}` for what
// would act on the terminal or hide, `\xFF` for a byte that is no UTF-8.
struct Cell {
  std::string text;
  std::size_t width = 1;  // columns of a terminal: 0 for combining marks, 2 for wide characters
};

std::vector<Cell> cells_of(std::string_view line);

// The same for running text.
std::string visible(std::string_view text);

}  // namespace remit::lang
