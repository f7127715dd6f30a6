// Hashes find names, but equal bytes decide. The hash is no secret and not made against an attacker, so
// texts of equal hash are made here as an attacker would make them, and none may stand for the other.
#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/image/hash.h"
#include "engine/image/limits.h"
#include "engine/session/grant_log.h"
#include "engine/vm/linked.h"
#include "lang/compile/emit.h"
#include "tests/image_patient.h"

using namespace remit;

namespace {

// Sixteen bytes whose hash from `seed` is `target`: the first eight make one factor zero, so that the
// others go through unchanged.
std::string crafted(std::uint64_t seed, std::uint64_t target) {
  const std::uint64_t first = seed ^ 16 * image::kHashA, second = (target << 32 | target >> 32) ^ image::kHashB;
  std::string text(16, '\0');
  std::memcpy(text.data(), &first, 8);
  std::memcpy(text.data() + 8, &second, 8);
  REQUIRE(image::hash_bytes(seed, text) == target);
  return text;
}

std::string reason_of(const Layers& layers, std::string_view action, std::string_view resource) {
  return to_string(layers.decide(Request(action, resource), {}, Time{}).reason);
}

}  // namespace

TEST_CASE("an action made to have the hash of another is unknown") {
  // So many actions that for one of them the twin has no more bytes than are hashed as numbers: again, one factor is zero.
  std::string text = "expires 1h\nsystem k { action a0";
  for (int i = 1; i < 4000; ++i) text += ", a" + std::to_string(i);
  const Layers layers = Layers::link(test::compile_or_die(text + " }\nany k:/\n")).value();
  const image::Wide system = vm::system_head_of("k");
  int made = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string action = "a" + std::to_string(i);
    const std::uint64_t target = vm::Name("k", system, action).hash();
    const std::uint64_t low = static_cast<std::uint64_t>(system) * image::kHashA, high = (target << 32 | target >> 32) ^ image::kHashB;
    if (high >> 56 != 0) continue;
    std::string twin(15, '\0');
    std::memcpy(twin.data(), &low, 8);
    std::memcpy(twin.data() + 8, &high, 7);
    REQUIRE(vm::Name("k", system, twin).hash() == target);
    CHECK(reason_of(layers, action, "k:/a") == "allowed_by_rule");
    CHECK(reason_of(layers, twin, "k:/a") == "unknown_action");
    ++made;
  }
  CHECK(made > 0);
}

TEST_CASE("an action's name is the same where every byte of it and of its system is") {
  const auto name_of = [](const std::string& system, const std::string& action) { return vm::Name(system, vm::system_head_of(system), action); };
  for (const std::size_t system_size : {1u, 8u, 14u, 15u, 16u, 17u, 40u}) {
    for (const std::size_t action_size : {0u, 1u, 7u, 15u, 16u, 17u, 40u}) {
      std::string system(system_size, 's'), action(action_size, 'a');
      const std::string other_system = system, other_action = action;  // the same bytes elsewhere
      CHECK(name_of(system, action) == name_of(other_system, other_action));
      CHECK(name_of(system, action).hash() == name_of(other_system, other_action).hash());
      for (char& byte : system) {
        byte ^= 1;
        CHECK_FALSE(name_of(system, action) == name_of(other_system, other_action));
        byte ^= 1;
      }
      for (char& byte : action) {
        byte ^= 1;
        CHECK_FALSE(name_of(system, action) == name_of(other_system, other_action));
        byte ^= 1;
      }
      // What fills a head up is part of no name.
      CHECK_FALSE(name_of(system, action) == name_of(system, action + std::string(1, '\0')));
      CHECK_FALSE(name_of(system, action) == name_of(system + ":" + std::string(16, '\0'), action));
    }
  }
}

