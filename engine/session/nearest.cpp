// See nearest.h. Nearest first: a rule for this action and resource whose conditions fail; a rule for this
// resource and other actions; a rule for this action on the resource that has most in common with this one.
#include "engine/session/nearest.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/session/words.h"
#include "engine/vm/index.h"

namespace remit {
namespace {

using image::EntryKind;
using image::Instruction;
using image::Op;
using image::View;
using vm::Context;
using vm::Truth;

// A guard's code as the expression that it was compiled from.
class Expression {
 public:
  Expression(const Context& context, const image::Rule& rule) : context_(context) {
    std::vector<std::size_t> stack;
    for (const Instruction& instruction : context.view->code.subspan(rule.code, rule.code_length)) {
      switch (static_cast<Op>(instruction.op)) {
        case Op::skip_if_false: case Op::skip_if_true: continue;
        case Op::negate: {
          const std::size_t child = stack.back();
          stack.back() = add({&instruction, child, child, static_cast<Truth>(2 - static_cast<int>(nodes_[child].truth))});
          continue;
        }
        case Op::both: case Op::either: {
          const std::size_t right = stack.back();
          stack.pop_back();
          const std::size_t left = stack.back();
          const bool both = static_cast<Op>(instruction.op) == Op::both;
          stack.back() = add({&instruction, left, right, both ? std::min(nodes_[left].truth, nodes_[right].truth) : std::max(nodes_[left].truth, nodes_[right].truth)});
          continue;
        }
        default: stack.push_back(add({&instruction, 0, 0, vm::run_leaf(context, instruction)}));
      }
    }
    root_ = stack.back();
  }

  // What would have to be otherwise for it to hold: `size up to 5MB; size was 12MB`.
  std::string failure() const {
    std::vector<std::string> wants, had;
    collect(root_, true, wants, had);
    std::string out;
    for (std::size_t i = 0; i < wants.size(); ++i) out += (i == 0 ? "" : " or ") + wants[i];
    std::sort(had.begin(), had.end());
    had.erase(std::unique(had.begin(), had.end()), had.end());
    for (const std::string& item : had) out += "; " + item;
    return out;
  }

 private:
  struct Node {
    const Instruction* instruction;
    std::size_t left, right;
    Truth truth;
  };

  std::size_t add(Node node) {
    nodes_.push_back(node);
    return nodes_.size() - 1;
  }

  // The leaves to blame for the node not being `wanted`: of parts that must all hold the first that does
  // not, of alternatives all.
  void collect(std::size_t index, bool wanted, std::vector<std::string>& wants, std::vector<std::string>& had) const {
    const Node& node = nodes_[index];
    const auto fails = [&](std::size_t child) { return nodes_[child].truth != (wanted ? Truth::yes : Truth::no); };
    switch (static_cast<Op>(node.instruction->op)) {
      case Op::negate: return collect(node.left, !wanted, wants, had);
      case Op::both: case Op::either:
        if ((static_cast<Op>(node.instruction->op) == Op::both) == wanted) return collect(fails(node.left) ? node.left : node.right, wanted, wants, had);
        collect(node.left, wanted, wants, had);
        return collect(node.right, wanted, wants, had);
      default: {
        if (wants.size() >= 6) return;
        wants.push_back(words_of(*context_.view, *node.instruction, wanted));
        if (std::string actual = actual_words(context_, *node.instruction); !actual.empty()) had.push_back(std::move(actual));
      }
    }
  }

