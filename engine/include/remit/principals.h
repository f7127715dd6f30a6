// PrincipalRegistry: who has been revoked. A session that rests on a person (as user or sponsor) ends
// when that person is revoked, whichever process part of the host learns it first.
//
// A session does not register itself anywhere: it remembers the registry's epoch, and asks again only
// when the epoch has moved. So a check costs one relaxed load while nobody is revoked, a registry keeps
// no list of sessions, and one that polls another process's database is as easy as one in memory.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <remit/value.h>

namespace remit {

class PrincipalRegistry {
 public:
  PrincipalRegistry() = default;
  PrincipalRegistry(const PrincipalRegistry&) = delete;
  PrincipalRegistry& operator=(const PrincipalRegistry&) = delete;
  virtual ~PrincipalRegistry() = default;

  // Is this person (byte for byte) revoked? Called from many threads, never under a session's lock.
  // Where it cannot be found out, the answer must be yes.
  virtual bool is_revoked(std::string_view principal) noexcept = 0;

  // Grows with every revocation. Never goes back.
  std::uint64_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }

 protected:
  // To be called after a revocation can be seen through is_revoked().
  void changed() noexcept { epoch_.fetch_add(1, std::memory_order_release); }

 private:
  std::atomic<std::uint64_t> epoch_{1};
};

// The registry in memory: what is revoked stays revoked until the process ends. Thread-safe.
class MemoryPrincipals final : public PrincipalRegistry {
 public:
  MemoryPrincipals();
  ~MemoryPrincipals() override;

  // Ends every open session that rests on `principal` at its next decision. Where there is no memory
  // left to remember the name, every principal counts as revoked from then on: closed, not open.
  void revoke(std::string_view principal, std::string_view by, std::string_view why, Time now) noexcept;
  bool is_revoked(std::string_view principal) noexcept override;

  struct Revocation {
    std::string by, why;
    Time at{};
  };
  std::optional<Revocation> revocation(std::string_view principal) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace remit
