// The verifier: one mutated image for each of its rules. Damage in bulk is damage_test's.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <vector>

#include "engine/image/checksum.h"
#include "tests/image_patient.h"

namespace remit {
namespace {

using namespace image;
using test::good;
using test::kBroadText;
using test::kText;
using test::Patient;

struct Case {
  const char* expected;
  std::function<void(Patient&)> harm;
  const char* sample = kText;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"begin as a Remit image", [](Patient& p) { p.header().magic[0] = 'X'; }},
      {"has format 2.0", [](Patient& p) { p.header().major = 2; }},
      {"has format 4.9; this engine reads 4.0 to 4.0: compile", [](Patient& p) { p.header().minor = 9; }},
      {"header has the wrong size", [](Patient& p) { p.header().header_size += 8; }},
      {"cut short", [](Patient& p) { p.header().size -= 1; }},
      {"section `rules` lies outside", [](Patient& p) { p.ref(Section::rules).offset = 0xfffffff8; }},
      {"section `rules` lies outside", [](Patient& p) { p.ref(Section::rules).count = 0x7fffffff; }},
      {"section `code` lies outside", [](Patient& p) { p.ref(Section::code).offset += 4; }},
      {"section `groups` lies outside", [](Patient& p) { p.ref(Section::groups).offset = 0; }},
      {"exactly one document", [](Patient& p) { p.ref(Section::document).count = 0; }},
      {"no known kind", [](Patient& p) { p.at<Document>(Section::document)->kind = 7; }},
      {"trigger has no known kind", [](Patient& p) { p.at<Document>(Section::document)->trigger = 3; }},
      {"statement's text", [](Patient& p) { p.at<Document>(Section::document)->purpose.length = 0xffffffff; }},
      {"identifier patterns are out", [](Patient& p) { p.at<Document>(Section::document)->agents.count = 99; }},
      {"identifier pattern lies", [](Patient& p) { p.at<Text>(Section::identifiers)->offset = 0xfffffff0; }},
      {"no end", [](Patient& p) { p.at<Document>(Section::document)->expires_after = kNever; }},
      {"guardrail or grants document has", [](Patient& p) { p.at<Document>(Section::document)->kind = 1; }},
      {"guardrail or grants document has", [](Patient& p) { p.as_guardrail().expires_after = 5; }},
      {"guardrail or grants document has", [](Patient& p) { p.as_guardrail().expires_at = 5; }},
      {"guardrail or grants document has", [](Patient& p) { p.as_guardrail().starts = 5; }},
      {"guardrail or grants document has", [](Patient& p) { p.as_guardrail().idle = 5; }},
      {"guardrail or grants document has", [](Patient& p) { p.as_guardrail().has_purpose = 1; }},
      {"guardrail or grants document has", [](Patient& p) { p.as_guardrail().has_sponsor = 1; }},
      {"guardrail or grants document has", [](Patient& p) { p.as_guardrail().trigger = 1; }},
      {"guardrail or grants document has", [](Patient& p) { p.as_guardrail().delegate_levels = 1; }},
      {"guardrail or grants document has", [](Patient& p) { p.as_guardrail().agents.count = 1; }},
      {"guardrail or grants document has", [](Patient& p) { p.as_guardrail().users.count = 1; }},
      {"duration is negative", [](Patient& p) { p.at<Document>(Section::document)->review_every = -1; }},
      {"duration is negative", [](Patient& p) { p.at<Document>(Section::document)->expires_after = -1; }},
      {"duration is negative", [](Patient& p) { p.at<Document>(Section::document)->idle = -1; }},
      {"sponsor has no review", [](Patient& p) { p.at<Document>(Section::document)->review_every = kNever; }},
      {"too many systems or references", [](Patient& p) { p.move(Section::systems, (kMaxSystems + 1) * sizeof(System), kMaxSystems + 1); }},
      {"too many systems or references", [](Patient& p) { p.move(Section::references, (kMaxReferences + 1) * sizeof(Reference), kMaxReferences + 1); }},
      {"declares too much", [](Patient& p) { p.at<System>(Section::systems)->actions.count = kMaxActions + 1; }},
      {"declares too much", [](Patient& p) { p.at<System>(Section::systems)->attributes.count = kMaxDeclared + 1; }},
      {"system's name", [](Patient& p) { p.at<System>(Section::systems)->name.offset = 0xffffffff; }},
      {"system's actions", [](Patient& p) { p.at<System>(Section::systems)->actions.count += 1; }},
      {"system's attributes", [](Patient& p) { p.at<System>(Section::systems)->attributes.first += 1; }},
      {"action's name", [](Patient& p) { p.at<Action>(Section::actions)->name.length = 0xffffffff; }},
      {"action's members", [](Patient& p) { p.at<Action>(Section::actions)->covers.first = 1; }},
      {"covers one that its system", [](Patient& p) { *p.at<std::uint32_t>(Section::covers) = 500; }},
      {"attribute's name", [](Patient& p) { p.at<AttributeDecl>(Section::attributes)->name.offset = 0xffffffff; }},
      {"attribute has no type", [](Patient& p) { p.at<AttributeDecl>(Section::attributes)->type = 99; }},
      {"reference's name", [](Patient& p) { p.at<Reference>(Section::references)->name.length = 0xffffffff; }},
      {"reference has no type", [](Patient& p) { p.at<Reference>(Section::references)->element = 99; }},
      {"no known session fact", [](Patient& p) { p.at<Reference>(Section::references)->fact = static_cast<Fact>(9); }},
      {"declared attributes has the wrong size", [](Patient& p) { p.ref(Section::declared).count -= 1; }},
      {"declared attributes holds", [](Patient& p) { *p.at<std::uint8_t>(Section::declared) = 3; }},
      {"rules and places differ", [](Patient& p) { p.ref(Section::places).count -= 1; }},
      {"file lies outside", [](Patient& p) { p.at<File>(Section::files)->source.length = 0xffffffff; }},
      {"names no file", [](Patient& p) { p.at<Place>(Section::places)->file = 5; }},
      {"because lies outside", [](Patient& p) { p.at<Place>(Section::places)->because.offset = 0xffffffff; }},
      {"place lies outside", [](Patient& p) { p.at<Place>(Section::places)->end = 0x7fffffff; }},
      {"time zone is out", [](Patient& p) { p.at<Range>(Section::zones)->count = 0; }},
      {"steps are out of order", [](Patient& p) { p.at<ZoneStep>(Section::zone_steps)[1].start = -5; }},
      {"over 26 hours", [](Patient& p) { p.at<ZoneStep>(Section::zone_steps)->offset = INT64_MAX; }},
      {"begin in 1970", [](Patient& p) { p.at<ZoneStep>(Section::zone_steps)->start = 7; }},
      {"hours are impossible", [](Patient& p) { p.at<Window>(Section::windows)->from = 1440; }},
      {"hours are impossible", [](Patient& p) { p.at<Window>(Section::windows)->to = 1440; }},
      {"days are impossible", [](Patient& p) { p.at<Window>(Section::windows)->days = 0x80; }},
      {"names no time zone", [](Patient& p) { p.at<Window>(Section::windows)->zone = 9; }},
      {"constant lies outside", [](Patient& p) { *p.at<Text>(Section::words) = {4, p.ref(Section::texts).count - 3}; }},
      {"constant lies outside", [](Patient& p) { p.at<Text>(Section::words)->offset = 0xffffffff; }},
      {"pattern lies outside", [](Patient& p) { p.at<Pattern>(Section::patterns)->text.length = 0xffffffff; }},
      {"pattern is too long", [](Patient& p) { p.move(Section::texts, 8192); p.at<Pattern>(Section::patterns)->text = {0, 4097}; }},
      {"pattern names no system", [](Patient& p) { p.at<Pattern>(Section::patterns)->system = 5000; }},
      {"except is out", [](Patient& p) { p.at<Range>(Section::excepts)->count = 500; }},
      {"history belongs to no rule", [](Patient& p) { p.at<History>(Section::histories)->place_rule = p.ref(Section::rules).count; }},
      {"history belongs to no rule", [](Patient& p) { p.at<History>(Section::histories)->place_rule = 77; }},
      {"amount belongs to no limit", [](Patient& p) { p.at<Limit>(Section::limits)->rule = 0; }},
      {"amount belongs to no limit", [](Patient& p) { p.at<Limit>(Section::limits)[1].rule = p.at<Limit>(Section::limits)[0].rule; }},
      {"limit sums no known", [](Patient& p) { p.at<Limit>(Section::limits)[1].reference = 99; }},
      {"limit sums no known", [](Patient& p) { p.at<Limit>(Section::limits)[1].reference = p.code(Op::like).reference; }},
      {"limit sums no known", [](Patient& p) { p.at<Reference>(Section::references)[p.at<Limit>(Section::limits)[1].reference].fact = Fact::user; }},
      {"limit's amount is negative", [](Patient& p) { p.at<Limit>(Section::limits)->per = -1; }},
      {"limit's amount is negative", [](Patient& p) { p.at<Limit>(Section::limits)->most = -1; }},
      {"constant list is out", [](Patient& p) { p.at<Range>(Section::lists)->count = 0x7fffffff; }},
      {"rule has no known kind", [](Patient& p) { p.rule(0).kind = static_cast<RuleKind>(9); }},
      {"limits and amounts do not match", [](Patient& p) { p.rule(0).limit = 0; }},
      {"limit has no amount", [](Patient& p) { p.ref(Section::limits).count -= 1; }},
      {"guard is out of range", [](Patient& p) { p.rule(0).code = 1; }},
      {"guard is out of range", [](Patient& p) { p.rule(1).code_length = p.ref(Section::code).count - p.rule(1).code + 1; }},
      {"guard is out of range", [](Patient& p) { p.rule(0).code_length = 0x7fffffff; }},
      // Another rule's guard, but not from its begin, or not to its end.
      {"guard is out of range", [](Patient& p) { p.guarded(1).code = p.guarded(0).code + 1; }},
      {"guard is out of range", [](Patient& p) { p.unguarded().code = p.guarded(0).code + 1; }},
      {"guard is out of range", [](Patient& p) { p.unguarded().code_length = 1; }},
      {"guard is out of range", [](Patient& p) { p.guarded(1).code = p.guarded(0).code; p.guarded(1).code_length = p.guarded(0).code_length - 1; }},
      {"code belongs to no rule", [](Patient& p) { p.ref(Section::code).count += 1; }},
      {"instruction is unknown", [](Patient& p) { p.code(Op::like).op = 200; }},
      {"instruction is unknown", [](Patient& p) { p.code(Op::like).op = static_cast<std::uint8_t>(Op::count_); }},
      {"unknown mode", [](Patient& p) { p.code(Op::like).mode = 0xff; }},
      {"unknown mode", [](Patient& p) { p.code(Op::like).mode = make_mode(static_cast<Compare>(static_cast<int>(Compare::ge) + 1), 0); }},
      {"reads no known attribute", [](Patient& p) { p.code(Op::like).reference = 999; }},
      {"reads no known attribute", [](Patient& p) { p.code(Op::like).reference = static_cast<std::uint16_t>(p.ref(Section::references).count); }},
      {"operand is out", [](Patient& p) { p.code(Op::like).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::compare_number).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::compare_number).operand = p.ref(Section::numbers).count; }},
      {"operand is out", [](Patient& p) { p.code(Op::in_numbers).operand = p.ref(Section::lists).count; }},
      {"operand is out", [](Patient& p) { p.code(Op::in_numbers).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::compare_list).operand = 99; }},
      {"operand is out", [](Patient& p) {  // a list of numbers, where one of words is compared
         p.move(Section::numbers, 8000, 1000);
         p.at<Range>(Section::lists)[p.code(Op::compare_list).operand] = {p.ref(Section::words).count + 1, 0};
       }},
      {"operand is out", [](Patient& p) { p.code(Op::window).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::except).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::after).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::skip_if_false).operand = 0; }},
      {"operand is out", [](Patient& p) { p.code(Op::skip_if_false).operand = 0x7fffffff; }},
      {"too little on the stack", [](Patient& p) { p.at<Instruction>(Section::code)->op = static_cast<std::uint8_t>(Op::both); }},
      {"exactly one value", [](Patient& p) {
         const Rule& rule = p.rule(2);  // `unless`: what it compares, then its negation
         Instruction& last = p.at<Instruction>(Section::code)[rule.code + rule.code_length - 1];
         REQUIRE(last.op == static_cast<std::uint8_t>(Op::negate));
         last = {static_cast<std::uint8_t>(Op::truth), 0, 0, 0};
       }},
      {"too deep a stack", [](Patient& p) { p.code_is({200, {static_cast<std::uint8_t>(Op::truth), 0, 0, 0}}); }},
      {"jumps cross", [](Patient& p) {
         const Instruction truth{static_cast<std::uint8_t>(Op::truth), 0, 0, 0}, negate{static_cast<std::uint8_t>(Op::negate), 0, 0, 0};
         const auto skip = [](std::uint32_t many) { return Instruction{static_cast<std::uint8_t>(Op::skip_if_true), 0, 0, many}; };
         p.code_is({truth, skip(2), skip(3), negate, negate, negate});
       }},
      {"too many jumps", [](Patient& p) {
         std::vector<Instruction> code{{static_cast<std::uint8_t>(Op::truth), 0, 0, 0}};
         for (std::uint32_t i = 0; i < 200; ++i) code.push_back({static_cast<std::uint8_t>(Op::skip_if_true), 0, 0, 200 - i});
         code.push_back({static_cast<std::uint8_t>(Op::negate), 0, 0, 0});
         p.code_is(code);
       }},
      {"another stack", [](Patient& p) {
         auto* code = p.at<Instruction>(Section::code);
         const std::size_t skip = p.code_at(Op::skip_if_false);
         code[skip].operand = 1;
       }},
      {"node has no known kind", [](Patient& p) { p.node().kind = static_cast<NodeKind>(9); }},
      {"node is cut short", [](Patient& p) { p.node().entries = 0x0fffffff; }},
      {"node is cut short", [](Patient& p) { p.ref(Section::nodes).count = p.last_group().first + 1; }},
      {"impossible length", [](Patient& p) { p.node().key_length = 0; }},
      {"impossible length", [](Patient& p) { p.append_node(std::string(kMaxKey + 1, 'a')); }},
      {"node's shapes", [](Patient& p) { p.node().first_shape = 77; }},
      {"star is outside its key", [](Patient& p) { p.node().star = 4000; }},
      {"entry has no known kind", [](Patient& p) { p.entry().bits |= 7; }},
      {"entry's pattern does not exist", [](Patient& p) { p.entry().bits |= 0x07ffff00; }},
      {"entry's rule does not exist", [](Patient& p) { p.entry().id = 9999; p.entry().bits &= ~Entry::kKindMask; }},
      {"entry's history does not exist", [](Patient& p) { p.entry().bits = static_cast<std::uint32_t>(EntryKind::history); p.entry().id = 99; }},
      {"too many rules or patterns", [](Patient& p) { p.move(Section::rules, (kMaxRules + 1) * sizeof(Rule), kMaxRules + 1); }},
      {"different kinds", [](Patient& p) { p.entry().bits = (p.entry().bits & ~Entry::kKindMask) | 1; p.entry().id = 0; }},
      {"differ in being guarded", [](Patient& p) { p.entry() = {1, 0, static_cast<std::uint32_t>(EntryKind::allow)}; }},
      {"too long a tail", [](Patient& p) { p.at<Shape>(Section::shapes)->tail = 200; }},
      {"shapes belong to no node", [](Patient& p) { p.ref(Section::shapes).count += 1; }},
      {"star node has shapes", [](Patient& p) {
         std::size_t unit = 0;
         while (p.node(unit).kind != NodeKind::path || p.node(unit).shapes == 0) unit += View::node_units(p.node(unit));
         p.node(unit).kind = NodeKind::star;
       }},
      {"no group that hashes belong to", [](Patient& p) { p.ref(Section::groups).count = 0; }},
      {"no group that hashes belong to", [](Patient& p) { p.at<Group>(Section::groups)->behind = 1; }},
      {"behind one that they do not belong to", [](Patient& p) {
         REQUIRE(p.ref(Section::groups).count > 2);
         p.at<Group>(Section::groups)[1].behind = 1;
       }, "expires 1h\nread lab:/1, lab:/2, lab:/3, lab:/4, lab:/5, lab:/6, lab:/7, lab:/8, lab:/9, lab:/10, lab:/11, lab:/12, lab:/13, lab:/14\n"},
      {"group has no known end", [](Patient& p) { p.at<Group>(Section::groups)[1].behind = 2; }, kBroadText},
      {"does not begin where the one before it ends", [](Patient& p) { p.at<Group>(Section::groups)->first = 1; }},
      {"does not begin where the one before it ends", [](Patient& p) { p.last_group().first += 1; }},
      {"slots are not taken one after the other", [](Patient& p) { p.at<Group>(Section::groups)->taken = 2; }},
      {"slots are not taken one after the other", [](Patient& p) { p.at<Group>(Section::groups)->taken = (1u << (kGroupSlots + 1)) - 1; }},
      {"group has no known end", [](Patient& p) { p.at<Group>(Section::groups)->goes_on = 2; }},
      {"free slot is not empty", [](Patient& p) { p.at<Group>(Section::groups)->tags[kGroupSlots - 1] = 1; }},
      {"free slot is not empty", [](Patient& p) { p.at<Group>(Section::groups)->offsets[kGroupSlots - 1] = 1; }},
      {"does not lead to its node", [](Patient& p) { p.at<Group>(Section::groups)->offsets[0] = 1; }},
      {"does not lead to its node", [](Patient& p) { p.at<Group>(Section::groups)->offsets[1] += 1; }},
      {"go on behind the last group", [](Patient& p) { p.last_group().goes_on = 1; }},
      {"some nodes belong to no group", [](Patient& p) { p.free_last_slot(); }},
      {"over anything has no known kind", [](Patient& p) { p.at<Broad>(Section::broad)->kind = static_cast<EntryKind>(9); }, kBroadText},
      {"over anything does not exist", [](Patient& p) { p.at<Broad>(Section::broad)->id = 99; }, kBroadText},
      {"over anything does not exist", [](Patient& p) { p.at<Broad>(Section::broad)->id = p.ref(Section::rules).count; }, kBroadText},
      {"over anything is of another kind", [](Patient& p) { p.at<Broad>(Section::broad)->kind = EntryKind::ask; }, kBroadText},
      {"over anything has actions out of range", [](Patient& p) { p.at<Broad>(Section::broad)[1].names.count = 99; }, kBroadText},
      {"action's name lies outside", [](Patient& p) { p.at<Text>(Section::broad_names)->length = 0x7fffffff; }, kBroadText},
  };
  return all;
}

