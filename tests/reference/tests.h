// The tests that stand in a document (language.md section 11), run by the reference.
#pragma once

#include <string>

#include "lang/check/check.h"

namespace remit::reference {

// Empty where the test called `name` of the document `text` passes; else which expectation does
// not.
std::string run_document_test(const std::string& text, const lang::CheckOptions& options,
                              const std::string& name);

}  // namespace remit::reference
