// The bounded queue between the threads that cause events and the one that writes them: many
// producers, one consumer, no lock (Vyukov's ring of numbered cells). Positions count from 0
// without a gap in the order in which events were accepted. The consumer looks at events where they
// are and lets go of them once they are written, so what failed to be written is still there.
// Covered by tests/audit_log_test.cpp.
//
// That an event is there is in the one order of all sequentially consistent operations: a consumer
// that says it sleeps and then finds nothing will be seen asleep by whoever pushes next. (No
// fences: the thread sanitizer knows none.)
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "engine/audit/event.h"

namespace remit::audit {

class Queue {
 public:
  // Holds at least `least` events. May throw std::bad_alloc.
  explicit Queue(std::size_t least)
      : mask_(std::bit_ceil(least < 2 ? std::size_t{2} : least) - 1), cells_(new Cell[mask_ + 1]) {
    for (std::size_t i = 0; i <= mask_; ++i) cells_[i].turn.store(i, std::memory_order_relaxed);
  }

  std::size_t capacity() const noexcept { return mask_ + 1; }
  // Exact for the consumer alone; for others as of a moment ago.
  std::size_t size() const noexcept {
    return static_cast<std::size_t>(accepted() - head_.load(std::memory_order_relaxed));
  }
  // How many were ever pushed.
  std::uint64_t accepted() const noexcept {
    return tail_.load(std::memory_order_relaxed) & ~kClosed;
  }
  // No push succeeds after this; what was accepted before is still to be taken out.
  void close() noexcept { tail_.fetch_or(kClosed, std::memory_order_relaxed); }

  // Any thread: fills a free cell by `fill(QueuedEvent&)`, which must not throw. Gives the event's
  // position, or nothing where the queue is full.
  template <class Fill>
  std::optional<std::uint64_t> push(Fill&& fill) noexcept {
    std::uint64_t position = tail_.load(std::memory_order_relaxed);
    for (;;) {
      if ((position & kClosed) != 0) return std::nullopt;
      Cell& cell = cells_[position & mask_];
      const std::uint64_t turn = cell.turn.load(std::memory_order_acquire);
      if (turn == position) {
        if (!tail_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed))
          continue;
        fill(cell.event);
        cell.turn.store(position + 1, std::memory_order_seq_cst);
        prefetch(cells_[(position + kAhead) & mask_]);
        return position;
      }
      if (turn < position) return std::nullopt;  // of the round before: not let go of yet
      position = tail_.load(std::memory_order_relaxed);
    }
  }

  // The consumer: the event `ahead` of the oldest; null where it is not there yet.
  QueuedEvent* at(std::size_t ahead) noexcept {
    const std::uint64_t position = head_.load(std::memory_order_relaxed) + ahead;
    Cell& cell = cells_[position & mask_];
    return ahead <= mask_ && cell.turn.load(std::memory_order_seq_cst) == position + 1 ? &cell.event
                                                                                       : nullptr;
  }
  // Closed, and everything taken out.
  bool is_drained() const noexcept {
    return (tail_.load(std::memory_order_relaxed) & kClosed) != 0 && size() == 0;
  }
  // Lets go of the `count` oldest.
  void release(std::size_t count) noexcept {
    std::uint64_t position = head_.load(std::memory_order_relaxed);
    for (; count > 0; --count, ++position) {
      Cell& cell = cells_[position & mask_];
      cell.event.clear();
      cell.turn.store(position + mask_ + 1, std::memory_order_release);
    }
    head_.store(position, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint64_t kClosed = std::uint64_t{1} << 63;

  struct alignas(64) Cell {
    std::atomic<std::uint64_t> turn;
    QueuedEvent event;
  };

  // A round of the queue is larger than the caches, and the last to touch a cell was the consumer,
  // on another core. Unless its lines are asked for early, each push waits for all of them: what
  // says that the event is there may not overtake the event.
  static constexpr std::uint64_t kAhead = 2;
  static constexpr std::size_t kUsual = 320;  // bytes of a cell that an event of usual size takes
  static_assert(kUsual <= sizeof(Cell));
  static void prefetch(Cell& cell) noexcept {
    for (std::size_t at = 0; at < kUsual; at += 64)
      __builtin_prefetch(reinterpret_cast<char*>(&cell) + at, 1);
  }

  std::size_t mask_;
  std::unique_ptr<Cell[]> cells_;
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  alignas(64) std::atomic<std::uint64_t> head_{0};
};

}  // namespace remit::audit
