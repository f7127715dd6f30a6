// Memory that runs out when a test says so: operator new for a whole test program. To be included by exactly
// one file of a program, because it defines those operators.
#pragma once

#include <atomic>
#include <cstdlib>
#include <new>

namespace remit::test {

// Allocations of this thread until one fails; negative: none fails.
inline thread_local long g_left = -1;
// Allocations of this thread so far.
inline thread_local long g_count = 0;
// Of threads that do not say that they are the test's own (g_main), every so many-th fails; 0: none does.
inline std::atomic<unsigned> g_every{0};
inline std::atomic<unsigned> g_others{0};
inline thread_local bool g_main = false;

// Whether an allocation may succeed now. For allocators of libraries, too.
inline bool memory_left() noexcept {
  ++g_count;
  if (g_left >= 0 && g_left-- == 0) return false;
  const unsigned every = g_every.load(std::memory_order_relaxed);
  return every == 0 || g_main || g_others.fetch_add(1, std::memory_order_relaxed) % every != 0;
}

// Calls `call` with its n-th allocation failing, for n = 0, 1, ... until none is left to fail; `judge` is
// given each result, and whether an allocation failed in it. Answers how many failed in turn.
template <class Call, class Judge>
long exhaust(Call&& call, Judge&& judge) {
  for (long n = 0;; ++n) {
    g_left = n;
    auto result = call();
    const bool failed = g_left < 0;
    g_left = -1;
    judge(result, failed);
    if (!failed) return n;
    if (n == 1'000'000) std::abort();  // it never ends
  }
}

}  // namespace remit::test

// Not inline: the compiler would see malloc's memory come to our delete, and warn.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return remit::test::memory_left() ? std::malloc(size == 0 ? 1 : size) : nullptr;
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* const memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new[](std::size_t size) { return operator new(size); }
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return operator new(size, std::nothrow); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
