// See replay.h.
#include "engine/identity/replay.h"

#include <algorithm>

#include "engine/identity/refuse.h"

namespace remit::identity {

void ReplayMemory::set_capacity(std::size_t capacity) {
  const std::lock_guard<std::mutex> lock(mutex_);
  capacity_ = capacity;
}

void ReplayMemory::remember(const std::string& digest, Time expires, Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  latest_ = std::max(latest_, now);
  while (!by_expiry_.empty() && by_expiry_.top().expires <= latest_) {
    known_.erase(by_expiry_.top().digest);
    by_expiry_.pop();
  }
  if (expires <= latest_) refuse(RefusalCode::expired);
  if (known_.count(digest) != 0) refuse(RefusalCode::replayed);
  if (known_.size() >= capacity_) refuse(RefusalCode::replay_full);
  // Queued first: if the insertion then fails, the queue holds a digest that nobody knows, and
  // taking it out later does nothing. The other way round an entry would never leave.
  by_expiry_.push({expires, digest});
  known_.insert(digest);
}

std::size_t ReplayMemory::size() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return known_.size();
}

}  // namespace remit::identity
