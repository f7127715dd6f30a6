// Ids that nobody can guess. Covered by tests/session_approval_test.cpp.
#pragma once

#include <remit/id.h>

namespace remit {

// A new id from the system's generator; nothing where that fails, and then whoever wanted one must fail too.
bool random_id(Id& out) noexcept;

}  // namespace remit
