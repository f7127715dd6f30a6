// The compiler's back end: the same bytes every time, places that name what is written, the limits of an
// image, and images used from a mapped file.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/image/hash.h"
#include "engine/image/limits.h"
#include "engine/image/opcodes.h"
#include "engine/image/view.h"
#include "lang/compile/emit.h"
#include "tests/generate/compiled.h"
#include "tests/support.h"

namespace remit {
namespace {

// The entries of all nodes, one node after the other.
std::vector<image::Entry> entries_of(const Program& program) {
  const image::View& view = program.view();
  std::vector<image::Entry> all;
  for (std::uint64_t at = 0; at < view.nodes.size();) {
    const image::Node& node = view.node(static_cast<std::uint32_t>(at));
    const auto entries = image::View::entries(node);
    all.insert(all.end(), entries.begin(), entries.end());
    at += image::View::node_units(node);
  }
  return all;
}

std::string lab(const std::string& rules) { return "expires 1h\n" + std::string(test::kLab) + rules; }

TEST_CASE("the same document gives the same bytes") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    generate::Random random(seed);
    const generate::World world = generate::make_world(random, generate::Size::middle);
    for (const generate::Draft& draft : world.documents) {
      lang::CompileOptions options;
      options.arguments = draft.arguments;
      const lang::Compiled once = lang::compile(draft.text(), options), again = lang::compile(draft.text(), options);
      CHECK(once.image() == again.image());
    }
  }
}

TEST_CASE("rules with the same clauses share their code, lists and windows, and others do not") {
  const auto guards = [](const std::string& rules) {
    const Program program = test::compile_or_die(lab(rules));
    const image::View& view = program.view();
    std::vector<std::uint32_t> begins;
    for (const image::Rule& rule : view.rules) begins.push_back(rule.code);
    return std::make_tuple(view.code.size(), view.lists.size(), view.windows.size() + view.numbers.size(), begins);
  };
  const std::string clauses = " when region in [\"a\", \"b\"] between 09:00 and 17:00 in UTC\n", list = "read lab:/c when [\"b\", \"a\"] == labels\n";
  const auto one = guards("read lab:/a" + clauses), two = guards("read lab:/a" + clauses + "deny write lab:/b" + clauses);
  CHECK(std::get<0>(one) == std::get<0>(two));
  CHECK(std::get<1>(two) == 1);
  CHECK(std::get<2>(two) == 1);
  CHECK(std::get<3>(two) == std::vector<std::uint32_t>{0, 0});
  const auto three = guards("read lab:/a" + clauses + list + list + "read lab:/d when region in [\"a\"]\n");
  CHECK(std::get<1>(three) == 3);
  CHECK(std::get<3>(three)[1] == std::get<3>(three)[2]);
  CHECK(std::get<3>(three)[3] > std::get<3>(three)[2]);
}

TEST_CASE("comments and layout change nothing but the places") {
  const Program plain = test::compile_or_die(lab("read lab:/a; deny read lab:/b when size > 5MB\n"));
  const Program spaced = test::compile_or_die("# a comment\n" + lab("\nread   lab:/a  # here\n\n\ndeny read lab:/b\n  when size > 5MB\n"));
  const auto same = [](const auto& a, const auto& b) {
    return a.size_bytes() == b.size_bytes() && std::equal(std::as_bytes(a).begin(), std::as_bytes(a).end(), std::as_bytes(b).begin());
  };
  const image::View &a = plain.view(), &b = spaced.view();
  CHECK(same(a.nodes, b.nodes));
  CHECK(same(a.code, b.code));
  CHECK(same(a.groups, b.groups));
  CHECK_FALSE(same(a.places, b.places));
}

