// The page that `remit audit report` writes: one file that needs no other, no script and no
// network. Covered by tests/audit_report_test.py, in a browser.
#pragma once

#include <optional>
#include <string>

#include "engine/audit/verify.h"
#include "tools/audit_report.h"
#include "tools/html.h"

namespace remit::tools {

// What a report says of the log that it is from.
struct ReportLog {
  std::string database;
  std::string made;                       // when the report was: a time as records have it
  std::optional<std::string> checkpoint;  // the latest signed note
  bool key_given = false;
  audit::VerifyReport verified;
};

std::string report_page(const AuditReport& report, const ReportLog& log);

// Parts, each a file of its own.
Html report_timeline(const AuditReport& report);
Html report_actions(const AuditReport& report);
Html report_reasons(const AuditReport& report);
Html report_asks(const AuditReport& report);
Html report_limits(const AuditReport& report);
Html report_records(const AuditReport& report);

// `2026-11-23 09:14:07`, for people; seconds are enough where the records have the rest.
std::string short_time(std::string_view time);
std::string counted(std::uint64_t count, std::string_view one, std::string_view many = {});

}  // namespace remit::tools
