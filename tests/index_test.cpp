// The index: whatever pattern is compiled, a decision finds it for exactly the paths that it covers, and
// reports the first rule in the text. All small patterns on all small paths, against the reference's
// matcher; then what the index does beyond its limits.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "engine/image/limits.h"
#include "engine/image/view.h"
#include "lang/check/resolved.h"
#include "tests/generate/random.h"
#include "tests/reference/canonical.h"
#include "tests/reference/match.h"
#include "tests/support.h"

namespace remit {
namespace {

// All paths of up to `longest` segments out of `pieces`, rooted and named.
std::vector<std::string> paths_of(const std::vector<std::string>& pieces, std::size_t longest) {
  std::vector<std::string> tails{""};
  for (std::size_t begin = 0, length = 1; length <= longest; ++length) {
    const std::size_t end = tails.size();
    for (; begin < end; ++begin) {
      for (const std::string& piece : pieces) tails.push_back(tails[begin].empty() ? piece : tails[begin] + "/" + piece);
    }
  }
  std::vector<std::string> result;
  for (const std::string& tail : tails) {
    result.push_back("lab:/" + tail);
    if (!tail.empty()) result.push_back("lab:" + tail);
  }
  return result;
}

std::vector<std::string> patterns() {
  std::vector<std::string> result = paths_of({"a", "ab", "*", "a*", "*b", "?", "**"}, 3);
  result.push_back("lab:");
  const std::size_t size = result.size();
  for (std::size_t i = 0; i < size; ++i) result.push_back("only " + result[i]);
  return result;
}

const std::vector<std::string> kPaths = paths_of({"a", "ab", "b", "xab"}, 3);

// Each pattern has an action of its own, which also tells apart the words of 64 actions.
TEST_CASE("every small pattern covers the paths that it should") {
  const auto all = patterns();
  std::string text = "expires 1h\nsystem lab { ";
  for (std::size_t i = 0; i < all.size(); ++i) text += (i ? "; action a" : "action a") + std::to_string(i);
  text += " }\n";
  for (std::size_t i = 0; i < all.size(); ++i) text += "a" + std::to_string(i) + " " + all[i] + "\n";
  const lang::Compiled compiled = lang::compile(text);
  INFO(compiled.diagnostics().render());
  REQUIRE(compiled.program());
  const Layers layers = Layers::link(*compiled.program()).value();
  std::size_t wrong = 0, allowed = 0;
  for (const std::string& path : kPaths) {
    reference::Asked asked;
    REQUIRE(reference::read_resource(path, asked));
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      const bool expected = reference::any_covers(compiled.resolved(), compiled.resolved().rules[i].subject.resources, asked);
      const Decision decision = layers.decide({"a" + std::to_string(i), path}, {}, Time{});
      allowed += expected;
      if (decision.allowed() == expected && (!expected || decision.rule == i)) continue;
      if (++wrong < 5) UNSCOPED_INFO(all[i] << " on " << path);
    }
  }
  CHECK(wrong == 0);
  CHECK(allowed > 1000);
}

TEST_CASE("a pattern by itself, in an index of nothing else") {
  for (const std::string& pattern : patterns()) {
    const lang::Compiled compiled = lang::compile("expires 1h\nsystem lab { action read }\nread " + pattern + "\n");
    REQUIRE(compiled.program());
    const Layers layers = Layers::link(*compiled.program()).value();
    for (const char* const path : {"lab:a", "lab:/a", "lab:a/ab", "lab:/a/ab", "lab:xab/b/a", "lab:/xab/b/a", "lab:/"}) {
      reference::Asked asked;
      REQUIRE(reference::read_resource(path, asked));
      INFO(pattern << " on " << path);
      REQUIRE(layers.decide({"read", path}, {}, Time{}).allowed() == reference::any_covers(compiled.resolved(), compiled.resolved().rules[0].subject.resources, asked));
    }
  }
}

// All patterns for one action, in three orders, with effects mixed: the reported rule is the first.
TEST_CASE("of many patterns the first in the text is reported") {
  auto all = patterns();
  const char* const effects[] = {"allow", "deny", "ask"};
  generate::Random random(5);
  for (int order = 0; order < 6; ++order) {
    std::string text = "expires 1h\n" + std::string(test::kLab);
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.below(i)]);
    const std::size_t few = order < 3 ? all.size() : 40;  // with few, more than denials are left
    for (std::size_t i = 0; i < few; ++i) {
      const bool guarded = random.chance(20);  // unknown: the request has no flag
      text += std::string(effects[random.below(few == 40 ? 3 : 2)]) + " read " + all[i] + (guarded ? " when flag\n" : "\n");
    }
    const lang::Compiled compiled = lang::compile(text);
    REQUIRE(compiled.program());
    const Layers layers = Layers::link(*compiled.program()).value();
    for (const std::string& path : kPaths) {
      reference::Asked asked;
      REQUIRE(reference::read_resource(path, asked));
      std::uint32_t deny = kNoRule, ask = kNoRule, unknown = kNoRule, allow = kNoRule;
      const auto& rules = compiled.resolved().rules;
      for (std::uint32_t i = static_cast<std::uint32_t>(rules.size()); i-- > 0;) {
        if (!reference::any_covers(compiled.resolved(), rules[i].subject.resources, asked)) continue;
        const bool guarded = !rules[i].guard.conditions.empty();
        if (rules[i].kind == lang::RuleKind::deny) deny = i;
        if (rules[i].kind == lang::RuleKind::ask) (guarded ? unknown : ask) = i;
        if (rules[i].kind == lang::RuleKind::allow && !guarded) allow = i;
      }
      const std::uint32_t expected = deny != kNoRule ? deny : ask != kNoRule ? ask : allow == kNoRule ? kNoRule : unknown != kNoRule ? unknown : allow;
      INFO(text << "on " << path);
      REQUIRE(layers.decide({"read", path}, {}, Time{}).rule == expected);
    }
  }
}

