// Prepared requests: the path is validated, hashed, looked up and matched once; what remains for each
// decision are guards. Covered by tests/differential_test.cpp.
#include <algorithm>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "engine/vm/decide.h"
#include "engine/vm/index.h"

namespace remit {

struct Prepared::State {
  struct Item {
    std::uint32_t rule;
    image::EntryKind kind;
    bool guarded;
  };
  struct Layer {
    const vm::LayerAction* action = nullptr;
    std::vector<Item> guarded;     // to be run each time, in text order
    vm::Candidates always;         // what matches whatever the attributes
  };

  explicit State(std::string_view name) : resource(name), path(resource) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::shared_ptr<const Layers::Linked> linked;
  std::string resource;
  vm::Path path;                   // points into `resource`
  Reason fault = Reason::allowed_by_rule;
  std::vector<Layer> layers;
  // Where no guard is left to run: the verdict at any time at which the task scope is in force.
  std::optional<vm::Verdict> settled;
};

namespace {

void add(Prepared::State::Layer& layer, const vm::Context& context, image::EntryKind kind, std::uint32_t rule, bool guarded) {
  if (kind == image::EntryKind::limit || kind == image::EntryKind::history) return;
  if (guarded) {
    layer.guarded.push_back({rule, kind, guarded});
  } else {
    layer.always.take(context, kind, rule, false);
  }
}

}  // namespace

Result<Prepared> Layers::prepare(std::string_view action, std::string_view resource) const noexcept {
  try {
    auto state = std::make_shared<Prepared::State>(resource);
    state->linked = linked_;
    Prepared prepared;
    prepared.state_ = state;
    if (!state->path.scan()) {
      state->fault = Reason::malformed_resource;
      return prepared;
    }
    state->path.hash(linked_->depths, linked_->has_systems);
    const vm::LayerAction* rows = linked_->find(state->path.system(), state->path.system_head, action);
    if (rows == nullptr) {
      state->fault = Reason::unknown_system;
      return prepared;
    }
    state->layers.resize(size());
    for (std::size_t i = 0; i < size(); ++i) {
      Prepared::State::Layer& layer = state->layers[i];
      layer.action = &rows[i];
      vm::Context context;
      context.view = linked_->views[i];
      if (rows[i].bit != 0) {
        vm::visit_entries(*linked_->views[i], rows[i], state->path, [&](const image::Entry& entry) { add(layer, context, entry.kind(), entry.id, entry.guarded()); });
      }
      for (std::uint32_t j = 0; j < rows[i].broads; ++j) {
        const image::Broad& broad = linked_->broads[rows[i].first_broad + j];
        if (broad.kind != image::EntryKind::history) add(layer, context, broad.kind, broad.id, linked_->views[i]->rules[broad.id].code_length != 0);
      }
      std::sort(layer.guarded.begin(), layer.guarded.end(), [](const auto& a, const auto& b) { return a.rule < b.rule; });
      layer.guarded.erase(std::unique(layer.guarded.begin(), layer.guarded.end(), [](const auto& a, const auto& b) { return a.rule == b.rule; }), layer.guarded.end());
    }
    if (std::all_of(state->layers.begin(), state->layers.end(), [](const auto& layer) { return layer.guarded.empty(); })) {
      state->settled = vm::combine(size(), [&](std::uint16_t index) {
        const Prepared::State::Layer& layer = state->layers[index];
        const Reason reason = vm::gate(*layer.action, Reason::allowed_by_rule);
        return reason == Reason::allowed_by_rule ? layer.always.verdict(index) : vm::deny(reason, index);
      });
    }
    return prepared;
  } catch (...) {
    return out_of_memory();
  }
}

Decision Layers::decide(const Prepared& prepared, std::span<const Attribute> attributes, const Facts& facts, Time now) const noexcept {
  const Prepared::State* state = prepared.state_.get();
  // A handle of other layers would answer about other rules.
  if (state == nullptr || state->linked != linked_ || linked_->remembers) return {};
  if (state->fault == Reason::malformed_resource) return vm::deny(state->fault, 0);
  vm::Attributes checked(attributes);
  if (!checked.read()) return vm::deny(Reason::malformed_request, 0);
  if (state->fault != Reason::allowed_by_rule) return vm::deny(state->fault, 0);
  if (state->settled) {
    const Reason reason = vm::gate(*state->layers[0].action, vm::lifetime(*linked_->views[0], facts, now.time_since_epoch().count()));
    return reason == Reason::allowed_by_rule ? *state->settled : vm::deny(reason, 0);
  }
  const vm::Stateless stateless(*linked_, facts, now);
  vm::Context context;
  context.path = &state->path;
  context.attributes = &checked;
  context.now = stateless.frame.now;
  return vm::combine(state->layers.size(), [&](std::uint16_t index) -> vm::Verdict {
    const Prepared::State::Layer& layer = state->layers[index];
    const Reason reason = vm::gate(*layer.action, stateless.gates[index]);
    if (reason != Reason::allowed_by_rule) return vm::deny(reason, index);
    vm::enter(*linked_, index, *layer.action, stateless.frame, context);
    vm::Candidates candidates = layer.always;
    for (const auto& item : layer.guarded) candidates.take(context, item.kind, item.rule, item.guarded);
    return candidates.verdict(index);
  });
}

}  // namespace remit
