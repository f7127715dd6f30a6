// The exact encoding of a request, as an approval is bound to it: action, resource, and the attributes
// by value, sorted by name. Two requests have the same digest only if they are the same request.
// Covered by tests/session_approval_test.cpp.
#pragma once

#include <remit/request.h>

#include "engine/image/sha256.h"

namespace remit {

// `request` is well formed (vm::Question found no fault with it). A dropped trailing slash of the
// resource counts for nothing: both forms name one thing.
image::Digest digest_of(const Request& request) noexcept;

}  // namespace remit
