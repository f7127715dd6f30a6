// Values and variables: literals, parameters and lets -> what they stand for (language.md section 9).
// Covered by tests/check_test.cpp and tests/modules_test.cpp.
#pragma once

#include <optional>
#include <string_view>

#include "lang/check/context.h"

namespace remit::lang::checker {

// Gives the document's parameters their values; says what is wrong with the arguments.
void bind_arguments(Context& context);

// What `$name` or `$name/more` stands for; broken where that was reported.
Meaning find_variable(Context& context, Scope& scope, std::string_view written, Span span);

// A literal or variable as one value (a resource names just one thing); broken where that was reported.
Meaning evaluate(Context& context, Scope& scope, const syntax::Value& value);

// The same, of that type: nothing where it is not (reported, naming `what` it is for). Where the value
// is not known yet, the type's zero stands in for it; `known` (if not null) says so.
std::optional<Constant> evaluate_as(Context& context, Scope& scope, const syntax::Value& value, Type type, std::string_view what,
                                    bool* known = nullptr);

// Works out every let, so that what is wrong with an unused one is said too.
void resolve_lets(Context& context, Scope& scope);

// Warns of lets and parameters that nobody named (after everything is resolved).
void find_unused_names(Context& context);

}  // namespace remit::lang::checker
