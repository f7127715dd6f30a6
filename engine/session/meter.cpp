// See meter.h.
#include "engine/session/meter.h"

#include <algorithm>

namespace remit {
namespace {

constexpr std::int64_t kKept = static_cast<std::int64_t>(Meter::kBuckets) - 1;  // behind the latest

}  // namespace

void Meter::make(std::int64_t most, std::int64_t per) {
  most_ = most;
  if (per == 0) return;
  window_ = std::make_unique<Window>();
  window_->per = per;
}

// floor(now * 64 / per), without overflow for any now and per.
std::int64_t Meter::bucket_of(std::int64_t now) const noexcept {
  const std::int64_t per = window_->per;
  // A window beyond 2^57 microseconds is longer than all time: one bucket, which never leaves it.
  if (per >= std::int64_t{1} << 57) return 0;
  // Towards the past, with 0 <= rest < per. Not `now - whole * per`: at the beginning of time that product is before it.
  const std::int64_t over = now % per, whole = now / per - (over < 0 ? 1 : 0), rest = over < 0 ? over + per : over;
  const std::int64_t part = rest * 64 / per;
  std::int64_t bucket;
  // Windows of less than 64 microseconds could count past the end of the type; there time stands still,
  // which forgets nothing.
  if (__builtin_mul_overflow(whole, std::int64_t{64}, &bucket)) return whole < 0 ? INT64_MIN / 2 : INT64_MAX / 2;
  return std::clamp(bucket + part, INT64_MIN / 2, INT64_MAX / 2);
}

std::size_t Meter::slot(std::int64_t bucket) noexcept {
  constexpr std::int64_t kCount = static_cast<std::int64_t>(kBuckets);
  return static_cast<std::size_t>((bucket % kCount + kCount) % kCount);
}

std::int64_t Meter::used(std::int64_t now) const noexcept {
  if (!window_ || total_ == 0) return total_;
  const std::int64_t bucket = bucket_of(now);
  if (bucket <= window_->latest) return total_;
  std::int64_t sum = 0;
  for (std::int64_t i = bucket - kKept; i <= window_->latest; ++i) sum += window_->amounts[slot(i)];
  return sum;
}

// Moves the window on, dropping what no longer counts.
void Meter::advance(std::int64_t bucket) noexcept {
  if (window_->latest == INT64_MIN) {
    window_->latest = bucket;
    return;
  }
  if (bucket <= window_->latest) return;
  const std::int64_t steps = std::min<std::int64_t>(bucket - window_->latest, static_cast<std::int64_t>(kBuckets));
  for (std::int64_t i = 0; i < steps; ++i) {
    std::int64_t& amount = window_->amounts[slot(bucket - i)];
    total_ -= amount;
    amount = 0;
  }
  window_->latest = bucket;
}

std::int64_t Meter::add(std::int64_t amount, std::int64_t now) noexcept {
  if (window_) {
    advance(bucket_of(now));
    window_->amounts[slot(window_->latest)] += amount;
  }
  total_ += amount;
  return window_ ? window_->latest : 0;
}

std::int64_t Meter::add_ahead(std::int64_t amount, std::int64_t ahead, std::int64_t now) noexcept {
  const std::int64_t needed = amount - spare(now);
  const std::int64_t more = std::min(ahead, most_ - used(now) - needed);
  const std::int64_t bucket = add(needed + more, now);
  set_lease({more, bucket});
  return bucket;
}

void Meter::give_back(std::int64_t amount, std::int64_t bucket) noexcept {
  if (!window_) {
    total_ -= amount;
    return;
  }
  if (bucket > window_->latest || bucket < window_->latest - kKept) return;
  window_->amounts[slot(bucket)] -= amount;
  total_ -= amount;
}

bool Meter::restore(Bucket bucket) noexcept {
  if (bucket.amount <= 0 || bucket.amount > most_ - total_) return false;
  if (!window_) {
    if (bucket.index != 0 || total_ != 0) return false;
    total_ = bucket.amount;
    return true;
  }
  if (bucket.index < INT64_MIN / 2 || bucket.index > INT64_MAX / 2) return false;
  if (window_->latest != INT64_MIN && bucket.index <= window_->latest) return false;
  advance(bucket.index);
  window_->amounts[slot(bucket.index)] = bucket.amount;
  total_ += bucket.amount;
  return true;
}

}  // namespace remit
