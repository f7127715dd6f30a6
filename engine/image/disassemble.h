// An image as text, for people: every section that says something, guards as instructions.
// The format is stable enough for golden tests, not for machines. Covered by tests/dump_test.cpp.
#pragma once

#include <string>

#include <remit/program.h>

namespace remit {

std::string disassemble(const Program& program);

}  // namespace remit
