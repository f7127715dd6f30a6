// The vm's loop over guard instructions. One door: run_guard. Covered by tests/guard_test.cpp and the
// differential tests.
#pragma once

#include <atomic>

#include <remit/request.h>

#include "engine/image/opcodes.h"
#include "engine/image/view.h"
#include "engine/vm/attributes.h"
#include "engine/vm/path.h"

namespace remit::vm {

// Kleene's three values, ordered so that `and` is the smaller and `or` the larger.
enum class Truth : std::uint8_t { no, unknown, yes };

// Everything that a guard may look at. Borrows; lives on the stack of one decision.
struct Context {
  const image::View* view = nullptr;
  const std::uint8_t* declared = nullptr;     // LayerAction::declared
  std::uint32_t system = image::kNone;        // LayerAction::system
  const Path* path = nullptr;
  const Attributes* attributes = nullptr;
  const Facts* facts = nullptr;               // as this layer sees them
  std::int64_t now = 0;                       // microseconds
  // A session's: for each `after` of the layer, whether such a request was granted (a Truth: unknown
  // where that cannot be told any more). Null: nothing was granted before.
  const std::atomic<std::uint8_t>* remembered = nullptr;
  bool* reads_history = nullptr;              // set where a guard looked at `remembered`
};

Truth run_guard(const Context& context, const image::Rule& rule) noexcept;

// One instruction that pushes a value, by itself: for explanations and for what is decided of part of a
// guard only.
Truth run_leaf(const Context& context, const image::Instruction& instruction) noexcept;

// The value of an attribute or fact, whatever its type; null where the request does not have it, or the
// system does not declare it.
const Value* present_value(const Context& context, std::uint32_t reference, Value& storage) noexcept;

// The value of an attribute, where the request has it and it is of the reference's type; else null.
const Value* usable_value(const Context& context, std::uint32_t reference) noexcept;

}  // namespace remit::vm
