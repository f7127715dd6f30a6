// A scenario in which engine and reference differ, made as small as it can be, and written down.
#pragma once

#include <string>
#include <vector>

#include "tests/generate/steps.h"
#include "tests/reference/cases.h"

namespace remit::differential {

// Plays the steps from the start; the first difference, or empty where the two agree throughout or
// a document does not compile.
std::string replay(const generate::Scenario& scenario, const std::vector<generate::Step>& steps);

// Leaves out whatever can go while the two still differ.
void shrink(generate::Scenario& scenario, std::vector<generate::Step>& steps);

// As a conformance case that expects what the reference says. Reservations, reloading and the
// host's refusals have no place in the format and are left out.
reference::Case case_of(const generate::Scenario& scenario,
                        const std::vector<generate::Step>& steps, const std::string& id);

// As people read it.
std::string text_of(const generate::Scenario& scenario, const std::vector<generate::Step>& steps);

}  // namespace remit::differential