TEST_CASE("the sample image itself is accepted") {
  Patient patient;
  CHECK(patient.verdict() == "");
}

TEST_CASE("every rule of the verifier refuses its own mutation") {
  for (const Case& item : cases()) {
    Patient patient(item.sample);
    item.harm(patient);
    const std::string verdict = patient.verdict();
    INFO("expected: " << item.expected << "; got: " << verdict);
    CHECK(verdict.find(item.expected) != std::string::npos);
  }
}

// What the verifier can say stands in its sources; a sentence that no mutation above draws out is a rule
// without a test.
TEST_CASE("every sentence of the verifier is somebody's verdict") {
  std::string verdicts;
  for (const Case& item : cases()) {
    Patient patient(item.sample);
    item.harm(patient);
    verdicts += patient.verdict() + "\n";
  }
  std::vector<std::byte> damaged = good();
  damaged.back() ^= std::byte{1};
  verdicts += Program::load(damaged).error().text + "\n";
  verdicts += Program::load(std::span(damaged).first(sizeof(Header) - 1)).error().text + "\n";
  damaged = good();
  std::vector<std::uint64_t> room(damaged.size() / 8 + 2);
  std::byte* const askew = reinterpret_cast<std::byte*>(room.data()) + 4;
  std::memcpy(askew, damaged.data(), damaged.size());
  verdicts += Program::load_borrowed({askew, damaged.size()}).error().text + "\n";
  std::size_t sentences = 0;
  for (const char* file : {"verify.cpp", "verify_names.cpp", "verify_guards.cpp", "verify_index.cpp"}) {
    std::ifstream in(std::string(REMIT_SOURCE_DIR "/engine/image/") + file);
    for (std::string line; std::getline(in, line);) {
      if (line.find("return") == std::string::npos) continue;
      for (std::size_t open = line.find('"'); open != std::string::npos; open = line.find('"', open)) {
        const std::size_t close = line.find('"', open + 1);
        const std::string sentence = line.substr(open + 1, close - open - 1);
        open = close + 1;
        if (sentence.find(' ') == std::string::npos || sentence.find('`') != std::string::npos) continue;
        ++sentences;
        INFO("no mutation for: " << sentence);
        CHECK(verdicts.find(sentence) != std::string::npos);
      }
    }
  }
  CHECK(sentences > 60);
}

