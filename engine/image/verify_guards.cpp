// The verifier's rules about guards: operands in range, jumps forward, the stack kept. See verify.h.
#include <array>
#include <vector>

#include "engine/image/opcodes.h"
#include "engine/image/verify.h"

namespace remit::image {
namespace {

const char* verify_lists(const View& view) noexcept {
  // What a list ranges over depends on the instruction that uses it, so both must hold.
  for (const Range& list : view.lists) {
    const bool numbers = list.first <= view.numbers.size() && list.count <= view.numbers.size() - list.first;
    const bool words = list.first <= view.words.size() && list.count <= view.words.size() - list.first;
    if (!numbers && !words) return "a constant list is out of range";
  }
  return nullptr;
}

bool list_of_words(std::uint8_t type) noexcept {
  return type == static_cast<std::uint8_t>(Type::string) || type == static_cast<std::uint8_t>(Type::resource);
}

bool list_in_range(const View& view, std::uint32_t index, bool words) noexcept {
  if (index >= view.lists.size()) return false;
  const Range list = view.lists[index];
  const std::size_t size = words ? view.words.size() : view.numbers.size();
  return list.first <= size && list.count <= size - list.first;
}

bool operand_in_range(const View& view, const Instruction& instruction, OperandKind kind, std::size_t left) noexcept {
  const std::uint32_t operand = instruction.operand;
  switch (kind) {
    case OperandKind::none: return true;
    case OperandKind::truth: return operand <= 1;
    case OperandKind::number: return operand < view.numbers.size();
    case OperandKind::word: return operand < view.words.size();
    // The mode's type is the element's: it says which constants the list ranges over.
    case OperandKind::list: return list_in_range(view, operand, list_of_words(mode_type(instruction.mode)));
    case OperandKind::numbers: return list_in_range(view, operand, false);
    case OperandKind::words: return list_in_range(view, operand, true);
    case OperandKind::reference: return operand < view.references.size();
    case OperandKind::window: return operand < view.windows.size();
    case OperandKind::except: return operand < view.excepts.size();
    case OperandKind::history: return operand < view.histories.size();
    case OperandKind::skip: return operand >= 1 && operand <= left;  // forward, at most to the end
  }
  return false;
}

// One guard. `expected[i % size]` is the depth that jumps promise for instruction i; jumps are few and
// near, but a hostile one may be far, so the promise is kept per target in the stack of open jumps.
const char* verify_guard(const View& view, std::span<const Instruction> code) noexcept {
  struct Jump { std::size_t target; unsigned depth; };
  std::array<Jump, kMaxStack> open{};
  std::size_t jumps = 0;
  unsigned depth = 0;
  for (std::size_t i = 0;; ++i) {
    while (jumps > 0 && open[jumps - 1].target == i) {
      if (open[--jumps].depth != depth) return "a jump lands with another stack";
    }
    if (i == code.size()) break;
    const Instruction& instruction = code[i];
    if (instruction.op >= static_cast<std::uint8_t>(Op::count_)) return "an instruction is unknown";
    const Op op = static_cast<Op>(instruction.op);
    const OpInfo& info = kOps[instruction.op];
    if (mode_type(instruction.mode) > static_cast<std::uint8_t>(Type::list) || (instruction.mode & 7) > static_cast<std::uint8_t>(Compare::ge)) return "an instruction has an unknown mode";
    if (reads_reference(op) && instruction.reference >= view.references.size()) return "an instruction reads no known attribute";
    if (!operand_in_range(view, instruction, info.operand, code.size() - i - 1)) return "an instruction's operand is out of range";
    if (depth < info.pops) return "an instruction finds too little on the stack";
    depth = depth - info.pops + info.pushes;
    if (depth > kMaxStack) return "a guard needs too deep a stack";
    if (info.operand == OperandKind::skip) {
      const std::size_t target = i + 1 + instruction.operand;
      // Jumps nest as the language's parentheses do: a later one ends no later than an earlier one.
      if (jumps > 0 && open[jumps - 1].target < target) return "jumps cross";
      if (jumps == open.size()) return "too many jumps are open at once";
      open[jumps++] = {target, depth};
    }
  }
  return depth == 1 ? nullptr : "a guard does not leave exactly one value";
}

}  // namespace

const char* verify_guards(const View& view) {
  if (const char* sentence = verify_lists(view)) return sentence;
  std::size_t next = 0, limits = 0;
  std::vector<std::uint32_t> lengths(view.code.size());  // of the guards seen, by where they begin
  for (const Rule& rule : view.rules) {
    if (rule.kind > RuleKind::limit) return "a rule has no known kind";
    if (rule.kind == RuleKind::limit ? rule.limit != limits++ : rule.limit != kNone) return "limits and amounts do not match";
    if (rule.limit != kNone && rule.limit >= view.limits.size()) return "a limit has no amount";
    // The whole guard of a rule before it; or none or a new one, right behind those seen. So the whole check is linear.
    if (rule.code < next && rule.code_length != 0 && lengths[rule.code] == rule.code_length) continue;
    if (rule.code != next || rule.code_length > view.code.size() - next) return "a guard is out of range";
    if (rule.code_length == 0) continue;
    if (const char* sentence = verify_guard(view, view.code.subspan(rule.code, rule.code_length))) return sentence;
    lengths[next] = rule.code_length;
    next += rule.code_length;
  }
  if (next != view.code.size()) return "some code belongs to no rule";
  return nullptr;  // verify_names has seen that every amount belongs to a limit of its own
}

}  // namespace remit::image
