// Where memory runs out in a session: each call is made again and again, with its first, second, ... allocation
// failing, until none is left to fail. It says so or denies, nothing is granted that the documents do not grant,
// and the tree is as it was before the call: what it would be saved as is the same byte for byte.
#include <utility>

#include "engine/session/saved_format.h"
#include "tests/failing_memory.h"
#include "tests/scripted_store.h"

using namespace remit;
using namespace remit::test;

namespace {

// The tree's state without the header, which counts how often it was saved.
std::vector<std::byte> picture(Session& session) {
  std::vector<std::byte> bytes = session.save()->bytes;
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kStateBodyAt));
  return bytes;
}

struct World {
  Program task = scope("purpose \"a purpose of more than sixteen bytes\"\nexpires 9h\ndelegate up to 3 levels\nread, list lab:/ at most 900 times\n"
                       "ask write lab:/ because \"a person says yes to each\"\ndeny list lab:/x after read lab:/secret\n"
                       "deny list lab:/folder/of/some/length when n > 3 because \"not so many\"");
  Program rail = guardrail("allow any anything\nlimit any anything to 1500 times per 30m");
  Program child = scope("expires 5h\ndelegate\nany lab:/\nlimit any lab:/ to 800 times per 20m");
  std::vector<Value> roles{"lead of the study", "head of the department"};
  std::vector<Attribute> facts{{"user.roles", std::span<const Value>(roles)}, {"agent.home", ResourceName{"lab:/a/longer/path/than/fits"}}};
  Layers layers = layers_of(task, {rail});

  Opening opening() const {
    Opening out;
    out.agent = kAgent;
    out.user = kPerson;
    out.layers = layers;
    out.facts = facts;
    return out;
  }
};

// A call that answers a Result or Status: refused for want of memory, and then nothing has changed.
template <class Call>
void refuses(const char* what, Session& session, Call&& call) {
  std::vector<std::byte> before = picture(session);
  const long failed = exhaust(call, [&](const auto& result, bool reached) {
    INFO(what);
    REQUIRE(result.ok() == !reached);
    if (!reached) return;
    CHECK(result.error().code == ErrorCode::out_of_memory);
    REQUIRE((picture(session) == before));
  });
  INFO(what);
  CHECK(failed > 0);
}

}  // namespace

TEST_CASE("a session opens whole or not at all") {
  const World world;
  const long failed = exhaust([&] { return Session::open(world.opening(), after(0)); }, [](const auto& result, bool reached) {
    REQUIRE(result.ok() == !reached);
    if (reached) CHECK(result.error().code == ErrorCode::out_of_memory);
  });
  CHECK(failed > 3);
  Opening refused = world.opening();
  refused.user = "";
  exhaust([&] { return Session::open(refused, after(0)); }, [](const auto& result, bool) { CHECK_FALSE(result.ok()); });
}

TEST_CASE("a check without memory denies, or forgets what only makes it stricter") {
  const World world;
  // Each time another resource, so that there is something to remember; none of it may be lost: what was
  // granted is charged, and what comes after it is known or unknown, never absent.
  Session session = Session::open(world.opening(), after(0)).value();
  std::int64_t granted = 0;
  std::string resource = "lab:/secret/folder-of-a-long-name/";
  resource.reserve(1000);
  for (const char* const action : {"read", "list"}) {
    exhaust([&] { return session.check({action, resource += 'x'}, after(0)); },
            [&](const Decision& decision, bool reached) {
              if (decision.allowed()) ++granted;
              CHECK((decision.allowed() || (reached && decision.reason == Reason::internal_error)));
            });
  }
  CHECK(granted > 0);
  for (const LimitState& limit : session.limits(after(0))) CHECK(limit.used == granted);
  CHECK(check(session, {"list", "lab:/x"}) == "denied_by_rule");
}

