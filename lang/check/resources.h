// Resources and subjects: ACTIONS RESOURCES -> patterns of known systems, names of known actions
// (language.md sections 3 to 5). Covered by tests/check_test.cpp.
#pragma once

#include "lang/check/context.h"

namespace remit::lang::checker {

// Appends the patterns that the list means and adds their systems to `ground`. Answers how deep the lets
// that it names are.
std::size_t resolve_resources(Context& context, Scope& scope, const std::vector<syntax::Resource>& resources, std::vector<Pattern>& out, Ground& ground);

// The same with the actions, each of which every system of the ground must have.
Subject resolve_subject(Context& context, Scope& scope, const syntax::Subject& subject, Ground& ground);

// The meaning of a parameter of type resource: just `text`, which the host or a `use` gave.
Meaning resource_meaning(Context& context, const Text& text, Span span, std::string_view resource);

// True where the pattern is one canonical resource: no wildcard, and a path.
bool is_resource(const Pattern& pattern);

}  // namespace remit::lang::checker
