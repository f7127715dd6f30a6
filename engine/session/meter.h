// Meter: how much of one limit is used. For a limit of the whole session that is one number; with
// `per D` it is a sliding window. Not thread-safe: the tree's lock guards it. Allocates only when made.
//
// The window. Time is cut into buckets of exactly D/64, and 65 of them are kept: the one that holds now
// and the 64 before it. What was charged at time s counts until its whole bucket is D in the past, so it
// counts for at least D and for less than D + D/64: no half-open window of length D ever holds more than
// the amount, and room comes back at most D/64 late. A list of exact times would need as much memory as
// there are grants; 64 buckets of 8 bytes are what the language's tolerance is for.
//
// Covered by tests/session_limits_test.cpp, against a list of exact times.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

namespace remit {

class Meter {
 public:
  static constexpr std::size_t kBuckets = 65;

  // `most` is not negative; `per` is 0 for the whole session, else microseconds.
  void make(std::int64_t most, std::int64_t per);

  std::int64_t most() const noexcept { return most_; }

  // How much counts at `now`, which is never before that of an earlier add().
  std::int64_t used(std::int64_t now) const noexcept;
  // Is there room for `amount`, which is not negative?
  bool has_room(std::int64_t amount, std::int64_t now) const noexcept { return amount <= most_ - used(now) + spare(now); }
  // Uses `amount`, for which there must be room. Gives the bucket, for give_back().
  std::int64_t add(std::int64_t amount, std::int64_t now) noexcept;
  // Undoes one add(), where its bucket still counts.
  void give_back(std::int64_t amount, std::int64_t bucket) noexcept;

  // With a store, more is used than was granted: a lease. What is left of it, and the bucket that it was
  // charged to, beyond which it is worth nothing: a later window would not see it.
  struct Lease {
    std::int64_t left = 0, bucket = 0;  // bucket: 0 for the whole session
  };
  Lease lease() const noexcept { return {lease_left_, window_ ? window_->lease_bucket : 0}; }
  std::int64_t spare(std::int64_t now) const noexcept { return lease_left_ == 0 || (window_ && bucket_of(now) != window_->lease_bucket) ? 0 : lease_left_; }
  // Grants `amount` from the lease, which holds it. Gives the bucket, for return_to_lease().
  std::int64_t spend(std::int64_t amount) noexcept {
    lease_left_ -= amount;
    return lease().bucket;
  }
  // Grants `amount`, for which there is room, and takes at most `ahead` more where there is room for it.
  std::int64_t add_ahead(std::int64_t amount, std::int64_t ahead, std::int64_t now) noexcept;
  void return_to_lease(std::int64_t amount, std::int64_t bucket) noexcept {
    if (lease().bucket == bucket) lease_left_ += amount;
  }
  void set_lease(const Lease& lease) noexcept {
    lease_left_ = lease.left;
    if (window_) window_->lease_bucket = lease.bucket;
  }
  // Takes over what another process wrote, and keeps its own lease.
  void replace_use(Meter&& other) noexcept {
    const Lease own = lease();
    total_ = other.total_;
    window_ = std::move(other.window_);
    set_lease(own);
  }

  // As saved: buckets that hold something, oldest first.
  struct Bucket {
    std::int64_t index = 0, amount = 0;
  };
  template <class Visit>
  void visit_buckets(Visit&& visit) const {
    if (!window_) {
      if (total_ != 0) visit(Bucket{0, total_});
      return;
    }
    if (window_->latest == INT64_MIN) return;  // nothing was ever added
    for (std::int64_t age = kBuckets - 1; age >= 0; --age) {
      const std::int64_t amount = window_->amounts[slot(window_->latest - age)];
      if (amount != 0) visit(Bucket{window_->latest - age, amount});
    }
  }
  // Puts one such bucket back, in a meter that is new; false where that is impossible: buckets out of
  // order, or more than the limit in all.
  bool restore(Bucket bucket) noexcept;

 private:
  struct Window {
    std::int64_t per = 0;
    std::int64_t latest = INT64_MIN;  // the bucket of the latest add()
    std::int64_t lease_bucket = 0;
    std::array<std::int64_t, kBuckets> amounts{};
  };

  std::int64_t bucket_of(std::int64_t now) const noexcept;
  static std::size_t slot(std::int64_t bucket) noexcept;
  void advance(std::int64_t bucket) noexcept;

  std::int64_t most_ = 0;
  std::int64_t total_ = 0;          // of all buckets
  std::int64_t lease_left_ = 0;
  std::unique_ptr<Window> window_;  // null for the whole session
};

}  // namespace remit
