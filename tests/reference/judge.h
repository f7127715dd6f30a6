// One layer's own verdict on one request: language.md sections 5 and 6.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "tests/reference/model.h"
#include "tests/reference/reference.h"

namespace remit::reference {

struct Verdict {
  Outcome outcome;
  std::vector<std::size_t> asks;  // the ask rules that match or are unknown, whatever the outcome
  // What a grant takes of each matching limit (its rule, its amount). Only of a permitted request.
  std::vector<std::pair<std::size_t, std::int64_t>> charges;
};

// Layer `index` of `layers`, in the order of section 6: the asking session's own first.
//
// `observed` is what an implementation made of it, where one is judged: "an implementation may deny
// up to D/64 early" is granted to just the limit that it names.
Verdict judge(const std::vector<Setting>& layers, std::size_t index, const Memory& memory,
              const Asked& asked, std::int64_t now, const Outcome* observed, Notes& notes);

// How much of the limit `rule` of the layer with that id counts at `now`, with the D/64 where
// `early`.
Wide used(const Memory& memory, std::size_t layer, std::size_t rule, const lang::Amount& amount,
          bool early, std::int64_t now);

// Section 6, step 2, for the session that brought the layer; nothing where it is in force.
std::optional<Reason> out_of_force(const Setting& layer, const Memory& memory, std::int64_t now);

// Section 6, Layers: "deny if any denies, else ask if any asks, else allow"; the index of the first
// that gives the effect.
std::size_t combine(const std::vector<Verdict>& verdicts);

}  // namespace remit::reference
