// The ledger: appends events to the file, as records, leaves of the tree and checkpoints, each
// batch in one transaction. Where that fails nothing has changed, neither in the file nor here.
// Used by one thread at a time. Covered by tests/audit_log_test.cpp.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include <remit/audit.h>

#include "engine/audit/database.h"
#include "engine/audit/render.h"
#include "engine/audit/tree.h"

namespace remit::audit {

// A checkpoint is due after this many records, and after this long where there is any record that
// none covers.
inline constexpr std::uint64_t kCheckpointRecords = 1000;
inline constexpr auto kCheckpointAge = std::chrono::seconds(1);

class Ledger {
 public:
  using Clock = std::chrono::steady_clock;

  // May throw std::bad_alloc.
  explicit Ledger(const AuditOptions& options);
  std::optional<Error> open(const std::string& path);

  // Appends `count` events, which `event_at` gives, and a checkpoint where one is due or `insist`ed
  // on.
  bool append(std::size_t count, const std::function<const QueuedEvent&(std::size_t)>& event_at,
              bool insist) noexcept;
  // Removes bodies when append() comes to an event that says so, and records it in the same
  // transaction.
  bool count_removable(std::string_view retention_class, std::int64_t before,
                       std::int64_t& out) noexcept {
    return file_.count_removable(retention_class, before, out);
  }
  bool forget_removed() noexcept { return file_.forget_removed(); }
  std::uint64_t removed() const noexcept { return removed_; }  // bodies, since open()
  void close() noexcept { file_.close(); }

  std::uint64_t size() const noexcept { return tree_.size(); }
  // Records up to the latest checkpoint. Without a key there are no notes, but these points all the
  // same: a buffered log is synced at each.
  std::uint64_t checkpointed() const noexcept { return checkpointed_; }
  // Whether the last append() came to such a point, and its note.
  bool is_marked() const noexcept { return marked_; }
  const std::string& note() const noexcept { return note_; }
  std::int64_t latest() const noexcept { return latest_; }
  // When the next checkpoint must be written though no event comes: nothing where all records are
  // under one.
  std::optional<Clock::time_point> checkpoint_due() const noexcept;
  bool has_key() const noexcept { return key_.has_value(); }
  std::string wal() const { return file_.wal(); }
  // Why the last append() failed; what SQLite says of anything else.
  std::string take_fault() noexcept { return std::exchange(fault_, {}); }
  std::string file_fault() const { return file_.fault(); }

 private:
  // What a batch that fails goes back to.
  struct Before {
    Tree tree;
    std::int64_t latest;
    std::uint64_t checkpointed;
  };

  void undo(std::optional<Before>& before, const char* why) noexcept;
  void append_one(const QueuedEvent& event);
  void store_programs(const AuditedSession& session);
  // Adds a checkpoint of the tree as it is.
  void checkpoint();
  std::optional<Error> check_end(const LogFile::End& end);

  std::string origin_;
  std::string pem_;
  std::optional<SigningKey> key_;
  LogFile file_;
  Renderer renderer_;
  Tree tree_;
  std::int64_t latest_ = INT64_MIN;
  std::uint64_t checkpointed_ = 0;
  std::uint64_t removed_ = 0, removing_ = 0;  // committed; in the batch at hand
  Clock::time_point checkpoint_at_{};         // when the latest was written
  bool marked_ = false;
  std::string note_, fault_;
  std::unordered_set<std::string> stored_;  // digests of programs that are in the file
};

}  // namespace remit::audit
