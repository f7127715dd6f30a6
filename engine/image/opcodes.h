// The one table of guard instructions. The compiler emits from it, the verifier checks against it,
// the disassembler prints it, the vm runs it, docs/image-format.md shows it.
//
// A guard is a little stack program over Kleene's three values: false, unknown, true. It runs from
// its first instruction forward (jumps only skip ahead) and leaves one value.
//
//   X(name, pops, pushes, operand, meaning)
//     operand: what `operand` indexes: none, number, word, list, numbers, words (a list of them),
//              reference (a second attribute), except, window, history, skip, truth (0 or 1)
//     `A` is the attribute `reference`, `op` the comparison in `mode`. An absent attribute, or one of
//     another type than the mode's, makes the value unknown.
#pragma once

#include <cstdint>

namespace remit::image {

#define REMIT_OPCODES(X)                                                                          \
  X(truth, 0, 1, truth, "push the constant")                                                      \
  X(test, 0, 1, none, "push A, a bool")                                                           \
  X(has, 0, 1, none, "push whether A is present; never unknown")                                  \
  X(compare_number, 0, 1, number, "push A op constant: int, size, duration, time, bool")          \
  X(compare_word, 0, 1, word, "push A op constant: string, resource; by bytes")                   \
  X(compare_list, 0, 1, list, "push A == or != constant list")                                    \
  X(compare_attributes, 0, 1, reference, "push A op other attribute")                             \
  X(in_numbers, 0, 1, numbers, "push whether A is one of the sorted numbers")                     \
  X(in_words, 0, 1, words, "push whether A is one of the sorted words")                           \
  X(contains_number, 0, 1, number, "push whether the list A holds the number")                    \
  X(contains_word, 0, 1, word, "push whether the list A holds the word")                          \
  X(in_attribute, 0, 1, reference, "push whether A is in the list of the other attribute")        \
  X(like, 0, 1, word, "push whether the glob matches all of the string A")                        \
  X(window, 0, 1, window, "push whether now is in the window; unknown outside 1970 to 2100")      \
  X(except, 0, 1, except, "push whether one of the patterns matches the resource")                \
  X(after, 0, 1, history, "push whether the session was granted such a request before")           \
  X(negate, 1, 1, none, "pop, push its negation; unknown stays unknown")                          \
  X(both, 2, 1, none, "pop two, push their conjunction: the smaller")                             \
  X(either, 2, 1, none, "pop two, push their disjunction: the larger")                            \
  X(skip_if_false, 1, 1, skip, "if the top is false, skip that many instructions")                \
  X(skip_if_true, 1, 1, skip, "if the top is true, skip that many instructions")

enum class Op : std::uint8_t {
#define REMIT_OPCODE_NAME(name, pops, pushes, operand, meaning) name,
  REMIT_OPCODES(REMIT_OPCODE_NAME)
#undef REMIT_OPCODE_NAME
      count_
};

enum class OperandKind : std::uint8_t {
  none, truth, number, word, list, numbers, words, reference, window, except, history, skip
};

struct OpInfo {
  const char* name;
  std::uint8_t pops, pushes;
  OperandKind operand;
  const char* meaning;
};

inline constexpr OpInfo kOps[] = {
#define REMIT_OPCODE_INFO(name, pops, pushes, operand, meaning) {#name, pops, pushes, OperandKind::operand, meaning},
    REMIT_OPCODES(REMIT_OPCODE_INFO)
#undef REMIT_OPCODE_INFO
};

// Comparisons, in the low three bits of `mode`.
enum class Compare : std::uint8_t { eq, ne, lt, le, gt, ge };
inline constexpr const char* kCompareNames[] = {"==", "!=", "<", "<=", ">", ">="};

constexpr std::uint8_t make_mode(Compare compare, std::uint8_t type) noexcept {
  return static_cast<std::uint8_t>(static_cast<std::uint8_t>(compare) | type << 3);
}
constexpr Compare mode_compare(std::uint8_t mode) noexcept { return static_cast<Compare>(mode & 7); }
constexpr std::uint8_t mode_type(std::uint8_t mode) noexcept { return static_cast<std::uint8_t>(mode >> 3); }

// Deepest stack that the verifier accepts. The language nests 64 deep; a guard adds a few.
inline constexpr unsigned kMaxStack = 128;

// How far a reference is read: does the instruction look at attribute `reference`?
constexpr bool reads_reference(Op op) noexcept {
  switch (op) {
    case Op::truth: case Op::window: case Op::except: case Op::after: case Op::negate:
    case Op::both: case Op::either: case Op::skip_if_false: case Op::skip_if_true:
      return false;
    default:
      return true;
  }
}

}  // namespace remit::image
