// AuditReader: reads an audit log, while it is being written or after. It changes nothing.
//
//   auto reader = remit::AuditReader::open("trail.db");
//   remit::AuditFilter filter;
//   filter.person = "mike@acme.example";
//   filter.effect = "deny";
//   reader->each(filter, [](const remit::AuditRecord& record) { ...record.body...; return true; });
//
// A record's body is one JSON object in RFC 8785 form. Members that do not apply are absent, never null:
//
//   v 1; seq 1, 2, 3 ... without a gap (the leaf's index is seq - 1)
//   time "2026-11-23T09:14:07.123456Z" (a year outside 0000 to 9999: whole microseconds since 1970, as text); clock_back
//       microseconds by which it lies before the latest time of any earlier record
//   kind opening, refusal, delegation, decision, approval, revocation, commit, rollback, outcome, end; and of the log
//       itself: gap, retention
//   session, parent; agent, on_behalf_of, sponsor, trigger {kind,text}, chain [], habit, purpose, trace, span, txn
//   decision (its id; a commit, rollback or outcome has that of its decision), action, resource
//   attributes {name: value} that documents of the session speak of; sealed {name: hex} of all others and of sensitive
//       ones: HMAC-SHA256 of "name = " and the value as it would stand here
//   effect, reason, rule {file,line,column,because}, layer {index,kind,name}, charges [{layer,rule,amount,used}]
//   approval, by, why, meaning, request (hex SHA-256 of the exact request)
//   programs [hex SHA-256], in the order of layers
//   opened (opening, delegation) {facts, last_review, sponsor_revoked, identity_expires}; times as {"time": n}
//   gap: count (took effect unrecorded), denied (were denied for it), actions (named read-only), why
//   class, where the record is kept for another time than most (of a retention record: what was removed)
//   retention: count (bodies removed), class, before (time), removed {count,sha256}: over all that was ever removed of
//       that class, SHA-256 of a line "seq time kind" for each, in order; time in microseconds
//
// Values: true, 5, "text", [...], {"size":n}, {"duration":microseconds}, {"time":microseconds},
// {"resource":"docs:/a"}. A number beyond 2^53 - 1, which JSON's numbers cannot hold, is its decimal digits as
// text: {"int":"9007199254740993"}, {"size":"..."}. A text that is no UTF-8 or longer than 4096 bytes is
// {"sha256":hex,"bytes":n}, wherever it stands.
//
// Threads: one call at a time for each reader. What it gives is borrowed until the next call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <remit/audit_proof.h>
#include <remit/result.h>
#include <remit/value.h>

namespace remit {

// A record and the columns by which it is found. Texts are empty where they do not apply, all but kind and
// class where retention removed the body. Borrows from the reader until the callback returns.
struct AuditRecord {
  std::uint64_t seq = 0;
  TreeHash leaf{};                     // SHA-256 of 0x00 and the body
  std::optional<std::string_view> body; // nothing where retention removed it
  Time time{};
  std::string_view kind, session, agent, person, system, action, resource, effect, reason, decision, retention_class;
};

// All that is given must hold. `person` is on_behalf_of, else the sponsor.
struct AuditFilter {
  std::uint64_t from = 1;                                        // seq
  std::uint64_t to = std::numeric_limits<std::int64_t>::max();   // seq, itself included
  std::uint64_t limit = std::numeric_limits<std::int64_t>::max();
  bool newest_first = false;
  std::string session = {}, agent = {}, person = {}, system = {}, kind = {}, action = {}, effect = {}, reason = {}, decision = {};
  std::string resource_prefix = {};            // byte for byte: "docs:/clinical/" is all beneath it
  std::optional<Time> since = {}, until = {};  // since <= time < until
};

struct AuditProgram {
  std::string digest, name;
};
struct AuditCheckpoint {
  std::uint64_t size = 0;
  std::string note;
};

class AuditReader {
 public:
  // Errors: audit_unavailable: no such file, no audit log, or one of another version.
  static Result<AuditReader> open(std::string_view path) noexcept;
  AuditReader(AuditReader&&) noexcept;
  AuditReader& operator=(AuditReader&&) noexcept;
  ~AuditReader();

  // Whether to go on. An exception ends the reading and comes out as an error.
  using Take = std::function<bool(const AuditRecord&)>;
  // The records that pass, in order, as they were when the call began. Errors: audit_unavailable (unreadable,
  // a column of another type than ours), out_of_memory, bad_argument (the callback threw).
  Status each(const AuditFilter& filter, const Take& take) const noexcept;
  // One record; false where there is none with that seq. Errors as each().
  Result<bool> record(std::uint64_t seq, const Take& take) const noexcept;
  // The largest seq, 0 for an empty log: cheap, to wait for more.
  Result<std::uint64_t> size() const noexcept;

  // Of the tree: a leaf for each record from `from` on, in order; a stored node (level 0: a leaf); nothing where it is missing.
  Status leaves(std::uint64_t from, const std::function<bool(std::uint64_t seq, const TreeHash& leaf)>& take) const noexcept;
  Result<std::optional<TreeHash>> node(unsigned level, std::uint64_t position) const noexcept;

  // Programs by digest (lower-case hex), as images for Program::load.
  Result<std::vector<AuditProgram>> programs() const noexcept;
  Result<std::optional<std::vector<std::byte>>> program(std::string_view digest) const noexcept;
  // Signed notes, oldest first; the latest alone.
  Result<std::vector<AuditCheckpoint>> checkpoints() const noexcept;
  Result<std::optional<AuditCheckpoint>> latest_checkpoint() const noexcept;
  // What the log says of itself: format, origin, verifier_key.
  Result<std::optional<std::string>> meta(std::string_view key) const noexcept;

 private:
  struct State;
  explicit AuditReader(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace remit
