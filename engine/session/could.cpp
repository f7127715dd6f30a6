// `could`: may this session ever be granted an action on what a pattern names, whatever the attributes?
// Each layer is asked what it certainly and what it possibly does; an answer that is not certain is
// `maybe`. Covered by tests/session_could_test.cpp, against requests.
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "engine/image/resource.h"
#include "engine/session/elapsed.h"
#include "engine/session/grant.h"
#include "engine/session/state.h"
#include "engine/vm/cover.h"

namespace remit {
namespace {

using image::EntryKind;
using image::Op;
using image::View;
using vm::PatternText;
using vm::Truth;

// A pattern as a person writes it: `docs:/clinical/*/x`, `mail:*@acme.example`.
struct Asked {
  std::string system;
  std::string text;  // without the system, wildcards as the image has them

  // False where it is no pattern, or its literal text could be in no canonical resource.
  bool read(std::string_view written);
  PatternText pattern() const noexcept { return {text, false}; }
};

bool Asked::read(std::string_view written) {
  const std::size_t colon = written.find(':');
  if (colon == std::string_view::npos) return false;
  system = written.substr(0, colon);
  std::string sample = system + ":";  // a resource that the pattern names: canonical if the literal text is
  std::string segment, sample_segment;
  bool deep = false;  // the last segment is a `**`; the sample has none in its place, as there may be room for none
  const auto end_segment = [&] {
    deep = segment.size() == 2 && segment[0] == image::kStar && segment[1] == image::kStar;
    if (!deep && segment.find(std::string(2, image::kStar)) != std::string::npos) return false;
    text += deep ? std::string(1, image::kDeep) : segment;
    if (!deep) sample += sample_segment;
    segment.clear();
    sample_segment.clear();
    return true;
  };
  std::string_view rest = written.substr(colon + 1);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    const bool escaped = c == '\\' && i + 1 < rest.size() && (rest[i + 1] == '*' || rest[i + 1] == '?' || rest[i + 1] == ' ');
    if (c == '/') {
      if (!end_segment()) return false;
      text += '/';
      if (!deep) sample += '/';
    } else if (escaped) {
      segment += rest[++i];
      sample_segment += rest[i];
    } else if (c == '*' || c == '?') {
      segment += c == '*' ? image::kStar : image::kQuestion;
      sample_segment += '-';  // composes with no combining mark
    } else {
      segment += c;
      sample_segment += c;
    }
  }
  if (!end_segment()) return false;
  if (deep && sample.back() == ':') sample += '-';  // what is named without a root has a name
  detail::ResourceParts parts;
  return text.empty() || detail::scan_resource(sample, parts) == detail::ResourceFault::none;
}

// A guard with everything about the request unknown, and what the session and the time are, known.
Truth run_unknowing(const vm::Context& context, const image::Rule& rule, const PatternText& asked) noexcept {
  const View& view = *context.view;
  std::array<Truth, image::kMaxStack> stack;
  std::size_t top = 0;
  const auto leaf = [&](const image::Instruction& instruction) {
    const Op op = static_cast<Op>(instruction.op);
    if (op == Op::except) {
      Truth truth = Truth::no;
      for (const image::Pattern& pattern : View::slice(view.patterns, view.excepts[instruction.operand])) {
        if (pattern.system == image::kNone) return Truth::yes;
        if (pattern.system != context.system) continue;
        const PatternText except{view.text(pattern.text), pattern.exact != 0};
        if (vm::covers(except, asked)) return Truth::yes;
        if (vm::overlaps(except, asked)) truth = Truth::unknown;
      }
      return truth;
    }
    const auto of_request = [&](std::uint32_t reference) { return view.references[reference].fact == image::Fact::none; };
    if (image::reads_reference(op) && of_request(instruction.reference)) return Truth::unknown;
    if ((op == Op::compare_attributes || op == Op::in_attribute) && of_request(instruction.operand)) return Truth::unknown;
    return vm::run_leaf(context, instruction);
  };
  for (const image::Instruction& instruction : view.code.subspan(rule.code, rule.code_length)) {
    switch (static_cast<Op>(instruction.op)) {
      case Op::skip_if_false: case Op::skip_if_true: break;  // only a shortcut
      case Op::negate: stack[top - 1] = static_cast<Truth>(2 - static_cast<int>(stack[top - 1])); break;
      case Op::both: --top; stack[top - 1] = std::min(stack[top - 1], stack[top]); break;
      case Op::either: --top; stack[top - 1] = std::max(stack[top - 1], stack[top]); break;
      default: stack[top++] = leaf(instruction);
    }
  }
  return stack[0];
}

// What one layer makes of all that is asked about.
struct Sight {
  bool surely_denied = false, maybe_denied = false;
  bool surely_allowed = false, maybe_permitted = false;
  bool maybe_asked = false, maybe_limited = false, surely_full = false;

