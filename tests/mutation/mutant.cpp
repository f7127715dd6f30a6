// See mutant.h. Linked into every executable of a mutated build, and into each of its shared libraries.
#include <cstdio>
#include <cstdlib>

namespace mutation {

int active = 0;
unsigned char reached[kMost];

namespace {

// Before every other object of the program is made: those may reach mutation points too.
__attribute__((constructor(101))) void begin() {
  if (const char* id = std::getenv("REMIT_MUTANT")) active = std::atoi(id);
}

// A test may run programs of its own, so the file is added to.
__attribute__((destructor(101))) void end() {
  const char* path = std::getenv("REMIT_MUTANTS_REACHED");
  std::FILE* file = path != nullptr ? std::fopen(path, "a") : nullptr;
  if (file == nullptr) return;
  for (int id = 0; id < kMost; ++id) {
    if (reached[id] != 0) std::fprintf(file, "%d\n", id);
  }
  std::fclose(file);
}

}  // namespace

}  // namespace mutation
