// Saved bytes that somebody has rewritten with care: size and checksum are right, and one thing in them
// contradicts the rest. Damage at random is session_saved_test's.
#include <algorithm>
#include <cstring>

#include "engine/session/asks.h"
#include "engine/session/bytes.h"
#include "engine/session/saved_format.h"
#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

std::string code(const Result<std::vector<Session>>& result) { return result ? "ok" : to_string(result.error().code); }

std::vector<std::byte> sealed(std::vector<std::byte> bytes) {
  ByteReader header(std::span<const std::byte>(bytes).subspan(kStateGenerationAt));
  const auto generation = header.number<std::uint64_t>();
  const std::uint64_t size = bytes.size(), checksum = image::xxh3(std::span<const std::byte>(bytes).subspan(kStateBodyAt)) ^ generation;
  std::memcpy(bytes.data() + kStateSizeAt, &size, sizeof size);
  std::memcpy(bytes.data() + kStateChecksumAt, &checksum, sizeof checksum);
  return bytes;
}

struct World {
  Program task = scope("expires 9h\ndelegate\nread, list lab:/\nask write lab:/\nask update lab:/x\ndeny list lab:/x after read lab:/secret\nlimit read lab:/ to 20 times");
  Program rail = guardrail("allow any anything");
  std::vector<Program> programs{task, rail};

  Session open_here() const {
    const std::vector<Attribute> facts{{"user.took", std::chrono::minutes(5)}, {"user.flag", true}, {"user.size", bytes(7)}, {"user.due", after(5)}};
    Opening opening;
    opening.agent = kAgent;
    opening.user = kPerson;
    opening.layers = layers_of(task, {rail});
    opening.facts = facts;
    return Session::open(opening, after(0)).value();
  }
};

Session open_with(const Program& task) { return open(layers_of(task)); }

// What follows the sessions where nothing was asked and nothing was granted: no asks, no overflow, no log.
constexpr std::size_t kTail = 4 + 1 + 4;

// Good bytes whose asks are written by the test.
struct Crafted {
  ByteWriter out;
  explicit Crafted(const std::vector<std::byte>& good, std::uint32_t asks) {
    out.raw(good.data(), good.size() - kTail);
    out.number(asks);
  }
  void ask(std::uint8_t state, std::int64_t asked, std::int64_t approved, std::initializer_list<std::pair<std::uint16_t, std::uint32_t>> rules, std::uint32_t asker = 0) {
    out.number(asker);
    out.number(state);
    Id id;
    id.bytes[0] = 1;
    out.id(id);
    const image::Digest request{};
    out.raw(request.data(), request.size());
    out.number(asked);
    out.number(approved);
    out.text("create");
    out.text("lab:/a");
    out.text("");
    out.number(static_cast<std::uint32_t>(rules.size()));
    for (const auto& [layer, rule] : rules) {
      out.number(layer);
      out.number(rule);
    }
  }
  std::vector<std::byte> done(bool overflowed = false, std::uint32_t log = 0) {
    out.number(static_cast<std::uint8_t>(overflowed ? 1 : 0));
    out.number(log);
    return sealed(out.bytes());
  }
};

}  // namespace

TEST_CASE("bytes cut anywhere are refused, though size and checksum are right") {
  const World world;
  Session session = world.open_here();
  REQUIRE(session.check({"create", "lab:/a"}, after(0)).asks());
  REQUIRE(session.check({"update", "lab:/x"}, after(0)).asks());
  REQUIRE(check(session, {"read", "lab:/secret"}) == "allowed_by_rule");
  Session child = child_of(session, scope("expires 1h\nread lab:/"));
  std::vector<Program> programs = world.programs;
  programs.push_back(scope("expires 1h\nread lab:/"));
  const std::vector<std::byte> good = session.save()->bytes;
  REQUIRE(code(Session::restore(sealed(good), 0, programs)) == "ok");
  for (std::size_t size = kStateBodyAt; size < good.size(); ++size) {
    INFO(size);
    REQUIRE(code(Session::restore(sealed({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}), 0, programs)) != "ok");
  }
}

