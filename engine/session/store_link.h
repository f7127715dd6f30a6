// StoreLink: how a tree keeps its state in a Store. See remit/store.h for the promise that it rests on.
//
// What the store holds is always at least as restrictive as what was answered: a grant is reported only
// after the block that contains it was written. Limits are written ahead: a lease is charged in the block
// before any of it is used (Meter::spare), and what a crash leaves of it is lost.
//
// A block that somebody else wrote is merged in: limits and asks become what it says, history and ends
// only grow. Every process that shares a tree must know all of its programs; where it does not, it can
// decide nothing of that tree any more.
//
// All functions need the tree's lock. Covered by tests/session_store_test.cpp.
#pragma once

#include "engine/session/state.h"

namespace remit {

class StoreLink {
 public:
  enum class Written : std::uint8_t { yes, conflict, unavailable };

  StoreLink(std::shared_ptr<Store> store, const StoreOptions& options) : store_(std::move(store)), options_(options) {}

  std::uint32_t lease_divisor() const noexcept { return options_.lease_divisor; }
  // Is it time to look for changes of other processes? Needs no lock.
  bool is_due(std::int64_t now) const noexcept { return now >= due_.load(std::memory_order_relaxed); }

  // Learns what other processes changed. False where that is not possible: then nothing may be granted.
  bool refresh(Session::Tree& tree, std::int64_t now) noexcept;
  // Writes the tree as it is, with one more entry for the grant log where `granted` is given. A conflict, also
  // where it is not known which block is there: what was changed has to be made again after a reload.
  Written write(Session::Tree& tree, const Request* granted) noexcept;
  // Writes a change that must not be lost to a conflict: `again` makes it anew on what was merged in, and
  // gives false where there is nothing left to change. False where it could not be written.
  template <class Again>
  bool insist(Session::Tree& tree, Again&& again) noexcept {
    for (int i = 0; i < kTries; ++i) {
      const Written written = write(tree, nullptr);
      if (written == Written::yes) return true;
      if (written == Written::unavailable || !reload(tree)) return false;
      if (!again()) return true;
    }
    return false;
  }
  // Reads the block and merges it in.
  bool reload(Session::Tree& tree) noexcept;

  // Keeps a session as long as the tree, because the block speaks of all of them. Its parents are kept
  // likewise (the outermost lives with the tree), so it need not hold them.
  void keep(std::shared_ptr<Session::State> state);
  // What was read is of this version; `programs` may occur in what others write.
  void resume_at(std::uint64_t version, std::span<const Program> programs);

  static constexpr int kTries = 64;

 private:
  void merge(Session::Tree& tree, const std::vector<std::byte>& bytes);

  std::shared_ptr<Store> store_;
  StoreOptions options_;
  std::uint64_t version_ = 0;                        // of the block that was last read or written; 0: none yet
  bool stale_ = false;                               // it is not known which block is there
  std::atomic<std::int64_t> due_{INT64_MIN};         // when to look again
  std::vector<Program> programs_;
  std::vector<std::shared_ptr<Session::State>> kept_;
};

}  // namespace remit
