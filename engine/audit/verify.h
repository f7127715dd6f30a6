// Whether an audit log is what it was when it was written: every record against its hash, every
// column against its record, the hash tree against the records, the checkpoints against the tree,
// and all of that against checkpoints that the verifier kept elsewhere. What is found is said with
// the record it is about.
//
// It trusts nothing in the file. What it cannot know without help: whether the log's own key is the
// right one (`key`), and whether an honest but shorter or other log was put in its place
// (`earlier`).
//
// Time is linear in the log, memory is not: it holds a hash for each level of the tree, the digests
// of the programs, and at most `kMaxFindings` findings. The log may be written meanwhile: what is
// verified is the state at the start. Covered by tests/audit_verify_test.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <remit/audit_proof.h>

namespace remit::audit {

// What can be wrong, each with a stable name. In the order of severity within a report: as found.
#define REMIT_AUDIT_FINDINGS(X)                                                               \
  X(not_a_log, "the file is no audit log, or of another version")                             \
  X(file_damaged, "SQLite finds the file damaged, or cannot read it")                         \
  X(schema_changed, "a table, index or trigger was added, dropped or changed")                \
  X(meta_changed, "what the log says of itself is incomplete, unknown or contradicts itself") \
  X(key_differs, "the log was signed with another key than the verifier's")                   \
  X(record_missing, "a record that must be there is not")                                     \
  X(record_inserted, "a row has a number that no record has")                                 \
  X(record_edited, "a record is not the one that its hash is of")                             \
  X(record_malformed, "a record is not in the form in which the log writes records")          \
  X(record_moved, "a record stands under another number than its own")                        \
  X(column_differs, "a column that records are found by says something else than the record") \
  X(removed_early, "a record was removed, and no retention that was recorded explains it")    \
  X(retention_differs, "what was removed is not what the log recorded as removed")            \
  X(node_differs, "a stored node of the hash tree is not that of its records")                \
  X(program_differs, "a stored program is not the one that its digest names")                 \
  X(program_missing, "a record names a program that the log does not have")                   \
  X(program_extra, "the log has a program that no record names")                              \
  X(checkpoint_wrong, "a checkpoint is malformed, or its signature is wrong")                 \
  X(checkpoint_missing, "the log does not have a checkpoint that it gave out")                \
  X(rolled_back, "a checkpoint is of more records than the log has")                          \
  X(forked, "the records are not those that a checkpoint was signed over")

enum class FindingCode : std::uint8_t {
#define REMIT_FINDING_NAME(name, sentence) name,
  REMIT_AUDIT_FINDINGS(REMIT_FINDING_NAME)
#undef REMIT_FINDING_NAME
};
const char* to_string(FindingCode code) noexcept;  // "record_edited"
const char* sentence(FindingCode code) noexcept;

struct Finding {
  FindingCode code{};
  std::uint64_t seq = 0;  // the record it is about; 0: about none alone
  std::string text;       // what exactly, in one sentence
};

inline constexpr std::size_t kMaxFindings = 100;

struct VerifyOptions {
  // Whose signatures count. Nothing: the key that the log names, whose owner nobody vouches for.
  std::optional<VerifierKey> key;
  // Signed notes that the verifier kept from earlier, in any order.
  std::vector<std::string> earlier;
  // Called now and then with records done and in all.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

struct VerifyReport {
  std::string origin;
  std::optional<VerifierKey> key;  // by which the checkpoints were judged
  std::uint64_t records = 0;
  std::uint64_t removed = 0;  // of those, bodies that retention removed
  std::uint64_t programs = 0;
  std::uint64_t checkpoints = 0;   // stored ones that are right
  std::uint64_t checkpointed = 0;  // records under the largest of them
  std::uint64_t earlier = 0;       // the verifier's own that are right
  TreeHash root{};                 // over all records
  std::vector<Finding> findings;
  std::uint64_t further = 0;  // findings beyond those

  bool verified() const noexcept { return findings.empty(); }
};

// Errors: audit_unavailable where there is no such file or it may not be read; out_of_memory. All
// else is a finding.
Result<VerifyReport> verify_log(std::string_view path, const VerifyOptions& options) noexcept;

}  // namespace remit::audit