TEST_CASE("asks that no session can have asked are refused") {
  const World world;
  Session session = world.open_here();
  const std::vector<std::byte> good = session.save()->bytes;
  const auto with = [&](std::uint8_t state, std::int64_t asked, std::int64_t approved, std::initializer_list<std::pair<std::uint16_t, std::uint32_t>> rules, std::uint32_t asker = 0) {
    Crafted crafted(good, 1);
    crafted.ask(state, asked, approved, rules, asker);
    return code(Session::restore(crafted.done(), 0, world.programs));
  };
  const auto open = static_cast<std::uint8_t>(Ask::State::open), approving = static_cast<std::uint8_t>(Ask::State::approving), approved = static_cast<std::uint8_t>(Ask::State::approved);
  CHECK(with(open, kOpened, 0, {{0, 1}}) == "ok");
  CHECK(with(approved, kOpened, kOpened, {{0, 1}, {0, 2}}) == "ok");
  CHECK(with(open, kOpened, kOpened + kHour, {{0, 1}}) == "ok");  // when it was approved says nothing of an open one
  CHECK(with(approving, kOpened, 0, {{0, 1}}) == "bad_state");
  CHECK(with(9, kOpened, 0, {{0, 1}}) == "bad_state");
  CHECK(with(open, kOpened + 1, 0, {{0, 1}}) == "bad_state");
  CHECK(with(approved, kOpened, kOpened + 1, {{0, 1}}) == "bad_state");
  CHECK(with(open, kOpened, 0, {{0, 2}, {0, 1}}) == "bad_state");
  CHECK(with(open, kOpened, 0, {{2, 0}}) == "bad_state");
  CHECK(with(open, kOpened, 0, {{0, 99}}) == "bad_state");
  CHECK(with(open, kOpened, 0, {{0, world.task.rule_count() - 1}}) == "ok");
  CHECK(with(open, kOpened, 0, {{0, world.task.rule_count()}}) == "bad_state");
  CHECK(with(open, kOpened, 0, {{0, 1}}, 1) == "bad_state");
}

TEST_CASE("what follows something that does not fit is not read on") {
  const World world;
  Session session = world.open_here();
  const std::vector<std::byte> good = session.save()->bytes;
  const auto open = static_cast<std::uint8_t>(Ask::State::open);
  Crafted asks(good, 2);
  asks.ask(9, kOpened, 0, {{0, 1}});
  asks.ask(open, kOpened, 0, {{0, 1}});
  CHECK(code(Session::restore(asks.done(), 0, world.programs)) == "bad_state");
  Crafted rules(good, 1);
  rules.ask(open, kOpened, 0, {{0, 99}, {0, 1}});
  CHECK(code(Session::restore(rules.done(), 0, world.programs)) == "bad_state");
  Crafted log(good, 0);
  log.out.number(std::uint8_t{0});
  log.out.number(std::uint32_t{2});
  log.out.number(std::uint32_t{1000});  // a name longer than all that follows
  for (int i = 0; i < 3; ++i) log.out.number(std::uint32_t{0});
  CHECK(code(Session::restore(sealed(log.out.bytes()), 0, world.programs)) == "bad_state");
  // The first of two histories is neither no nor yes nor unknown.
  const std::vector<Program> programs{scope("expires 9h\nread, list lab:/\ndeny list lab:/x after read lab:/a\ndeny list lab:/y after read lab:/b")};
  Session other = open_with(programs[0]);
  std::vector<std::byte> bytes = other.save()->bytes;
  const std::size_t first = bytes.size() - kTail - 8 - 2;
  REQUIRE(bytes[first] == std::byte{0});
  for (const auto& [value, restored] : {std::pair(2, "ok"), std::pair(3, "bad_state")}) {
    bytes[first] = static_cast<std::byte>(value);
    CHECK(code(Session::restore(sealed(bytes), 0, programs)) == restored);
  }
}

TEST_CASE("a reader gives nothing more after what did not fit") {
  const std::vector<std::byte> bytes(20, std::byte{1});
  ByteReader shorter(std::span<const std::byte>(bytes).first(3));
  CHECK(shorter.number<std::uint32_t>() == 0);
  CHECK_FALSE(shorter.ok());
  ByteReader failed(bytes);
  failed.fail();
  CHECK(failed.number<std::uint8_t>() == 0);
  CHECK(failed.text().empty());
}