  const Context& context_;
  std::vector<Node> nodes_;
  std::size_t root_ = 0;
};

bool permits(EntryKind kind) noexcept { return kind == EntryKind::allow || kind == EntryKind::ask; }

std::string place_of(const Program& program, std::uint32_t rule) {
  const RuleInfo info = program.rule(rule);
  return "line " + std::to_string(info.line) + " of " + std::string(info.file);
}

const char* would_have(const View& view, std::uint32_t rule) { return view.rules[rule].kind == image::RuleKind::ask ? " would have asked for this" : " would have allowed this"; }

// The first rule, of those that permit, for which `visit_entries` finds an entry.
std::optional<std::uint32_t> first_rule(const View& view, const vm::LayerAction& action, const vm::Path& path) {
  std::uint32_t first = kNoRule;
  vm::visit_entries(view, action, path, [&](const image::Entry& entry) {
    if (permits(entry.kind())) first = std::min(first, entry.id);
  });
  return first == kNoRule ? std::nullopt : std::optional(first);
}

// The rule for this action whose literal path has most segments in common with the request's.
std::optional<std::uint32_t> nearest_path(const View& view, const vm::LayerAction& action, std::string_view resource) {
  std::size_t best = 0;
  std::uint32_t rule = kNoRule;
  for (std::size_t at = 0; at < view.nodes.size(); at += View::node_units(view.node(static_cast<std::uint32_t>(at)))) {
    const image::Node& node = view.node(static_cast<std::uint32_t>(at));
    if (node.word != action.word) continue;
    const std::string_view key(View::key(node), node.key_length);
    std::size_t common = 0, shared = 0;
    for (; common < std::min(key.size(), resource.size()) && key[common] == resource[common]; ++common) {
      if (key[common] == '/' || key[common] == ':') shared = common + 1;
    }
    if (common == key.size() || common == resource.size()) shared = common + 1;
    for (const image::Entry& entry : View::entries(node)) {
      if ((entry.actions & action.bit) == 0 || !permits(entry.kind())) continue;
      if (shared < best || shared < resource.find(':') + 1 || (shared == best && entry.id >= rule)) continue;
      best = shared;
      rule = entry.id;
    }
  }
  return rule == kNoRule ? std::nullopt : std::optional(rule);
}

}  // namespace

std::string nearest_rule(const Session::State& state, const Request& request, std::uint16_t layer, std::int64_t now) {
  const Layers::Linked& linked = state.linked();
  const vm::Question question(linked, request);
  if (question.fault() != Reason::allowed_by_rule || layer >= linked.views.size()) return {};
  const vm::LayerAction& action = question.row(layer);
  if (action.status != vm::LayerAction::Status::known) return {};
  const View& view = *linked.views[layer];
  const Program& program = state.layers.program(layer);
  Reason gates[kMaxLayers] = {};
  const vm::Frame frame = state.frame(now, gates);
  Context context = question.context(now);
  vm::enter(linked, layer, action, frame, context);
  bool reads_history = false;
  context.reads_history = &reads_history;

  std::uint32_t failing = kNoRule;
  const auto meet = [&](EntryKind kind, std::uint32_t rule) {
    if (permits(kind) && view.rules[rule].code_length != 0 && vm::run_guard(context, view.rules[rule]) != Truth::yes) failing = std::min(failing, rule);
  };
  if (action.bit != 0) vm::visit_entries(view, action, *context.path, [&](const image::Entry& entry) { meet(entry.kind(), entry.id); });
  for (std::uint32_t i = 0; i < action.broads; ++i) meet(linked.broads[action.first_broad + i].kind, linked.broads[action.first_broad + i].id);
  if (failing != kNoRule) return place_of(program, failing) + would_have(view, failing) + " for " + Expression(context, view.rules[failing]).failure();
  if (action.bit == 0) return {};

  // Another action on this resource; of the same 64, which nearly every system's actions are.
  vm::LayerAction any = action;
  any.bit = ~std::uint64_t{0};
  if (const auto rule = first_rule(view, any, *context.path)) {
    return place_of(program, *rule) + " permits other actions on this, not `" + std::string(request.action) + "`: " + std::string(program.rule(*rule).source);
  }
  if (const auto rule = nearest_path(view, action, request.resource)) {
    return "the nearest rule for `" + std::string(request.action) + "` is " + place_of(program, *rule) + ": " + std::string(program.rule(*rule).source);
  }
  return "no rule is about `" + std::string(request.action) + "` in " + std::string(request.resource.substr(0, request.resource.find(':')));
}

}  // namespace remit
