// Conditions as text, over the attributes that a rule may use.
#pragma once

#include <string>
#include <vector>

#include "tests/generate/vocabulary.h"

namespace remit::generate {

// An expression with every operator, nested at most `depth` deep. `attributes` may be empty:
// session facts are always there.
std::string make_condition(Random& random, const std::vector<AttributeDraft>& attributes,
                           int depth);

// `between 09:00 and 18:00 on mon-fri in Europe/Zurich`
std::string make_window(Random& random);

}  // namespace remit::generate