TEST_CASE("a rule's source is what is written, wherever it stands") {
  // On one line, behind wide characters and a byte-order mark: columns count code points.
  std::string text = "\xef\xbb\xbf" "expires 1h; " + std::string(test::kLab);
  text.pop_back();
  std::vector<std::string> written;
  for (int i = 0; i < 700; ++i) {
    written.push_back("read lab:/" + std::string(i % 3 == 0 ? "é" : i % 3 == 1 ? "𝒳" : "x") + std::to_string(i));
    text += (i % 100 == 99 ? "\n" : "; ") + written.back();
  }
  const Program program = test::compile_or_die(text);
  REQUIRE(program.rule_count() == written.size());
  for (std::uint32_t i = 0; i < program.rule_count(); ++i) {
    CHECK(program.rule(i).source == written[i]);
    CHECK(program.rule(i).line == 1 + (i + 1) / 100);
  }
  CHECK(test::compile_or_die("read lab:/é; expires 1h; " + std::string(test::kLab)).rule(0).source == "read lab:/é");
  CHECK(program.rule(program.rule_count()).source.empty());
  CHECK(program.rule(kNoRule).line == 0);
}

TEST_CASE("an except behind a pattern that is matched one by one") {
  const Program program = test::compile_or_die(lab("read lab:/**/x\nread lab:/a except lab:/a/b\nlist lab:/**/y except lab:/c\n"));
  CHECK(test::decide(program, {"read", "lab:/q/x"}).allowed());
  CHECK(test::decide(program, {"read", "lab:/a/c"}).allowed());
  CHECK_FALSE(test::decide(program, {"read", "lab:/a/b"}).allowed());
  CHECK_FALSE(test::decide(program, {"list", "lab:/c/y"}).allowed());
}

TEST_CASE("what an earlier rule always decides first has no entry") {
  const auto entries = [](const std::string& rules) { return entries_of(test::compile_or_die(lab(rules))).size(); };
  for (const std::string effect : {"allow ", "deny "}) {
    CHECK(entries(effect + "read lab:/a\n" + effect + "read lab:/a\n") == 1);
    CHECK(entries(effect + "read lab:/a\n" + effect + "read only lab:/a\n") == 1);
    CHECK(entries(effect + "read only lab:/a\n" + effect + "read only lab:/a\n") == 1);
    CHECK(entries(effect + "read only lab:/a\n" + effect + "read lab:/a\n") == 2);
    CHECK(entries(effect + "read lab:/a when flag\n" + effect + "read lab:/a\n") == 2);
    CHECK(entries(effect + "read lab:/a\n" + effect + "read, list lab:/a\n" + effect + "list lab:/a\n") == 2);
  }
  CHECK(entries("deny read lab:/a\nallow read lab:/a\nallow read lab:/a\n") == 2);
  CHECK(entries("ask read lab:/a\nask read lab:/a\n") == 2);  // an approval names both
  // The same pattern twice in one rule, first, last and in the middle of a node.
  CHECK(entries("read lab:/a, lab:/a when flag\n") == 1);
  CHECK(entries("read lab:/a when flag\nread lab:/a, lab:/a when flag\nread lab:/a when flag\n") == 3);
  CHECK(entries("ask read lab:/a, lab:/a\n") == 1);
  CHECK(test::decide(test::compile_or_die(lab("read only lab:/a\nread lab:/a\n")), {"read", "lab:/a/b"}).rule == 1);
}

TEST_CASE("a pattern is found by its hash wherever it can be") {
  const auto patterns = [](const std::string& rules) { return test::compile_or_die(lab(rules)).view().patterns.size(); };
  for (const char* const found : {"lab:", "lab:**", "only lab:**", "lab:/", "lab:/a", "lab:/a/**", "lab:/a*", "lab:/a/*/b", "lab:*b/**"}) {
    INFO(found);
    CHECK(patterns("read " + std::string(found) + "\n") == 0);
  }
  const Program listed = test::compile_or_die(lab("read lab:/a/**/**/b/**\n"));
  REQUIRE(listed.view().patterns.size() == 1);
  CHECK(listed.view().text(listed.view().patterns[0].text) == std::string("/a/") + image::kDeep + "/b");
  // One pattern and one entry for each 64 actions that the rule is about, none for the others.
  std::string wide = "expires 1h\nsystem lab { action a0";
  for (int i = 1; i < 200; ++i) wide += ", a" + std::to_string(i);
  wide += " }\n";
  const Program any = test::compile_or_die(wide + "any lab:/a*b?c\n");
  CHECK(any.view().patterns.size() == 1);
  CHECK(entries_of(any).size() == 4);
  const Program one = test::compile_or_die(wide + "a70 lab:/a\n");
  CHECK(one.view().nodes.size() == image::View::node_units(one.view().node(0)));
}

