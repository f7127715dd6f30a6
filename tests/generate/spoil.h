// Requests that break what language.md section 3 and remit/request.h ask of them, or just do not.
#pragma once

#include <string>

#include "tests/generate/random.h"
#include "tests/reference/held.h"

namespace remit::generate {

// A value of any type.
lang::Constant make_any_value(Random& random);

// Breaks the canonical form of a resource, or nearly does.
std::string spoil_resource(Random& random, const std::string& resource);

// Breaks the limits of a request's attributes, or stays just within them.
void spoil_request(Random& random, reference::HeldRequest& request);

}  // namespace remit::generate
