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

// `system` is Path::system_hash.
inline std::uint64_t action_hash(std::uint64_t system, std::string_view name) noexcept { return image::hash_bytes(system, name); }

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
  struct Name {
    std::uint64_t hash = 0;
    std::string_view system, action;
    std::uint32_t row = image::kNone;     // in `rows`; kNone: an empty slot
  };

  std::vector<Program> programs;
  std::vector<std::uint16_t> groups;      // for each layer, which session's it is: 0 the one that asks, 1 its parent
  std::vector<const image::View*> views;
  // For each layer: how many limits and histories the layers before it in its group have.
  std::vector<std::uint32_t> limit_base, history_base;
  std::uint64_t depths = 0;               // of all indexes: View::depths
  MemoryUse memory;
  bool remembers = false;                 // memory.any()

  std::vector<Name> names;                // open addressing by the lower bits of the hash
  std::uint64_t name_mask = 0;            // number of slots less one
  std::vector<vm::LayerAction> rows;      // a row has one for each layer
  std::vector<image::Broad> broads;       // those of stand-ins, grouped by row and layer
  std::vector<std::vector<std::uint8_t>> stand_in_declared;

  // The row of `action` in `system`, whose hash Path has; nullptr where no layer knows the system.
  const vm::LayerAction* find(std::uint64_t system_hash, std::string_view system, std::string_view action) const noexcept {
    if (action.size() > vm::kMaxActionName) action = {};
    for (;;) {
      const std::uint64_t hash = vm::action_hash(system_hash, action);
      for (std::uint64_t slot = hash & name_mask;; slot = (slot + 1) & name_mask) {
        const Name& name = names[slot];
        if (name.row == image::kNone) break;
        if (name.hash == hash && image::same_name(name.action, action) && image::same_name(name.system, system)) return rows.data() + name.row;
      }
      if (action.empty()) return nullptr;
      action = {};  // unknown, but perhaps of a known system
    }
  }
};

}  // namespace remit
