// A warning must be true: what it calls idle can be left out, and no decision of the reference
// evaluator changes. On random documents full of rules that nearly cover each other, and on all
// pairs of small rules, where the warning must also be given whenever it would be true.
//
//   REMIT_SEED, REMIT_PROPERTY_CASES  the first document's seed, and how many
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "tests/generate/generate.h"
#include "tests/reference/checked.h"
#include "tests/reference/reference.h"

namespace {

using namespace remit;
using generate::Draft;
using generate::Random;
using generate::RuleDraft;
using lang::Diagnostic;
using lang::Place;
using lang::Resolved;
using lang::RuleKind;
using reference::HeldRequest;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// A rule that says nearly the same as one that is there.
RuleDraft neighbour(Random& random, const Draft& draft) {
  RuleDraft rule = random.pick(draft.rules);
  if (random.chance(40)) rule.effect = random.pick({"allow", "deny", "ask"});
  if (random.chance(40) && !rule.clauses.empty())
    rule.clauses.erase(rule.clauses.begin() +
                       static_cast<std::ptrdiff_t>(random.below(rule.clauses.size())));
  if (random.chance(30)) rule.resources = {random.pick(rule.resources)};
  for (std::string& resource : rule.resources) {
    if (random.chance(30) && resource != "anything" && resource.back() != '"' &&
        resource.back() != ':' && resource.back() != '/')
      resource += random.pick({"/a", "/*", "/**"});
  }
  if (random.chance(20)) rule.actions = {random.pick(rule.actions)};
  const bool has_except =
      std::any_of(rule.clauses.begin(), rule.clauses.end(),
                  [](const std::string& clause) { return clause.rfind("except", 0) == 0; });
  if (random.chance(20) && !has_except)
    rule.clauses.push_back("except " + random.pick(random.pick(draft.rules).resources));
  if (random.chance(15))
    rule.clauses.push_back("at most " + std::to_string(random.between(2, 4)) + " times");
  if (random.chance(15)) {
    rule.effect = "limit";
    rule.amount = std::to_string(random.between(2, 4)) + " times";
  }
  if (rule.effect != "limit") rule.amount.clear();
  if (rule.effect == "limit" || rule.effect == "deny") {
    const auto caps = [](const std::string& clause) { return clause.rfind("at most", 0) == 0; };
    rule.clauses.erase(std::remove_if(rule.clauses.begin(), rule.clauses.end(), caps),
                       rule.clauses.end());
  }
  return rule;
}

bool holds(const Place& place, const Diagnostic& finding) {
  const auto from = std::make_pair(place.line, place.column),
             to = std::make_pair(place.end_line, place.end_column);
  const auto at = std::make_pair(finding.line, finding.column);
  return from <= at && at < to;
}

// The document without what the warning calls idle; false where the warning is of another kind.
bool leave_out(const Diagnostic& finding, Resolved& document) {
  const auto in_rule = [&](const lang::Rule& rule) { return holds(rule.place, finding); };
  const auto rule = std::find_if(document.rules.begin(), document.rules.end(), in_rule);
  if (rule == document.rules.end()) return false;
  if (finding.code == "idle-except") {
    auto& except = rule->guard.except;
    const auto before = except.size();
    except.erase(
        std::remove_if(except.begin(), except.end(),
                       [&](const lang::Pattern& pattern) { return holds(pattern.place, finding); }),
        except.end());
    return except.size() < before;
  }
  if (finding.code != "covered-rule" && finding.code != "denied-allow" &&
      finding.code != "never-matches" && finding.code != "unreachable-limit")
    return false;
  // With it goes the limit of its `at most`, which stands at the same place.
  document.rules.erase(std::remove_if(document.rules.begin(), document.rules.end(), in_rule),
                       document.rules.end());
  return true;
}

// What a full limit does: it denies all that it counts. An `at most` then denies its own rule.
Resolved with_full_limits(Resolved document) {
  for (lang::Rule& rule : document.rules) {
    if (rule.kind == RuleKind::limit) rule.kind = RuleKind::deny;
  }
  return document;
}

}  // namespace

