// What the parts of verify_log() share: the open file, and where findings go. One part for each
// kind of thing in the file; verify.cpp calls them in order.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/audit/sqlite.h"
#include "engine/audit/verify.h"

namespace remit::audit {

class Inspection {
 public:
  Inspection(Database database, const VerifyOptions& options)
      : database_(std::move(database)), options_(options) {}

  sqlite3* database() const noexcept { return database_.get(); }
  const VerifyOptions& options() const noexcept { return options_; }
  VerifyReport& report() noexcept { return report_; }

  void find(FindingCode code, std::uint64_t seq, std::string text);
  // A statement that cannot be prepared or stepped is a finding, too: false.
  bool prepare(Statement& out, std::string_view sql);
  // True at a row, false at the end or after a finding.
  bool next(Run& run);

 private:
  Database database_;
  const VerifyOptions& options_;
  VerifyReport report_;
};

// inspect_file.cpp: header and b-trees, tables, indexes and triggers, and what the log says of
// itself. False where nothing further can be made of the file.
bool inspect_file(Inspection& inspection);

// inspect_programs.cpp: images by their digests, and whether a record names each.
class Programs {
 public:
  // Every image is loaded, verified and hashed.
  void inspect(Inspection& inspection);
  // A record names it; false where the log does not have it.
  bool named(std::string_view digest);
  // At the end. Where bodies were removed, nobody can tell whether one of them named a program.
  void inspect_unnamed(Inspection& inspection) const;

 private:
  std::map<std::string, bool, std::less<>> named_;
};

// inspect_records.cpp: the records themselves, and all that has to agree with them.
void inspect_records(Inspection& inspection, Programs& programs);

}  // namespace remit::audit