TEST_CASE("hundreds of actions may begin their search in one place, more than a thousand may not") {
  const image::Wide system = vm::system_head_of("k");
  std::string text = "expires 1h\nsystem k { action first";
  std::string last;
  std::size_t found = 0;
  for (int i = 0; found <= image::kMaxNameProbe + 1; ++i) {
    last = "a" + std::to_string(i);
    if (vm::Name("k", system, last).hash() % 4096 != 0) continue;  // of as many slots as there are at the end
    if (++found == image::kMaxNameProbe / 2) {
      const Layers layers = Layers::link(test::compile_or_die(text + ", " + last + " }\n" + last + " k:/\n")).value();
      CHECK(reason_of(layers, last, "k:/a") == "allowed_by_rule");
      CHECK(reason_of(layers, "first", "k:/a") == "no_matching_rule");
    }
    text += ", " + last;
  }
  const auto refused = Layers::link(test::compile_or_die(text + " }\n" + last + " k:/\n"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::too_large);
  CHECK(refused.error().text.find("share a hash") != std::string::npos);
}

TEST_CASE("names that nobody chose to collide do not, whether actions or systems are many") {
  constexpr std::size_t kNames = 1 << 16, kSlots = 2 * kNames;
  for (const int actions : {1, 256, 4096}) {
    std::vector<bool> taken(kSlots);
    std::size_t worst = 0;
    for (std::size_t i = 0; i < kNames; ++i) {
      const std::string system = "s" + std::to_string(i / static_cast<std::size_t>(actions)), action = "do_" + std::to_string(i % static_cast<std::size_t>(actions));
      std::size_t at = vm::Name(system, vm::system_head_of(system), action).hash() % kSlots, probes = 0;
      for (; taken[at]; at = (at + 1) % kSlots) ++probes;
      taken[at] = true;
      worst = std::max(worst, probes);
    }
    INFO(actions);
    CHECK(worst < 40);
  }
}

TEST_CASE("systems and actions of long names are told apart by their ends") {
  const std::string system = "a-system-of-a-long-name-", action = "an_action_of_a_long_name_";
  std::string text = "expires 1h\n";
  for (const char* const end : {"1", "2"}) text += "system " + system + end + " { action " + action + "1, " + action + "2 }\n";
  const Layers layers = Layers::link(test::compile_or_die(text + action + "1 " + system + "1:/a\n")).value();
  CHECK(reason_of(layers, action + "1", system + "1:/a") == "allowed_by_rule");
  CHECK(reason_of(layers, action + "2", system + "1:/a") == "no_matching_rule");
  CHECK(reason_of(layers, action + "1", system + "2:/a") == "no_matching_rule");
  CHECK(reason_of(layers, action + "3", system + "1:/a") == "unknown_action");
  CHECK(reason_of(layers, action + "1", system + "3:/a") == "unknown_system");
}

TEST_CASE("a system that an image calls by a name of equal hash is another system") {
  // Of two blocks with its colon: the second has a factor of zero, the first is any with which the colon comes out.
  std::string twin(32, 'x');
  for (int i = 0; twin.back() != ':'; ++i) {
    std::memcpy(twin.data(), &i, sizeof i);
    const std::uint64_t target = image::hash_path("lab:") - image::hash_block(image::load64(twin.data()), image::load64(twin.data() + 8), 0);
    const std::uint64_t first = 2 * image::kHashA, second = (target << 32 | target >> 32) ^ image::kHashB;
    std::memcpy(twin.data() + 16, &first, 8);
    std::memcpy(twin.data() + 24, &second, 8);
  }
  REQUIRE(image::hash_path(twin) == image::hash_path("lab:"));
  twin.pop_back();
  for (const bool renamed : {false, true}) {
    test::Patient patient("expires 1h\nread lab:/\n");
    const std::uint32_t size = patient.ref(image::Section::texts).count;
    patient.move(image::Section::texts, size + twin.size());
    std::memcpy(patient.at<char>(image::Section::texts) + size, twin.data(), twin.size());
    const std::string_view texts(patient.at<char>(image::Section::texts), size);
    image::System* system = patient.at<image::System>(image::Section::systems);
    while (texts.substr(system->name.offset, system->name.length) != "lab") ++system;
    if (renamed) system->name = {size, static_cast<std::uint32_t>(twin.size())};
    REQUIRE(patient.verdict() == "");
    const Layers layers = Layers::link(Program::load(patient.bytes()).value()).value();
    CHECK(reason_of(layers, "read", "lab:/a") == (renamed ? "unknown_system" : "allowed_by_rule"));
  }
}

TEST_CASE("resources of a document that all begin their search in one place are as many as a search may pass") {
  std::string text = "expires 1h\n" + std::string(test::kLab);
  int found = 0;
  const auto add = [&](int until) {
    for (static int i = 0; found < until; ++i) {
      const std::string name = std::to_string(i);
      if (image::hash_group(image::hash_path("lab:/" + name), 4096) != 0) continue;  // the first of more groups than are tried, and of fewer
      text += "read lab:/" + name + "\n";
      ++found;
    }
  };
  constexpr int kMost = static_cast<int>(image::kGroupSlots * (image::kMaxProbe + 1));
  add(kMost);
  const Layers layers = Layers::link(test::compile_or_die(text)).value();
  CHECK(layers.decide({"read", "lab:/" + text.substr(text.rfind('/') + 1, text.size() - text.rfind('/') - 2)}, {}, Time{}).rule == kMost - 1);
  add(kMost + 1);
  const lang::Compiled refused = lang::compile(text);
  CHECK_FALSE(refused.program());
  CHECK(refused.diagnostics().all()[0].message.find("share a hash") != std::string::npos);
}

namespace {

// As no document can write them: between the checker and the compiler, where any bytes may stand. The first text of
// `make` that is one segment, and which trial made it.
std::pair<std::string, int> first_segment(const std::function<std::string(int)>& make) {
  for (int i = 0;; ++i) {
    const std::string text = make(i);
    if (!text.empty() && text.find_first_of("/\x01\x02\x03") == std::string::npos) return {text, i};
  }
}

// The segment with which `lab:/` is a path of that hash: of two blocks, the second with a factor of zero.
std::string crafted_segment(std::uint64_t target) {
  const std::string block = "lab:/" + std::string(11, 'x');
  target -= image::hash_block(image::load64(block.data()), image::load64(block.data() + 8), 0);
  const std::uint64_t first = 2 * image::kHashA, second = (target << 32 | target >> 32) ^ image::kHashB;
  std::string segment = std::string(11, 'x') + std::string(16, '\0');
  std::memcpy(segment.data() + 11, &first, 8);
  std::memcpy(segment.data() + 19, &second, 8);
  return segment;
}

struct Written {
  std::string path, action;
  lang::RuleKind kind = lang::RuleKind::allow;
};

Program emitted(std::size_t actions, const std::vector<Written>& rules) {
  lang::Resolved document;
  document.complete = true;
  document.lifetime.expires_after = test::kHour;
  document.files = {"x.scope"};
  document.texts = {""};
  document.systems.resize(1);
  document.systems[0].name = "lab";
  for (std::uint32_t i = 0; i < actions; ++i) document.systems[0].actions.push_back({"a" + std::to_string(i), {i}});
  for (const Written& written : rules) {
    lang::Rule rule;
    rule.kind = written.kind;
    rule.subject.names = {written.action};
    rule.subject.resources.resize(1);
    rule.subject.resources[0].text = written.path;
    document.rules.push_back(rule);
  }
  return Program::load(lang::emit(document).bytes).value();
}

std::vector<image::Node> nodes_of(const Program& program) {
  std::vector<image::Node> all;
  for (std::uint64_t at = 0; at < program.view().nodes.size(); at += image::View::node_units(all.back())) all.push_back(program.view().node(static_cast<std::uint32_t>(at)));
  return all;
}

}  // namespace

TEST_CASE("two paths of equal hash are two nodes, each with all its rules, however they alternate") {
  const auto name = [](int i) { return "x" + std::to_string(i); };
  const auto [other, at] = first_segment([&](int i) { return crafted_segment(image::hash_path("lab:/" + name(i))); });
  std::vector<Written> rules;
  for (int i = 0; i < 40; ++i) rules.push_back({"/" + (i % 3 == 0 ? name(at) : other), "a0", lang::RuleKind::ask});  // none of which is left out for another's sake
  std::vector<std::size_t> entries;
  for (const image::Node& node : nodes_of(emitted(1, rules))) entries.push_back(node.entries);
  std::sort(entries.begin(), entries.end());
  CHECK(entries == std::vector<std::size_t>{14, 26});
}

TEST_CASE("a path has its own actions only, whatever actions a path of equal hash has") {
  const auto name = [](int i) { return "x" + std::to_string(i); };
  const auto [other, at] = first_segment([&](int i) { return crafted_segment(image::with_word(image::hash_path("lab:/" + name(i)), 1)); });
  const Program program = emitted(65, {{"/" + name(at), "a64"}, {"/" + other, "a0"}});
  const std::vector<image::Node> nodes = nodes_of(program);
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[0].word == 0);
  CHECK(nodes[1].word == 1);
  const Layers layers = Layers::link(program).value();
  CHECK(reason_of(layers, "a64", "lab:/" + name(at)) == "allowed_by_rule");
  CHECK(reason_of(layers, "a0", "lab:/" + name(at)) == "no_matching_rule");
}

