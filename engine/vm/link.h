// Linking: systems and actions of several images, brought together by name. Everything that a decision
// needs to know about a name is looked up here, once. Covered by tests/link_test.cpp.
#pragma once

#include "engine/vm/linked.h"

namespace remit::vm {

// Works out everything in `linked` but its programs, groups and views, which must be there. Null where that went well; else
// a sentence that says for what no honest policy needs so much room or time (image/limits.h).
const char* link_names(Layers::Linked& linked);

}  // namespace remit::vm
