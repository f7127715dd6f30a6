// A text, parsed and checked but not compiled: what the reference evaluator reads.
#pragma once

#include <string>
#include <string_view>

#include "lang/check/check.h"
#include "lang/parse/parse.h"

namespace remit::reference {

struct Checked {
  lang::Resolved document;
  lang::Diagnostics diagnostics;
  bool complete() const { return !diagnostics.has_errors() && document.complete; }
};

inline Checked check_text(std::string_view text, const lang::CheckOptions& options = {}) {
  Checked result;
  const lang::Source source("document", std::string(text));
  const lang::syntax::Document tree = lang::parse(source, result.diagnostics);
  result.document = lang::check(tree, options, result.diagnostics);
  return result;
}

}  // namespace remit::reference
