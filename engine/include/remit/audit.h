// AuditLog: the audit trail in one SQLite file. Every event of every session that it is given becomes one
// record: canonical JSON (RFC 8785), hashed as a leaf of a Merkle tree (RFC 6962), under signed checkpoints
// (audit_proof.h). Read it with audit_reader.h; what is in a record is said there.
//
//   auto log = remit::AuditLog::open("trail.db", {.origin = "audit.acme.example", .key = pem});
//   opening.surroundings.audit = log.value();
//
// Two modes:
//   durable   a check returns after its record is on the disk (synced). Threads that wait share one commit.
//   buffered  a check returns once its record stands in a bounded queue; one thread renders, hashes and writes.
//             A kill loses what was in the queue and not yet written; nothing of what was written.
//
// Where the queue is full or the disk fails, a decision that would grant or ask becomes deny
// `audit_unavailable`, an opening, delegation or approval fails. For the actions that `unrecorded_actions`
// names, decisions stand instead. Either way nothing is dropped silently: once writing works again, a `gap`
// record says how many of which went by. What the queue holds is kept and tried again until it is written.
//
// One log at a time writes a file: another open() is refused, in this process or any other. After a crash
// open() goes on where the file ends; SQLite has undone what was torn.
//
// The file is the host's to protect like any database; who can write it can destroy it, though not without
// being found out by an earlier checkpoint that is kept elsewhere (`on_checkpoint`).
//
// Threads. All functions may be called from any thread at any time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <remit/audit_sink.h>
#include <remit/result.h>

namespace remit {

enum class AuditMode : std::uint8_t { durable, buffered };

// Records of some systems are kept for another time than all others.
struct RetentionClass {
  std::string name = {};                  // the record's `class`
  std::vector<std::string> systems = {};  // whose requests are of it
  Duration keep = {};
};

// Six years: HIPAA 164.316(b)(2)(i).
inline constexpr Duration kKeepRecords = std::chrono::hours(24 * 365 * 6 + 24 * 2);
inline constexpr std::string_view kStandardClass = "standard";

struct AuditOptions {
  AuditMode mode = AuditMode::durable;
  // The log's name in its checkpoints, such as "audit.acme.example". That of a file which has one already
  // must be the same.
  std::string origin = "remit";
  // Ed25519 private key, PEM (PKCS#8), under which checkpoints are signed; empty: none are written.
  std::string key = {};
  // Attributes and facts whose values are never stored, only their HMAC-SHA256: equal values can be told to
  // be equal, and nothing else. So are all attributes that no document of the session speaks of.
  std::vector<std::string> sensitive = {};
  // The key of those, at least 16 bytes; empty: derived from `key`, and where there is none drawn anew at each open.
  std::string seal_key = {};
  // Read-only actions, by name, whose decisions stand where they cannot be recorded.
  std::vector<std::string> unrecorded_actions = {};
  // Events that the queue holds.
  std::size_t queue = 16'384;
  // Retention: how long bodies are kept, all but those of `classes`. remove_expired() removes them.
  Duration keep = kKeepRecords;
  std::vector<RetentionClass> classes = {};
  // Called with every new checkpoint (a signed note), on the log's own thread: for keeping it elsewhere.
  std::function<void(std::string_view note)> on_checkpoint = {};
};

// How a log stands.
struct AuditStatus {
  std::uint64_t records = 0;      // on the disk
  std::uint64_t queued = 0;       // not there yet
  std::uint64_t checkpointed = 0; // records under the latest checkpoint
  std::uint64_t unrecorded = 0;   // of the gap that is open: events that took effect unrecorded
  std::uint64_t denied = 0;       // and decisions that were denied for it
  bool failing = false;           // the last attempt to write failed
  std::string fault;              // why
};

class AuditLog final : public AuditSink {
 public:
  // Opens the file, which is made where it is not there, readable and writable by its owner only.
  // Errors: audit_unavailable (no such folder, no audit log or one of another version, or already being
  // written by somebody), bad_argument (a key that is none, an origin that a checkpoint cannot carry, another
  // origin or key than the file's), out_of_memory.
  static Result<std::shared_ptr<AuditLog>> open(std::string_view path, const AuditOptions& options = {}) noexcept;
  // As close(). Whoever must know whether all was written calls that first.
  ~AuditLog() override;

  // The record's seq, from 1. In buffered mode it is the one that it will have.
  std::uint64_t write(const AuditEvent& event) noexcept override;

  // Returns when all that was written before is on the disk, under a checkpoint where there is a key.
  // Errors: audit_unavailable where that cannot be.
  Status flush() noexcept;
  // Flushes, and ends the log; what is written after is refused. Errors: audit_unavailable where records
  // could not be written: their number is in the text.
  Status close() noexcept;

  // Removes the bodies, and all columns that name somebody or something, of records older than their class
  // keeps them at `now`. Their hashes stay, so the log verifies as before; the removal is itself a record
  // (`retention`). How many were removed. Errors: audit_unavailable.
  Result<std::uint64_t> remove_expired(Time now) noexcept;

  AuditStatus status() const noexcept;

 private:
  struct State;
  explicit AuditLog(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

// The same records as JSON, one a line, for a host with a pipeline of its own: no file, hash tree or queue.
// `seq` counts from 1 for each sink.
class AuditLines final : public AuditSink {
 public:
  // Takes one line, without its end; false where it could not be written. Called by one thread at a time.
  using Take = std::function<bool(std::string_view line)>;

  // Of the options those about what is in a record count: sensitive, seal_key. Errors: bad_argument, out_of_memory.
  static Result<std::shared_ptr<AuditLines>> to(Take take, const AuditOptions& options = {}) noexcept;
  // To a file descriptor, which stays the caller's. A line is written whole or reported as not written; after a
  // line that was cut off nothing more is written.
  static Result<std::shared_ptr<AuditLines>> to_descriptor(int descriptor, const AuditOptions& options = {}) noexcept;
  ~AuditLines() override;

  std::uint64_t write(const AuditEvent& event) noexcept override;

 private:
  struct State;
  explicit AuditLines(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace remit
