// The words that generated documents and requests are made of: few, so that things meet, and
// awkward.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "tests/generate/draft.h"
#include "tests/generate/random.h"

namespace remit::generate {

// A system with actions, groups within groups, and attributes of every type.
SystemDraft make_system(Random& random, const std::string& name);
// Another document's idea of the same system: something less, or of another type.
SystemDraft vary_system(Random& random, const SystemDraft& system);

// A literal of the language, and the same as a value.
struct Literal {
  std::string text;
  lang::Constant value;
};
Literal make_literal(Random& random, Type type, Type element = Type::any);

// One segment of a resource, of literal text; in UTF-8 and NFC.
std::string make_segment(Random& random);
// One segment of a pattern: literal text or wildcards (as the bytes of resolved.h).
std::string make_pattern_segment(Random& random);
// A pattern's path, with `*`, `?`, `**` for wildcards and in quotes where it must or may be. `path`
// has wildcards as bytes.
std::string write_path(Random& random, const std::string& path);

// Joins texts. Braces evaluate from left to right, which `+` does not promise: what draws from
// `Random` more than once in one expression goes through here, or compilers would differ.
std::string cat(std::initializer_list<std::string> parts);

// The moment about which a world's times lie: near a change of clocks, an end of the known years,
// or none of these. Microseconds.
std::int64_t make_moment(Random& random);

extern const std::vector<std::string> kSystemNames;
extern const std::vector<std::string> kGlobs;  // of `like`
extern const std::vector<std::string> kZones;

}  // namespace remit::generate
