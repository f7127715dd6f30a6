// `could`, against every small request: never and always must be certain.
#include <random>

#include "tests/session_support.h"

using namespace remit;
using namespace remit::test;

namespace {

std::vector<std::string> small_resources() {
  const std::vector<std::string> segments{"a", "b", "ab", "a.b"};
  std::vector<std::string> out{"lab:/", "lab:a", "lab:b/a", "lab:ab"};
  for (const std::string& x : segments) {
    out.push_back("lab:/" + x);
    for (const std::string& y : segments) {
      out.push_back("lab:/" + x + "/" + y);
      for (const std::string& z : segments) out.push_back("lab:/" + x + "/" + y + "/" + z);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("never and always hold for every small request beneath the pattern") {
  std::mt19937_64 random(23);
  const auto some = [&](const std::vector<const char*>& all) { return std::string(all[random() % all.size()]); };
  const std::vector<const char*> patterns{"lab:", "lab:/", "lab:/a", "lab:/a/b", "lab:/*", "lab:/a*", "lab:/*b/a", "lab:/**/b", "lab:/a/**/b", "lab:/?", "lab:/a/?/*", "lab:a", "lab:**", "lab:*"};
  const std::vector<std::string> resources = small_resources();
  std::size_t counts[3] = {};
  for (int round = 0; round < 300; ++round) {
    const auto rules = [&](std::uint64_t most) {
      std::string text;
      for (std::uint64_t i = 1 + random() % most; i > 0; --i) {
        text += some({"allow ", "allow ", "allow ", "deny ", "ask "}) + some({"any ", "read ", "list, write "}) + some({"", "", "only "}) + some(patterns) +
                some({"", "", "", " when user.role == \"lead\"", " unless user.role == \"lead\"", " when n > 1", " unless has n", " after list lab:/a", " between 00:00 and 12:00"}) +
                (random() % 4 == 0 ? " except " + some(patterns) : "") + "\n";
      }
      return text;
    };
    const Program task = scope("expires 9h\nlist lab:/b\n" + rules(5)), rail = guardrail("allow any anything\n" + rules(2));
    Opening opening;
    opening.user = kPerson;
    opening.layers = layers_of(task, {rail});
    const std::vector<Attribute> facts{{"user.role", random() % 2 == 0 ? "lead" : "dev"}};
    opening.facts = facts;
    Session session = Session::open(opening, after(0)).value();
    for (int i = 0; i < 6; ++i) {
      const std::string pattern = some(patterns), action = some({"read", "list", "create"});
      const Could could = session.could(action, pattern);
      ++counts[static_cast<std::size_t>(could)];
      if (could == Could::maybe) continue;
      // Who covers what is judged by a document of one rule, so that `could` is not its own witness.
      Session judge = open("expires 9h\nread " + pattern);
      for (const std::string& resource : resources) {
        if (!judge.would({"read", resource}, after(0)).allowed()) continue;
        for (const std::vector<Attribute>& attributes : {std::vector<Attribute>{}, {{"n", 0}}, {{"n", 5}}}) {
          const Effect effect = session.would({action, resource, attributes}, after(0)).effect;
          INFO(action << " " << pattern << " could " << to_string(could) << ", but " << resource);
          REQUIRE((could == Could::never ? effect == Effect::deny : effect == Effect::allow));
        }
      }
    }
  }
  for (const std::size_t count : counts) CHECK(count > 50);
}

TEST_CASE("what could answers in the plain cases") {
  Session session = open("expires 9h\nread lab:/a\nlist lab:/a at most 1 times\nask write lab:/a\ndeny read lab:/a/secret\nread lab:/big when size <= 5MB");
  CHECK(session.could("read", "lab:/a/x") == Could::always);
  CHECK(session.could("read", "lab:/a") == Could::maybe);
  CHECK(session.could("read", "lab:/a/secret/**") == Could::never);
  CHECK(session.could("read", "lab:/b") == Could::never);
  CHECK(session.could("read", "lab:/big") == Could::maybe);
  CHECK(session.could("create", "lab:/a") == Could::maybe);
  CHECK(session.could("list", "lab:/a") == Could::maybe);
  CHECK(check(session, {"list", "lab:/a"}) == "allowed_by_rule");
  CHECK(session.could("list", "lab:/a") == Could::never);
  CHECK(session.could("nothing", "lab:/a") == Could::never);
  CHECK(session.could("read", "elsewhere:/a") == Could::never);
  for (const char* const none : {"", "lab", "lab:/a//b", "lab:/../a", "lab:/a**", "lab:/%2e"}) CHECK(session.could("read", none) == Could::never);
  CHECK(session.could("read", "lab:/a/x", after(9 * kHour)) == Could::never);
  CHECK(session.could("read", "lab:/a/x") == Could::always);  // it remembers no time
  session.end(after(0));
  CHECK(session.could("read", "lab:/a/x") == Could::never);
}
