// The text of a checkpoint (c2sp.org/tlog-checkpoint): origin, size in decimal, root in base64,
// each on a line of its own, and extension lines. Signing and opening are in remit/audit_proof.h.
// Covered by tests/audit_checkpoint_test.cpp.
#pragma once

#include <string>
#include <string_view>

#include <remit/audit_proof.h>

namespace remit::audit {

// Both throw BadNote (note.h): for text in another form, and for fields that the form cannot hold.
std::string checkpoint_text(const Checkpoint& checkpoint);
Checkpoint parse_checkpoint(std::string_view text);

}  // namespace remit::audit
