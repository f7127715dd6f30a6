// Patterns against patterns, for `could`: does one cover all that another names, do they have anything in
// common? Both answers are safe in one direction only, the one that `could` needs:
//   covers    true is certain; false may be wrong (what several `*` make up together is not worked out)
//   overlaps  false is certain; true may be wrong
// Covered by tests/session_could_test.cpp, against small resources.
#pragma once

#include <string_view>

namespace remit::vm {

// A pattern's text without its system, as the image keeps it: wildcards as bytes, no `**` at the end;
// empty is every resource of the system. It covers what is beneath, unless `exact`.
struct PatternText {
  std::string_view text;
  bool exact = false;
};

bool covers(PatternText pattern, PatternText all_of) noexcept;
bool overlaps(PatternText a, PatternText b) noexcept;

}  // namespace remit::vm
