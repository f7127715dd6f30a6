// The verifier: one mutated image for each of its rules, and hostile bytes in bulk.
#include <catch2/catch.hpp>

#include <cstring>
#include <functional>
#include <vector>

#include "engine/image/opcodes.h"
#include "engine/image/verify.h"
#include "tests/support.h"

namespace remit {
namespace {

using namespace image;

const char* const kText =
    "scope rich\n"
    "purpose \"why\"\n"
    "agent spiffe://acme/agent/*\n"
    "on behalf of *@acme.example\n"
    "sponsor eve@acme.example\nreview every 30d\ntrigger event \"night\"\n"
    "delegate up to 2 levels to spiffe://acme/**\n"
    "expires 2h\nidle 20m\n"
    "read, list lab:/a except lab:/a/hr, lab:/**/secret when size <= 5MB and region like \"e*\" or n in [1, 2, 3]\n"
    "  between 09:00 and 18:00 on mon-fri in Europe/Zurich at most 3 times per 1h\n"
    "write lab:/p/*/x, lab:/p/**/y unless labels == [\"a\", \"b\"] because \"it is so\"\n"
    "deny any lab:/z after read lab:/a\n"
    "limit write lab:/ to 5 of n\n";

std::vector<std::byte> good() {
  const Program program = test::compile_or_die(std::string(kText) + std::string(test::kLab));
  return {program.image().begin(), program.image().end()};
}

// An image under the knife: typed access to sections, resealed before it is loaded.
class Patient {
 public:
  Patient() : bytes_(good()) {}

  Header& header() { return *reinterpret_cast<Header*>(bytes_.data()); }
  SectionRef& ref(Section section) { return header().sections[static_cast<std::size_t>(section)]; }
  template <class T>
  T* at(Section section) { return reinterpret_cast<T*>(bytes_.data() + ref(section).offset); }
  std::vector<std::byte>& bytes() { return bytes_; }

  Rule& rule(std::size_t i) { return at<Rule>(Section::rules)[i]; }
  Node& node(std::size_t unit = 0) { return *reinterpret_cast<Node*>(at<std::uint64_t>(Section::nodes) + unit); }
  Entry& entry() {  // the first entry of the first node that has one
    std::size_t unit = 0;
    while (node(unit).entries == 0) unit += View::node_units(node(unit));
    return *reinterpret_cast<Entry*>(&node(unit) + 1);
  }
  std::size_t code_at(Op op) {
    auto* code = at<Instruction>(Section::code);
    for (std::size_t i = 0; i < ref(Section::code).count; ++i) {
      if (code[i].op == static_cast<std::uint8_t>(op)) return i;
    }
    FAIL("the sample has no such instruction");
    return 0;
  }
  Instruction& code(Op op) { return at<Instruction>(Section::code)[code_at(op)]; }

  std::string verdict(bool reseal = true) {
    if (reseal) header().checksum = checksum(bytes_);
    auto program = Program::load(bytes_);
    return program ? "" : program.error().text;
  }

