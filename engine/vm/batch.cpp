// Many requests in one call: while one is decided, the memory that the next ones need is on its way. Worth it where
// an index is larger than the caches near the processor; elsewhere the requests are decided one after the other.
// Covered by tests/batch_test.cpp.
#include <algorithm>
#include <new>
#include <type_traits>

#include "engine/vm/decide.h"
#include "engine/vm/index.h"

namespace remit {
namespace {

// As many as a core can wait for at once, about.
constexpr std::size_t kGroup = 12;
// A second-level cache of today holds what is smaller.
constexpr std::size_t kNear = std::size_t{1} << 20;

bool is_far(const image::View& view) noexcept { return view.groups.size_bytes() + view.nodes.size_bytes() > kNear; }

// Visits each layer that is far away and looks prefixes of the question up.
template <class Visit>
void each_far(const Layers::Linked& linked, const vm::Question& question, Visit&& visit) noexcept {
  if (question.fault() != Reason::allowed_by_rule) return;
  const vm::Path& path = *question.context(0).path;
  for (std::size_t layer = 0; layer < linked.views.size(); ++layer) {
    const image::View& view = *linked.views[layer];
    const vm::LayerAction& action = question.row(static_cast<std::uint16_t>(layer));
    if (action.bit == 0 || !is_far(view)) continue;
    for (std::uint64_t depths = view.depths & path.depths; depths != 0; depths &= depths - 1) {
      visit(view, image::with_word(path.prefix[vm::lowest_bit(depths)], action.word));
    }
  }
}

}  // namespace

void Layers::decide(std::span<const Request> requests, const Facts& facts, Time now, std::span<Decision> out) const noexcept {
  const Linked& linked = *linked_;
  const std::size_t count = std::min(requests.size(), out.size());
  if (std::none_of(linked.views.begin(), linked.views.end(), [](const image::View* view) { return is_far(*view); })) {
    for (std::size_t i = 0; i < count; ++i) out[i] = decide(requests[i], facts, now);
    return;
  }
  if (linked.remembers) {
    std::fill_n(out.begin(), count, Decision{});  // internal_error: only a session can decide this
    return;
  }
  const vm::Stateless stateless(linked, facts, now);
  // A question is left uninitialised where it is not written, so an array of them costs nothing.
  static_assert(std::is_trivially_destructible_v<vm::Question>);
  alignas(vm::Question) std::byte room[kGroup * sizeof(vm::Question)];
  for (std::size_t begin = 0; begin < count; begin += kGroup) {
    const std::size_t size = std::min(kGroup, count - begin);
    vm::Question* group[kGroup];
    for (std::size_t i = 0; i < size; ++i) {
      group[i] = new (room + i * sizeof(vm::Question)) vm::Question(linked, requests[begin + i]);
      each_far(linked, *group[i], [](const image::View& view, std::uint64_t hash) {
        __builtin_prefetch(&view.groups[image::hash_group(hash, view.homes)]);
      });
    }
    for (std::size_t i = 0; i < size; ++i) {
      each_far(linked, *group[i], [](const image::View& view, std::uint64_t hash) {
        // The first whose tag fits is nearly always the one. Its entries and its key reach over into the next line.
        const image::Node* const node = vm::find_node(view, hash, [](const image::Node&) { return true; });
        if (node == nullptr) return;
        __builtin_prefetch(node);
        __builtin_prefetch(reinterpret_cast<const char*>(node) + 64);
      });
    }
    for (std::size_t i = 0; i < size; ++i) {
      const Reason fault = group[i]->fault();
      out[begin + i] = fault == Reason::allowed_by_rule ? vm::decide_all(linked, *group[i], stateless.frame) : vm::deny(fault, 0);
    }
  }
}

}  // namespace remit
