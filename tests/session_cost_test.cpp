// What sessions cost in memory: a check allocates nothing, a hundred thousand sessions fit. Every
// allocation of this program is counted.
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/session_support.h"

namespace {

std::atomic<std::size_t> allocations{0}, held{0};

void* counted(std::size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  allocations.fetch_add(1, std::memory_order_relaxed);
  held.fetch_add(malloc_usable_size(memory) + sizeof(std::size_t), std::memory_order_relaxed);
  return memory;
}

void uncounted(void* memory) noexcept {
  if (memory != nullptr) held.fetch_sub(malloc_usable_size(memory) + sizeof(std::size_t), std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
// All of them or none: memory of the library's own `new` must not come to our `delete`.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return counted(size);
  } catch (...) {
    return nullptr;
  }
}
void* operator new[](std::size_t size, const std::nothrow_t& quietly) noexcept { return operator new(size, quietly); }
void operator delete(void* memory) noexcept { uncounted(memory); }
void operator delete[](void* memory) noexcept { uncounted(memory); }
void operator delete(void* memory, std::size_t) noexcept { uncounted(memory); }
void operator delete[](void* memory, std::size_t) noexcept { uncounted(memory); }

using namespace remit;
using namespace remit::test;

TEST_CASE("a check through three layers with limits and history allocates nothing") {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "read lab:/data/" + std::to_string(i) + "\n";
  const Layers layers = layers_of(scope("expires 9h\nidle 8h\nread lab:/ at most 100000 times per 1h\ndeny list lab:/ after read lab:/secret\nlist lab:/"),
                                  {guardrail("allow any anything\nlimit any anything to 100000 times"), guardrail("allow any lab:/\n" + many)});
  Session session = open(layers);
  const std::vector<Attribute> attributes{{"n", 1}, {"region", "eu"}};
  const std::size_t before = allocations.load();
  std::size_t granted = 0;
  for (int i = 0; i < 1000; ++i) {
    granted += session.check({"read", i % 2 == 0 ? "lab:/data/7/x" : "lab:/secret/x", attributes}, after(i * kSecond)).allowed() ? 1 : 0;
    granted += session.check({"list", "lab:/data"}, after(i * kSecond)).allowed() ? 1 : 0;
    (void)session.would({"read", "lab:/data"}, after(0));
  }
  const std::size_t after_all = allocations.load();
  CHECK(after_all == before);
  CHECK(granted == 1001);  // one list before the first secret was read
}

TEST_CASE("a hundred thousand open sessions fit in 60 MB; a window adds at most 600 bytes") {
  const auto bytes_each = [](std::string_view text) {
    const Layers layers = layers_of(scope(text), {guardrail("allow any anything\nlimit any anything to 100 times")});
    std::vector<Session> sessions;
    sessions.reserve(10'000);
    const std::size_t before = held.load();
    for (int i = 0; i < 10'000; ++i) sessions.push_back(open(layers));
    return (held.load() - before) / sessions.size() + 2 * sizeof(std::shared_ptr<int>);
  };
  const std::size_t plain = bytes_each("expires 9h\nidle 1h\nread lab:/\n");
  const std::size_t remembering = bytes_each("expires 9h\nidle 1h\nread lab:/\ndelegate\ndeny list lab:/ after read lab:/secret\n");
  const std::size_t with_window = bytes_each("expires 9h\nidle 1h\nread lab:/\nlimit read lab:/ to 3 times per 1h\n");
  WARN("bytes for a session: " << plain << ", with history, and what may be delegated: " << remembering << ", for a window besides: " << with_window - plain);
  CHECK(plain * 100'000 < 60'000'000);
  CHECK(remembering * 100'000 < 60'000'000);
  CHECK(with_window - plain <= 600);
}
