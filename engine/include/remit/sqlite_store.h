// SqliteStore: the embedded Store (store.h), one SQLite file for any number of trees and processes.
//
//   auto store = remit::SqliteStore::open("state.db");
//   surroundings.store = store.value();
//
// What replace() has answered is on the disk: the file is in WAL mode and every commit is synced, so it
// survives `kill -9` and a power cut at any instant. A process that waits for another's write gives up
// after a bounded time and answers store_unavailable, and the session denies.
//
// The file is the host's to protect: who can write it can give limits back. It must lie on a local file
// system (WAL needs shared memory), and no process may remove it while another has it open.
#pragma once

#include <memory>
#include <string_view>

#include <remit/store.h>

namespace remit {

class SqliteStore final : public Store {
 public:
  // Opens the file, which is made where it is not there, readable and writable by its owner only.
  // `busy` is how long a call waits for another process. Thread-safe.
  // Errors: store_unavailable (no such folder, no store of ours, an older or newer form), out_of_memory.
  static Result<std::shared_ptr<SqliteStore>> open(std::string_view path, Duration busy = std::chrono::seconds(2)) noexcept;
  ~SqliteStore() override;

  Result<StoredState> load(const Id& tree) noexcept override;
  Result<std::uint64_t> replace(const Id& tree, std::uint64_t expected, std::span<const std::byte> bytes) noexcept override;
  Result<std::uint64_t> version(const Id& tree) noexcept override;

  // Forgets a tree whose sessions are all over; its approvals and counts are gone for good. Not an error
  // where there is none. Errors: store_unavailable.
  Status forget(const Id& tree) noexcept;

 private:
  struct State;
  explicit SqliteStore(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace remit