namespace {

// Reads below each of the names, and whether each is found for its own resource.
Program program_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += "read lab:/" + name + "\n";
  return test::compile_or_die(lab(text));
}
bool all_found(const Program& program, const std::vector<std::string>& names) {
  const Layers layers = Layers::link(program).value();
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    if (layers.decide({"read", "lab:/" + names[i] + "/x"}, {}, Time{}).rule != i) return false;
  }
  return true;
}
std::vector<std::string> numbered(int count, const std::string& before = "") {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(before + std::to_string(i));
  return names;
}

}  // namespace

TEST_CASE("a group has room for twelve nodes, seven are meant to be there, and every node is found") {
  const auto groups = [](int rules) { return program_of(numbered(rules)).view().groups.size(); };
  CHECK(groups(1) == 1);
  CHECK(groups(6) == 1);
  CHECK(groups(7) == 2);
  CHECK(groups(20) == 3);
  CHECK(groups(21) == 4);
  // So many that some groups are full, and their nodes stand in the next.
  const Program program = program_of(numbered(3000));
  CHECK(program.view().groups.size() == 429);
  CHECK(program.view().longest_probe > 1);
  CHECK(all_found(program, numbered(3000)));
}

TEST_CASE("where nodes are large there are more groups, and behind the last one as many as it needs") {
  // Two nodes of these are farther apart than a group can say.
  const std::vector<std::string> large = numbered(50, std::string(3000, 'a') + "/");
  CHECK(program_of(large).view().groups.size() >= 50);
  CHECK(all_found(program_of(large), large));
  // So are nodes with many rules, and a guardrail over anything has them in every system.
  std::string text = "guardrail g\n";
  for (int i = 0; i < 300; ++i) text += "deny any anything when agent == \"" + std::to_string(i) + "\"\n";
  CHECK(test::compile_or_die(text).rule_count() == 300);
  // One more than a group has room for, all in the last.
  std::vector<std::string> last;
  for (int i = 0; last.size() <= image::kGroupSlots; ++i) {
    const std::string name = std::to_string(i);
    if (image::hash_group(image::hash_path("lab:/" + name), 2) == 1) last.push_back(name);
  }
  const Program program = program_of(last);
  CHECK(program.view().homes == 2);
  CHECK(program.view().groups.size() == 3);
  CHECK(all_found(program, last));
}

TEST_CASE("nothing is written twice, and nothing that nobody reads") {
  const std::string_view why = "so it is and will be";
  const Program program = test::compile_or_die(lab("read lab:/a when n > 1 and has n because \"so it is and will be\"\nlist lab:/a when region in labels or n > 1 because \"so it is and will be\"\n"));
  const image::View& view = program.view();
  const std::string_view texts(view.texts.data(), view.texts.size());
  std::size_t found = 0;
  for (std::size_t at = texts.find(why); at != texts.npos; at = texts.find(why, at + 1)) ++found;
  CHECK(found == 3);  // twice in the source itself
  CHECK(view.references.size() == 3);
  for (const image::AttributeDecl& attribute : view.attributes) CHECK((attribute.pad0 == 0 && attribute.pad1 == 0));
  for (const image::Instruction& instruction : view.code) {
    const auto op = static_cast<image::Op>(instruction.op);
    if (op == image::Op::has || op == image::Op::in_attribute) CHECK(instruction.mode == 0);
  }
  CHECK(test::compile_or_die(lab("allow any anything\n")).view().broad.empty());  // a task scope judges no other's systems
  CHECK_FALSE(test::compile_or_die("guardrail g\n" + std::string(test::kLab) + "allow any anything\n").view().broad.empty());
}

