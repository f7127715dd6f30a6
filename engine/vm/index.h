// Looking a path up in one image's index: visits every entry whose pattern covers the path, for one
// action. The cost follows the path's depth and the wildcard forms met on the way, not the number of
// rules. Shared by decisions and prepared requests. Covered by the differential tests.
#pragma once

#include <cstring>

#include "engine/image/hash.h"
#include "engine/image/view.h"
#include "engine/vm/linked.h"
#include "engine/vm/match.h"
#include "engine/vm/path.h"
#include "engine/vm/tags.h"

namespace remit::vm {

using image::Entry;
using image::Node;
using image::NodeKind;
using image::View;

inline int lowest_bit(std::uint64_t mask) noexcept { return __builtin_ctzll(mask); }

// The first node under `hash` that `is` accepts, or null.
template <class Is>
const Node* find_node(const View& view, std::uint64_t hash, Is&& is) noexcept {
  const image::Group* group = view.groups.data() + image::hash_group(hash, view.homes);
  for (;; ++group) {
    for (unsigned hits = tag_hits(*group, image::hash_tag(hash)); hits != 0; hits &= hits - 1) {
      const Node& node = view.node(group->first + group->offsets[lowest_bit(hits)]);
      if (is(node)) return &node;
    }
    if (group->goes_on == 0) return nullptr;
  }
}

// Does the path go on from segment `depth`, which is no shorter than what stands around the star, as the node's key does?
bool is_star_node(const Node& node, const image::Shape& shape, const Path& path, std::size_t depth, std::uint32_t word) noexcept;

// The star nodes that cover a path, below one anchor: the node of their literal prefix. Apart from the rest, as a function
// that is called: few nodes have any.
class StarNodes {
 public:
  // `depth`: the segments of the anchor, whose hash without the word is `prefix`.
  StarNodes(const View& view, const Node& anchor, const Path& path, std::size_t depth, std::uint64_t prefix, std::uint32_t word) noexcept
      : view_(view), path_(path), prefix_(prefix), depth_(depth), word_(word), next_(anchor.first_shape), end_(anchor.first_shape + anchor.shapes) {}

  // The next of them, or null.
  const Node* next() noexcept;
  // How many segments the pattern of the last one has.
  std::size_t depth() const noexcept { return depth_ + 1 + tail_; }

 private:
  const View& view_;
  const Path& path_;
  std::uint64_t prefix_;
  std::size_t depth_, tail_ = 0;
  std::uint32_t word_, next_, end_;  // of view_.shapes
};

// Calls `visit(entry)` for every entry that covers the path for the action; an entry's own pattern is
// matched here. Guards are the visitor's to run. Throws only what `visit` does.
template <class Visit>
void visit_entries(const View& view, const LayerAction& action, const Path& path, Visit&& visit) {
  const auto visit_node = [&](const Node& node, std::size_t depth) {
    for (const Entry& entry : View::entries(node)) {
      if ((entry.actions & action.bit) == 0) continue;
      if (entry.exact() && depth != path.parts.segments) continue;
      if (entry.pattern() != 0 && !matches_pattern(view, view.patterns[entry.pattern() - 1], action.system, path)) continue;
      visit(entry);
    }
  };
  const auto visit_anchor = [&](const Node& node, std::size_t depth, std::uint64_t prefix) {
    visit_node(node, depth);
    if (node.shapes == 0) return;
    StarNodes stars(view, node, path, depth, prefix, action.word);
    while (const Node* star = stars.next()) visit_node(*star, stars.depth());
  };
  const auto is_key = [&](NodeKind kind, std::size_t length) {
    return [&, kind, length](const Node& node) {
      return node.kind == kind && node.key_length == length && node.word == action.word &&
             std::memcmp(View::key(node), path.text.data(), length) == 0;
    };
  };
  const std::size_t system_length = path.parts.system + 1u;
  if (view.has(NodeKind::system)) {
    if (const Node* node = find_node(view, image::with_word(path.system_hash, action.word), is_key(NodeKind::system, system_length))) {
      for (const Entry& entry : View::entries(*node)) {
        if ((entry.actions & action.bit) == 0 || entry.exact()) continue;
        visit(entry);
      }
    }
  }
  // All named resources share the key `docs:`, all rooted ones `docs:/`.
  if (view.has(NodeKind::root)) {
    const std::uint64_t hash = image::hash_root(path.system_hash, path.parts.rooted != 0);
    if (const Node* node = find_node(view, image::with_word(hash, action.word), is_key(NodeKind::root, system_length + path.parts.rooted))) {
      visit_anchor(*node, 0, hash);
    }
  }
  // `path.depths` has those of all layers, where the path is so long.
  for (std::uint64_t depths = view.depths & path.depths; depths != 0; depths &= depths - 1) {
    const auto i = static_cast<std::size_t>(lowest_bit(depths));
    const Node* node = find_node(view, image::with_word(path.prefix[i], action.word), is_key(NodeKind::path, path.end(i)));
    if (node != nullptr) visit_anchor(*node, i + 1, path.prefix[i]);
  }
}

}  // namespace remit::vm