  Could could() const noexcept {
    if (surely_denied || surely_full || !maybe_permitted) return Could::never;
    return surely_allowed && !maybe_denied && !maybe_asked && !maybe_limited ? Could::always : Could::maybe;
  }
};

class Looking {
 public:
  Looking(const Session::State& state, const Asked& asked, const vm::Frame& frame) : state_(state), linked_(state.linked()), asked_(asked), frame_(frame) {}

  Could layer(std::uint16_t index, const vm::LayerAction& action) {
    if (vm::gate(action, frame_.gates[index]) != Reason::allowed_by_rule) return Could::never;
    Sight sight;
    vm::Context context;
    context.now = frame_.now;
    vm::enter(linked_, index, action, frame_, context);
    bool reads_history = false;
    context.reads_history = &reads_history;
    if (action.bit != 0) visit_index(context, action, index, sight);
    for (std::uint32_t i = 0; i < action.broads; ++i) {
      const image::Broad& broad = linked_.broads[action.first_broad + i];
      meet(context, broad.kind, broad.id, true, index, sight);
    }
    return sight.could();
  }

 private:
  void visit_index(const vm::Context& context, const vm::LayerAction& action, std::uint16_t index, Sight& sight) {
    const View& view = *context.view;
    const std::string system = asked_.system + ":";
    std::string text;
    for (std::size_t at = 0; at < view.nodes.size(); at += View::node_units(view.node(static_cast<std::uint32_t>(at)))) {
      const image::Node& node = view.node(static_cast<std::uint32_t>(at));
      const std::string_view key(View::key(node), node.key_length);
      if (node.word != action.word || key.substr(0, system.size()) != system) continue;
      text = key.substr(system.size());
      // The node of all named resources has the key of the whole system.
      if (node.kind == image::NodeKind::root && text.empty()) text = std::string(1, image::kDeep);
      if (node.kind == image::NodeKind::star) text[node.star - system.size()] = image::kStar;
      for (const image::Entry& entry : View::entries(node)) {
        if ((entry.actions & action.bit) == 0) continue;
        PatternText pattern{text, entry.exact()};
        if (entry.pattern() != 0) {
          const image::Pattern& listed = view.patterns[entry.pattern() - 1];
          pattern = {view.text(listed.text), listed.exact != 0};
        }
        if (vm::overlaps(pattern, asked_.pattern())) meet(context, entry.kind(), entry.id, vm::covers(pattern, asked_.pattern()), index, sight);
      }
    }
  }

  void meet(const vm::Context& context, EntryKind kind, std::uint32_t id, bool all, std::uint16_t layer, Sight& sight) {
    if (kind == EntryKind::history) return;
    const image::Rule& rule = context.view->rules[id];
    const Truth truth = rule.code_length == 0 ? Truth::yes : run_unknowing(context, rule, asked_.pattern());
    if (truth == Truth::no) return;
    const bool surely = all && truth == Truth::yes;
    switch (kind) {
      case EntryKind::deny:
        sight.maybe_denied = true;
        sight.surely_denied |= surely;
        return;
      case EntryKind::ask:
        // Where it is unknown it grants nothing, but what it asks for may be known by then.
        sight.maybe_asked = sight.maybe_permitted = true;
        return;
      case EntryKind::allow:
        sight.maybe_permitted = true;
        sight.surely_allowed |= surely;
        return;
      default: {
        sight.maybe_limited = true;
        const image::Limit& limit = context.view->limits[rule.limit];
        sight.surely_full |= surely && limit.reference == image::kNone && !state_.meter(layer, rule.limit).has_room(1, frame_.now);
      }
    }
  }

  const Session::State& state_;
  const Layers::Linked& linked_;
  const Asked& asked_;
  const vm::Frame& frame_;
};

}  // namespace

const char* to_string(Could could) noexcept {
  switch (could) {
    case Could::never: return "never";
    case Could::maybe: return "maybe";
    case Could::always: return "always";
  }
  return "never";
}

Could Session::could(std::string_view action, std::string_view pattern, std::optional<Time> asked_at) const noexcept {
  try {
    Asked asked;
    if (!asked.read(pattern)) return Could::never;
    const std::int64_t now = tree_->latest(asked_at ? micros(*asked_at) : INT64_MIN);
    state_->sync_principals(now);
    const vm::LayerAction* rows = state_->linked().find(asked.system, vm::system_head_of(asked.system), action);
    if (rows == nullptr) return Could::never;
    Could result = tree_->surroundings && tree_->surroundings->host ? Could::maybe : Could::always;
    const std::lock_guard lock(tree_->mutex);
    catch_up(*state_);
    Reason gates[kMaxLayers];
    state_->gates(now, gates);
    const vm::Frame frame = state_->frame(now, gates);
    Looking looking(*state_, asked, frame);
    for (std::size_t layer = 0; layer < layers().size(); ++layer) result = std::min(result, looking.layer(static_cast<std::uint16_t>(layer), rows[layer]));
    return result;
  } catch (...) {
    return Could::maybe;  // no certainty without memory to find it
  }
}

}  // namespace remit