TEST_CASE("borrowed images are used in place") {
  const std::vector<std::byte> bytes = good();
  std::vector<std::uint64_t> aligned(bytes.size() / 8 + 2);
  auto* data = reinterpret_cast<std::byte*>(aligned.data());
  std::memcpy(data, bytes.data(), bytes.size());
  auto program = Program::load_borrowed({data, bytes.size()});
  REQUIRE(program.ok());
  CHECK(program->image().data() == data);
}

// A copy is summed as it is made, piece by piece: whatever its size, it is the whole, and its sum that of the whole.
TEST_CASE("a copy is the whole image, and so is what is summed of it") {
  std::vector<std::byte> bytes((std::size_t{3} << 18) + 77);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 2654435761u >> 13);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, (std::size_t{1} << 18) - 1, std::size_t{1} << 18, (std::size_t{1} << 18) + 1, bytes.size()}) {
    std::vector<std::byte> copy(size + 1, std::byte{0xee});
    const std::span<const std::byte> from = std::span(bytes).first(size);
    CHECK(xxh3_of_copy(copy.data(), from) == xxh3(from));
    CHECK(std::equal(from.begin(), from.end(), copy.begin()));
    CHECK(copy.back() == std::byte{0xee});
  }
}

}  // namespace
}  // namespace remit
