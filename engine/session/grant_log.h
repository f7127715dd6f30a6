// GrantLog: what was granted anywhere in a tree, each action and resource once. `after` speaks of the
// whole tree, and a sub-session's documents may ask about grants that were made before it opened, or by
// sessions beside it; so a tree that may delegate remembers them. Others have no log.
//
// Bounded: beyond kMaxEntries or kMaxBytes nothing more is written down and overflowed() is true. Then
// whether a session beside granted something can no longer be told, and its answer is `unknown`, which
// falls on the restrictive side whatever rule asks.
//
// has() takes no lock: entries and tables never change or go away once they can be seen. Everything else
// needs the tree's lock. Covered by tests/session_history_test.cpp.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace remit {

class GrantLog {
 public:
  static constexpr std::size_t kMaxEntries = 4096;
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

  struct Entry {
    std::uint64_t hash;
    std::string action, resource;
  };

  GrantLog() = default;
  GrantLog(const GrantLog&) = delete;
  GrantLog& operator=(const GrantLog&) = delete;

  // Is there nothing more to write down about such a grant?
  bool has(std::string_view action, std::string_view resource) const noexcept;
  // Writes it down. Where there is no memory, the log overflows.
  void add(std::string_view action, std::string_view resource) noexcept;
  void overflow() noexcept { overflowed_.store(true, std::memory_order_release); }

  bool overflowed() const noexcept { return overflowed_.load(std::memory_order_acquire); }
  const std::vector<std::unique_ptr<const Entry>>& entries() const noexcept;

 private:
  // Open addressing, at most half full.
  struct Table {
    explicit Table(std::size_t size) : mask(size - 1), slots(new std::atomic<const Entry*>[size]()) {}
    std::size_t mask;
    std::unique_ptr<std::atomic<const Entry*>[]> slots;
  };

  static const Entry* find(const Table& table, std::uint64_t hash, std::string_view action, std::string_view resource) noexcept;
  static void put(Table& table, const Entry* entry) noexcept;

  // Made for the first entry: most sessions that may delegate never do.
  struct Book {
    std::vector<std::unique_ptr<const Entry>> entries;  // in the order of their grants
    std::vector<std::unique_ptr<Table>> tables;         // the last is in use; the others may still be read
    std::size_t bytes = 0;
  };

  std::unique_ptr<Book> book_;
  std::atomic<const Table*> table_{nullptr};
  std::atomic<bool> overflowed_{false};
};

}  // namespace remit