// More forms of one-star patterns below one folder than a node has room for: the rest are found too.
TEST_CASE("one folder has more forms of wildcards than its node has room for") {
  const std::size_t count = 3 * image::kMaxShapes;
  std::string text = "expires 1h\n" + std::string(test::kLab);
  for (std::size_t i = 0; i < count; ++i) text += "read lab:/a/" + std::string(i, 'x') + "*y\n";
  const lang::Compiled compiled = lang::compile(text);
  REQUIRE(compiled.program());
  CHECK(compiled.program()->view().shapes.size() == image::kMaxShapes);
  const Layers layers = Layers::link(*compiled.program()).value();
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(layers.decide({"read", "lab:/a/" + std::string(i, 'x') + "zy"}, {}, Time{}).rule == 0);
    CHECK(layers.decide({"read", "lab:/a/b/" + std::string(i, 'x') + "zy"}, {}, Time{}).rule == kNoRule);
  }
  CHECK(layers.decide({"read", "lab:/a/y"}, {}, Time{}).rule == 0);
  CHECK_FALSE(layers.decide({"read", "lab:/a/x"}, {}, Time{}).allowed());
}

// A rule for actions of several nodes has its pattern listed in each of them.
TEST_CASE("a pattern of several wildcards is found for every action of a large system") {
  std::string text = "expires 1h\nsystem lab { action a0";
  for (int i = 1; i < 200; ++i) text += ", a" + std::to_string(i);
  const Layers layers = Layers::link(test::compile_or_die(text + " }\nany lab:/*/x/?\ndeny a70, a130 lab:/**/y/*\n")).value();
  for (int i = 0; i < 200; ++i) {
    const std::string action = "a" + std::to_string(i);
    CHECK(layers.decide({action, "lab:/q/x/b"}, {}, Time{}).allowed());
    CHECK_FALSE(layers.decide({action, "lab:/q/z/b"}, {}, Time{}).allowed());
    CHECK(layers.decide({action, "lab:/q/x/b/y/c"}, {}, Time{}).allowed() == (i != 70 && i != 130));
  }
}

TEST_CASE("a long list of patterns that are tried one by one gets a warning") {
  const auto document = [](std::size_t count) {
    std::string text = "expires 1h\n" + std::string(test::kLab) + "read lab:/z\n";
    for (std::size_t i = 0; i < count; ++i) text += "read lab:/a/*/" + std::to_string(i) + "/*\n";
    const lang::Compiled compiled = lang::compile(text);
    CHECK(compiled.valid());
    CHECK(compiled.program());
    return compiled.diagnostics().render();
  };
  CHECK(document(64).find("long-pattern-list") == std::string::npos);
  CHECK(document(65).find("65 patterns with several wildcards") != std::string::npos);
  CHECK(document(65).find(":68:") != std::string::npos);  // the list's last rule
}

}  // namespace
}  // namespace remit
