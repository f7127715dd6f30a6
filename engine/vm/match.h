// Patterns and globs matched one by one: for `except`, for `like`, and for the patterns that no hash
// finds. Neither allocates nor recurses. Covered by tests/match_test.cpp and the differential tests.
#pragma once

#include <string_view>

#include "engine/image/view.h"
#include "engine/vm/path.h"

namespace remit::vm {

// Does `glob` (image::kStar, image::kQuestion) match all of `text`? `text` is valid UTF-8.
bool matches_glob(std::string_view glob, std::string_view text) noexcept;

// Does the pattern cover the path? `system` is the index of the path's system in the pattern's image,
// image::kNone where that image does not know it.
bool matches_pattern(const image::View& view, const image::Pattern& pattern, std::uint32_t system, const Path& path) noexcept;

}  // namespace remit::vm
