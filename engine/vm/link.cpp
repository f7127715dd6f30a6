// See link.h. Time and room are linear in the images, times the number of layers; only rules over
// `anything`, in systems that their document does not know, multiply, and that has a limit.
#include "engine/vm/link.h"

#include <string>
#include <unordered_map>
#include <unordered_set>

#include "engine/image/hash.h"
#include "engine/image/limits.h"

namespace remit::vm {
namespace {

using image::View;
using Names = std::unordered_map<std::string_view, std::uint32_t>;

std::uint32_t find(const Names& names, std::string_view name) {
  const auto at = names.find(name);
  return at == names.end() ? image::kNone : at->second;
}

// Of two items of one name, which only a hostile image has, the first counts.
template <class T>
Names names_of(const View& view, std::span<const T> items) {
  Names names;
  for (std::uint32_t i = 0; i < items.size(); ++i) names.emplace(view.text(items[i].name), i);
  return names;
}

class Linker {
 public:
  explicit Linker(Layers::Linked& linked) : linked_(linked), layers_(linked.views.size()), sides_(layers_) {}

  const char* run() {
    for (std::size_t layer = 0; layer < layers_; ++layer) sides_[layer].systems = names_of(*linked_.views[layer], linked_.views[layer]->systems);
    std::unordered_set<std::string_view> seen;
    for (const Side& side : sides_) {
      for (const auto& [name, unused] : side.systems) {
        if (seen.insert(name).second && !link_system(name)) {
          return "the layers have too many rules over `anything`, each counted for every action of the systems that it does not know";
        }
      }
    }
    return make_slots() ? nullptr : "too many actions of the layers share a hash; rename some";
  }

 private:
  // A layer, and what it makes of the system at hand.
  struct Side {
    Names systems;
    std::uint32_t own = image::kNone;  // the system's index, where the layer knows it
    Names actions;                     // of that system
    const std::uint8_t* declared = nullptr;
    // Where the layer judges the system by another's declaration: the rules over `anything` that speak of
    // each of that one's actions.
    std::vector<std::vector<std::uint32_t>> broads;
  };

  bool link_system(std::string_view name) {
    // The layer that stands in for those that do not know the system: the first of the outermost session
    // that has one, so that no sub-agent chooses what its parent's guardrail is judged by (section 4).
    first_ = layers_;
    for (std::size_t layer = 0; layer < layers_; ++layer) {
      Side& side = sides_[layer];
      const View& view = *linked_.views[layer];
      side.own = find(side.systems, name);
      side.actions.clear();
      if (side.own == image::kNone) continue;
      side.actions = names_of(view, View::slice(view.actions, view.systems[side.own].actions));
      if (first_ == layers_ || linked_.groups[layer] > linked_.groups[first_]) first_ = layer;
    }
    for (std::size_t layer = 0; layer < layers_; ++layer) {
      if (!declare(layer)) return false;
    }
    const image::Wide head = system_head_of(name);
    const auto add_name = [&](std::string_view action) { names_.push_back({Name(name, head, action), add_row(action)}); };
    std::unordered_set<std::string_view> seen{""};
    add_name("");
    for (const Side& side : sides_) {
      for (const auto& [action, unused] : side.actions) {
        if (seen.insert(action).second) add_name(action);
      }
    }
    return true;
  }

  // Guardrails and grants judge a system that they do not know by another layer's declaration.
  bool stands_in(std::size_t layer) const { return sides_[layer].own == image::kNone && linked_.views[layer]->kind() != DocumentKind::scope; }

  bool declare(std::size_t layer) {
    Side& side = sides_[layer];
    const View& view = *linked_.views[layer];
    side.declared = side.own == image::kNone ? nullptr : view.declared.data() + side.own * view.references.size();
    side.broads.clear();
    return !stands_in(layer) || (stand_in_declared(layer) && stand_in_broads(layer));
  }

  bool stand_in_declared(std::size_t layer) {
    const View &view = *linked_.views[layer], &other = *linked_.views[first_];
    declared_room_ += view.references.size();
    if (declared_room_ > image::kMaxDeclaredTable) return false;
    const auto attributes = View::slice(other.attributes, other.systems[sides_[first_].own].attributes);
    const Names names = names_of(other, attributes);
    std::vector<std::uint8_t> row(view.references.size() + 1, image::kUndeclared);
    for (std::size_t i = 0; i < view.references.size(); ++i) {
      const image::Reference& reference = view.references[i];
      const std::uint32_t at = find(names, view.text(reference.name));
      if (at == image::kNone) continue;
      const bool same = attributes[at].type == reference.type && attributes[at].element == reference.element;
      row[i] = same ? image::kDeclared : image::kOtherType;
    }
    linked_.stand_in_declared.push_back(std::move(row));
    sides_[layer].declared = linked_.stand_in_declared.back().data();
    return true;
  }