TEST_CASE("asks, approvals and their use") {
  const World world;
  Session session = Session::open(world.opening(), after(0)).value();
  const std::vector<Value> labels{"one label of some length", "another label of some length"};
  const Attribute attributes[] = {{"region", "a region of more than sixteen bytes"}, {"labels", std::span<const Value>(labels)}};
  const Request request("create", "lab:/a/resource/of/more/than/sixteen/bytes", attributes);
  const std::vector<std::byte> before = picture(session);
  ApprovalId id;
  const long failed = exhaust([&] { return session.check(request, after(0)); }, [&](const Decision& decision, bool reached) {
    REQUIRE(decision.asks() == !reached);
    if (decision.asks()) id = decision.approval;
    if (reached) REQUIRE((picture(session) == before));
  });
  CHECK(failed > 0);
  refuses("approve", session, [&] { return session.approve(id, "a person with a name of some length", after(0)); });
  std::int64_t uses = 0;
  exhaust([&] { return session.check(request, after(0)); }, [&](const Decision& decision, bool) { uses += decision.allowed(); });
  CHECK(uses <= 1);
}

TEST_CASE("delegating, saving and coming back") {
  const World world;
  Session session = Session::open(world.opening(), after(0)).value();
  REQUIRE(session.check({"read", "lab:/secret"}, after(0)).allowed());
  REQUIRE(session.check({"create", "lab:/b"}, after(0)).asks());
  const Attribute facts[] = {{"agent.home", ResourceName{"lab:/a/longer/path/than/fits"}}};
  Delegation delegation;
  delegation.agent = "spiffe://acme/agent/with/a/long/name";
  delegation.task = world.child;
  delegation.purpose = "another purpose of more than sixteen bytes";
  delegation.facts = facts;
  refuses("delegate", session, [&] { return session.delegate(delegation, after(0)); });
  const Session child = session.delegate(delegation, after(0)).value();
  refuses("save", session, [&] { return session.save(); });
  const SavedState saved = session.save().value();
  const std::vector<Program> programs{world.task, world.rail, world.child};
  // What there was no memory to remember of the history is unknown, and the deny that asks for it applies.
  exhaust([&] { return Session::restore(saved.bytes, 0, programs); }, [&](auto& result, bool reached) {
    if (!result.ok()) {
      CHECK((reached && result.error().code == ErrorCode::out_of_memory));
      return;
    }
    std::vector<Session>& back = result.value();
    CHECK(back.size() == 2);
    CHECK(back[0].pending(after(0)).size() == 1);
    CHECK(back[0].limits(after(0))[0].used == session.limits(after(0))[0].used);
    CHECK(check(back[0], {"list", "lab:/x"}) == "denied_by_rule");
  });
}

TEST_CASE("a revocation needs no memory to be in force") {
  const World world;
  for (long n = 0; n < 20; ++n) {
    Session session = Session::open(world.opening(), after(0)).value();
    Session other = Session::open(world.opening(), after(0)).value();
    MemoryPrincipals people;
    g_left = n;
    session.revoke("somebody whose name is rather long", "a reason that is rather long as well", after(0));
    other.end(after(0));
    people.revoke("somebody whose name is rather long", "a person of the house", "a reason that is rather long", after(0));
    g_left = -1;
    CHECK(check(session, {"read", "lab:/a"}) == "revoked");
    CHECK(check(other, {"read", "lab:/a"}) == "session_ended");
    CHECK(people.is_revoked("somebody whose name is rather long"));
  }
}

TEST_CASE("what cannot be decided for want of memory is denied by no layer, and says why") {
  Session session = open("expires 1h\nread lab:/ at most 999 times\nask create lab:/");
  for (const char* const action : {"read", "create"}) {
    const Request request(action, "lab:/a folder with a long name/and what is in it");
    const auto judge = [&](const Decision& decision, bool) {
      if (decision.effect != Effect::deny) return;
      CHECK(reason(decision) == "internal_error");
      CHECK(decision.layer == kNoLayer);
      CHECK(decision.rule == kNoRule);
    };
    exhaust([&] { return session.check(request, after(0)); }, judge);
    exhaust([&] { return session.would(request, after(0)); }, judge);
    CHECK(exhaust([&] { return session.reserve(request, after(0)).decision(); }, judge) > 0);
  }
}

namespace {

template <class Call>
auto aside(Call&& call) noexcept {
  const long left = std::exchange(g_left, -1);
  auto result = call();
  g_left = left;
  return result;
}

// A store that has memory of its own.
class RichStore final : public Store {
 public:
  explicit RichStore(std::shared_ptr<Store> store) : store_(std::move(store)) {}

