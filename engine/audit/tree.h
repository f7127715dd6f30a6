// The Merkle tree of RFC 6962 over a log's records, kept as its complete subtrees: a node at
// `level` and `position` is the hash over the 2^level leaves from position * 2^level on. Once
// there, such a node never changes, so a log stores each exactly once and any proof is made from
// stored nodes. Proofs are checked in proof.cpp. Covered by tests/audit_tree_test.cpp and, against
// another implementation, by tests/audit_interop_test.py.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <remit/audit_proof.h>

namespace remit::audit {

// The stored node, or nothing where it is missing or unreadable.
using NodeSource = std::function<std::optional<TreeHash>(unsigned level, std::uint64_t position)>;

// What is needed to go on: the roots of the complete subtrees that the leaves make up so far, one
// for each bit of the size. Not safe for several threads.
class Tree {
 public:
  // An empty tree.
  Tree() = default;
  // The tree of the first `size` leaves; nothing where `nodes` lacks one that it needs.
  static std::optional<Tree> restore(std::uint64_t size, const NodeSource& nodes);

  std::uint64_t size() const noexcept { return size_; }
  TreeHash root() const noexcept;

  // Appends a leaf and gives each subtree that it completes to `complete(level, position, hash)`,
  // the leaf itself (level 0) first.
  template <class Complete>
  void append(const TreeHash& leaf, const Complete& complete) {
    TreeHash hash = leaf;
    std::uint64_t position = size_;
    complete(0u, position, hash);
    for (unsigned level = 1; (position & 1) != 0; ++level) {
      hash = node_hash(peaks_.back(), hash);
      peaks_.pop_back();
      position >>= 1;
      complete(level, position, hash);
    }
    peaks_.push_back(hash);
    ++size_;
  }
  void append(const TreeHash& leaf) {
    append(leaf, [](unsigned, std::uint64_t, const TreeHash&) {});
  }

 private:
  std::uint64_t size_ = 0;
  std::vector<TreeHash> peaks_;  // the largest first
};

// The root of the first `size` leaves, from stored nodes.
std::optional<TreeHash> root_of(std::uint64_t size, const NodeSource& nodes);
// RFC 9162 sections 2.1.3.1 and 2.1.4.1. Nothing where a node is missing, or for an index or an old
// size that the tree does not have. The path is empty for a size of 1, and for equal sizes.
std::optional<std::vector<TreeHash>> inclusion_path(std::uint64_t index, std::uint64_t size,
                                                    const NodeSource& nodes);
std::optional<std::vector<TreeHash>> consistency_path(std::uint64_t old_size, std::uint64_t size,
                                                      const NodeSource& nodes);

}  // namespace remit::audit
