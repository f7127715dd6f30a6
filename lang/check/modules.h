// Modules: `use` -> texts and scopes (language.md section 9). Covered by tests/modules_test.cpp.
#pragma once

#include "lang/check/context.h"

namespace remit::lang::checker {

// Reads and parses every module that the document uses, directly or not, once each.
void load_modules(Context& context);

// Builds the tree of scopes: one for the document, one for each use of a module beneath it, with the
// arguments that each was given. Arguments are only read when somebody asks for a parameter.
void build_scopes(Context& context);

// Warns of modules from which nothing came (after the rules are resolved).
void find_unused_modules(Context& context);

}  // namespace remit::lang::checker
