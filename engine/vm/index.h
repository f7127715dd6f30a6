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

namespace remit::vm {

using image::Entry;
using image::Node;
using image::NodeKind;
using image::View;

inline int lowest_bit(std::uint64_t mask) noexcept { return __builtin_ctzll(mask); }

// The first node under `hash` that `is` accepts, or null.
template <class Is>
const Node* find_node(const View& view, std::uint64_t hash, Is&& is) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101u, kTops = 0x8080808080808080u;
  const std::uint64_t wanted = image::hash_tag(hash) * kOnes;
  std::uint32_t group = static_cast<std::uint32_t>(hash) & view.group_mask;
  for (;;) {
    const std::uint64_t tags = view.tags[group];
    const std::uint64_t difference = tags ^ wanted;
    // Bytes that are zero in `difference`; the trick may also flag a byte above a true one, which
    // costs a look at its node and no more.
    std::uint64_t hits = (difference - kOnes) & ~difference & kTops;
    while (hits != 0) {
      const std::uint32_t slot = group * 8 + static_cast<std::uint32_t>(lowest_bit(hits) / 8);
      const std::uint32_t offset = view.slots[slot];
      if (offset != image::kNone) {
        const Node& node = view.node(offset);
        if (is(node)) return &node;
      }
      hits &= hits - 1;
    }
    if ((tags & kTops) != kTops) return nullptr;  // a group that is not full ends the search
    group = (group + 1) & view.group_mask;
  }
}

// Does the path go on from segment `depth` as the star node's key does?
inline bool is_star_node(const Node& node, const image::Shape& shape, const Path& path, std::size_t depth, std::uint32_t word) noexcept {
  if (node.kind != NodeKind::star || node.word != word) return false;
  const char* key = View::key(node);
  const std::size_t begin = path.begin(depth), end = path.end(depth);
  // key: the path up to `before` bytes of the segment, `*`, `after` bytes, the tail.
  if (node.star != begin + shape.before || end - begin < std::size_t{shape.before} + shape.after) return false;
  if (std::memcmp(key, path.text.data(), node.star) != 0) return false;
  const std::size_t stop = path.end(depth + shape.tail);  // where the tail ends
  const std::size_t rest = node.key_length - node.star - 1u;
  if (rest != shape.after + (stop - end)) return false;
  return std::memcmp(key + node.star + 1, path.text.data() + end - shape.after, rest) == 0;
}

template <class Visit>
void visit_stars(const View& view, const Node& anchor, const Path& path, std::size_t depth, std::uint64_t prefix, std::uint32_t word, Visit& visit) {
  for (const image::Shape& shape : view.shapes.subspan(anchor.first_shape, anchor.shapes)) {
    if (depth + shape.tail >= path.parts.segments) continue;
    const std::size_t begin = path.begin(depth), end = path.end(depth);
    if (end - begin < std::size_t{shape.before} + shape.after) continue;
    std::uint64_t hash = image::hash_shape(prefix, shape.before, shape.after, shape.tail);
    hash = path.hasher.segment(hash, begin, begin + shape.before);
    hash = path.hasher.segment(hash, end - shape.after, end);
    for (std::size_t i = depth + 1; i <= depth + shape.tail; ++i) hash = path.hasher.segment(hash, path.begin(i), path.end(i));
    hash = image::with_word(hash, word);
    const Node* node = find_node(view, hash, [&](const Node& n) { return is_star_node(n, shape, path, depth, word); });
    if (node != nullptr) visit(*node, depth + 1 + shape.tail);
  }
}

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
  const auto is_key = [&](NodeKind kind, std::size_t length) {
    return [&, kind, length](const Node& node) {
      return node.kind == kind && node.key_length == length && node.word == action.word &&
             std::memcmp(View::key(node), path.text.data(), length) == 0;
    };
  };
  const auto has = [&](NodeKind kind) { return (view.kinds >> static_cast<unsigned>(kind) & 1) != 0; };
  const std::size_t system_length = path.parts.system + 1u;
  if (has(NodeKind::system)) {
    if (const Node* node = find_node(view, image::with_word(path.system_hash, action.word), is_key(NodeKind::system, system_length))) {
      for (const Entry& entry : View::entries(*node)) {
        if ((entry.actions & action.bit) == 0 || entry.exact()) continue;
        visit(entry);
      }
    }
  }
  // All named resources share the key `docs:`, all rooted ones `docs:/`.
  if (has(NodeKind::root)) {
    if (const Node* node = find_node(view, image::with_word(path.root_hash, action.word), is_key(NodeKind::root, system_length + path.parts.rooted))) {
      visit_node(*node, 0);
      if (node->shapes != 0) visit_stars(view, *node, path, 0, path.root_hash, action.word, visit_node);
    }
  }
  // `hashed` covers the deepest key of all layers, so no depth of this one is missed.
  for (std::uint64_t depths = view.depths & path.hashed_depths(); depths != 0; depths &= depths - 1) {
    const auto i = static_cast<std::size_t>(lowest_bit(depths));
    const Node* node = find_node(view, image::with_word(path.prefix[i], action.word), is_key(NodeKind::path, path.end(i)));
    if (node == nullptr) continue;
    visit_node(*node, i + 1);
    if (node->shapes != 0) visit_stars(view, *node, path, i + 1, path.prefix[i], action.word, visit_node);
  }
}

}  // namespace remit::vm