TEST_CASE("what a random document is warned of can be left out") {
  std::map<std::string, std::size_t> met;
  const std::uint64_t first = number_from("REMIT_SEED", 1),
                      count = number_from("REMIT_PROPERTY_CASES", 500);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Random random(seed * 7919);
    generate::World world = random.chance(70) ? generate::make_world(random, generate::Size::tiny)
                                              : generate::make_scenario(random).world;
    // One document is judged alone: a guardrail or grants document beneath a scope that permits
    // all.
    Draft& draft = world.documents[random.below(world.documents.size())];
    for (std::size_t more = 3 + random.below(5); more > 0; --more)
      draft.rules.push_back(neighbour(random, draft));
    lang::CheckOptions options;
    options.arguments = draft.arguments;
    const reference::Checked checked = reference::check_text(draft.text(), options);
    if (!checked.complete()) continue;
    generate::World alone;
    alone.facts = world.facts;
    alone.documents = {draft};
    reference::Checked beneath;
    if (checked.document.kind != DocumentKind::scope)
      beneath = reference::check_text("expires 1h; any anything");
    const auto decide = [&](const Resolved& document, const HeldRequest& held) {
      const reference::Loan facts(world.facts), request(held);
      std::vector<reference::Layer> layers;
      if (document.kind != DocumentKind::scope) layers.push_back({&beneath.document});
      layers.push_back({&document});
      const auto outcomes =
          reference::verdicts(layers, request.request(), facts.facts(), time_from_micros(held.now));
      return std::make_pair(outcomes.back().effect, outcomes.back().reason);
    };
    const auto requests = generate::make_requests(random, alone, {&checked.document}, 80);
    for (const Diagnostic& finding : checked.diagnostics.all()) {
      Resolved without = checked.document;
      if (!leave_out(finding, without)) continue;
      ++met[finding.code];
      const bool counts = finding.code == "unreachable-limit";
      const Resolved full = with_full_limits(checked.document),
                     full_without = with_full_limits(without);
      for (const HeldRequest& request : requests) {
        INFO("seed " << seed << "\n" << draft.text() << request.text());
        INFO(finding.line << ":" << finding.column << " " << finding.code << ": "
                          << finding.message);
        REQUIRE(decide(checked.document, request) == decide(without, request));
        REQUIRE(decide(full, request).first == decide(full_without, request).first);
        // Full or not: what it counts is denied anyway.
        if (counts)
          REQUIRE(decide(without, request).first == [&] {
            Resolved one = checked.document;
            for (std::size_t i = 0; i < one.rules.size(); ++i) {
              if (one.rules[i].kind == RuleKind::limit && !one.rules[i].from_rule &&
                  holds(one.rules[i].place, finding))
                one.rules[i].kind = RuleKind::deny;
            }
            return decide(one, request).first;
          }());
      }
    }
  }
  for (const char* const code :
       {"covered-rule", "denied-allow", "never-matches", "unreachable-limit", "idle-except"}) {
    INFO(code);
    CHECK(met[code] > count / 50);
  }
}

TEST_CASE("of all pairs of small rules, just the idle ones are warned of") {
  const std::string system =
      "system lab { action read; action write { create }; attribute n: int }\nagent x; expires "
      "1h\n";
  std::vector<std::string> rules;
  for (const char* const action : {"read", "write", "create", "create, read"}) {
    for (const char* const resource : {"lab:/a", "only lab:/a", "lab:/a/b", "lab:/*", "lab:/a/*"}) {
      for (const char* const guard :
           {"", " when n > 5", " when n > 7", " unless n > 5", " except lab:/a/b"})
        rules.push_back(std::string(action) + " " + resource + guard);
    }
  }
  std::vector<HeldRequest> requests;
  for (const char* const action : {"read", "write", "create"}) {
    for (const char* const path :
         {"lab:/a", "lab:/z", "lab:/a/b", "lab:/a/z", "lab:/z/b", "lab:/a/b/c"}) {
      for (const int n : {-1, 5, 6, 8}) {
        HeldRequest request;
        request.action = action;
        request.resource = path;
        lang::Constant value;
        value.type = Type::integer;
        value.number = n;
        if (n >= 0) request.attributes.emplace_back("n", value);
        requests.push_back(std::move(request));
      }
    }
  }
  // How true each rule is for each request: an allow shows what is true, a deny what is not false.
  const auto effects = [&](const std::string& text) {
    const reference::Checked checked = reference::check_text(system + text);
    REQUIRE(checked.complete());
    std::vector<bool> allowed;
    for (const HeldRequest& held : requests) {
      const reference::Loan request(held);
      const auto outcome =
          reference::decide({{&checked.document}}, request.request(), Facts{}, time_from_micros(0));
      allowed.push_back(outcome.effect == Effect::allow);
    }
    return allowed;
  };
  std::vector<std::vector<bool>> yes, perhaps;
  for (const std::string& rule : rules) {
    yes.push_back(effects("allow " + rule));
    std::vector<bool> denied = effects("allow any lab:\ndeny " + rule);
    denied.flip();
    perhaps.push_back(std::move(denied));
  }
  const auto within = [&](const std::vector<bool>& inner, const std::vector<bool>& outer) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (inner[i] && !outer[i]) return false;
    }
    return true;
  };
  const auto warned = [&](const std::string& text, const char* code) {
    std::vector<std::uint32_t> lines;
    const reference::Checked checked = reference::check_text(system + text);
    for (const Diagnostic& finding : checked.diagnostics.all()) {
      if (finding.code == code) lines.push_back(finding.line);
    }
    return lines;
  };
  using Lines = std::vector<std::uint32_t>;
  std::vector<bool> never;
  for (const std::string& rule : rules) never.push_back(!warned(rule, "never-matches").empty());
  std::size_t idle = 0;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (std::size_t j = 0; j < rules.size(); ++j) {
      INFO(rules[i] << "\n" << rules[j]);
      const bool first = within(yes[i], yes[j]) && within(perhaps[i], perhaps[j]);
      const bool second = within(yes[j], yes[i]) && within(perhaps[j], perhaps[i]);
      if (never[i] || never[j]) continue;  // warned of as that
      const Lines covered = second ? Lines{4} : first ? Lines{3} : Lines{};
      REQUIRE(warned(rules[i] + "\n" + rules[j], "covered-rule") == covered);
      const Lines denied = within(yes[i], perhaps[j]) ? Lines{3} : Lines{};
      REQUIRE(warned(rules[i] + "\ndeny " + rules[j], "denied-allow") == denied);
      idle += covered.size() + denied.size();
    }
  }
  CHECK(idle > rules.size());
}