TEST_CASE("one byte of a session that says what none can be, and what is said of it") {
  const World world;
  Session session = world.open_here();
  const std::vector<std::byte> good = session.save()->bytes;
  const auto refusal = [&](const std::vector<std::byte>& bytes) {
    const auto restored = Session::restore(sealed(bytes), 0, world.programs);
    return restored ? std::string() : restored.error().text;
  };
  // Time, last grant, no agents, one session: its id, no parent, two programs, opened, ends; then bytes.
  const std::size_t bytes_at = kStateBodyAt + 8 + 8 + 4 + 4 + 16 + 4 + 2 + 2 * 32 + 8 + 8;
  enum : std::size_t { kOver = 0, kHabit = 1, kRevocation = 2, kHasAgent = 3 };
  const auto with = [&](std::size_t which, int value) {
    std::vector<std::byte> bytes = good;
    bytes[bytes_at + which] = static_cast<std::byte>(value);
    return refusal(bytes);
  };
  REQUIRE(good[bytes_at + kHasAgent] == std::byte{1});
  CHECK(with(kOver, 3).empty());
  CHECK_FALSE(with(kOver, 4).empty());
  CHECK(with(kHabit, 2).empty());
  CHECK_FALSE(with(kHabit, 3).empty());
  CHECK_FALSE(with(kRevocation, 2).empty());
  CHECK_FALSE(with(kHasAgent, 2).empty());
  const std::size_t has_sponsor = kHasAgent + 1 + 4 + kAgent.size() + 1 + 4 + kPerson.size();
  REQUIRE(good[bytes_at + has_sponsor] == std::byte{0});
  CHECK_FALSE(with(has_sponsor, 2).empty());

  std::vector<std::byte> longer = good;
  longer.push_back(std::byte{0});
  CHECK(refusal(longer).find("do not fit together") != std::string::npos);
  const auto cut = [&](std::size_t size) { return refusal({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}); };
  CHECK(Session::restore(std::span(good).first(kStateBodyAt - 1), 0, world.programs).error().text.find("begin as one does") != std::string::npos);
  CHECK(cut(kStateBodyAt).find("holds no session") != std::string::npos);
  CHECK(cut(good.size() - kTail - 1).find("does not fit its programs") != std::string::npos);
  // It cannot have seen more of the log than there is.
  std::vector<std::byte> ahead = good;
  ahead[good.size() - kTail - 8] = std::byte{1};
  CHECK_FALSE(refusal(ahead).empty());
  std::vector<std::byte> newer = good;
  newer[10] = std::byte{9};
  CHECK(refusal(newer).find("this engine reads " + std::to_string(kStateMajor) + ".0 to " + std::to_string(kStateMajor) + "." + std::to_string(kStateMinor)) != std::string::npos);
}

TEST_CASE("an ask of a sub-session that nobody holds any more is not saved") {
  const World world;
  Session session = world.open_here();
  const Program helper = scope("expires 1h\nask create lab:/");
  {
    Session child = child_of(session, helper);
    REQUIRE(child.check({"create", "lab:/a"}, after(0)).asks());
  }
  REQUIRE(session.check({"create", "lab:/b"}, after(0)).asks());
  std::vector<Session> restored = Session::restore(session.save()->bytes, 0, world.programs).value();
  const std::vector<PendingAsk> pending = restored[0].pending(after(0));
  REQUIRE(pending.size() == 1);
  CHECK(pending[0].resource == "lab:/b");
}

TEST_CASE("more asks than people can have answered are refused before they take memory") {
  const World world;
  Session session = world.open_here();
  const std::vector<std::byte> good = session.save()->bytes;
  for (const std::uint32_t asks : {8 * static_cast<std::uint32_t>(kMaxOpenAsks), 8 * static_cast<std::uint32_t>(kMaxOpenAsks) + 1}) {
    Crafted crafted(good, asks);
    for (std::uint32_t i = 0; i < asks; ++i) crafted.ask(static_cast<std::uint8_t>(Ask::State::used), kOpened, kOpened, {});
    CHECK(code(Session::restore(crafted.done(), 0, world.programs)) == (asks <= 8 * kMaxOpenAsks ? "ok" : "bad_state"));
  }
}

