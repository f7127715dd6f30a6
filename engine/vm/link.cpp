// Linking: systems and actions of several images, brought together by name. Everything that a
// decision needs to know about a name is looked up here, once. Covered by tests/link_test.cpp.
#include <algorithm>
#include <new>

#include "engine/image/hash.h"
#include "engine/vm/linked.h"

namespace remit {
namespace {

using image::View;
using vm::LayerAction;

std::uint64_t system_hash(std::string_view name) noexcept { return image::hash_bytes(image::kHashSystem, name); }
std::uint64_t action_hash(std::uint32_t system, std::string_view name) noexcept { return image::hash_bytes(system + image::kHashA, name); }

// Open addressing, at most half full; `hash_of(i)` is item i's hash.
template <class HashOf>
std::vector<std::uint32_t> make_slots(std::size_t count, HashOf&& hash_of) {
  std::size_t size = 4;
  while (size < 2 * count) size *= 2;
  std::vector<std::uint32_t> slots(size, image::kNone);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t slot = hash_of(i) & (size - 1);
    while (slots[slot] != image::kNone) slot = (slot + 1) & (size - 1);
    slots[slot] = static_cast<std::uint32_t>(i);
  }
  return slots;
}

std::uint32_t find_system(const View& view, std::string_view name) noexcept {
  for (std::uint32_t i = 0; i < view.systems.size(); ++i) {
    if (view.text(view.systems[i].name) == name) return i;
  }
  return image::kNone;
}

std::uint32_t find_action(const View& view, std::uint32_t system, std::string_view name) noexcept {
  const auto actions = View::slice(view.actions, view.systems[system].actions);
  for (std::uint32_t i = 0; i < actions.size(); ++i) {
    if (view.text(actions[i].name) == name) return i;
  }
  return image::kNone;
}

bool covers(const View& view, std::uint32_t system, std::uint32_t group, std::uint32_t action) noexcept {
  const image::Action& item = view.actions[view.systems[system].actions.first + group];
  const auto members = View::slice(view.covers, item.covers);
  return std::find(members.begin(), members.end(), action) != members.end();
}

class Linker {
 public:
  explicit Linker(Layers::Linked& linked) : linked_(linked), layers_(linked.views.size()) {}

  void run() {
    collect_systems();
    for (std::uint32_t system = 0; system < linked_.systems.size(); ++system) link_system(system);
    linked_.system_slots = make_slots(linked_.systems.size(), [&](std::size_t i) { return linked_.systems[i].hash; });
    linked_.action_slots = make_slots(linked_.actions.size(), [&](std::size_t i) { return linked_.actions[i].hash; });
  }

 private:
  void collect_systems() {
    for (const View* view : linked_.views) {
      for (const image::System& system : view->systems) {
        const std::string_view name = view->text(system.name);
        const bool known = std::any_of(linked_.systems.begin(), linked_.systems.end(), [&](const auto& row) { return row.name == name; });
        if (!known) linked_.systems.push_back({system_hash(name), name, 0});
      }
    }
  }

  void link_system(std::uint32_t system) {
    const std::string_view name = linked_.systems[system].name;
    own_.assign(layers_, image::kNone);
    // The layer that stands in for those that do not know the system: the first of the outermost session
    // that has one, so that no sub-agent chooses what its parent's guardrail is judged by (section 4).
    std::size_t first = layers_;
    for (std::size_t layer = 0; layer < layers_; ++layer) {
      own_[layer] = find_system(*linked_.views[layer], name);
      if (own_[layer] == image::kNone) continue;
      if (first == layers_ || linked_.groups[layer] > linked_.groups[first]) first = layer;
    }
    declared_.assign(layers_, nullptr);
    for (std::size_t layer = 0; layer < layers_; ++layer) declared_[layer] = declared_row(layer, first);

    linked_.systems[system].no_such_action = add_row({}, first);
    for (std::size_t layer = 0; layer < layers_; ++layer) {
      if (own_[layer] == image::kNone) continue;
      const View& view = *linked_.views[layer];
      for (const image::Action& action : View::slice(view.actions, view.systems[own_[layer]].actions)) {
        const std::string_view action_name = view.text(action.name);
        if (seen_before(layer, action_name)) continue;
        linked_.actions.push_back({action_hash(system, action_name), action_name, system, add_row(action_name, first)});
      }
    }
  }

