// `when` and `unless` (language.md section 5, Expressions): Kleene's logic over values of one type.
#pragma once

#include "tests/reference/model.h"

namespace remit::reference {

// `system` is the declaration by which the layer judges the request.
Kleene evaluate(const lang::Condition& condition, const lang::SystemInfo& system,
                const SessionFacts& facts, const Asked& asked);

}  // namespace remit::reference
