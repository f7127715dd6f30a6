// The writer's own thread, and what comes back from syncs. See writer.h.
#include "engine/audit/writer.h"

namespace remit::audit {

void Writer::wait_for_work(int& naps) noexcept {
  std::unique_lock lock(mutex_);
  const auto called = [&] { return flush_wanted_ || stopping_; };
  if (mode_ == AuditMode::buffered && naps < kNaps) {
    ++naps;
    work_.wait_for(lock, kNap, called);
    return;
  }
  asleep_.store(true, std::memory_order_seq_cst);
  const auto awake = [&] { return called() || !asleep_.load(std::memory_order_relaxed); };
  if (queue_.at(0) == nullptr) {
    if (const auto due = ledger_.checkpoint_due()) {
      work_.wait_until(lock, *due, awake);
    } else {
      work_.wait(lock, awake);
    }
  }
  asleep_.store(false, std::memory_order_relaxed);
}

void Writer::run() noexcept {
  int naps = 0;
  for (;;) {
    if (has_gap() && queue_.at(0) == nullptr) offer_gap(ledger_.latest());
    bool flush = false, stop = false;
    {
      const std::lock_guard lock(mutex_);
      flush = flush_wanted_;
      stop = stopping_;
    }
    const auto due = ledger_.checkpoint_due();
    if (queue_.at(0) != nullptr || (due && (flush || stop || Clock::now() >= *due))) {
      naps = 0;
      const bool written = write_batch(flush || stop);
      if (written) continue;
      // What a buffered log could not write now it keeps and tries again, but for the last time.
      if (stop && (mode_ == AuditMode::buffered || queue_.is_drained())) break;
      std::unique_lock lock(mutex_);
      flush_wanted_ = false;
      work_.wait_for(lock, kRetry, [&] { return stopping_; });
      continue;
    }
    if (stop && queue_.is_drained()) {
      write_last_gap();
      break;
    }
    {
      const std::lock_guard lock(mutex_);
      flush_wanted_ = false;
      done_.notify_all();
    }
    if (!stop) wait_for_work(naps);
  }
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  done_.notify_all();
}

// The queue is closed: nothing but this thread can record any more.
void Writer::write_last_gap() noexcept {
  const OwnEvent gap{OwnKind::gap, unrecorded_.load(std::memory_order_relaxed),
                     denied_.load(std::memory_order_relaxed), 0, kGapWhy};
  if (gap.count + gap.denied == 0) return;
  QueuedEvent event;
  try {
    Packer packed;
    pack(packed, gap);
    event.time = ledger_.latest();
    event.own = OwnKind::gap;
    event.hold(packed.bytes(), nullptr);
  } catch (...) {
    return;
  }
  const std::lock_guard lock(ledger_mutex_);
  if (!ledger_.append(1, [&](std::size_t) -> const QueuedEvent& { return event; }, true)) return;
  unrecorded_.fetch_sub(gap.count, std::memory_order_relaxed);
  denied_.fetch_sub(gap.denied, std::memory_order_relaxed);
}

bool Writer::write_batch(bool insist) noexcept {
  std::size_t count = 0;
  while (count < kBatch && queue_.at(count) != nullptr) ++count;
  bool written = false;
  {
    const std::lock_guard lock(ledger_mutex_);
    // A flush wants its checkpoint once, at the end.
    written = ledger_.append(
        count, [this](std::size_t i) -> const QueuedEvent& { return *queue_.at(i); },
        insist&& count < kBatch);
  }
  settle(count, written, mode_ == AuditMode::durable || insist || ledger_.is_marked());
  return written;
}

// A batch was committed, or failed. Whoever waits for a commit waits on until it is synced.
void Writer::settle(std::size_t count, bool written, bool sync) noexcept {
  const bool durable = mode_ == AuditMode::durable;
  std::list<Unsynced> waiting;
  try {
    if (written && (durable || !ledger_.note().empty())) {
      Unsynced& item = waiting.emplace_back(
          Unsynced{commits_ + 1, {}, on_checkpoint_ ? ledger_.note() : std::string()});
      item.waiters.reserve(count);
    }
  } catch (...) {
    waiting.clear();  // it is in the file, but nobody can be told when it is safe there: they are
                      // answered no
  }
  std::string fault = written ? std::string() : ledger_.take_fault();
  std::uint64_t commit = 0;
  {
    const std::lock_guard lock(mutex_);
    failing_.store(!written || broken_, std::memory_order_relaxed);
    const std::uint64_t first = ledger_.size() - (written ? count : 0);
    for (std::size_t i = 0; i < count; ++i) {
      QueuedEvent& event = *queue_.at(i);
      if (event.waiter != nullptr && !waiting.empty()) {
        waiting.front().waiters.emplace_back(event.waiter, first + i + 1);
      } else if (event.waiter != nullptr) {
        event.waiter->settled = true;
      } else if (durable && !written && event.own == OwnKind::gap) {
        const OwnEvent gap = unpack_own(event.bytes(), event.own);
        unrecorded_.fetch_add(gap.count, std::memory_order_relaxed);
        denied_.fetch_add(gap.denied, std::memory_order_relaxed);
      }
    }
    if (written || durable) settled_ += count;
    if (written) {
      commit = ++commits_;
      unsynced_.splice(unsynced_.end(), waiting);
    } else {
      ++failures_;
      fault_.swap(fault);
    }
    records_ = ledger_.size();
    checkpointed_ = ledger_.checkpointed();
  }
  done_.notify_all();
  if (written || durable) queue_.release(count);
  if (written && sync) syncer_.request(commit);
}

// All commits up to this one are on the disk, or none that was not before will be.
void Writer::synced(std::uint64_t commit, bool good) noexcept {
  std::list<Unsynced> told;
  {
    const std::lock_guard lock(mutex_);
    if (good) synced_ = commit;
    if (!good && !broken_) {
      broken_ = true;
      failing_.store(true, std::memory_order_relaxed);
      queue_.close();
    }
    while (!unsynced_.empty() && unsynced_.front().commit <= commit) {
      for (const auto& [waiter, seq] : unsynced_.front().waiters) {
        waiter->settled = true;
        waiter->seq = good ? seq : 0;
      }
      told.splice(told.end(), unsynced_, unsynced_.begin());
    }
  }
  done_.notify_all();
  if (!good || !on_checkpoint_) return;
  for (const Unsynced& item : told) {
    if (item.note.empty()) continue;
    try {
      on_checkpoint_(item.note);
    } catch (...) {
      continue;  // the host's own affair: it is in the file
    }
  }
}

}  // namespace remit::audit
