// An image that tests may mutilate: a sample that uses every section, typed access to each of them, and
// the verifier's word on what became of it.
#pragma once

#include <bit>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "engine/image/hash.h"
#include "engine/image/limits.h"
#include "engine/image/opcodes.h"
#include "engine/image/verify.h"
#include "tests/support.h"

namespace remit::test {

using namespace image;

inline const char* const kText =
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

inline const char* const kBroadText = "guardrail g\nallow any anything\ndeny write anything\n";

inline std::vector<std::byte> good(const char* text = kText) {
  const Program program = compile_or_die(std::string(text) + std::string(kLab));
  return {program.image().begin(), program.image().end()};
}

// An image under the knife: typed access to sections, resealed before it is loaded.
class Patient {
 public:
  explicit Patient(const char* text = kText) : bytes_(good(text)) {}

  Header& header() { return *reinterpret_cast<Header*>(bytes_.data()); }
  SectionRef& ref(Section section) { return header().sections[static_cast<std::size_t>(section)]; }
  template <class T>
  T* at(Section section) { return reinterpret_cast<T*>(bytes_.data() + ref(section).offset); }
  std::vector<std::byte>& bytes() { return bytes_; }

  Rule& rule(std::size_t i) { return at<Rule>(Section::rules)[i]; }
  // The first rule that has none.
  Rule& unguarded() {
    std::size_t i = 0;
    while (rule(i).code_length != 0) ++i;
    return rule(i);
  }
  // The n-th rule that has a guard.
  Rule& guarded(std::size_t n) {
    std::size_t i = 0;
    while (rule(i).code_length == 0 || n-- != 0) ++i;
    return rule(i);
  }
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

  // Gives a section a place of its own behind all others, with room for more.
  void move(Section section, std::size_t size, std::size_t count = 0) {
    const SectionRef old = ref(section);
    const std::size_t end = bytes_.size(), held = std::min(size, end - old.offset);
    bytes_.resize(end + (size + 7) / 8 * 8);
    std::memmove(bytes_.data() + end, bytes_.data() + old.offset, held);
    ref(section) = {static_cast<std::uint32_t>(end), count != 0 ? static_cast<std::uint32_t>(count) : section == Section::texts ? static_cast<std::uint32_t>(size) : old.count};
    header().size = bytes_.size();
  }
  // Makes `code` the first rule's guard, and leaves the others without.
  void code_is(const std::vector<Instruction>& code) {
    move(Section::code, code.size() * sizeof(Instruction), code.size());
    std::memcpy(at<Instruction>(Section::code), code.data(), code.size() * sizeof(Instruction));
    for (std::size_t i = 0; i < ref(Section::rules).count; ++i) rule(i).code = rule(i).code_length = 0;
    rule(0).code_length = static_cast<std::uint32_t>(code.size());
  }

  // A node of its own behind the others, the last of the last group: `entries` times the same entry.
  void append_node(std::string_view key, std::uint32_t entries = 0, Entry entry = {}) {
    const std::size_t old = ref(Section::nodes).count;
    Node node{entries, ref(Section::shapes).count, static_cast<std::uint16_t>(key.size()), 0, 0, NodeKind::path, 0};
    const std::size_t units = old + View::node_units(node);
    move(Section::nodes, units * 8, units);
    auto* at = reinterpret_cast<std::byte*>(at_unit(old));
    std::memset(at, 0, (units - old) * 8);
    std::memcpy(at, &node, sizeof node);
    for (std::uint32_t i = 0; i < entries; ++i) std::memcpy(at + sizeof node + i * sizeof entry, &entry, sizeof entry);
    std::memcpy(at + sizeof node + entries * sizeof entry, key.data(), key.size());
    Group& group = last_group();
    const int slot = std::popcount(group.taken);
    REQUIRE(slot < static_cast<int>(kGroupSlots));
    REQUIRE(old - group.first <= UINT8_MAX);
    group.tags[slot] = hash_tag(hash_path(key));
    group.offsets[slot] = static_cast<std::uint8_t>(old - group.first);
    group.taken = static_cast<std::uint16_t>(group.taken << 1 | 1);
  }
  // Takes the last node out of its slot.
  void free_last_slot() {
    Group& group = last_group();
    const int slot = std::popcount(group.taken) - 1;
    group.tags[slot] = group.offsets[slot] = 0, group.taken >>= 1;
  }
  Group& last_group() { return at<Group>(Section::groups)[ref(Section::groups).count - 1]; }
  std::uint64_t* at_unit(std::size_t unit) { return at<std::uint64_t>(Section::nodes) + unit; }
  // Makes a guardrail of the sample: nothing is left that only a task scope may state.
  Document& as_guardrail() {
    Document& head = *at<Document>(Section::document);
    head.kind = static_cast<std::uint8_t>(DocumentKind::guardrail);
    head.expires_after = head.expires_at = head.starts = head.idle = kNever;
    head.has_purpose = head.has_sponsor = head.trigger = 0;
    head.delegate_levels = 0;
    head.agents = head.users = {0, 0};
    return head;
  }

  std::string verdict() {
    header().checksum = checksum(bytes_);
    auto program = Program::load(bytes_);
    return program ? "" : program.error().text;
  }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace remit::test
