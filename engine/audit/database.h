// The file that an audit log writes: its form (schema.h), the lock that lets one writer in,
// statements. Reading it is the reader's. Used by one thread at a time. Covered by
// tests/audit_log_test.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <remit/audit_proof.h>

#include "engine/audit/render.h"
#include "engine/audit/sqlite.h"

namespace remit::audit {

// A lock on a file beside the database, held as long as this lives and by no crash longer. SQLite's
// own locks would not do: they let several writers take turns, and each would go on from what it
// believes is the end.
class WriterLock {
 public:
  WriterLock() = default;
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;
  ~WriterLock() { release(); }
  // False where another log holds it, or the file cannot be made.
  bool take(const std::string& database);  // may throw std::bad_alloc
  void release() noexcept;

 private:
  int file_ = -1;
};

class LogFile {
 public:
  // What a file says of the log, which must not change.
  struct Name {
    std::string origin, verifier_key;  // the key: empty for a log without
  };
  struct End {
    std::uint64_t size = 0, checkpointed = 0;
    std::int64_t latest = INT64_MIN;  // the latest time of any record
    std::string note;                 // the latest checkpoint
  };

  // May throw std::bad_alloc. The error says what a host can do about it.
  std::optional<Error> open(const std::string& path, const Name& name);
  std::optional<Error> read_end(End& out);
  std::optional<TreeHash> node(unsigned level, std::uint64_t position);

  // Every one of these is false where SQLite fails; fault() says why. Then rollback().
  bool begin() noexcept { return done(begin_); }
  bool insert(std::uint64_t seq, const TreeHash& leaf, const Rendered& record) noexcept;
  bool insert_node(unsigned level, std::uint64_t position, const TreeHash& hash) noexcept;
  bool insert_program(std::string_view digest, std::string_view name,
                      std::span<const std::byte> image) noexcept;
  bool insert_checkpoint(std::uint64_t size, std::string_view note) noexcept;
  bool commit() noexcept { return done(commit_); }
  void rollback() noexcept;
  // Records of a class, other than retention's own, from before that time that still have their
  // body.
  bool count_removable(std::string_view retention_class, std::int64_t before,
                       std::int64_t& out) noexcept;
  // Removes them, in the transaction that is open, and says what it did.
  bool remove(std::string_view retention_class, std::int64_t before, Removed& out) noexcept;
  // After its commit: what was removed leaves the write-ahead log, too.
  bool forget_removed() noexcept;

  std::string fault() const;
  // The write-ahead log's file: what must be synced after a commit.
  std::string wal() const;
  void close() noexcept;

 private:
  std::optional<Error> connect(const std::string& path);
  std::optional<Error> make_form(const Name& name);
  std::optional<Error> check_name(const Name& name);
  bool done(const Statement& statement) noexcept;

  WriterLock lock_;
  Database database_;  // after the lock, so that it is closed before
  Statement begin_, commit_, insert_, insert_node_, insert_program_, insert_checkpoint_, node_,
      leaf_;
};

}  // namespace remit::audit