TEST_CASE("a log that overflowed makes history unknown, and a tree that keeps none cannot have one") {
  const World world;
  Session session = world.open_here();
  const std::vector<std::byte> good = session.save()->bytes;
  std::vector<Session> restored = Session::restore(Crafted(good, 0).done(true), 0, world.programs).value();
  const Program child = scope("expires 1h\nlist lab:/\ndeny list lab:/q after read lab:/secret");
  Session late = child_of(restored[0], child);
  CHECK(check(late, {"list", "lab:/q"}) == "denied_by_rule");  // it may have been granted
  CHECK(check(late, {"list", "lab:/a"}) == "allowed_by_rule");
  {  // What this session was granted itself it knows all the same.
    Session knowing = child_of(restored[0], scope("expires 1h\nread lab:/\nlist lab:/ after read lab:/secret"));
    CHECK(check(knowing, {"list", "lab:/a"}) == "no_matching_rule");
    CHECK(check(knowing, {"read", "lab:/secret"}) == "allowed_by_rule");
    CHECK(check(knowing, {"list", "lab:/a"}) == "allowed_by_rule");
  }
  {  // As many histories as a session has room for without the heap.
    std::string text = "expires 1h\nlist lab:/\n";
    for (int i = 0; i < 8; ++i) text += "deny list lab:/q" + std::to_string(i) + " after read lab:/secret" + std::to_string(i) + "\n";
    Session full = child_of(restored[0], scope(text));
    for (int i = 0; i < 8; ++i) CHECK(check(full, {"list", "lab:/q" + std::to_string(i)}) == "denied_by_rule");
  }
  // And saved again it is still so.
  std::vector<Program> programs = world.programs;
  programs.push_back(child);
  std::vector<Session> again = Session::restore(restored[0].save()->bytes, 0, programs).value();
  CHECK(check(again[1], {"list", "lab:/q"}) == "denied_by_rule");

  const Layers alone = layers_of(scope("expires 9h\nread lab:/"));
  const std::vector<Program> only{alone.program(0)};
  Session lonely = open(alone);
  const std::vector<std::byte> plain = lonely.save()->bytes;
  CHECK(code(Session::restore(Crafted(plain, 0).done(), 0, only)) == "ok");
  CHECK(code(Session::restore(Crafted(plain, 0).done(true), 0, only)) == "bad_state");
  Crafted logged(plain, 0);
  logged.out.number(std::uint8_t{0});
  logged.out.number(std::uint32_t{1});
  logged.out.text("read");
  logged.out.text("lab:/a");
  CHECK(code(Session::restore(sealed(logged.out.bytes()), 0, only)) == "bad_state");
}

TEST_CASE("facts of every type, and the agents before this one, come back") {
  const World world;
  Session session = world.open_here();
  const std::vector<Session> restored = Session::restore(session.save()->bytes, 0, world.programs).value();
  const std::span<const Attribute> facts = restored[0].facts().named;
  REQUIRE(facts.size() == 4);
  CHECK(facts[0].value.type() == Type::duration);
  CHECK(facts[0].value.number() == 5 * kMinute);
  CHECK(facts[1].value.type() == Type::boolean);
  CHECK(facts[2].value.type() == Type::size);
  CHECK(facts[3].value.type() == Type::time);

  Identity identity;
  identity.agent = kAgent;
  identity.user = kPerson;
  identity.chain.assign(100, "");  // the shortest that there are
  identity.chain.insert(identity.chain.end(), {"spiffe://acme/one", "spiffe://acme/two"});
  const std::vector<Value> blank(1000, Value(""));
  const std::vector<Attribute> blanks{{"user.blank", std::span<const Value>(blank)}};
  Opening opening;
  opening.identity = &identity;
  opening.layers = layers_of(world.task, {world.rail});
  opening.facts = blanks;
  Session handed = Session::open(opening, after(0)).value();
  const std::vector<std::byte> saved = handed.save()->bytes;
  std::vector<Session> back = Session::restore(saved, 0, world.programs).value();
  const std::vector<std::byte> again = back[0].save()->bytes;
  CHECK(std::equal(saved.begin() + kStateBodyAt, saved.end(), again.begin() + kStateBodyAt, again.end()));
}