TEST_CASE("a bound on the steps grows with what a request may meet") {
  const auto steps = [](const std::string& rules) { return test::compile_or_die(lab(rules)).worst_case_steps(); };
  const std::uint64_t one = steps("read lab:/a\n");
  CHECK(one > 0);
  // Rules that no one path meets together cost no more; on one path, or with guards or wildcards, they do.
  CHECK(steps("read lab:/a\nread lab:/b\n") == one);
  CHECK(steps("read lab:/a\nread lab:/a/b\n") > one);
  CHECK(steps("read lab:/a when size < 5MB\n") > one);
  CHECK(steps("read lab:/a when region like \"?*?\"\n") > steps("read lab:/a when region like \"a*\"\n"));
  CHECK(steps("read lab:/**/a\n") > steps("read lab:/*/a/*\n"));
  // Each of many guards on one node is counted.
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "read lab:/a when n == " + std::to_string(i) + "\n";
  CHECK(steps(many) > one + 1000);
}

TEST_CASE("what an image cannot hold is refused by name") {
  lang::Resolved document;
  document.complete = true;
  document.lifetime.expires_after = test::kHour;
  document.files = {"x.scope"};
  document.texts = {""};
  const auto system = [](std::size_t actions, std::size_t attributes) {
    lang::SystemInfo info;
    info.name = "lab";
    for (std::uint32_t i = 0; i < actions; ++i) info.actions.push_back({"a" + std::to_string(i), {i}});
    for (std::size_t i = 0; i < attributes; ++i) info.attributes.push_back({"x" + std::to_string(i), Type::integer, Type::any});
    return info;
  };
  const auto error = [&] { return lang::emit(document).error; };
  const auto loads = [&] { return Program::load(lang::emit(document).bytes).ok(); };

  document.systems = {system(image::kMaxActions, image::kMaxDeclared)};
  CHECK(loads());
  document.systems = {system(image::kMaxActions + 1, 0)};
  CHECK(error().find("system `lab` has more than 4,096 actions") != std::string::npos);
  document.systems = {system(1, image::kMaxDeclared + 1)};
  CHECK(error().find("4,096 attributes") != std::string::npos);
  document.systems.assign(image::kMaxSystems, system(1, 1));
  CHECK(loads());
  document.systems.push_back(system(1, 1));
  CHECK(error().find("4,096 systems") != std::string::npos);

  document.systems = {system(image::kMaxActions, 0)};
  for (lang::ActionInfo& action : document.systems[0].actions) action.covers.assign(image::kMaxMembers / image::kMaxActions, 0);
  CHECK(error().empty());
  document.systems[0].actions[0].covers.push_back(0);
  CHECK(error().find("too many members") != std::string::npos);

  // `anything` counts once for each system.
  document.systems.assign(image::kMaxSystems, system(1, 1));
  lang::Rule rule;
  rule.subject.any = true;
  rule.subject.resources.resize(1);
  rule.subject.resources[0].anything = true;
  document.rules.assign(image::kMaxEntries / image::kMaxSystems, rule);
  rule.subject.resources[0] = {};
  rule.subject.resources[0].text = "/a";
  document.rules.push_back(rule);
  document.rules.emplace_back();  // and one of nothing, which is not looked at
  CHECK(error().find("too many rules and patterns") != std::string::npos);
}

