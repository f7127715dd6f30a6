// The saved form of a tree, as bytes. Two doors: write_tree and read_tree; the format is theirs alone.
//
//   magic 8 | major 2 | minor 2 | size 8 | generation 8 | checksum 8 (XXH3 of all that follows) | body
//
//   body      times of the tree, agents, sessions, asks, grant log
//   session   id, parent, programs (SHA-256), lifetime, facts, limits, histories
//
// Numbers are little-endian, texts stand behind their length. The programs themselves are not in it: the
// state is bound to them by digest, and whoever restores it must have them.
// Covered by tests/session_saved_test.cpp.
#pragma once

#include "engine/session/state.h"

namespace remit {

// The tree's state, with `generation` in it; its grant log has one more entry where `granted` is given.
// The tree's lock is held.
std::vector<std::byte> write_tree(Session::Tree& tree, std::uint64_t generation, const Request* granted = nullptr);

// What a saved state becomes: a tree of its own with all its sessions, in the order in which they opened.
struct RestoredTree {
  std::shared_ptr<Session::Tree> tree;
  std::vector<std::shared_ptr<Session::State>> states;
};
// Errors: bad_state, unsupported_version, stale_state, missing_program, too_many_layers. May throw for lack of memory.
Result<RestoredTree> read_tree(std::span<const std::byte> bytes, std::uint64_t least_generation, std::span<const Program> programs);

}  // namespace remit
