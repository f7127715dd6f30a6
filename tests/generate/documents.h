// Random documents: one at a time, over systems that the caller has chosen.
#pragma once

#include <cstdint>

#include "tests/generate/draft.h"
#include "tests/generate/generate.h"
#include "tests/generate/random.h"

namespace remit::generate {

struct Shape {
  Size size = Size::tiny;
  std::int64_t moment = 0;  // about when the session opens, microseconds
  bool memory = false;      // with limits, `after`, `idle` and `delegate`
};

// Fills in lifetime, lets and rules of `draft`, whose kind, header and systems (at least one) are
// set.
void write_document(Random& random, Draft& draft, const Shape& shape);

}  // namespace remit::generate