 private:
  std::vector<std::byte> bytes_;
};

struct Case {
  const char* expected;
  std::function<void(Patient&)> harm;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"begin as a Remit image", [](Patient& p) { p.header().magic[0] = 'X'; }},
      {"has format 2.0", [](Patient& p) { p.header().major = 2; }},
      {"has format 1.9", [](Patient& p) { p.header().minor = 9; }},
      {"header has the wrong size", [](Patient& p) { p.header().header_size += 8; }},
      {"cut short", [](Patient& p) { p.header().size -= 1; }},
      {"section `rules` lies outside", [](Patient& p) { p.ref(Section::rules).offset = 0xfffffff8; }},
      {"section `rules` lies outside", [](Patient& p) { p.ref(Section::rules).count = 0x7fffffff; }},
      {"section `code` lies outside", [](Patient& p) { p.ref(Section::code).offset += 4; }},
      {"section `tags` lies outside", [](Patient& p) { p.ref(Section::tags).offset = 0; }},
      {"exactly one document", [](Patient& p) { p.ref(Section::document).count = 0; }},
      {"no known kind", [](Patient& p) { p.at<Document>(Section::document)->kind = 7; }},
      {"trigger has no known kind", [](Patient& p) { p.at<Document>(Section::document)->trigger = 3; }},
      {"statement's text", [](Patient& p) { p.at<Document>(Section::document)->purpose.length = 0xffffffff; }},
      {"identifier patterns are out", [](Patient& p) { p.at<Document>(Section::document)->agents.count = 99; }},
      {"identifier pattern lies", [](Patient& p) { p.at<Text>(Section::identifiers)->offset = 0xfffffff0; }},
      {"no end", [](Patient& p) { p.at<Document>(Section::document)->expires_after = kNever; }},
      {"guardrail or grants document has", [](Patient& p) { p.at<Document>(Section::document)->kind = 1; }},
      {"duration is negative", [](Patient& p) { p.at<Document>(Section::document)->idle = -1; }},
      {"sponsor has no review", [](Patient& p) { p.at<Document>(Section::document)->review_every = kNever; }},
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
      {"days are impossible", [](Patient& p) { p.at<Window>(Section::windows)->days = 0x80; }},
      {"names no time zone", [](Patient& p) { p.at<Window>(Section::windows)->zone = 9; }},
      {"constant lies outside", [](Patient& p) { p.at<Text>(Section::words)->offset = 0xffffffff; }},
      {"pattern lies outside", [](Patient& p) { p.at<Pattern>(Section::patterns)->text.length = 0xffffffff; }},
      {"pattern names no system", [](Patient& p) { p.at<Pattern>(Section::patterns)->system = 5000; }},
      {"except is out", [](Patient& p) { p.at<Range>(Section::excepts)->count = 500; }},
      {"history belongs to no rule", [](Patient& p) { p.at<History>(Section::histories)->place_rule = 77; }},
      {"amount belongs to no limit", [](Patient& p) { p.at<Limit>(Section::limits)->rule = 0; }},
      {"limit sums no known", [](Patient& p) { p.at<Limit>(Section::limits)[1].reference = 99; }},
      {"limit's amount is negative", [](Patient& p) { p.at<Limit>(Section::limits)->most = -1; }},
      {"constant list is out", [](Patient& p) { p.at<Range>(Section::lists)->count = 0x7fffffff; }},
      {"rule has no known kind", [](Patient& p) { p.rule(0).kind = static_cast<RuleKind>(9); }},
      {"limits and amounts do not match", [](Patient& p) { p.rule(1).limit = 1; }},
      {"guard is out of range", [](Patient& p) { p.rule(0).code = 1; }},
      {"guard is out of range", [](Patient& p) { p.rule(0).code_length = 0x7fffffff; }},
      {"code belongs to no rule", [](Patient& p) {
         Rule& last = p.rule(p.ref(Section::rules).count - 1);
         REQUIRE(last.code_length == 0);
         p.rule(3).code_length -= 1;  // the deny's guard is `after` alone: now empty, one instruction over
       }},
      {"instruction is unknown", [](Patient& p) { p.code(Op::like).op = 200; }},
      {"unknown mode", [](Patient& p) { p.code(Op::like).mode = 0xff; }},
      {"reads no known attribute", [](Patient& p) { p.code(Op::like).reference = 999; }},
      {"operand is out", [](Patient& p) { p.code(Op::like).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::compare_number).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::in_numbers).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::compare_list).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::window).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::except).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::after).operand = 99; }},
      {"operand is out", [](Patient& p) { p.code(Op::skip_if_false).operand = 0; }},
      {"operand is out", [](Patient& p) { p.code(Op::skip_if_false).operand = 0x7fffffff; }},
      {"too little on the stack", [](Patient& p) { p.at<Instruction>(Section::code)->op = static_cast<std::uint8_t>(Op::both); }},
      {"exactly one value", [](Patient& p) { p.code(Op::negate).op = static_cast<std::uint8_t>(Op::truth); p.code(Op::truth).operand = 0; }},
      {"another stack", [](Patient& p) {
         auto* code = p.at<Instruction>(Section::code);
         const std::size_t skip = p.code_at(Op::skip_if_false);
         code[skip].operand = 1;
       }},
      {"node has no known kind", [](Patient& p) { p.node().kind = static_cast<NodeKind>(9); }},
      {"node is cut short", [](Patient& p) { p.node().entries = 0x0fffffff; }},
      {"impossible length", [](Patient& p) { p.node().key_length = 0; }},
      {"node's shapes", [](Patient& p) { p.node().first_shape = 77; }},
      {"star is outside its key", [](Patient& p) { p.node().star = 4000; }},
      {"entry has no known kind", [](Patient& p) { p.entry().bits |= 7; }},
      {"entry's pattern does not exist", [](Patient& p) { p.entry().bits |= 0x07ffff00; }},
      {"entry's rule does not exist", [](Patient& p) { p.entry().id = 9999; p.entry().bits &= ~Entry::kKindMask; }},
      {"different kinds", [](Patient& p) { p.entry().bits = (p.entry().bits & ~Entry::kKindMask) | 1; p.entry().id = 0; }},
      {"differ in being guarded", [](Patient& p) { p.entry() = {1, 0, static_cast<std::uint32_t>(EntryKind::allow)}; }},
      {"longer than 64|too long a tail", [](Patient& p) { p.at<Shape>(Section::shapes)->tail = 200; }},
      {"shapes belong to no node", [](Patient& p) {
         std::size_t unit = 0;
         while (p.node(unit).shapes == 0) unit += View::node_units(p.node(unit));
         p.node(unit).shapes = 0;
       }},
      {"power of two", [](Patient& p) { p.ref(Section::tags).count = 0; }},
      {"slots and tags differ", [](Patient& p) { p.ref(Section::slots).count -= 1; }},
      {"slot and its tag disagree", [](Patient& p) { p.at<std::uint32_t>(Section::slots)[0] ^= 0xffffffff; }},
      {"points at no node", [](Patient& p) {
         for (std::uint32_t i = 0;; ++i) {
           auto& slot = p.at<std::uint32_t>(Section::slots)[i];
           if (slot != kNone) { slot += 1; break; }
         }
       }},
      {"no empty slot", [](Patient& p) {
         for (std::uint32_t i = 0; i < p.ref(Section::tags).count; ++i) p.at<std::uint64_t>(Section::tags)[i] = ~std::uint64_t{0};
         for (std::uint32_t i = 0; i < p.ref(Section::slots).count; ++i) p.at<std::uint32_t>(Section::slots)[i] = 0;
       }},
      {"tag is malformed", [](Patient& p) {
         for (std::uint32_t i = 0; i < p.ref(Section::slots).count; ++i) {
           if (p.at<std::uint32_t>(Section::slots)[i] == kNone) continue;
           p.at<std::uint64_t>(Section::tags)[i / 8] &= ~(std::uint64_t{0x80} << i % 8 * 8);
           p.at<std::uint64_t>(Section::tags)[i / 8] |= std::uint64_t{1} << i % 8 * 8;
           return;
         }
       }},
  };
  return all;
}

