// Which resources patterns cover, compared: containment and overlap of resolved patterns
// (language.md section 3). Warnings ask it about the rules of one document, analysis about those of
// two: it knows no document, only systems by number and paths as Pattern::text keeps them.
// Covered by tests/pattern_cover_test.cpp, which judges it by all resources over small alphabets.
//
// The answers are exact for literal text, `*`, `?`, `**` and `only`, alone and together, over all
// resources whose segments are neither empty nor `.` nor `..`. Not considered is that a resource
// has at most 64 segments and 4096 bytes, and that some characters stand in none: where only that
// makes the difference, `covers` says no and `meets` yes. The same where the patterns are so
// twisted that an answer would take more than a bounded number of steps. So a `true` of `covers`
// and a `false` of `meets` can be relied on.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "lang/check/resolved.h"

namespace remit::lang {

// What many comparisons may cost together, in steps of the automata; a step takes some nanoseconds.
// One comparison takes at most kMaxSteps, with or without an Effort.
struct Effort {
  std::size_t left = std::size_t{16} << 20;
};
inline constexpr std::size_t kMaxSteps = std::size_t{1} << 20;

// Is every resource that `special` covers covered by one or other of `general`?
bool covers(const std::vector<Pattern>& general, const Pattern& special, Effort* effort = nullptr);
bool covers(const Pattern& general, const Pattern& special, Effort* effort = nullptr);

// Is there a resource that both cover?
bool meets(const Pattern& a, const Pattern& b, Effort* effort = nullptr);

// True where the pattern covers nothing at all: `only docs:`, for `docs:` names no resource.
bool covers_nothing(const Pattern& pattern);

// The whole segments before the first one with a wildcard, as they stand in `pattern.text`. What
// covers a pattern begins with literal segments that its own begin with.
std::string_view literal_beginning(const Pattern& pattern);

}  // namespace remit::lang
