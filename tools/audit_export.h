// The audit trail in the forms that other systems read: one line of JSON for each record, made from
// that record alone, so that a trail of any length is exported in constant memory. Every line
// carries the canonical record, from which the record's leaf hash can be computed again. Covered by
// tests/audit_export_test.py, against the published schemas.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/json.h"

namespace remit::tools {

// ocsf: API Activity (class 6003) of OCSF 1.8.0 with the profile security_control; record in
// `raw_data`. fhir: an AuditEvent of FHIR R4 (4.0.1); record, in base64, in the entity's detail
// `remit.record`. cloudevents: CloudEvents 1.0, structured JSON; record as `data`. otlp: a LogsData
// of OTLP/JSON with one log record; record as its body.
enum class AuditFormat { ocsf, fhir, cloudevents, otlp };
// Their names, in that order.
inline constexpr const char* kAuditFormats[] = {"ocsf", "fhir", "cloudevents", "otlp"};

// One record as it is exported.
struct ExportRecord {
  const Json& fields;          // the parsed record
  std::string_view body;       // its canonical text: the bytes that are hashed
  std::string_view origin;     // the log's name
  std::string_view leaf = {};  // RFC 6962 leaf hash in hexadecimal; filled in by export_line
};

// The line, without its end.
std::string export_line(AuditFormat format, const ExportRecord& record);

// One form each. What they share is below.
JsonOut ocsf_event(const ExportRecord& record);
JsonOut fhir_event(const ExportRecord& record);
JsonOut otlp_logs(const ExportRecord& record);
std::string cloud_event(
    const ExportRecord& record);  // text, so that `data` is the record's very bytes

// What kind of access an action is, as both OCSF and FHIR classify it.
enum class Access { create, read, update, remove, other };
Access access_of(std::string_view action);

// Microseconds since 1970; 0 where the record has no time.
std::int64_t micros_of(const Json& fields);
// The time as RFC 3339 has it: of a year that it cannot write, the nearest that it can.
std::string instant_of(const Json& fields);
// The action of a decision or approval, else the record's kind.
std::string operation_of(const Json& fields);
std::string base64(std::string_view bytes);

}  // namespace remit::tools
