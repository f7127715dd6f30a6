// See tree.h.
#include "engine/audit/tree.h"

#include <algorithm>

namespace remit::audit {
namespace {

using Path = std::vector<TreeHash>;

// The root over the leaves [first, last), where `first` is a multiple of the smallest power of two
// that is no less than their number: so are all ranges that RFC 9162 divides a tree into. They fall
// into complete subtrees, which get smaller to the right.
std::optional<TreeHash> range_root(std::uint64_t first, std::uint64_t last,
                                   const NodeSource& nodes) {
  std::optional<TreeHash> root;
  while (last > first) {
    // The smallest one ends where the range does.
    const auto level = static_cast<unsigned>(std::countr_zero(last - first));
    last -= std::uint64_t{1} << level;
    const std::optional<TreeHash> node = nodes(level, last >> level);
    if (!node) return std::nullopt;
    root = root ? node_hash(*node, *root) : *node;
  }
  return root ? *root : empty_root();
}

// Adds the root of a range to the path; false where it cannot be had.
bool add(Path& path, std::uint64_t first, std::uint64_t last, const NodeSource& nodes) {
  const std::optional<TreeHash> root = range_root(first, last, nodes);
  if (root) path.push_back(*root);
  return root.has_value();
}

// Where a tree of `count` > 1 leaves divides: the largest power of two below the count.
std::uint64_t split(std::uint64_t count) { return std::bit_floor(count - 1); }

}  // namespace

std::optional<Tree> Tree::restore(std::uint64_t size, const NodeSource& nodes) {
  Tree tree;
  tree.size_ = size;
  std::uint64_t done = 0;
  while (done < size) {
    const std::uint64_t leaves = std::bit_floor(size - done);
    const auto level = static_cast<unsigned>(std::countr_zero(leaves));
    const std::optional<TreeHash> node = nodes(level, done >> level);
    if (!node) return std::nullopt;
    tree.peaks_.push_back(*node);
    done += leaves;
  }
  return tree;
}

TreeHash Tree::root() const noexcept {
  if (peaks_.empty()) return empty_root();
  TreeHash root = peaks_.back();
  for (auto peak = peaks_.rbegin() + 1; peak != peaks_.rend(); ++peak)
    root = node_hash(*peak, root);
  return root;
}

std::optional<TreeHash> root_of(std::uint64_t size, const NodeSource& nodes) {
  return range_root(0, size, nodes);
}

// Both walk from the root down, which gives their paths in the order from the root; the RFC wants
// them from the leaf.
std::optional<Path> inclusion_path(std::uint64_t index, std::uint64_t size,
                                   const NodeSource& nodes) {
  if (index >= size) return std::nullopt;
  Path path;
  std::uint64_t first = 0, last = size;
  while (last - first > 1) {
    const std::uint64_t middle = first + split(last - first);
    const bool left = index < middle;
    if (!(left ? add(path, middle, last, nodes) : add(path, first, middle, nodes)))
      return std::nullopt;
    (left ? last : first) = middle;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::optional<Path> consistency_path(std::uint64_t old_size, std::uint64_t size,
                                     const NodeSource& nodes) {
  if (old_size == 0 || old_size > size) return std::nullopt;
  Path path;
  std::uint64_t first = 0, last = size;
  while (last != old_size) {
    const std::uint64_t middle = first + split(last - first);
    const bool left = old_size <= middle;
    if (!(left ? add(path, middle, last, nodes) : add(path, first, middle, nodes)))
      return std::nullopt;
    (left ? last : first) = middle;
  }
  // The verifier has the old root already, so it is left out where it is a subtree of the new tree.
  if (first != 0 && !add(path, first, last, nodes)) return std::nullopt;
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace remit::audit
