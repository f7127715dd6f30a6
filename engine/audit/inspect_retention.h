// Bodies that were removed, against what the log recorded of their removal. Each removal is a
// record of its own: which class, from before when, how many bodies, and a digest over everything
// that had been removed of that class until then. So what stays of a removed record can be changed
// as little as a record, and none can be passed off as removed. See inspection.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/audit/inspection.h"
#include "engine/audit/record_json.h"
#include "engine/audit/removed_digest.h"

namespace remit::audit {

class RetentionInspection {
 public:
  explicit RetentionInspection(Inspection& inspection);

  // A record without a body. In the order of seq, as the next.
  void removed(std::uint64_t seq, std::int64_t time, std::string_view kind,
               std::string_view retention_class);
  // A record of a removal.
  void recorded(std::uint64_t seq, const RecordJson& record);
  void finish();

 private:
  struct Class {
    std::int64_t before = 0;  // of the table
    bool stored = false;      // the table has it
    bool recorded = false;
    std::string recorded_before, recorded_digest;  // of the latest record
    std::uint64_t recorded_count = 0;
    RemovedDigest digest;
  };

  Inspection& inspection_;
  std::map<std::string, Class, std::less<>> classes_;
};

}  // namespace remit::audit
