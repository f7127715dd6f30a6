// The registry of revoked people in memory. See remit/principals.h.
#include <remit/principals.h>

#include <map>
#include <mutex>

namespace remit {

struct MemoryPrincipals::State {
  mutable std::mutex mutex;
  std::map<std::string, Revocation, std::less<>> revoked;
  bool everybody = false;  // a name could not be kept
};

MemoryPrincipals::MemoryPrincipals() : state_(std::make_unique<State>()) {}
MemoryPrincipals::~MemoryPrincipals() = default;

void MemoryPrincipals::revoke(std::string_view principal, std::string_view by, std::string_view why, Time now) noexcept {
  {
    const std::lock_guard lock(state_->mutex);
    try {
      // The first revocation stands: who did it is not rewritten by whoever repeats it.
      state_->revoked.try_emplace(std::string(principal), Revocation{std::string(by), std::string(why), now});
    } catch (...) {
      state_->everybody = true;
    }
  }
  changed();
}

bool MemoryPrincipals::is_revoked(std::string_view principal) noexcept {
  const std::lock_guard lock(state_->mutex);
  return state_->everybody || state_->revoked.find(principal) != state_->revoked.end();
}

std::optional<MemoryPrincipals::Revocation> MemoryPrincipals::revocation(std::string_view principal) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->revoked.find(principal);
  if (found == state_->revoked.end()) return std::nullopt;
  return found->second;
}

}  // namespace remit