  bool seen_before(std::size_t layer, std::string_view action) const {
    for (std::size_t i = 0; i < layer; ++i) {
      if (own_[i] != image::kNone && find_action(*linked_.views[i], own_[i], action) != image::kNone) return true;
    }
    return false;
  }

  // Guardrails and grants judge a system that they do not know by the first layer's declaration.
  bool stands_in(std::size_t layer) const { return own_[layer] == image::kNone && linked_.views[layer]->kind() != DocumentKind::scope; }

  const std::uint8_t* declared_row(std::size_t layer, std::size_t first) {
    const View& view = *linked_.views[layer];
    if (own_[layer] != image::kNone) return view.declared.data() + own_[layer] * view.references.size();
    if (!stands_in(layer)) return nullptr;
    const View& other = *linked_.views[first];
    std::vector<std::uint8_t> row(view.references.size() + 1, image::kUndeclared);
    for (std::size_t i = 0; i < view.references.size(); ++i) {
      const image::Reference& reference = view.references[i];
      for (const image::AttributeDecl& attribute : View::slice(other.attributes, other.systems[own_[first]].attributes)) {
        if (other.text(attribute.name) != view.text(reference.name)) continue;
        const bool same = attribute.type == reference.type && attribute.element == reference.element;
        row[i] = same ? image::kDeclared : image::kOtherType;
      }
    }
    linked_.stand_in_declared.push_back(std::move(row));
    return linked_.stand_in_declared.back().data();
  }

  // One row: what each layer makes of the action; an empty name is an action that nobody knows.
  std::uint32_t add_row(std::string_view action, std::size_t first) {
    const std::size_t row = linked_.rows.size() / layers_;
    for (std::size_t layer = 0; layer < layers_; ++layer) {
      LayerAction item;
      item.declared = declared_[layer];
      if (own_[layer] != image::kNone) {
        item.system = own_[layer];
        const std::uint32_t index = find_action(*linked_.views[layer], own_[layer], action);
        item.status = index == image::kNone ? LayerAction::Status::unknown_action : LayerAction::Status::known;
        if (index != image::kNone) {
          item.word = index / 64;
          item.bit = std::uint64_t{1} << index % 64;
        }
      } else if (stands_in(layer)) {
        const std::uint32_t index = find_action(*linked_.views[first], own_[first], action);
        item.status = index == image::kNone ? LayerAction::Status::unknown_action : LayerAction::Status::known;
        if (index != image::kNone) add_broads(layer, first, index, item);
      }
      linked_.rows.push_back(item);
    }
    return static_cast<std::uint32_t>(row);
  }

  // The rules over `anything` of `layer` that speak of the action as layer `first` declares it.
  void add_broads(std::size_t layer, std::size_t first, std::uint32_t action, LayerAction& item) {
    const View& view = *linked_.views[layer];
    const View& other = *linked_.views[first];
    item.first_broad = static_cast<std::uint32_t>(linked_.broads.size());
    for (const image::Broad& broad : view.broad) {
      bool matches = broad.any != 0;
      for (const image::Text name : View::slice(view.broad_names, broad.names)) {
        const std::uint32_t group = find_action(other, own_[first], view.text(name));
        matches = matches || (group != image::kNone && covers(other, own_[first], group, action));
      }
      if (matches) linked_.broads.push_back(broad);
    }
    item.broads = static_cast<std::uint32_t>(linked_.broads.size()) - item.first_broad;
  }

  Layers::Linked& linked_;
  std::size_t layers_;
  std::vector<std::uint32_t> own_;               // the system's index in each layer, or kNone
  std::vector<const std::uint8_t*> declared_;
};

Error wrong_kind(const char* place, const Program& program) {
  return {ErrorCode::wrong_kind, std::string("a ") + to_string(program.kind()) + " document was passed as " + place};
}

}  // namespace

