// What the verifier works out of an image, and where its numbers end. Its refusals are verify_test's.
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/image_patient.h"

namespace remit {
namespace {

using namespace image;
using test::good;
using test::Patient;

TEST_CASE("the sample as a guardrail is accepted, so what its mutations draw out is theirs") {
  Patient patient;
  patient.as_guardrail();
  CHECK(patient.verdict() == "");
}

TEST_CASE("a list is of numbers or of words, as the instruction says that uses it") {
  const auto verdict = [](Type element, std::uint32_t first, std::uint32_t count) {
    Patient patient;
    Instruction& compare = patient.code(Op::compare_list);
    compare.mode = make_mode(Compare::eq, static_cast<std::uint8_t>(element));
    patient.at<Range>(Section::lists)[compare.operand] = {first, count};
    return patient.verdict();
  };
  Patient patient;
  const std::uint32_t words = patient.ref(Section::words).count, numbers = patient.ref(Section::numbers).count;
  REQUIRE(words != numbers);
  const std::uint32_t more = std::max(words, numbers);
  for (const Type text : {Type::string, Type::resource}) CHECK((verdict(text, 0, more) == "") == (words == more));
  CHECK((verdict(Type::integer, 0, more) == "") == (numbers == more));
  CHECK(verdict(Type::resource, 0, words) == "");
  CHECK(verdict(Type::resource, 1, words) != "");
  CHECK(verdict(Type::resource, words, 0) == "");
  CHECK(verdict(Type::integer, 1, numbers) != "");
}

// A key that no request can have is no fault: it is met nowhere, and no search goes deeper for it.
TEST_CASE("a node deeper than any resource changes nothing of how an image is searched") {
  const Program plain = Program::load(good()).value();
  for (const std::size_t slashes : {64u, 65u, 1000u}) {
    Patient patient;
    patient.append_node("lab:" + std::string(slashes, '/'));
    REQUIRE(patient.verdict() == "");
    const Program program = Program::load(patient.bytes()).value();
    CHECK(program.view().depths == (plain.view().depths | (slashes == 64 ? std::uint64_t{1} << 63 : 0)));
  }
}

TEST_CASE("what stands exactly at a bound is accepted") {
  const auto verdict = [](void (*change)(Patient&)) {
    Patient patient;
    change(patient);
    return patient.verdict();
  };
  CHECK(verdict([](Patient& p) { *p.at<Text>(Section::words) = {p.ref(Section::texts).count, 0}; }) == "");
  CHECK(verdict([](Patient& p) { p.at<Document>(Section::document)->expires_after = 0; }) == "");
  CHECK(verdict([](Patient& p) { p.at<ZoneStep>(Section::zone_steps)->offset = -93'600'000'000; }) == "");
  CHECK(verdict([](Patient& p) { p.at<ZoneStep>(Section::zone_steps)->offset = 93'600'000'000; }) == "");
  CHECK(verdict([](Patient& p) { p.move(Section::texts, 8192), p.at<Pattern>(Section::patterns)->text = {0, kMaxKey}; }) == "");
  CHECK(verdict([](Patient& p) { p.append_node(std::string(kMaxKey, 'a')); }) == "");
}

TEST_CASE("rules and patterns are no more than an index can name") {
  const auto verdict = [](Section section, std::size_t size, std::size_t count, std::size_t most) {
    Patient patient;
    patient.move(section, (most + 1) * size, count);
    patient.ref(Section::document).count = 0;  // what is looked at next
    patient.header().checksum = checksum(patient.bytes());
    return Program::load_borrowed(patient.bytes()).error().text;
  };
  for (const std::size_t more : {0u, 1u}) {
    const char* const sentence = more == 0 ? "exactly one document" : "too many rules or patterns";
    CHECK(verdict(Section::patterns, sizeof(Pattern), kMaxPatterns + more, kMaxPatterns).find(sentence) != std::string::npos);
    CHECK(verdict(Section::rules, sizeof(Rule), kMaxRules + more, kMaxRules).find(sentence) != std::string::npos);
  }
}

TEST_CASE("a search may go on though nothing is there, and what is there is found") {
  Patient patient(test::kBroadText);
  const std::uint32_t count = patient.ref(Section::groups).count;
  REQUIRE(count > 1);
  for (std::uint32_t i = 0; i + 1 < count; ++i) patient.at<Group>(Section::groups)[i].goes_on = 1;
  CHECK(patient.verdict() == "");
  const Program program = Program::load(patient.bytes()).value();
  CHECK(program.view().longest_probe == count);
  const Layers layers = Layers::link(test::compile_or_die("expires 1h\n" + std::string(test::kLab) + "allow any anything\n"), {program}).value();
  CHECK(layers.decide({"read", "lab:/a"}, {}, Time{}).allowed());
  CHECK(layers.decide({"update", "lab:/a"}, {}, Time{}).layer == 1);
}

TEST_CASE("a because that a place does not speak of is not told") {
  Patient patient;
  std::size_t with = 0, without = 0;
  for (std::uint32_t i = 0; i < patient.ref(Section::rules).count; ++i) with += Program::load(patient.bytes())->rule(i).because ? 1 : 0;
  for (std::uint32_t i = 0; i < patient.ref(Section::places).count; ++i) patient.at<Place>(Section::places)[i].has_because = 0;
  REQUIRE(patient.verdict() == "");
  for (std::uint32_t i = 0; i < patient.ref(Section::rules).count; ++i) without += Program::load(patient.bytes())->rule(i).because ? 1 : 0;
  CHECK(with > 0);
  CHECK(without == 0);
}

TEST_CASE("the bound on the work of a hostile image stops at the largest number, and does not wrap") {
  Patient patient;
  // One guard of a thousand `like`s, each of a glob as long as all texts together, and a quarter of a million
  // entries that run it.
  constexpr std::uint32_t kTexts = 1u << 24, kLikes = 1024, kRuns = 1u << 18;
  const Instruction like = patient.code(Op::like), both{static_cast<std::uint8_t>(Op::both), 0, 0, 0};
  patient.move(Section::texts, kTexts);
  patient.at<char>(Section::texts)[kTexts - 1] = kQuestion;
  patient.at<Text>(Section::words)[like.operand] = {0, kTexts};
  std::vector<Instruction> code{like};
  for (std::uint32_t i = 1; i < kLikes; ++i) code.insert(code.end(), {like, both});
  patient.code_is(code);
  for (std::uint32_t i = 1; i < patient.ref(Section::rules).count; ++i) patient.rule(i).code = static_cast<std::uint32_t>(code.size());
  const std::size_t units = patient.ref(Section::nodes).count;
  for (std::size_t unit = 0; unit < units; unit += View::node_units(patient.node(unit))) {
    auto* const entries = reinterpret_cast<Entry*>(&patient.node(unit) + 1);
    for (std::uint32_t i = 0; i < patient.node(unit).entries; ++i) {
      if (entries[i].kind() == EntryKind::history) continue;
      entries[i].bits &= ~Entry::kGuarded;
      if (entries[i].id == 0) entries[i].bits |= Entry::kGuarded;
    }
  }
  patient.append_node("lab:/zz", kRuns, {1, 0, static_cast<std::uint32_t>(EntryKind::allow) | Entry::kGuarded});
  REQUIRE(patient.verdict() == "");
  CHECK(Program::load(patient.bytes())->worst_case_steps() == UINT64_MAX);
}

}  // namespace
}  // namespace remit