TEST_CASE("a pattern of equal hash has not the forms of the patterns beneath a path") {
  const auto before = [](int i) { return "x" + std::to_string(i); };
  const std::uint64_t root = image::hash_root(image::hash_path("lab:"), true), path = image::hash_path("lab:/p");
  // What stands behind the star begins with the slash of the next segment.
  const auto [last, at] = first_segment([&](int i) {
    const std::string behind = crafted(image::hash_bytes(root ^ image::kHashStar, before(i)), path);
    return behind[0] == '/' ? behind.substr(1) : "";
  });
  REQUIRE(image::hash_star(root, before(at), "/" + last) == path);
  const Program program = emitted(1, {{"/p/\x01", "a0"}, {"/" + before(at) + "\x01/" + last, "a0"}});
  std::size_t paths = 0, stars = 0;
  for (const image::Node& node : nodes_of(program)) {
    paths += node.kind == image::NodeKind::path;
    stars += node.kind == image::NodeKind::star;
    CHECK(node.shapes == (node.kind == image::NodeKind::star ? 0 : 1));
  }
  CHECK(paths == 1);
  CHECK(stars == 2);
  const Layers layers = Layers::link(program).value();
  CHECK(reason_of(layers, "a0", "lab:/p/q") == "allowed_by_rule");
  CHECK(reason_of(layers, "a0", "lab:/p") == "no_matching_rule");
}

