// A look at the grammar itself, for tests: PEGTL's analysis finds rules that could loop without taking
// input. Covered by tests/parse_test.cpp.
#pragma once

#include <cstddef>

namespace remit::lang::grammar {

std::size_t faults();  // 0 where the grammar is sound

}  // namespace remit::lang::grammar
