// A system that gives no random numbers: no session opens, no sub-session, no ask gets an id, and nothing
// is shared or guessed instead. The one function that asks the system is replaced here.
#include <cstring>

#include "engine/session/random.h"
#include "engine/session/rehearse.h"
#include "tests/session_support.h"

namespace {

enum class Entropy { good, none, zeros, once } g_entropy = Entropy::good;
unsigned char g_next = 1;

}  // namespace

extern "C" int getentropy(void* buffer, std::size_t size) {
  if (g_entropy == Entropy::none) return -1;
  if (g_entropy == Entropy::once) g_entropy = Entropy::none;
  std::memset(buffer, g_entropy == Entropy::zeros ? 0 : g_next++, size);
  return 0;
}

using namespace remit;
using namespace remit::test;

namespace {

template <class T>
std::string code(const Result<T>& result) {
  return result ? "ok" : to_string(result.error().code);
}

}  // namespace

TEST_CASE("without random numbers nothing opens and nothing is asked") {
  for (const Entropy broken : {Entropy::none, Entropy::zeros}) {
    g_entropy = Entropy::good;
    Session session = open("expires 1h\ndelegate\nread lab:/\nask list lab:/");
    Opening opening;
    opening.user = kPerson;
    opening.layers = layers_of(scope("expires 1h\nread lab:/"));
    Delegation delegation;
    delegation.agent = "spiffe://acme/agent/two";
    delegation.task = scope("expires 1h\nread lab:/");
    g_entropy = broken;
    Id id;
    CHECK_FALSE(random_id(id));
    CHECK(code(Session::open(opening, after(0))) == "out_of_memory");
    CHECK(code(session.delegate(delegation, after(0))) == "out_of_memory");
    CHECK(code(rehearse(*opening.layers, {})) == "out_of_memory");
    const Decision asked = session.check({"list", "lab:/a"}, after(0));
    CHECK(reason(asked) == "internal_error");
    CHECK(asked.approval.empty());
    CHECK(session.pending(after(0)).empty());
    // What needs no id is decided as ever.
    CHECK(check(session, {"read", "lab:/a"}) == "allowed_by_rule");
    g_entropy = Entropy::good;
    CHECK(code(Session::open(opening, after(0))) == "ok");
    CHECK(code(session.delegate(delegation, after(0))) == "ok");
    CHECK(check(session, {"list", "lab:/a"}) == "asked_by_rule");
  }
}

TEST_CASE("a session whose trail gets no ids of its own does not open") {
  class Deaf final : public AuditSink {
   public:
    std::uint64_t write(const AuditEvent&) noexcept override { return 1; }
  };
  Opening opening;
  opening.user = kPerson;
  opening.layers = layers_of(scope("expires 1h\nread lab:/"));
  opening.surroundings.audit = std::make_shared<Deaf>();
  g_entropy = Entropy::once;  // enough for the session's own id
  CHECK(code(Session::open(opening, after(0))) == "out_of_memory");
  g_entropy = Entropy::good;
  CHECK(code(Session::open(opening, after(0))) == "ok");
}
