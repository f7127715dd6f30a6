// What must hold of every document, whatever it says: on random worlds, and on all documents of up
// to two rules over a small alphabet with all requests over it.
//
//   REMIT_SEED, REMIT_PROPERTY_CASES  the first world's seed, and how many worlds for each property
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>

#include "lang/compile/emit.h"
#include "lang/format/format.h"
#include "lang/parse/parse.h"
#include "tests/generate/compiled.h"
#include "tests/generate/places.h"
#include "tests/generate/vocabulary.h"
#include "tests/reference/checked.h"

namespace {

using namespace remit;
using generate::CompiledWorld;
using generate::Draft;
using generate::Random;
using generate::RuleDraft;
using generate::Size;
using generate::World;
using reference::HeldRequest;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

Decision decide(const CompiledWorld& compiled, const World& world, const HeldRequest& held) {
  const reference::Loan facts(world.facts), request(held);
  return compiled.layers->decide(request.request(), facts.facts(), time_from_micros(held.now));
}

// Calls `use` with random worlds that compile, each with the random source that made it.
void for_worlds(std::uint64_t salt,
                const std::function<void(World&, const CompiledWorld&, Random&)>& use) {
  const std::uint64_t first = number_from("REMIT_SEED", 1),
                      count = number_from("REMIT_PROPERTY_CASES", 300);
  for (std::uint64_t i = 0; i < count; ++i) {
    Random random((first + i) * 1000 + salt);
    World world = generate::make_world(random, i % 8 == 0 ? Size::middle : Size::tiny);
    std::string problem;
    const auto compiled = generate::compile_world(world, problem);
    if (compiled) use(world, *compiled, random);
  }
}

// Deny, ask, allow: how much an effect grants.
int rank(Effect effect) { return effect == Effect::deny ? 0 : effect == Effect::ask ? 1 : 2; }

// A rule with this effect that stands somewhere in the world, or about what stands there.
RuleDraft borrowed_rule(Random& random, const Draft& draft, const std::string& effect) {
  RuleDraft rule = random.pick(draft.rules);
  rule.effect = effect;
  if (random.chance(50)) rule.clauses.clear();
  return rule;
}

// Adds one rule with `effect` to a random layer of each world and calls `compare` with the effects
// before and after, request by request.
void add_rule(std::uint64_t salt, const std::string& effect,
              const std::function<bool(Effect, Effect)>& holds) {
  for_worlds(salt, [&](World& world, const CompiledWorld& before, Random& random) {
    const auto requests = generate::make_requests(random, world, before.resolved, 40);
    const World old_world = world;
    Draft& draft = world.documents[random.below(world.documents.size())];
    const auto at = static_cast<std::ptrdiff_t>(random.below(draft.rules.size() + 1));
    draft.rules.insert(draft.rules.begin() + at, borrowed_rule(random, draft, effect));
    std::string problem;
    const auto after = generate::compile_world(world, problem);
    if (!after) return;
    for (const HeldRequest& request : requests) {
      const Effect old_effect = decide(before, old_world, request).effect;
      const Effect new_effect = decide(*after, world, request).effect;
      if (holds(old_effect, new_effect)) continue;
      INFO(generate::text_of(old_world, request));
      INFO("added\n" << draft.rules[static_cast<std::size_t>(at)].text());
      CHECK(to_string(old_effect) == std::string("not ") + to_string(new_effect));
    }
  });
}

// Without `only`, a pattern covers what is beneath as well.
void say_everything_beneath(std::string& text) {
  for (std::size_t at = text.find("only "); at != std::string::npos; at = text.find("only "))
    text.erase(at, 5);
}

bool mentions_has(const lang::Condition& condition) {
  return condition.kind == lang::Condition::Kind::has ||
         std::any_of(condition.children.begin(), condition.children.end(), mentions_has);
}

bool mentions_has(const lang::Resolved& document) {
  for (const lang::Rule& rule : document.rules) {
    for (const auto& part : rule.guard.conditions) {
      if (mentions_has(part.condition)) return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("the order of rules never changes an effect") {
  for_worlds(1, [](World& world, const CompiledWorld& before, Random& random) {
    const auto requests = generate::make_requests(random, world, before.resolved, 40);
    const World old_world = world;
    for (Draft& draft : world.documents) {
      for (std::size_t i = draft.rules.size(); i > 1; --i) {
        std::swap(draft.rules[i - 1], draft.rules[random.below(i)]);
      }
    }
    std::string problem;
    const auto after = generate::compile_world(world, problem);
    INFO(problem);
    REQUIRE(after);
    for (const HeldRequest& request : requests) {
      const Decision one = decide(before, old_world, request),
                     other = decide(*after, world, request);
      if (one.effect == other.effect && one.reason == other.reason && one.layer == other.layer)
        continue;
      INFO(generate::text_of(old_world, request));
      CHECK(to_string(one.reason) == std::string("not ") + to_string(other.reason));
    }
  });
}

TEST_CASE("adding a deny grants nothing") {
  add_rule(2, "deny", [](Effect before, Effect after) { return rank(after) <= rank(before); });
}

TEST_CASE("adding an allow takes nothing away") {
  add_rule(3, "allow", [](Effect before, Effect after) { return rank(after) >= rank(before); });
}

TEST_CASE("adding an ask neither denies what was permitted nor allows what was not") {
  add_rule(4, "ask", [](Effect before, Effect after) {
    if (before != Effect::deny && after == Effect::deny) return false;
    return before == Effect::allow || after != Effect::allow;
  });
}

TEST_CASE("leaving attributes out grants nothing, where no rule asks what there is") {
  std::size_t compared = 0;
  for_worlds(5, [&](World& world, const CompiledWorld& compiled, Random& random) {
    if (std::any_of(compiled.resolved.begin(), compiled.resolved.end(),
                    [](const auto* one) { return mentions_has(*one); }))
      return;
    for (const HeldRequest& request :
         generate::make_requests(random, world, compiled.resolved, 60)) {
      const Decision whole = decide(compiled, world, request);
      if (whole.reason == Reason::malformed_request) continue;
      HeldRequest less = request;
      while (!less.attributes.empty()) {
        less.attributes.erase(less.attributes.begin() +
                              static_cast<std::ptrdiff_t>(random.below(less.attributes.size())));
        ++compared;
        const Decision part = decide(compiled, world, less);
        if (rank(part.effect) <= rank(whole.effect)) continue;
        INFO(generate::text_of(world, request));
        INFO(less.text());
        CHECK(to_string(whole.effect) == std::string("not ") + to_string(part.effect));
      }
    }
  });
  CHECK(compared > 0);
}

TEST_CASE("a rule covers what it names and everything beneath it") {
  std::size_t permitted = 0, forbidden = 0;
  for_worlds(8, [&](World& world, const CompiledWorld& old, Random& random) {
    const auto requests = generate::make_requests(random, world, old.resolved, 40);
    const bool denies = random.chance(50);
    for (Draft& draft : world.documents) {
      for (std::string& statement : draft.statements) say_everything_beneath(statement);
      std::vector<RuleDraft> kept;
      for (RuleDraft rule : draft.rules) {
        if (!denies && (rule.effect == "deny" || rule.effect == "ask")) continue;
        for (std::string& resource : rule.resources) say_everything_beneath(resource);
        const auto is_except = [](const std::string& one) { return one.rfind("except", 0) == 0; };
        rule.clauses.erase(std::remove_if(rule.clauses.begin(), rule.clauses.end(), is_except),
                           rule.clauses.end());
        kept.push_back(rule);
      }
      draft.rules = kept;
    }
    std::string problem;
    const auto compiled = generate::compile_world(world, problem);
    if (!compiled) return;  // an `any` may then meet attributes that differ
    for (const HeldRequest& request : requests) {
      HeldRequest beneath = request;
      beneath.resource += request.resource.back() == '/' ? "x" : "/x";
      const Decision here = decide(*compiled, world, request),
                     there = decide(*compiled, world, beneath);
      if (there.reason == Reason::malformed_resource) continue;  // too deep or too long
      const bool allowed = !denies && here.effect == Effect::allow;
      const bool denied = here.reason == Reason::denied_by_rule;
      permitted += allowed ? 1 : 0;
      forbidden += denied ? 1 : 0;
      if ((!allowed || there.effect == Effect::allow) && (!denied || there.effect == Effect::deny))
        continue;
      INFO(generate::text_of(world, beneath));
      CHECK(to_string(here.effect) == std::string("beneath it ") + to_string(there.effect));
    }
  });
  CHECK(permitted > 100);
  CHECK(forbidden > 100);
}

TEST_CASE("the same source compiles to the same bytes") {
  for_worlds(6, [](World& world, const CompiledWorld& compiled, Random&) {
    std::string problem;
    const auto again = generate::compile_world(world, problem);
    REQUIRE(again);
    for (std::size_t i = 0; i < world.documents.size(); ++i) {
      INFO(world.documents[i].text());
      CHECK(compiled.documents[i].image() == again->documents[i].image());
    }
  });
}

TEST_CASE("formatting preserves what a document means") {
  for_worlds(7, [](World& world, const CompiledWorld& compiled, Random&) {
    for (std::size_t i = 0; i < world.documents.size(); ++i) {
      const std::string text = world.documents[i].text();
      lang::Diagnostics diagnostics;
      const lang::Source source("document", text);
      const std::string formatted = lang::format(lang::parse(source, diagnostics));
      INFO(text);
      INFO(formatted);
      lang::CheckOptions options;
      options.arguments = world.documents[i].arguments;
      const reference::Checked after = reference::check_text(formatted, options);
      REQUIRE(after.complete());
      lang::Resolved old_document = generate::without_places(compiled.documents[i].resolved());
      old_document.files = after.document.files;
      const auto before_bytes = lang::emit(old_document).bytes;
      CHECK_FALSE(before_bytes.empty());
      CHECK(before_bytes == lang::emit(generate::without_places(after.document)).bytes);
    }
  });
}

// --- All documents of up to two rules ----------------------------------------------------------

namespace {

const std::string kSmallSystem =
    "system s { action read; action write { put }; attribute flag: bool }\nexpires 2h\n";

// Every rule over two actions, six patterns, three effects and four kinds of clause.
std::vector<lang::Rule> all_rules(lang::Resolved& base) {
  std::vector<lang::Rule> result;
  for (const char* effect : {"allow ", "deny ", "ask "}) {
    for (const char* action : {"read ", "write "}) {
      for (const char* pattern : {"s:", "s:/a", "only s:/a/b", "s:/*/b", "s:/**/b", "s:?"}) {
        for (const char* clause : {"", " except s:/a/b", " when flag", " unless flag"}) {
          const std::string text = kSmallSystem + effect + action + pattern + clause;
          const reference::Checked checked = reference::check_text(text);
          INFO(text << "\n" << checked.diagnostics.render());
          REQUIRE(checked.complete());
          REQUIRE(checked.document.rules.size() == 1);
          result.push_back(checked.document.rules[0]);
          result.back().because = text.substr(kSmallSystem.size());  // to show it
          base = checked.document;
        }
      }
    }
  }
  base.rules.clear();
  return result;
}

std::vector<HeldRequest> all_requests() {
  std::vector<HeldRequest> result;
  lang::Constant flag;
  for (const char* action : {"read", "write", "put"}) {
    for (const char* resource :
         {"s:/", "s:/a", "s:/a/b", "s:/a/b/b", "s:/c/b", "s:/ab", "s:a", "s:a/b"}) {
      result.push_back({action, resource, {}, 0});
      for (const std::int64_t truth : {0, 1}) {
        flag.number = truth;
        result.push_back({action, resource, {{"flag", flag}}, 0});
      }
    }
  }
  return result;
}

}  // namespace

TEST_CASE("every document of up to two small rules decides as the reference does") {
  lang::Resolved document;
  const std::vector<lang::Rule> rules = all_rules(document);
  const std::vector<HeldRequest> requests = all_requests();
  std::vector<std::unique_ptr<reference::Loan>> loans;
  for (const HeldRequest& request : requests)
    loans.push_back(std::make_unique<reference::Loan>(request));

  std::size_t documents = 0, differences = 0;
  const auto compare = [&] {
    ++documents;
    const lang::Emitted emitted = lang::emit(document);
    const auto program = Program::load(emitted.bytes);
    REQUIRE(program);
    const auto layers = Layers::link(program.value());
    REQUIRE(layers);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const Request request = loans[i]->request();
      const auto expected = reference::decide({{&document}}, request, {}, {});
      const auto got = generate::outcome_of(layers.value().decide(request, {}, {}));
      if (got == expected || ++differences > 5) continue;
      std::string text = requests[i].text() + "\n";
      for (const lang::Rule& rule : document.rules) text += rule.because.value_or("") + "\n";
      INFO(text);
      CHECK(generate::text_of(got) == generate::text_of(expected));
    }
  };
  compare();  // no rule at all
  for (const lang::Rule& first : rules) {
    document.rules = {first};
    compare();
    document.rules.push_back(first);
    for (const lang::Rule& second : rules) {
      document.rules[1] = second;
      compare();
    }
  }
  CHECK(documents == 1 + rules.size() + rules.size() * rules.size());
  CHECK(differences == 0);
}