TEST_CASE("a grant is remembered for its own action and resource only") {
  const std::uint64_t action = image::hash_bytes(image::kHashWord, "read");
  const std::string other_action = crafted(image::kHashWord, action), other_resource = crafted(action, image::hash_bytes(action, "lab:/a"));
  GrantLog log;
  log.add("read", "lab:/a");
  CHECK(log.has("read", "lab:/a"));
  CHECK_FALSE(log.has(other_action, "lab:/a"));
  CHECK_FALSE(log.has("read", other_resource));
  log.add(other_action, "lab:/a");
  log.add("read", other_resource);
  CHECK(log.entries().size() == 3);
  CHECK(log.has(other_action, "lab:/a"));
  CHECK(log.has("read", other_resource));
}

TEST_CASE("two attributes whose names have one hash are two attributes") {
  std::unordered_map<std::uint32_t, std::string> seen;
  std::string one, other;
  for (int i = 0; other.empty(); ++i) {
    REQUIRE(i < 10'000'000);
    const std::string name = "a" + std::to_string(i);
    const auto [at, fresh] = seen.emplace(image::hash_name(name), name);
    if (!fresh) one = at->second, other = name;
  }
  const Layers layers =
      Layers::link(test::compile_or_die("expires 1h\nsystem k { action read; attribute " + one + ": int; attribute " + other + ": int }\nread k:/ when " + one + " == 1 and " + other + " == 2\n"))
          .value();
  const auto reason = [&](std::initializer_list<Attribute> attributes) { return std::string(to_string(layers.decide(Request("read", "k:/a", attributes), {}, Time{}).reason)); };
  CHECK(reason({{one, 1}, {other, 2}}) == "allowed_by_rule");
  CHECK(reason({{other, 2}, {one, 1}}) == "allowed_by_rule");
  CHECK(reason({{one, 2}, {other, 1}}) == "no_matching_rule");
  CHECK(reason({{one, 1}}) == "no_matching_rule");
  CHECK(reason({{one, 1}, {one, 1}}) == "malformed_request");
}
