// Saved states, their seal put right so that the reader looks at what is inside. What it accepts is a tree
// of sessions like any other: it decides, saves itself, and what it saved restores to the same.
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <remit/lang/compile.h>
#include <remit/session.h>

#include "engine/session/saved_format.h"
#include "fuzz/check.h"

namespace {

using namespace remit;

constexpr Time kNow = time_from_micros(1'700'000'000'000'000);

Program compiled(const char* text) { return *lang::compile(text).program(); }

// What a state of ours is of.
const std::vector<Program>& programs() {
  static const std::vector<Program> all = {
      compiled("expires 9h\nidle 8h\ndelegate up to 2 levels\nread docs:/a at most 9 times\nask write docs:/a\n"
               "deny list docs:/x after read docs:/a/secret\nlist docs:/\n"),
      compiled("guardrail g\nallow any anything\nlimit any anything to 15 times per 1h\n"),
      compiled("expires 5h\ndelegate\nread docs:/a\nlist docs:/\n")};
  return all;
}

// Made here, not kept as a file: then it is always of this format.
std::vector<std::byte> own_state() {
  Opening opening;
  opening.agent = "spiffe://acme.example/agent/a";
  opening.user = "mike@acme.example";
  opening.layers = Layers::link(programs()[0], {programs()[1]}).value();
  Session session = Session::open(opening, kNow).value();
  Delegation delegation;
  delegation.agent = "spiffe://acme.example/agent/b";
  delegation.task = programs()[2];
  Session sub = session.delegate(delegation, kNow).value();
  (void)sub.check({"read", "docs:/a/secret"}, kNow);
  (void)session.check({"create", "docs:/a"}, kNow);
  return session.save()->bytes;
}

// Lays the input over a state of ours, from where its first two bytes say: most of a state is right, so
// that what is wrong with the rest is reached.
std::vector<std::byte> spoilt(std::span<const std::uint8_t> input) {
  static const std::vector<std::byte> own = own_state();
  std::vector<std::byte> state = own;
  if (input.size() < 2) return state;
  const std::size_t from = kStateBodyAt + (input[0] | std::size_t{input[1]} << 8) % (state.size() - kStateBodyAt);
  input = input.subspan(2);
  if (state.size() < from + input.size()) state.resize(from + input.size());
  if (!input.empty()) std::memcpy(state.data() + from, input.data(), input.size());
  const std::uint64_t size = state.size();
  std::memcpy(state.data() + kStateSizeAt, &size, sizeof size);
  const std::uint64_t checksum = image::xxh3({state.data() + kStateBodyAt, state.size() - kStateBodyAt}) ^ 1u;
  std::memcpy(state.data() + kStateChecksumAt, &checksum, sizeof checksum);
  return state;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> raw(size);
  if (size != 0) std::memcpy(raw.data(), data, size);
  (void)Session::restore(raw, 0, programs());

  auto restored = Session::restore(spoilt({data, size}), 0, programs());
  if (!restored) return 0;
  const auto saved = restored->at(0).save();
  REMIT_FUZZ_CHECK(saved.ok());
  auto again = Session::restore(saved->bytes, saved->generation, programs());
  REMIT_FUZZ_CHECK(again.ok() && again->size() == restored->size());
  REMIT_FUZZ_CHECK(!Session::restore(saved->bytes, saved->generation + 1, programs()).ok());
  for (std::size_t i = 0; i < restored->size(); ++i) {
    Session &one = restored->at(i), &other = again->at(i);
    for (const char* action : {"read", "list", "create"}) {
      for (const char* resource : {"docs:/a/secret", "docs:/x", "docs:/a"}) {
        const Request request(action, resource);
        const Decision expected = one.would(request, kNow), decided = one.check(request, kNow), twin = other.check(request, kNow);
        REMIT_FUZZ_CHECK(expected.effect == decided.effect && expected.reason == decided.reason);
        REMIT_FUZZ_CHECK(twin.effect == decided.effect && twin.reason == decided.reason);
      }
    }
    for (const LimitState& limit : one.limits(kNow)) REMIT_FUZZ_CHECK(limit.used >= 0 && limit.used <= limit.most);
  }
  return 0;
}
