// What comes before the first decision: the library into the process, an image verified and linked.
#include <benchmark/benchmark.h>

#include <dlfcn.h>

#include <cstdlib>

#include "bench/folders.h"

namespace {

using namespace remit;
using namespace remit::bench;

// The shared library that embeds the engine, opened and closed: mapping it, binding its symbols, its constructors.
void start_library(benchmark::State& state) {
  for (auto _ : state) {
    void* const library = dlopen(REMIT_C_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) std::abort();
    dlclose(library);
  }
}
BENCHMARK(start_library)->Unit(benchmark::kMicrosecond);

// From the bytes of a compiled image, used where they lie, to the first answer.
void start_first_decision(benchmark::State& state) {
  const auto rules = static_cast<std::size_t>(state.range(0));
  const Program compiled = compile_or_die(scope_of(rules));
  const std::string resource = folder(5) + "/protocol.pdf";
  for (auto _ : state) {
    const Layers layers = Layers::link(Program::load_borrowed(compiled.image()).value()).value();
    benchmark::DoNotOptimize(layers.decide(Request("read", resource), Facts{}, kNow));
  }
}
BENCHMARK(start_first_decision)->RangeMultiplier(10)->Range(10, 100'000)->Unit(benchmark::kMicrosecond);

}  // namespace