  // The rules over `anything` of `layer`, by action of the system as layer `first_` declares it.
  bool stand_in_broads(std::size_t layer) {
    const View &view = *linked_.views[layer], &other = *linked_.views[first_];
    const auto actions = View::slice(other.actions, other.systems[sides_[first_].own].actions);
    auto& broads = sides_[layer].broads;
    broads.resize(actions.size());
    const auto add = [&](std::uint32_t action, std::uint32_t broad) {
      if (broads[action].empty() || broads[action].back() != broad) broads[action].push_back(broad);
      return ++broad_room_ <= image::kMaxStandIns;
    };
    for (std::uint32_t i = 0; i < view.broad.size(); ++i) {
      const image::Broad& broad = view.broad[i];
      for (std::uint32_t action = 0; broad.any && action < actions.size(); ++action) {
        if (!add(action, i)) return false;
      }
      for (const image::Text name : View::slice(view.broad_names, broad.names)) {
        const std::uint32_t group = find(sides_[first_].actions, view.text(name));
        if (group == image::kNone) continue;
        for (const std::uint32_t member : View::slice(other.covers, actions[group].covers)) {
          if (!add(member, i)) return false;
        }
      }
    }
    return true;
  }

  // One row: what each layer makes of the action; the empty one is what nobody knows.
  std::uint32_t add_row(std::string_view action) {
    const auto row = static_cast<std::uint32_t>(linked_.rows.size());
    for (std::size_t layer = 0; layer < layers_; ++layer) {
      const Side& side = sides_[layer];
      LayerAction item;
      item.declared = side.declared;
      item.system = side.own;
      const bool own = side.own != image::kNone;
      if (own || stands_in(layer)) {
        const std::uint32_t index = action.empty() ? image::kNone : find(sides_[own ? layer : first_].actions, action);
        item.status = index == image::kNone ? LayerAction::Status::unknown_action : LayerAction::Status::known;
        if (index != image::kNone && own) {
          item.word = index / 64;
          item.bit = std::uint64_t{1} << index % 64;
        } else if (index != image::kNone) {
          item.first_broad = static_cast<std::uint32_t>(linked_.broads.size());
          for (const std::uint32_t broad : side.broads[index]) linked_.broads.push_back(linked_.views[layer]->broad[broad]);
          item.broads = static_cast<std::uint32_t>(linked_.broads.size()) - item.first_broad;
        }
      }
      linked_.rows.push_back(item);
    }
    return row;
  }

  // At most half full. False where names were chosen to collide.
  bool make_slots() {
    std::size_t size = 4;
    while (size < 2 * names_.size()) size *= 2;
    linked_.slots.resize(size);
    linked_.slot_mask = size - 1;
    for (const Layers::Linked::Slot& slot : names_) {
      std::size_t at = slot.name.hash() & linked_.slot_mask, probes = 0;
      for (; linked_.slots[at].row != image::kNone; at = (at + 1) & linked_.slot_mask) {
        if (++probes > image::kMaxNameProbe) return false;
      }
      linked_.slots[at] = slot;
    }
    return true;
  }

  Layers::Linked& linked_;
  std::size_t layers_;
  std::vector<Side> sides_;
  std::size_t first_ = 0;  // whose declaration stands in, for the system at hand
  std::vector<Layers::Linked::Slot> names_;
  std::size_t declared_room_ = 0, broad_room_ = 0;
};

}  // namespace

image::Wide system_head_of(std::string_view system) {
  const std::string key = std::string(system) + ":";
  return image::first_bytes(key.data(), key.size());
}

std::uint64_t hash_long(std::uint64_t heads, std::string_view system, std::string_view action) noexcept {
  return image::hash_bytes(image::hash_bytes(heads, system), action);
}

bool same_long(std::string_view system, std::string_view action, std::string_view other_system, std::string_view other_action) noexcept {
  return system == other_system && action == other_action;
}

const char* link_names(Layers::Linked& linked) {
  for (const View* view : linked.views) {
    linked.depths |= view->depths;
    linked.has_systems |= view->has(image::NodeKind::system) || view->has(image::NodeKind::root);
    linked.memory.limits |= view->memory.limits;
    linked.memory.history |= view->memory.history;
    linked.memory.idle |= view->memory.idle;
    linked.memory.delegation |= view->memory.delegation;
  }
  linked.remembers = linked.memory.any();
  return Linker(linked).run();
}

}  // namespace remit::vm

namespace remit {

const vm::LayerAction* Layers::Linked::find_unknown(std::string_view system, image::Wide system_head) const noexcept { return find({system, system_head, ""}); }

}  // namespace remit
