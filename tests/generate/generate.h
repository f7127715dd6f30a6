// Random worlds: the documents of one session, and requests near the edges of what they say.
//
//   Random random(seed);
//   World world = make_world(random, Size::middle);            // text, through Draft::text()
//   ... check the documents ...
//   auto requests = make_requests(random, world, resolved, 50);
//
// The same seed gives the same world, whatever the library or compiler. A world's documents nearly
// always compile; where one does not (names of the standard library may clash over `anything`),
// take the next world.
#pragma once

#include <vector>

#include "lang/check/resolved.h"
#include "tests/generate/draft.h"
#include "tests/generate/random.h"
#include "tests/reference/held.h"

namespace remit::generate {

// tiny: 1 to 4 rules a document; middle: 10 to 40; large: 2,000 with shared prefixes.
enum class Size { tiny, middle, large };

struct World {
  std::vector<Draft> documents;  // the task scope, guardrails, grants
  reference::HeldFacts facts;
};

World make_world(Random& random, Size size);

// A tree of sessions: documents that speak of memory, and who opens the outermost session. What is
// then done with it is for steps.h.
struct Scenario {
  World world;                                     // `facts.opened` is when; the rest is unused
  std::vector<std::size_t> layers;                 // of the outermost session: indexes of documents
  std::vector<std::vector<std::size_t>> children;  // layers that sub-sessions may be given
  reference::HeldOpening opening;
  bool host_refuses = false;  // the host refuses some of what the documents grant
};

Scenario make_scenario(Random& random);

// `documents` are the world's, checked, in its order.
std::vector<reference::HeldRequest> make_requests(
    Random& random, const World& world, const std::vector<const lang::Resolved*>& documents,
    std::size_t count);

}  // namespace remit::generate