TEST_CASE("the sample image itself is accepted") {
  Patient patient;
  CHECK(patient.verdict() == "");
}

TEST_CASE("every rule of the verifier refuses its own mutation") {
  for (const Case& item : cases()) {
    Patient patient;
    item.harm(patient);
    const std::string verdict = patient.verdict();
    const std::string_view expected = item.expected;
    const std::size_t bar = expected.find('|');
    const bool found = verdict.find(expected.substr(0, bar)) != std::string::npos ||
                       (bar != std::string_view::npos && verdict.find(expected.substr(bar + 1)) != std::string::npos);
    INFO("expected: " << item.expected << "; got: " << verdict);
    CHECK(found);
  }
}

TEST_CASE("rules over anything are verified too") {
  const Program program = test::compile_or_die("guardrail g\nallow any anything\ndeny write anything\n");
  std::vector<std::byte> bytes(program.image().begin(), program.image().end());
  const auto broken = [&](const std::function<void(Broad*)>& harm) {
    std::vector<std::byte> copy = bytes;
    auto& header = *reinterpret_cast<Header*>(copy.data());
    harm(reinterpret_cast<Broad*>(copy.data() + header.sections[static_cast<std::size_t>(Section::broad)].offset));
    header.checksum = checksum(copy);
    auto loaded = Program::load(copy);
    return loaded ? std::string() : loaded.error().text;
  };
  CHECK(broken([](Broad*) {}) == "");
  CHECK(broken([](Broad* b) { b->kind = static_cast<EntryKind>(9); }).find("no known kind") != std::string::npos);
  CHECK(broken([](Broad* b) { b->id = 99; }).find("does not exist") != std::string::npos);
  CHECK(broken([](Broad* b) { b[1].names.count = 99; }).find("out of range") != std::string::npos);
}

