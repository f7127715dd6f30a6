// See allocations.h. Replaces the global operator new of the benchmarks; everything else goes through it.
#include "bench/allocations.h"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

std::uint64_t counted = 0;  // the benchmarks that read it have one thread

void* counting(std::size_t size) noexcept {
  __atomic_fetch_add(&counted, 1, __ATOMIC_RELAXED);
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

std::uint64_t remit::bench::allocations() noexcept { return __atomic_load_n(&counted, __ATOMIC_RELAXED); }

std::int64_t remit::bench::live_bytes() noexcept {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = counting(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new[](std::size_t size) { return operator new(size); }
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counting(size); }
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counting(size); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
