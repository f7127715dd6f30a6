// Store: where a tree of sessions keeps what must outlive the process, or be shared by several.
//
// A store holds, for each tree, one block of bytes (what Session::save writes) and its version, and
// replaces it only where the version is still the one that the writer had read. That one promise
// suffices for everything: limits, history, approvals and revocation are in the block, so whatever
// changes changes at once, survives a kill at any instant, and is never changed on stale knowledge.
//
// What makes it fast is the lease: a session takes quota of a limit in chunks, writes the chunk down as
// used before it uses any of it, and then grants from the chunk without the store. A crash loses what
// was left of a chunk; nothing is ever granted twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <remit/id.h>
#include <remit/result.h>
#include <remit/value.h>

namespace remit {

struct StoredState {
  std::vector<std::byte> bytes;
  std::uint64_t version = 0;  // of the block: grows by one with every replacement, 1 is the first
};

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // All of these are called from many threads, and under the lock of the tree that they are about: they
  // must not call back into a session.

  // The tree's block. Errors: unknown_session where there is none, store_unavailable.
  virtual Result<StoredState> load(const Id& tree) noexcept = 0;

  // Puts `bytes` in place of version `expected` (0: there must be none yet); durable before it returns.
  // The new version, expected + 1. Errors: store_conflict where another version is there, and nothing
  // changed; store_unavailable where it is not known to be durable. After store_unavailable the block is
  // either the old or the new one.
  virtual Result<std::uint64_t> replace(const Id& tree, std::uint64_t expected, std::span<const std::byte> bytes) noexcept = 0;

  // The version that is there now, cheaply: asked to learn of another process's changes. 0: none.
  virtual Result<std::uint64_t> version(const Id& tree) noexcept = 0;
};

// How a session uses its store.
struct StoreOptions {
  // A lease is at most this part of a limit (1/64 by default), and always enough for the request at hand.
  std::uint32_t lease_divisor = 64;
  // How long, by the caller's `now`, a decision may rest on what was last read, so that a revocation in
  // another process is seen. Zero: every decision looks.
  Duration refresh = std::chrono::milliseconds(500);
};

}  // namespace remit