TEST_CASE("an image cut anywhere, or with any single bit flipped, is refused") {
  const std::vector<std::byte> bytes = good();
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 64) {
    CHECK_FALSE(Program::load(std::span(bytes).first(size)).ok());
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 97) {
    std::vector<std::byte> copy = bytes;
    copy[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8);
    CHECK_FALSE(Program::load(copy).ok());
  }
}

// Damage with a right checksum: whatever the verifier lets pass must run without harm.
TEST_CASE("resealed random damage is refused or runs safely") {
  const std::vector<std::byte> bytes = good();
  std::uint64_t random = 42;
  const auto next = [&] { return random = random * 6364136223846793005u + 1442695040888963407u, random >> 33; };
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::byte> copy = bytes;
    for (std::uint64_t hits = 1 + next() % 4; hits > 0; --hits) {
      const std::size_t at = sizeof(Header) * (next() % 8 != 0) + next() % (copy.size() - sizeof(Header));
      copy[at] = next() % 2 ? std::byte(next()) : copy[at] ^ std::byte{1} << static_cast<int>(next() % 8);
    }
    reinterpret_cast<Header*>(copy.data())->checksum = checksum(copy);
    auto program = Program::load(copy);
    if (!program) continue;
    ++accepted;
    auto layers = Layers::link(*program.operator->());
    if (!layers) continue;
    const Attribute attributes[] = {{"size", bytes.size() > 0 ? Value(remit::bytes(5)) : Value()}, {"region", "eu"}, {"n", 1}};
    for (const char* resource : {"lab:/a/x", "lab:/p/q/x", "lab:/p/q/r/y", "lab:/z", "docs:/"}) {
      for (const char* action : {"read", "write", "create"}) {
        (void)layers.value().decide(Request(action, resource, attributes), Facts{}, time_from_micros(1'700'000'000'000'000));
        auto prepared = layers.value().prepare(action, resource);
        if (prepared) (void)layers.value().decide(prepared.value(), attributes, Facts{}, time_from_micros(5));
      }
    }
  }
  CHECK(accepted > 100);  // otherwise the test would show nothing
}

TEST_CASE("borrowed images are used in place and must be aligned") {
  const std::vector<std::byte> bytes = good();
  std::vector<std::uint64_t> aligned(bytes.size() / 8 + 2);
  auto* data = reinterpret_cast<std::byte*>(aligned.data());
  std::memcpy(data, bytes.data(), bytes.size());
  auto program = Program::load_borrowed({data, bytes.size()});
  REQUIRE(program.ok());
  CHECK(program->image().data() == data);
  std::memmove(data + 4, bytes.data(), bytes.size());
  CHECK(Program::load_borrowed({data + 4, bytes.size()}).error().text.find("aligned") != std::string::npos);
}

}  // namespace
}  // namespace remit
