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

#include "engine/image/limits.h"
#include "engine/image/view.h"
#include "lang/compile/emit.h"
#include "tests/generate/compiled.h"
#include "tests/support.h"

namespace remit {
namespace {

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

TEST_CASE("comments and layout change nothing but the places") {
  const Program plain = test::compile_or_die(lab("read lab:/a; deny read lab:/b when size > 5MB\n"));
  const Program spaced = test::compile_or_die("# a comment\n" + lab("\nread   lab:/a  # here\n\n\ndeny read lab:/b\n  when size > 5MB\n"));
  const auto same = [](const auto& a, const auto& b) {
    return a.size_bytes() == b.size_bytes() && std::equal(std::as_bytes(a).begin(), std::as_bytes(a).end(), std::as_bytes(b).begin());
  };
  const image::View &a = plain.view(), &b = spaced.view();
  CHECK(same(a.nodes, b.nodes));
  CHECK(same(a.code, b.code));
  CHECK(same(a.slots, b.slots));
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

  document.systems = {system(3000, 0)};
  for (std::uint32_t i = 0; i < 3000; ++i) {
    for (std::uint32_t j = 0; j < 3000; ++j) {
      if (j != i) document.systems[0].actions[i].covers.push_back(j);
    }
  }
  CHECK(error().find("too many members") != std::string::npos);

  // `anything` counts once for each system.
  document.systems.assign(image::kMaxSystems, system(1, 1));
  lang::Rule rule;
  rule.subject.any = true;
  rule.subject.resources.resize(1);
  rule.subject.resources[0].anything = true;
  document.rules.assign(image::kMaxEntries / image::kMaxSystems + 1, rule);
  CHECK(error().find("too many rules and patterns") != std::string::npos);
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
