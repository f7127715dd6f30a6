// The static bound on the work of one decision. A step is one instruction, one entry, one group of
// slots, or 16 bytes of text looked at. The bound is over every request within the limits of
// request.h, so it is far above what real requests cost; its use is that it exists, and that a host
// can refuse a program whose bound is absurd.
#include <algorithm>
#include <array>
#include <vector>

#include <remit/request.h>

#include "engine/image/opcodes.h"
#include "engine/image/verify.h"

namespace remit::image {
namespace {

constexpr std::uint64_t kTextSteps = kMaxAttributeString / 16;
constexpr std::uint64_t kFindAttribute = 2 * kMaxAttributes;
constexpr std::size_t kDepths = 64 + 3;  // system, root, and each segment

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) noexcept { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

// A glob with `?` may be tried at each position; without, each piece is searched in linear time.
std::uint64_t glob_steps(std::string_view glob) noexcept {
  const bool questions = glob.find(kQuestion) != std::string_view::npos;
  return questions ? kMaxAttributeString * (glob.size() + 1) : kTextSteps + glob.size();
}

std::uint64_t pattern_steps(const View& view, const Pattern& pattern) noexcept {
  const std::string_view text = view.text(pattern.text);
  std::uint64_t steps = kTextSteps + text.size() / 16 + 1;
  for (const char c : text) {
    if (c == kDeep) steps += 64 * 64;
    if (c == kStar || c == kQuestion) steps += kMaxAttributeString * 2;
  }
  return steps;
}

std::uint64_t instruction_steps(const View& view, const Instruction& instruction) noexcept {
  const Op op = static_cast<Op>(instruction.op);
  const std::uint64_t find = reads_reference(op) ? kFindAttribute : 0;
  switch (op) {
    case Op::compare_word: return find + kTextSteps;
    case Op::in_words: return find + 32 * kTextSteps;
    case Op::compare_list: case Op::contains_number: case Op::contains_word: return find + kMaxListItems * kTextSteps;
    case Op::compare_attributes: case Op::in_attribute: return 2 * find + kMaxListItems * kTextSteps;
    case Op::like: return find + glob_steps(view.text(view.words[instruction.operand]));
    case Op::except: {
      std::uint64_t steps = 1;
      for (const Pattern& pattern : View::slice(view.patterns, view.excepts[instruction.operand])) steps += pattern_steps(view, pattern);
      return steps;
    }
    case Op::window: return 16;
    default: return find + 1;
  }
}

std::uint64_t guard_steps(const View& view, const Rule& rule) noexcept {
  std::uint64_t steps = 0;
  for (const Instruction& instruction : view.code.subspan(rule.code, rule.code_length)) {
    steps = saturating_add(steps, instruction_steps(view, instruction));
  }
  return steps;
}

}  // namespace

std::uint64_t worst_case_steps(const View& view) {
  std::vector<std::uint64_t> guards;
  guards.reserve(view.rules.size());
  for (const Rule& rule : view.rules) guards.push_back(guard_steps(view, rule));

  const auto own_steps = [&](const Node& node) {
    std::uint64_t steps = 1 + node.key_length / 16;
    for (const Entry& entry : View::entries(node)) {
      steps = saturating_add(steps, 1);
      if (entry.pattern() != 0) steps = saturating_add(steps, pattern_steps(view, view.patterns[entry.pattern() - 1]));
      if (entry.guarded()) steps = saturating_add(steps, guards[entry.id]);
    }
    return steps;
  };

  // The costliest node of each depth, and the costliest star node: a decision meets at most one node
  // a depth, and one star node for each shape.
  std::array<std::uint64_t, kDepths> depth_steps{};
  std::uint64_t star_steps = 0;
  for (std::size_t at = 0; at < view.nodes.size(); at += View::node_units(view.node(static_cast<std::uint32_t>(at)))) {
    const Node& node = view.node(static_cast<std::uint32_t>(at));
    if (node.kind == NodeKind::star) star_steps = std::max(star_steps, own_steps(node));
  }
  for (std::size_t at = 0; at < view.nodes.size(); at += View::node_units(view.node(static_cast<std::uint32_t>(at)))) {
    const Node& node = view.node(static_cast<std::uint32_t>(at));
    if (node.kind == NodeKind::star) continue;
    const char* key = View::key(node);
    const std::size_t depth = node.kind == NodeKind::path
                                  ? std::min<std::size_t>(2 + static_cast<std::size_t>(std::count(key, key + node.key_length, '/')), kDepths - 1)
                                  : static_cast<std::size_t>(node.kind);
    std::uint64_t steps = own_steps(node);
    for (std::uint32_t i = 0; i < node.shapes; ++i) {
      const std::uint64_t tail = view.shapes[node.first_shape + i].tail;
      steps = saturating_add(steps, saturating_add(tail + kTextSteps + view.longest_probe, star_steps));
    }
    depth_steps[depth] = std::max(depth_steps[depth], steps);
  }
  std::uint64_t total = kTextSteps + kMaxAttributes * (kMaxListItems * kTextSteps);  // reading the request
  for (const std::uint64_t steps : depth_steps) total = saturating_add(total, saturating_add(steps, view.longest_probe));
  std::uint64_t broad = 0;
  for (const Broad& entry : view.broad) {
    if (entry.kind != EntryKind::history) broad = saturating_add(broad, 1 + guards[entry.id]);
  }
  return saturating_add(total, broad);
}

}  // namespace remit::image
