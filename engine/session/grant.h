// One request of one session, decided with all that the session remembers, and granted (language.md
// section 6). The one place where limits are charged, history is written and approvals are used.
// Covered by tests/session_*_test.cpp and the conformance cases.
#pragma once

#include <vector>

#include "engine/session/state.h"

namespace remit {

// What a grant took from one limit, so that it can be given back.
struct Charge {
  Meter* meter;
  std::int64_t amount, bucket;
};

// Decides at the largest of `asked` and all times seen, and grants. Where `charges` is given, what was
// charged is added to it.
Decision grant(Session::State& state, const Request& request, std::int64_t asked, std::vector<Charge>* charges) noexcept;
// The same decision, changing nothing.
Decision foresee(Session::State& state, const Request& request, std::int64_t asked) noexcept;
// Each layer's own verdict.
void foresee_layers(Session::State& state, const Request& request, std::int64_t asked, std::span<Decision> out) noexcept;

// Brings the histories of this session and those above it up to what sessions beside them were granted.
// The outermost needs none of that: every grant in the tree is decided by its layers too.
// The tree's lock is held.
void catch_up(Session::State& state) noexcept;

}  // namespace remit
