// A world's documents, compiled and linked, beside what the reference evaluator reads: the two
// sides that the differential and property tests compare.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <remit/lang/compile.h>
#include <remit/layers.h>

#include "tests/generate/generate.h"
#include "tests/reference/reference.h"

namespace remit::generate {

// Nothing where one does not compile; `problem` then says why.
std::optional<std::vector<lang::Compiled>> compile_documents(const std::vector<Draft>& drafts,
                                                             std::string& problem);

struct CompiledWorld {
  std::vector<lang::Compiled> documents;
  std::vector<reference::Layer> reference;      // borrows from `documents`
  std::vector<const lang::Resolved*> resolved;  // likewise
  std::optional<Layers> layers;
};

// Nothing where a document does not compile, or the layers do not link; `problem` then says why.
std::optional<CompiledWorld> compile_world(const World& world, std::string& problem);

reference::Outcome outcome_of(const Decision& decision);
// For people: `deny denied_by_rule layer 0 rule 3`.
std::string text_of(const reference::Outcome& outcome);

// Where the vm and the reference differ about one request: decide(), a Prepared handle or
// verdicts(). Empty where they agree. `outcome` is the reference's.
std::string difference(const CompiledWorld& world, const reference::HeldFacts& facts,
                       const reference::HeldRequest& request, reference::Outcome* outcome = nullptr,
                       reference::Notes* notes = nullptr);

// The world's documents and facts, and one request, as people read them.
std::string text_of(const World& world, const reference::HeldRequest& request);

// Leaves out of world and request whatever can go while they still differ.
void shrink(World& world, reference::HeldRequest& request);

}  // namespace remit::generate
