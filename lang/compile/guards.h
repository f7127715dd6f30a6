// Conditions -> guard instructions. One door: GuardCompiler::compile. Covered by tests/emit_test.cpp.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "engine/image/opcodes.h"
#include "lang/check/resolved.h"
#include "lang/compile/builder.h"

namespace remit::lang {

class GuardCompiler {
 public:
  explicit GuardCompiler(Builder& builder) : builder_(builder) {}

  // Appends the guard's code, where no guard has the same yet; returns where it is (no instructions: nothing
  // to check). `history` is the index of the rule's `after`, where it has one.
  image::Range compile(const Guard& guard, std::uint32_t history);

  // The index of an attribute among the references.
  std::uint32_t reference(const AttributeRef& attribute);
  // The image's form of a pattern: normalised, appended to the patterns.
  image::Pattern pattern(const Pattern& pattern);

 private:
  void condition(const Condition& condition);
  void chain(const std::vector<Condition>& children, image::Op join, image::Op skip);
  void comparison(const Condition& condition);
  void membership(const Condition& condition);
  void push(image::Op op, std::uint32_t operand = 0, std::uint8_t mode = 0, std::uint32_t reference = 0);
  std::uint32_t number(std::int64_t value);
  std::uint32_t word(std::string_view text);
  // A list of `element`s, which an empty one does not show itself.
  std::uint32_t list(const Constant& list, Type element, bool sorted);
  std::uint32_t window(const Window& window);

  Builder& builder_;
  std::map<std::tuple<std::string, Fact, Type, Type>, std::uint32_t> references_;
  std::map<std::int64_t, std::uint32_t> numbers_;
  std::map<std::string, std::uint32_t, std::less<>> words_;
  std::map<std::vector<std::uint64_t>, std::uint32_t> lists_;  // by whether they are words, and what they hold
  std::map<std::tuple<std::uint16_t, std::uint16_t, std::uint32_t, std::uint32_t>, std::uint32_t> windows_;
  std::unordered_map<std::string, std::uint32_t> guards_;      // by their code
};

// Drops what says nothing: `**` at the end (then the pattern covers all beneath, so `only` goes too)
// and a `**` right after another.
struct NormalPattern {
  std::string text;
  bool exact = false;
};
NormalPattern normalise(const Pattern& pattern);

}  // namespace remit::lang
