// What comes before the first decision: the library into the process, an image verified and linked.
#include <benchmark/benchmark.h>

#include <dlfcn.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "bench/folders.h"

namespace {

using namespace remit;
using namespace remit::bench;

// Memory of this process that it shares with no other, in kilobytes.
double private_kilobytes() {
  std::ifstream in("/proc/self/smaps_rollup");
  double sum = 0;
  for (std::string word; in >> word;) {
    double kilobytes = 0;
    if ((word == "Private_Clean:" || word == "Private_Dirty:") && in >> kilobytes) sum += kilobytes;
  }
  return sum;
}

// The shared library that embeds the engine, opened and closed: mapping it, binding its symbols, its constructors.
void start_library(benchmark::State& state) {
  const double before = private_kilobytes();
  void* const first = dlopen(REMIT_C_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (first == nullptr) std::abort();
  state.counters["private_kilobytes"] = private_kilobytes() - before;
  dlclose(first);
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

// The same from a file that is mapped: its pages are in the system's cache, but not in the process.
void start_mapped_file(benchmark::State& state) {
  const Program compiled = compile_or_die(scope_of(static_cast<std::size_t>(state.range(0))));
  const std::size_t size = compiled.image().size();
  std::FILE* const kept = std::tmpfile();
  if (kept == nullptr || std::fwrite(compiled.image().data(), 1, size, kept) != size || std::fflush(kept) != 0) std::abort();
  const std::string resource = folder(5) + "/protocol.pdf";
  for (auto _ : state) {
    void* const mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fileno(kept), 0);
    if (mapped == MAP_FAILED) std::abort();
    {
      const Layers layers = Layers::link(Program::load_borrowed({static_cast<const std::byte*>(mapped), size}).value()).value();
      benchmark::DoNotOptimize(layers.decide(Request("read", resource), Facts{}, kNow));
    }
    munmap(mapped, size);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
  std::fclose(kept);
}
BENCHMARK(start_mapped_file)->RangeMultiplier(10)->Range(1000, 100'000)->Unit(benchmark::kMicrosecond);

}  // namespace
