// What a world's documents speak of, gathered once: where the edges are that requests should lie
// near.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/generate/generate.h"

namespace remit::generate {

// Borrows from the documents.
struct Edges {
  struct Subject {
    std::vector<std::string> actions;
    std::string system, path;  // of one pattern; wildcards as bytes; system empty for `anything`
  };
  std::vector<Subject> subjects;
  std::map<std::string, std::vector<lang::Constant>> constants;  // by attribute
  std::vector<std::int64_t> times;
  std::vector<std::int64_t> spans;  // after which something is over: of limits, and idle time
  std::vector<const lang::SystemInfo*> systems;  // those that the world declares

  // The first declaration of a system; null where there is none.
  const lang::SystemInfo* system(const std::string& name) const;
};

Edges find_edges(const World& world, const std::vector<const lang::Resolved*>& documents);

}  // namespace remit::generate
