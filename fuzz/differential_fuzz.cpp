// Documents, a tree of sessions and what is done with it, all made from one input: the engine must say what
// the reference evaluator says, after saving and restoring too.
#include <cstdint>
#include <cstdio>

#include "fuzz/check.h"
#include "tests/differential/run.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace remit;
  generate::Random random(std::span<const std::uint8_t>(data, size));
  differential::Tally tally;
  const auto failure = differential::run_scenario_from(random, "of the input", tally);
  if (failure) std::fprintf(stderr, "%s\n", failure->text.c_str());
  REMIT_FUZZ_CHECK(!failure);
  return 0;
}
