// Identifiers, from the inside: the same grammar as remit/identifier.h, refusing by exception.
// Covered by tests/identity_identifier_test.cpp.
#pragma once

#include <remit/identifier.h>

namespace remit::identity {

Identifier read_identifier(std::string_view text);

}  // namespace remit::identity