const vm::LayerAction* Layers::Linked::find(std::uint64_t hash, std::string_view system, std::string_view action) const noexcept {
  const std::size_t system_mask = system_slots.size() - 1;
  for (std::size_t slot = hash & system_mask;; slot = (slot + 1) & system_mask) {
    const std::uint32_t index = system_slots[slot];
    if (index == image::kNone) return nullptr;
    const SystemRow& row = systems[index];
    if (row.hash != hash || row.name != system) continue;
    const std::uint64_t key = action_hash(index, action);
    const std::size_t action_mask = action_slots.size() - 1;
    for (std::size_t at = key & action_mask;; at = (at + 1) & action_mask) {
      const std::uint32_t item = action_slots[at];
      if (item == image::kNone) return rows.data() + row.no_such_action * views.size();
      if (actions[item].hash == key && actions[item].system == index && actions[item].name == action) {
        return rows.data() + actions[item].row * views.size();
      }
    }
  }
}

Result<Layers> Layers::link_groups(std::span<const std::vector<Program>> groups) noexcept {
  try {
    auto linked = std::make_shared<Linked>();
    for (std::size_t group = 0; group < groups.size(); ++group) {
      std::uint32_t limits = 0, histories = 0;
      for (const Program& program : groups[group]) {
        linked->programs.push_back(program);
        linked->groups.push_back(static_cast<std::uint16_t>(group));
        linked->limit_base.push_back(limits);
        linked->history_base.push_back(histories);
        limits += static_cast<std::uint32_t>(program.view().limits.size());
        histories += static_cast<std::uint32_t>(program.view().histories.size());
      }
    }
    if (linked->programs.size() > kMaxLayers) {
      return Error{ErrorCode::too_many_layers, "a session has at most " + std::to_string(kMaxLayers) + " layers, those of the sessions above it included"};
    }
    for (const Program& program : linked->programs) {
      const View& view = program.view();
      linked->views.push_back(&view);
      linked->deepest = std::max(linked->deepest, view.deepest_key);
      linked->memory.limits |= view.memory.limits;
      linked->memory.history |= view.memory.history;
      linked->memory.idle |= view.memory.idle;
      linked->memory.delegation |= view.memory.delegation;
    }
    Linker(*linked).run();
    return Layers(std::move(linked));
  } catch (...) {
    return Error{ErrorCode::out_of_memory, "not enough memory to link the layers"};
  }
}

Result<Layers> Layers::link(const Program& task, std::span<const Program> guardrails, std::span<const Program> grants) noexcept {
  try {
    if (task.kind() != DocumentKind::scope) return wrong_kind("the task scope", task);
    std::vector<Program> group{task};
    for (const Program& program : guardrails) {
      if (program.kind() != DocumentKind::guardrail) return wrong_kind("a guardrail", program);
      group.push_back(program);
    }
    for (const Program& program : grants) {
      if (program.kind() != DocumentKind::grants) return wrong_kind("grants", program);
      group.push_back(program);
    }
    return link_groups({&group, 1});
  } catch (...) {
    return Error{ErrorCode::out_of_memory, "not enough memory to link the layers"};
  }
}

Result<Layers> Layers::link(const Program& task, std::initializer_list<Program> guardrails, std::initializer_list<Program> grants) noexcept {
  return link(task, std::span<const Program>(guardrails.begin(), guardrails.size()), std::span<const Program>(grants.begin(), grants.size()));
}

std::size_t Layers::size() const noexcept { return linked_->programs.size(); }
const Program& Layers::program(std::size_t layer) const noexcept { return linked_->programs[layer]; }
MemoryUse Layers::memory_use() const noexcept { return linked_->memory; }

std::optional<RuleInfo> Layers::rule(const Decision& decision) const noexcept {
  if (decision.rule == kNoRule || decision.layer >= size() || decision.rule >= program(decision.layer).rule_count()) return std::nullopt;
  return program(decision.layer).rule(decision.rule);
}

}  // namespace remit
