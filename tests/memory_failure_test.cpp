// Where memory runs out, each public function says so and leaves everything as it was: the n-th
// allocation of each call fails, for every n. (Decisions allocate nothing: that is held here, too.)
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "tests/failing_memory.h"
#include "tests/support.h"

namespace remit {
namespace {

using test::g_count;
using test::g_left;

// Each failure must say that memory ran out, and nothing may succeed for which there was none.
template <class Call>
void exhaust(const char* what, Call&& call) {
  const long failed = test::exhaust(call, [&](const auto& result, bool reached) {
    INFO(what);
    REQUIRE(result.ok() == !reached);
    if (reached) CHECK(result.error().code == ErrorCode::out_of_memory);
  });
  CHECK(failed > 0);
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
  Decision verdicts[2], batch[3];
  const std::vector<Request> requests(3, Request("read", "lab:/x/c", attributes));
  const long before = g_count;
  const Decision decision = layers.decide(Request("read", "lab:/x/c", attributes), {}, Time{});
  const Decision other = layers.decide(prepared, attributes, {}, Time{});
  layers.verdicts(Request("read", "lab:/../c", attributes), {}, Time{}, verdicts);
  layers.decide(requests, {}, Time{}, batch);
  const long after = g_count;
  CHECK(before == after);
  CHECK(decision.allowed());
  CHECK(other.allowed());
  CHECK(batch[2].allowed());
  CHECK(verdicts[1].reason == Reason::malformed_resource);
}

}  // namespace
}  // namespace remit
