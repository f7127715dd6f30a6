// Where memory runs out, each public function says so and leaves everything as it was: the n-th
// allocation of each call fails, for every n. (Decisions allocate nothing: that is held here, too.)
#include <catch2/catch.hpp>

#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "tests/support.h"

namespace {

// Allocations until one fails; negative: none fails.
thread_local long g_left = -1;
thread_local long g_count = 0;

void* allocate(std::size_t size) {
  ++g_count;
  if (g_left >= 0 && g_left-- == 0) return nullptr;
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* const memory = allocate(size)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace remit {
namespace {

// Calls `call` with its n-th allocation failing, for n = 0, 1, ... until it succeeds. `call` gives a
// Result; each failure must be out_of_memory.
template <class Call>
void exhaust(const char* what, Call&& call) {
  for (long n = 0;; ++n) {
    REQUIRE(n < 10'000);
    g_left = n;
    const auto result = call();
    const bool reached = g_left < 0;
    g_left = -1;
    INFO(what << ", allocation " << n);
    if (result.ok()) {
      CHECK_FALSE(reached);
      return;
    }
    CHECK(result.error().code == ErrorCode::out_of_memory);
  }
}

TEST_CASE("loading, linking and preparing without memory") {
  const Program task = test::compile_or_die("expires 1h\nread lab:/a/*/b, lab:/**/c when n > 3\n" + std::string(test::kLab));
  const Program guardrail = test::compile_or_die("guardrail g\nallow any anything\ndeny write anything when user.role == \"x\"\n");
  const std::vector<Program> guardrails{guardrail};
  exhaust("load", [&] { return Program::load(task.image()); });
  exhaust("load_borrowed", [&] { return Program::load_borrowed(task.image()); });
  exhaust("link", [&] { return Layers::link(task, guardrails); });
  const Layers layers = Layers::link(task, guardrails).value();
  exhaust("prepare", [&] { return layers.prepare("read", "lab:/a/x/b/and/a/path/that/is/longer/than/a/short/string"); });

  // What is refused anyway may say either: that it is refused, or that there is no memory to say why.
  for (long n = 0; n < 50; ++n) {
    g_left = n;
    const auto loaded = Program::load(task.image().first(100));
    const auto linked = Layers::link(guardrail);
    g_left = -1;
    CHECK_FALSE(loaded.ok());
    CHECK_FALSE(linked.ok());
  }
}

TEST_CASE("decisions allocate nothing") {
  const Program task = test::compile_or_die("expires 1h\nread lab:/a/*/b, lab:/**/c when n > 3 and region like \"*é?\"\n" + std::string(test::kLab));
  const Layers layers = Layers::link(task, {test::compile_or_die("guardrail g\nallow any anything\n")}).value();
  const Prepared prepared = layers.prepare("read", "lab:/x/c").value();
  const Attribute attributes[] = {{"n", 4}, {"region", "xéy"}};
  Decision verdicts[2];
  const long before = g_count;
  const Decision decision = layers.decide(Request("read", "lab:/x/c", attributes), {}, Time{});
  const Decision other = layers.decide(prepared, attributes, {}, Time{});
  layers.verdicts(Request("read", "lab:/../c", attributes), {}, Time{}, verdicts);
  const long after = g_count;
  CHECK(before == after);
  CHECK(decision.allowed());
  CHECK(other.allowed());
  CHECK(verdicts[1].reason == Reason::malformed_resource);
}

}  // namespace
}  // namespace remit