TEST_CASE("attributes that conditions read are as many as an instruction can name, and as a table has room for") {
  lang::Resolved document;
  document.complete = true;
  document.lifetime.expires_after = test::kHour;
  document.files = {"x.scope"};
  document.texts = {""};
  lang::SystemInfo system;
  system.name = "lab";
  system.actions.push_back({"a0", {0}});
  lang::Rule rule;
  rule.subject.any = true;
  rule.subject.resources.resize(1);
  rule.subject.resources[0].text = "/a";
  rule.guard.conditions.resize(1);
  lang::Condition& condition = rule.guard.conditions[0].condition;
  condition.kind = lang::Condition::Kind::has;
  condition.left.is_attribute = true;
  condition.left.attribute.fact = lang::Fact::named;
  const auto error = [&](std::size_t references, std::size_t systems) {
    while (document.rules.size() < references) {
      condition.left.attribute.name = "user.a" + std::to_string(document.rules.size());
      document.rules.push_back(rule);
    }
    document.rules.resize(references);
    document.systems.assign(systems, system);
    return lang::emit(document).error;
  };
  CHECK(error(1, 1).empty());
  const Program single = Program::load(lang::emit(document).bytes).value();
  REQUIRE(single.view().declared.size() == 1);
  CHECK(single.view().declared[0] == image::kDeclared);
  const std::size_t most = image::kMaxDeclaredTable / image::kMaxSystems;
  CHECK(error(most, image::kMaxSystems).empty());
  CHECK(error(most + 1, image::kMaxSystems).find("too many different attributes") != std::string::npos);
  CHECK(error(image::kMaxReferences, 1).empty());
  CHECK(error(image::kMaxReferences + 1, 1).find("too many different attributes") != std::string::npos);
}

TEST_CASE("a document that still wants an argument is no program") {
  const std::string text = "scope t(p: int)\nexpires 1h\n" + std::string(test::kLab) + "read lab:/a when n == $p\n";
  const lang::Compiled open = lang::compile(text);
  CHECK_FALSE(open.diagnostics().has_errors());
  CHECK_FALSE(open.program());
  CHECK(open.image().empty());
  CHECK(test::compile_or_die(text, {.arguments = {lang::Argument::written("p", "5")}}).rule_count() == 1);
}

TEST_CASE("what an image cannot hold is a finding about the document, and no program") {
  std::string text = "expires 1h\nread docs:/a when has user.a0";
  for (std::size_t i = 1; i <= image::kMaxReferences; ++i) text += " or has user.a" + std::to_string(i);
  const lang::Compiled refused = lang::compile(text);
  CHECK_FALSE(refused.program());
  CHECK(refused.image().empty());
  REQUIRE(refused.diagnostics().has_errors());
  const lang::Diagnostic& finding = refused.diagnostics().all()[0];
  CHECK(finding.code == "too-large");
  CHECK(finding.message == "the document's conditions read too many different attributes");
}

TEST_CASE("an image is used in place from a mapped file") {
  const Program program = test::compile_or_die(lab("read lab:/a because \"so it is\"\n"));
  char name[] = "/tmp/remit_emit_test_XXXXXX";
  const int file = mkstemp(name);
  REQUIRE(file >= 0);
  const std::span<const std::byte> bytes = program.image();
  REQUIRE(write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  void* const mapped = mmap(nullptr, bytes.size(), PROT_READ, MAP_PRIVATE, file, 0);
  REQUIRE(mapped != MAP_FAILED);
  {
    const auto borrowed = Program::load_borrowed({static_cast<const std::byte*>(mapped), bytes.size()});
    REQUIRE(borrowed.ok());
    CHECK(borrowed->image().data() == mapped);
    const Layers layers = Layers::link(borrowed.value()).value();
    const Decision decision = layers.decide({"read", "lab:/a/x"}, {}, Time{});
    CHECK(decision.allowed());
    CHECK(layers.rule(decision)->because == "so it is");
  }
  munmap(mapped, bytes.size());
  close(file);
  unlink(name);
}

}  // namespace
}  // namespace remit
