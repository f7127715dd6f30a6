// OTLP/JSON: one LogsData a line, as the OTLP file exporter writes them. Identifiers of the W3C
// trace context are hexadecimal here, unlike in protobuf's own JSON; 64-bit numbers are strings.
#include <algorithm>

#include "tools/audit_export.h"
#include "tools/audit_sentence.h"

namespace remit::tools {
namespace {

constexpr std::int64_t kLastMicros = 18'446'744'073'709'551;  // nanoseconds are 64 bits, unsigned

JsonOut attribute(const char* key, std::string_view value) {
  return {{"key", key}, {"value", {{"stringValue", value}}}};
}

JsonOut attributes_of(const ExportRecord& record) {
  const Json& fields = record.fields;
  JsonOut out = JsonOut::array({attribute("log.record.uid", record.leaf)});
  // `user.id` is the semantic conventions' name; the rest is ours.
  if (const std::string_view person = audit_person(fields); !person.empty())
    out.push_back(attribute("user.id", person));
  for (const auto& [member, key] :
       {std::pair("agent", "remit.agent"), std::pair("on_behalf_of", "remit.on_behalf_of"),
        std::pair("sponsor", "remit.sponsor"), std::pair("session", "remit.session"),
        std::pair("action", "remit.action"), std::pair("resource", "remit.resource"),
        std::pair("effect", "remit.effect"), std::pair("reason", "remit.reason"),
        std::pair("decision", "remit.decision"), std::pair("purpose", "remit.purpose")}) {
    if (const std::string_view text = audit_text(fields, member); !text.empty())
      out.push_back(attribute(key, text));
  }
  if (const std::string place = audit_place(fields); !place.empty())
    out.push_back(attribute("remit.rule", place));
  return out;
}

}  // namespace

JsonOut otlp_logs(const ExportRecord& record) {
  const Json& fields = record.fields;
  const std::string_view effect = audit_text(fields, "effect"), kind = audit_text(fields, "kind");
  const bool error = kind == "gap", warning = effect == "deny" || kind == "refusal";
  const std::string nanos =
      std::to_string(std::clamp<std::int64_t>(micros_of(fields), 0, kLastMicros)) + "000";
  JsonOut log;
  log["timeUnixNano"] = nanos;
  log["observedTimeUnixNano"] = nanos;
  log["severityNumber"] = error ? 17 : warning ? 13 : 9;
  log["severityText"] = error ? "ERROR" : warning ? "WARN" : "INFO";
  log["eventName"] = "remit." + std::string(kind);
  log["body"] = {{"stringValue", record.body}};
  log["attributes"] = attributes_of(record);
  if (const std::string_view trace = audit_text(fields, "trace"); !trace.empty())
    log["traceId"] = trace;
  if (const std::string_view span = audit_text(fields, "span"); !span.empty()) log["spanId"] = span;
  JsonOut resource = {{"attributes", JsonOut::array({attribute("service.name", "remit")})}};
  if (!record.origin.empty())
    resource["attributes"].push_back(attribute("remit.log", record.origin));
  const JsonOut scope = {{"scope", {{"name", "remit.audit"}}},
                         {"logRecords", JsonOut::array({log})}};
  return {{"resourceLogs",
           JsonOut::array({{{"resource", resource}, {"scopeLogs", JsonOut::array({scope})}}})}};
}

}  // namespace remit::tools
