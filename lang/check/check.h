// Stage 2: syntax tree -> resolved document. Looks every name up, decodes and range-checks every
// literal, types every condition, brings modules in, puts arguments in place of parameters.
// Covered by tests/check_test.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lang/check/resolved.h"
#include "lang/syntax/syntax.h"

namespace remit::lang {

// Finds the text of modules. A name is dotted (`hipaa.minimum_necessary`).
struct ModuleText {
  std::string file;  // as diagnostics and decisions show it: `hipaa/minimum_necessary.scope`
  std::string text;
};

struct CheckOptions {
  std::vector<Argument> arguments;
  // Folders searched in order for `a/b.scope`; the standard library comes first.
  std::vector<std::string> module_path;
  // Modules given as text, searched before the folders: name to text.
  std::vector<std::pair<std::string, std::string>> modules;
};

// Never throws for bad input. Every error and warning goes to `diagnostics`; where there is an error,
// `complete` of the result is false. `document` may have come from a text with errors: then only what
// is wrong by itself is reported, not what the missing statements cause.
Resolved check(const syntax::Document& document, const CheckOptions& options, Diagnostics& diagnostics);

}  // namespace remit::lang
