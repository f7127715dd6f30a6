// The thread that writes: takes events out of the queue, appends them to the ledger in batches, and
// tells those who wait. Everything that a log does between write() and the ledger is here; audit.h
// is its face. Commits are synced by the Syncer's threads, while this one goes on.
//
// Locks: `mutex_` guards waiters and what flush() waits for; `ledger_mutex_` the ledger, which the
// thread holds while it appends and remove_expired() while it removes. Neither is ever held while
// the other is taken, but for the thread, which settles waiters after it let go of the ledger.
//
// Covered by tests/audit_log_test.cpp and tests/audit_crash_test.py.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <remit/audit.h>

#include "engine/audit/ledger.h"
#include "engine/audit/queue.h"
#include "engine/audit/syncer.h"

namespace remit::audit {

// What a gap record says of itself.
inline constexpr std::string_view kGapWhy = "the queue was full or the file could not be written";

class Writer {
 public:
  explicit Writer(const AuditOptions& options);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::optional<Error> open(const std::string& path);
  std::uint64_t write(const AuditEvent& event) noexcept;
  // Waits until what was accepted so far is on the disk; false where an attempt to write it failed
  // meanwhile.
  bool flush() noexcept;
  bool close() noexcept;
  Result<std::uint64_t> remove_expired(Time now);
  AuditStatus status() const;

 private:
  using Clock = Ledger::Clock;

  // What waits for a commit to be on the disk: threads, and the host's copy of a checkpoint.
  struct Unsynced {
    std::uint64_t commit;
    std::vector<std::pair<Waiter*, std::uint64_t>> waiters;  // and the seq of each
    std::string note;
  };

  // Events of one transaction at most: enough that pages which all of them change are written once
  // for many.
  static constexpr std::size_t kBatch = 4096;
  // In buffered mode the thread looks for events so often while there are any, and is woken when
  // there were none for that long: so the threads that cause them hardly ever pay for waking it.
  static constexpr auto kNap = std::chrono::milliseconds(1);
  static constexpr int kNaps = 100;
  // After a failure, so that a full disk does not keep a processor busy.
  static constexpr auto kRetry = std::chrono::milliseconds(20);

  std::optional<std::uint64_t> enqueue(const std::shared_ptr<const AuditedSession>& session,
                                       AuditEvent::Kind kind, OwnKind own, Time time,
                                       const Packer& packed, Waiter* waiter) noexcept;
  std::uint64_t refuse(const AuditEvent& event) noexcept;
  bool may_go_unrecorded(const AuditEvent& event) const noexcept;
  bool has_gap() const noexcept;
  void offer_gap(std::int64_t time) noexcept;
  void wake() noexcept;

  void run() noexcept;
  void write_last_gap() noexcept;
  bool write_batch(bool insist) noexcept;
  void settle(std::size_t count, bool written, bool sync) noexcept;
  void synced(std::uint64_t commit, bool good) noexcept;
  void wait_for_work(int& naps) noexcept;

  const AuditMode mode_;
  const std::vector<std::string> unrecorded_actions_;
  const Duration keep_;
  const std::vector<RetentionClass> classes_;
  const std::function<void(std::string_view)> on_checkpoint_;
  Queue queue_;
  std::uint64_t base_ = 0;  // records that were there at open()

  std::atomic<bool> failing_{false}, asleep_{false};
  // The gap that is open: what it counts was not recorded, and no gap record says so yet.
  std::atomic<std::uint64_t> unrecorded_{0}, denied_{0};

  mutable std::mutex ledger_mutex_;
  Ledger ledger_;

  mutable std::mutex mutex_;
  std::condition_variable work_, done_;
  bool flush_wanted_ = false, stopping_ = false, stopped_ = false, closed_ = false;
  std::uint64_t settled_ = 0;   // positions below are written, or failed in durable mode
  std::uint64_t failures_ = 0;  // attempts
  std::uint64_t records_ = 0, checkpointed_ = 0;
  std::uint64_t commits_ = 0, synced_ = 0;
  bool broken_ = false;           // a sync failed: nothing is accepted until the log is opened anew
  std::list<Unsynced> unsynced_;  // in the order of commits
  std::string fault_;
  std::mutex close_mutex_;  // close() may be called twice, by two threads
  Syncer syncer_;
  std::thread thread_;
};

}  // namespace remit::audit
