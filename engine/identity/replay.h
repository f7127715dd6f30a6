// The memory of used tokens, bounded: an entry leaves only after its token has expired, and a full
// memory accepts nothing more. Covered by tests/identity_authenticate_test.cpp.
#pragma once

#include <cstddef>
#include <mutex>
#include <queue>
#include <string>
#include <unordered_set>
#include <vector>

#include <remit/value.h>

namespace remit::identity {

class ReplayMemory {
 public:
  // `capacity` may shrink: what is remembered stays, and nothing new is taken until there is room.
  void set_capacity(std::size_t capacity);

  // Remembers `digest` (32 bytes: of issuer and jti, so that no token text is kept) until
  // `expires`, after which the token is refused anyway. Refuses what is remembered already, what
  // the memory has no room for, and what may have been forgotten: an entry that expired before the
  // latest `now` seen, by a clock that has been set back since. Thread-safe: of two that bring one
  // digest, one is refused.
  void remember(const std::string& digest, Time expires, Time now);

  std::size_t size() const;

 private:
  struct Entry {
    Time expires;
    std::string digest;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const { return a.expires > b.expires; }
  };

  mutable std::mutex mutex_;
  std::size_t capacity_ = 0;
  Time latest_ = Time::min();
  std::unordered_set<std::string> known_;
  std::priority_queue<Entry, std::vector<Entry>, Later> by_expiry_;
};

}  // namespace remit::identity
