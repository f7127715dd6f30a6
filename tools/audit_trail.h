// An audit trail as the commands read it: record by record, parsed, filtered.
// Covered by tests/audit_show_test.py.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <remit/audit_reader.h>
#include <remit/program.h>

#include "tools/audit_filter.h"
#include "tools/json.h"

namespace remit::tools {

// One record. What is borrowed lives until the callback returns.
struct TrailRecord {
  std::uint64_t seq = 0;
  TreeHash leaf{};
  // Its canonical text, and that parsed. Where retention removed the text, `body` is empty and
  // `fields` has what is left: seq, time, kind.
  std::string_view body;
  Json fields;
};

class AuditTrail {
 public:
  // BadInput where the file is no audit trail.
  explicit AuditTrail(const std::string& path);

  // Whether to go on.
  using Take = std::function<bool(const TrailRecord&)>;
  // The records that pass, in order, from seq `from` on. The reader's columns, which no hash
  // covers, only narrow the search: whether a record passes is decided by its text. BadInput where
  // a record cannot be read, or its text is no JSON object: then nothing that follows can be relied
  // on.
  void each(const RecordFilter& filter, const Take& take, std::uint64_t from = 1) const;
  // The same, newest first.
  void each_newest_first(const RecordFilter& filter, const Take& take) const;

  std::uint64_t size() const;
  std::string origin() const;  // the log's name
  // BadInput where it is not there, damaged, or not what its digest says.
  Program program(const std::string& digest) const;

 private:
  void read(const remit::AuditFilter& columns, const RecordFilter& filter, const Take& take) const;
  std::string path_;
  AuditReader reader_;
};

}  // namespace remit::tools
