// Syncs a file for commits that are in it already: group commit. A commit is durable once a sync
// that began after it has ended, so one sync serves all commits before it, and the next commits go
// on meanwhile.
//
// Several threads take turns, so that a sync is always on its way while another is answered: a disk
// (or a hypervisor) that makes each flush wait for a tick then answers several in one.
//
// After a sync has failed, nobody knows what is on the disk, and a later sync that succeeds says
// nothing of what the first one lost. So then it has failed for good.
//
// Covered by tests/audit_full_test.cpp.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <remit/result.h>

namespace remit::audit {

class Syncer {
 public:
  // Called after each sync, by one of the threads, one at a time and in order: all commits up to
  // `commit` are on the disk, or (not good) none that was not before will ever be. Must not throw.
  using Done = std::function<void(std::uint64_t commit, bool good)>;

  Syncer() = default;
  ~Syncer() { stop(); }
  Syncer(const Syncer&) = delete;
  Syncer& operator=(const Syncer&) = delete;

  // Syncs the file at `path` and the folder that it is in, once, and from then on the file. May
  // throw.
  std::optional<Error> start(const std::string& path, Done done);
  // Commit `commit` is in the file.
  void request(std::uint64_t commit) noexcept;
  // Ends after all that was requested.
  void stop() noexcept;

 private:
  void run() noexcept;

  int file_ = -1;
  Done done_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::uint64_t requested_ = 0, started_ = 0, answered_ = 0;
  bool stopping_ = false, failed_ = false;
  std::thread threads_[4];
};

}  // namespace remit::audit
