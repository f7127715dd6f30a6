// Values and conditions as people write them. Covered by tests/session_explain_test.cpp.
#pragma once

#include <string>

#include "engine/vm/guard.h"

namespace remit {

// `12MB`, `1h30m`, `2026-12-01T09:00:00Z`, `"text"`, `["a", "b"]`: the language's own spelling.
std::string words_of(const Value& value);
// A number of that type: a constant of the image.
std::string words_of(Type type, std::int64_t number);

// What a leaf of a guard wants, to be read after "for": `size up to 5MB`; where `wanted` is false, what
// its negation wants.
std::string words_of(const image::View& view, const image::Instruction& leaf, bool wanted);
// What the request had instead: `size was 12MB`, `size was given as int, declared size`.
std::string actual_words(const vm::Context& context, const image::Instruction& leaf);

}  // namespace remit
