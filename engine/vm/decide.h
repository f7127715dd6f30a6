// One layer's verdict, and the layers' together (language.md section 6). The decision path: no
// allocation, no lock, no clock. Covered by tests/differential_test.cpp against the reference.
#pragma once

#include <remit/layers.h>

#include "engine/vm/guard.h"
#include "engine/vm/linked.h"

namespace remit::vm {

// The rules met so far that may decide, by kind: the first in the text of each, or kNoRule.
struct Candidates {
  std::uint32_t deny = kNoRule, ask = kNoRule, ask_unknown = kNoRule, allow = kNoRule;

  // Takes one matching entry into account, running its guard where it has one.
  void take(const Context& context, image::EntryKind kind, std::uint32_t rule, bool guarded) noexcept;
  Decision verdict(std::uint16_t layer) const noexcept;
};

// The facts as every layer sees them: what the task scope states itself stands before what the host
// says (section 7).
Facts session_facts(const image::View& task, const Facts& facts) noexcept;

// Section 6, steps 1 and 2 for one layer: why it denies before any rule, or allowed_by_rule where it
// does not.
Reason gate(const Layers::Linked& linked, std::uint16_t layer, const LayerAction& action, const Context& context) noexcept;

// Points the context at one layer.
void enter(const Layers::Linked& linked, std::uint16_t layer, const LayerAction& action, Context& context) noexcept;

// Section 6, steps 1 to 4 of one layer whose row is `action`. `context` holds the request.
Decision decide_layer(const Layers::Linked& linked, std::uint16_t layer, const LayerAction& action, Context& context) noexcept;

// The first layer that denies, else the first that asks, else the task scope's allow. `verdict_of(i)`
// gives layer i's verdict and is asked no further than needed.
template <class VerdictOf>
Decision combine(std::size_t layers, VerdictOf&& verdict_of) noexcept {
  Decision result;
  for (std::size_t i = 0; i < layers; ++i) {
    const Decision verdict = verdict_of(static_cast<std::uint16_t>(i));
    if (verdict.effect == Effect::deny) return verdict;
    if (i == 0 || (verdict.effect == Effect::ask && result.effect == Effect::allow)) result = verdict;
  }
  return result;
}

}  // namespace remit::vm
