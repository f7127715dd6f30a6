// For comparing what documents mean, wherever their statements stand.
#pragma once

#include "lang/check/resolved.h"

namespace remit::generate {

// The document without what only says where things stand, so that its image tells only what it
// means.
lang::Resolved without_places(lang::Resolved document);

}  // namespace remit::generate