  Result<StoredState> load(const Id& tree) noexcept override { return aside([&] { return store_->load(tree); }); }
  Result<std::uint64_t> replace(const Id& tree, std::uint64_t expected, std::span<const std::byte> bytes) noexcept override {
    return aside([&] { return store_->replace(tree, expected, bytes); });
  }
  Result<std::uint64_t> version(const Id& tree) noexcept override { return aside([&] { return store_->version(tree); }); }

 private:
  std::shared_ptr<Store> store_;
};

class DeafSink final : public AuditSink {
 public:
  std::uint64_t write(const AuditEvent&) noexcept override { return ++number_; }

 private:
  std::uint64_t number_ = 0;
};

}  // namespace

TEST_CASE("a sub-session of another process is taken over whole or not at all, whichever allocation fails") {
  StoredWorld world;
  const Id id = open(world.layers, world.around(kNever)).id();
  const auto before = world.store->blocks;
  child_of(world.resume(id, kAlways)[0], world.child, 1);
  const auto delegated = world.store->blocks;
  for (const bool recorded : {false, true}) {
    Surroundings around = world.around(kAlways);
    around.store = std::make_shared<RichStore>(world.store);
    if (recorded) around.audit = std::make_shared<DeafSink>();
    for (long n = 0;; ++n) {
      world.store->blocks = before;
      std::vector<Session> here = Session::resume(id, world.programs, around).value();
      world.store->blocks = delegated;
      g_left = n;
      const Decision decision = here[0].check({"read", "lab:/a"}, after(2));
      const bool failed = g_left < 0;
      g_left = -1;
      CHECK((decision.allowed() || reason(decision) == "internal_error" || reason(decision) == "audit_unavailable"));
      CHECK(check(here[0], {"read", "lab:/a"}, 3) == "allowed_by_rule");
      CHECK(check(here[0], {"create", "lab:/a"}, 4) == "asked_by_rule");  // writes all that it knows
      CHECK(world.resume(id, kAlways).size() == 2);
      if (!failed) break;
      REQUIRE(n < 5000);
    }
  }
}

TEST_CASE("what is only told is told, or is empty") {
  const World world;
  Session session = Session::open(world.opening(), after(0)).value();
  REQUIRE(session.check({"create", "lab:/b"}, after(0)).asks());
  const std::vector<std::byte> before = picture(session);
  const Attribute attributes[] = {{"n", 4}};
  const Request request("list", "lab:/folder/of/some/length/and/beneath", attributes), unknown("update", "lab:/../a");
  const Decision denied = session.would(request, after(0)), malformed = session.would(unknown, after(0));
  CHECK(reason(denied) == "denied_by_rule");
  const std::string words = session.explain(request, denied), other = session.explain(unknown, malformed);
  CHECK(words.find("not so many") != std::string::npos);
  const auto same_or_empty = [&](const std::string& whole) {
    return [&](const std::string& said, bool reached) { CHECK((said == whole || (reached && said.empty()))); };
  };
  CHECK(exhaust([&] { return session.explain(request, denied); }, same_or_empty(words)) > 0);
  CHECK(exhaust([&] { return session.explain(unknown, malformed); }, same_or_empty(other)) > 0);
  exhaust([&] { return session.nearest(request, denied, after(0)); }, same_or_empty(session.nearest(request, denied, after(0))));
  exhaust([&] { return session.pending(after(0)); }, [](const std::vector<PendingAsk>& asks, bool reached) { CHECK((asks.size() == 1 || (reached && asks.empty()))); });
  exhaust([&] { return session.limits(after(0)); }, [](const std::vector<LimitState>& limits, bool reached) { CHECK((limits.size() == 2 || (reached && limits.empty()))); });
  // No certainty without memory to find it.
  exhaust([&] { return session.could("read", "lab:/a/**/b"); }, [](Could could, bool reached) { CHECK((could == Could::maybe || (!reached && could == Could::always))); });
  const std::vector<Request> requests(5, request);
  exhaust([&] { return session.check_all(requests, after(0)); }, [](const std::vector<Decision>& decisions, bool reached) { CHECK((decisions.size() == 5 || (reached && decisions.empty()))); });
  exhaust([&] { return session.status(after(0)); }, [](const SessionStatus& status, bool) { CHECK(status.open()); });
  CHECK((picture(session) == before));
}
