// What linking works out: for each system and action that any layer knows, what every layer makes of
// it. Immutable after link(); shared by all Layers handles, Prepared requests and sessions.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <remit/layers.h>

#include "engine/image/hash.h"
#include "engine/image/view.h"

namespace remit::vm {

// The longest name of the language. A request's action beyond it is unknown, whatever an image declares:
// so no request makes a decision hash more.
inline constexpr std::size_t kMaxActionName = 64;

// Path::system_head of a system's name, for those that have no path.
image::Wide system_head_of(std::string_view system);

// Names of more bytes than a head has; apart from the way of every decision.
std::uint64_t hash_long(std::uint64_t heads, std::string_view system, std::string_view action) noexcept;
bool same_long(std::string_view system, std::string_view action, std::string_view other_system, std::string_view other_action) noexcept;

// An action of a system, by name. Borrows both. Nearly all names are short, and those are hashed and compared as numbers.
struct Name {
  image::Wide system_head = 0, action_head = 0;  // of `docs:` and of `read`: the first 16 bytes, and zeros
  std::string_view system, action;

  Name() = default;
  // `head` is Path::system_head.
  Name(std::string_view system_name, image::Wide head, std::string_view action_name) noexcept
      : system_head(head), action_head(image::first_bytes(action_name.data(), action_name.size())), system(system_name), action(action_name) {}

  bool is_short() const noexcept { return (action.size() | system.size()) <= 15; }  // the heads hold all of both, and the colon

  std::uint64_t hash() const noexcept {
    const auto low = [](image::Wide head) { return static_cast<std::uint64_t>(head); };
    const std::uint64_t heads = image::fold(low(action_head) ^ low(system_head) * image::kHashA, low(action_head >> 64) ^ low(system_head >> 64) ^ image::kHashB);
    return is_short() ? heads : hash_long(heads, system, action);
  }

  friend bool operator==(const Name& a, const Name& b) noexcept {
    return a.action_head == b.action_head && a.system_head == b.system_head && a.action.size() == b.action.size() && a.system.size() == b.system.size() &&
           (a.is_short() || same_long(a.system, a.action, b.system, b.action));
  }
};

// What one layer makes of one action of one system.
struct LayerAction {
  enum class Status : std::uint8_t { known, unknown_action, unknown_system };
  std::uint64_t bit = 0;                        // within `word`; 0 where the layer does not index it
  const std::uint8_t* declared = nullptr;       // for each reference of the layer's image
  std::uint32_t word = 0;
  std::uint32_t system = image::kNone;          // index in the layer's image; kNone: a stand-in (section 4)
  std::uint32_t first_broad = 0, broads = 0;    // stand-ins: which Broad entries match, in Linked::broads
  Status status = Status::unknown_system;
};

}  // namespace remit::vm

namespace remit {

struct Layers::Linked {
  // An action of a system that some layer knows. The empty action, which there is once for each system,
  // stands for all that no layer knows.
  struct Slot {
    vm::Name name;
    std::uint32_t row = image::kNone;     // in `rows`; kNone: an empty slot
  };

  std::vector<Program> programs;
  std::vector<std::uint16_t> groups;      // for each layer, which session's it is: 0 the one that asks, 1 its parent
  std::vector<const image::View*> views;
  // For each layer: how many limits and histories the layers before it in its group have.
  std::vector<std::uint32_t> limit_base, history_base;
  std::uint64_t depths = 0;               // of all indexes: View::depths
  bool has_systems = false;               // some index has nodes that are found by the system's hash
  MemoryUse memory;
  bool remembers = false;                 // memory.any()

  std::vector<Slot> slots;                // of names: open addressing by the lower bits of the hash
  std::uint64_t slot_mask = 0;            // number of slots less one
  std::vector<vm::LayerAction> rows;      // a row has one for each layer
  std::vector<image::Broad> broads;       // those of stand-ins, grouped by row and layer
  std::vector<std::vector<std::uint8_t>> stand_in_declared;

  // The row of `action` in `system`, whose head Path has; nullptr where no layer knows the system.
  const vm::LayerAction* find(std::string_view system, image::Wide system_head, std::string_view action) const noexcept {
    if (action.size() <= vm::kMaxActionName) {
      if (const vm::LayerAction* row = find({system, system_head, action})) return row;
    }
    return find_unknown(system, system_head);  // perhaps of a known system
  }
  const vm::LayerAction* find(const vm::Name& name) const noexcept {
    for (std::uint64_t at = name.hash() & slot_mask;; at = (at + 1) & slot_mask) {
      const Slot& slot = slots[at];
      if (slot.row == image::kNone) return nullptr;
      if (name == slot.name) return rows.data() + slot.row;
    }
  }
  const vm::LayerAction* find_unknown(std::string_view system, image::Wide system_head) const noexcept;
};

}  // namespace remit
