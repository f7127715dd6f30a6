// Letters of Greek and Cyrillic that look like Latin ones: whoever reads a document cannot tell
// `аdmin` with a Cyrillic letter from `admin`. Covered by tests/warnings_test.cpp.
#pragma once

#include <string>
#include <string_view>

namespace remit::lang::checker {

// The first word in `text` that has both Latin letters and foreign ones that look like Latin, as
// it stands there; empty where there is none. A word is a run of letters.
std::string_view mixed_word(std::string_view text);

// The text with every letter that looks like a Latin one replaced by that: two texts that look
// alike have one skeleton.
std::string skeleton(std::string_view text);

// The first foreign letter of `text` that looks like a Latin one, as `U+0430`; empty where there is
// none.
std::string first_look_alike(std::string_view text);

}  // namespace remit::lang::checker
