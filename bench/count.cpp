// A number of decisions and nothing else, for callgrind: scripts/bench --instructions.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/folders.h"

int main(int count, char** arguments) {
  const std::size_t rules = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 10;
  const remit::Layers layers = remit::Layers::link(remit::bench::compile_or_die(remit::bench::scope_of(rules))).value();
  const std::vector<std::string> resources = remit::bench::requests_of(rules);
  std::size_t allowed = 0;
  for (const std::string& resource : resources) allowed += layers.decide({"read", resource}, {}, remit::bench::kNow).allowed();
  std::printf("%zu decisions, %zu allowed\n", resources.size(), allowed);
  return 0;
}
