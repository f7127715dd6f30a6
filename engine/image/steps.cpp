// The static bound on the work of one decision. A step is one instruction, one entry, one slot, or 16
// bytes of text looked at. The bound is over every request within the limits of request.h, and facts
// within the same, so it is far above what real requests cost; its use is that it exists, and that a
// host can refuse a program whose bound is absurd. Computing it is linear in the image, whoever made it.
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <remit/request.h>

#include "engine/image/limits.h"
#include "engine/image/opcodes.h"
#include "engine/image/resource.h"
#include "engine/image/view.h"

namespace remit::image {
namespace {

using detail::kMaxResourceBytes;
using detail::kMaxSegments;

constexpr std::uint64_t kTextSteps = kMaxAttributeString / 16;
constexpr std::uint64_t kListSteps = kMaxListItems * kTextSteps;
constexpr std::uint64_t kFindAttribute = 2 * kMaxAttributes;
// A group of slots: each may lead to a node whose key must be compared.
constexpr std::uint64_t kGroupSteps = 1 + kGroupSlots * (1 + kMaxKey / 16);
constexpr std::size_t kDepths = kMaxSegments + 3;  // system, root, and each segment

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) noexcept { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

// Where one byte occurs in the texts. Texts may overlap as they like, so walking each of them would not
// be linear; two searches here count the byte in any of them.
class Occurrences {
 public:
  Occurrences(const View& view, char byte) {
    const std::string_view texts(view.texts.data(), view.texts.size());
    for (std::size_t i = texts.find(byte); i != std::string_view::npos; i = texts.find(byte, i + 1)) {
      places_.push_back(static_cast<std::uint32_t>(i));
    }
  }
  std::uint64_t in(Text text) const noexcept {
    const auto first = std::lower_bound(places_.begin(), places_.end(), std::uint64_t{text.offset});
    const auto last = std::lower_bound(first, places_.end(), std::uint64_t{text.offset} + text.length);
    return static_cast<std::uint64_t>(last - first);
  }

 private:
  std::vector<std::uint32_t> places_;
};

class Bound {
 public:
  explicit Bound(const View& view) : view_(view), questions_(view, kQuestion), deeps_(view, kDeep) {
    // No sum of these overflows: patterns are short and few (limits.h).
    pattern_sums_.reserve(view.patterns.size() + 1);
    pattern_sums_.push_back(0);
    for (const Pattern& pattern : view.patterns) pattern_sums_.push_back(pattern_sums_.back() + pattern_steps(pattern));
    guards_.resize(view.code.size());
    for (const Rule& rule : view.rules) {
      if (rule.code_length != 0 && guards_[rule.code] == 0) guards_[rule.code] = code_steps(rule);  // an instruction is a step at least
    }
  }

  std::uint64_t total() const {
    std::uint64_t star_steps = 0;  // of the costliest star node: there is at most one for each shape
    each_node([&](const Node& node) {
      if (node.kind == NodeKind::star) star_steps = std::max(star_steps, own_steps(node));
    });
    const std::uint64_t search = kGroupSteps * view_.longest_probe;
    std::array<std::uint64_t, kDepths> depths{};  // the costliest node of each: there is at most one
    each_node([&](const Node& node) {
      if (node.kind == NodeKind::star) return;
      std::uint64_t steps = own_steps(node);
      for (std::uint32_t i = 0; i < node.shapes; ++i) {
        steps = saturating_add(steps, saturating_add(kMaxSegments + kTextSteps + search, star_steps));
      }
      std::uint64_t& most = depths[depth_of(node)];
      most = std::max(most, steps);
    });
    std::uint64_t sum = kTextSteps + kMaxAttributes * kListSteps;  // reading the request
    for (const std::uint64_t steps : depths) sum = saturating_add(sum, saturating_add(steps, search));
    for (const Broad& broad : view_.broad) {
      sum = saturating_add(sum, broad.kind == EntryKind::history ? 1 : saturating_add(1, guard_steps(broad.id)));
    }
    return sum;
  }

 private:
  // Pieces without `?` are searched in linear time, others tried at each place (vm/match.cpp).
  std::uint64_t glob_steps(Text glob, std::uint64_t text) const noexcept {
    return questions_.in(glob) != 0 ? text * (std::uint64_t{glob.length} + 1) : (text + glob.length) / 16 + 1;
  }
  // Each place where a `**` may end is tried once, and a try matches each segment at most once.
  std::uint64_t pattern_steps(const Pattern& pattern) const noexcept {
    const std::uint64_t deeps = deeps_.in(pattern.text);
    const std::uint64_t tries = deeps == 0 ? 1 : deeps + kMaxSegments + 1;
    return tries * (glob_steps(pattern.text, kMaxResourceBytes) + kMaxSegments);
  }

  std::uint64_t instruction_steps(const Instruction& instruction) const noexcept {
    const Op op = static_cast<Op>(instruction.op);
    const std::uint64_t find = reads_reference(op) ? kFindAttribute : 0;
    switch (op) {
      case Op::compare_word: return find + kTextSteps;
      case Op::in_words: return find + 32 * kTextSteps;
      case Op::compare_list: case Op::contains_number: case Op::contains_word: return find + kListSteps;
      case Op::compare_attributes: case Op::in_attribute: return 2 * find + kListSteps;
      case Op::like: return find + glob_steps(view_.words[instruction.operand], kMaxAttributeString);
      case Op::except: {
        const Range range = view_.excepts[instruction.operand];
        return 1 + pattern_sums_[range.first + range.count] - pattern_sums_[range.first];
      }
      case Op::window: return 32;  // a search among the zone's steps
      default: return find + 1;
    }
  }
  std::uint64_t code_steps(const Rule& rule) const noexcept {
    std::uint64_t steps = 0;
    for (const Instruction& instruction : view_.code.subspan(rule.code, rule.code_length)) {
      steps = saturating_add(steps, instruction_steps(instruction));
    }
    return steps;
  }
  std::uint64_t guard_steps(std::uint32_t id) const noexcept {
    const Rule& rule = view_.rules[id];
    return rule.code_length == 0 ? 0 : guards_[rule.code];
  }
  std::uint64_t own_steps(const Node& node) const noexcept {
    std::uint64_t steps = 1;
    for (const Entry& entry : View::entries(node)) {
      steps = saturating_add(steps, 1);
      const std::uint32_t pattern = entry.pattern();
      if (pattern != 0) steps = saturating_add(steps, pattern_sums_[pattern] - pattern_sums_[pattern - 1]);
      if (entry.guarded()) steps = saturating_add(steps, guard_steps(entry.id));
      if (entry.guarded() && entry.kind() == EntryKind::ask) steps = saturating_add(steps, guard_steps(entry.id));  // once more for approvals
    }
    return steps;
  }

  // A node is met where its key is the path so far, so slashes tell the nodes of one path apart.
  static std::size_t depth_of(const Node& node) noexcept {
    if (node.kind != NodeKind::path) return static_cast<std::size_t>(node.kind);
    return std::min(std::size_t{2} + View::slashes(node), kDepths - 1);
  }
  template <class Visit>
  void each_node(Visit&& visit) const {
    for (std::uint64_t at = 0; at < view_.nodes.size();) {
      const Node& node = view_.node(static_cast<std::uint32_t>(at));
      visit(node);
      at += View::node_units(node);
    }
  }

  const View& view_;
  Occurrences questions_, deeps_;
  std::vector<std::uint64_t> pattern_sums_;  // before each pattern, of all before it
  std::vector<std::uint64_t> guards_;        // of each guard, by where its code begins
};

}  // namespace

std::uint64_t View::worst_case_steps() const noexcept {
  try {
    std::call_once(bounded_, [this] { worst_case_steps_ = Bound(*this).total(); });
    return worst_case_steps_;
  } catch (...) {
    return UINT64_MAX;
  }
}

}  // namespace remit::image
