// CloudEvents 1.0 in the structured JSON mode, with the extensions `traceparent` (distributed
// tracing) and `sequence` of the specification's own list, and `remitleaf`.
#include <fmt/format.h>

#include "tools/audit_export.h"
#include "tools/audit_sentence.h"

namespace remit::tools {
namespace {

// A log's name as a relative URI reference: whatever is not unreserved is percent-encoded.
std::string source_of(std::string_view origin) {
  std::string out = "/";
  for (const char c : origin) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') ||
                            std::string_view("-._~/").find(c) != std::string_view::npos;
    if (unreserved)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

std::string cloud_event(const ExportRecord& record) {
  const Json& fields = record.fields;
  const auto seq = fields.find("seq");
  const std::string number = seq != fields.end() && seq->is_number_integer() ? seq->dump() : "";
  JsonOut out;
  out["specversion"] = "1.0";
  out["id"] = record.leaf;
  out["source"] = source_of(record.origin);
  out["type"] = "remit.audit." + std::string(audit_text(fields, "kind"));
  out["time"] = instant_of(fields);
  if (const std::string_view resource = audit_text(fields, "resource"); !resource.empty())
    out["subject"] = resource;
  if (!number.empty()) out["sequence"] = number;
  const std::string_view trace = audit_text(fields, "trace"), span = audit_text(fields, "span");
  if (!trace.empty() && !span.empty()) out["traceparent"] = fmt::format("00-{}-{}-01", trace, span);
  out["remitleaf"] = record.leaf;
  out["datacontenttype"] = "application/json";
  std::string line = to_line(out);
  line.back() = ',';  // in place of the closing brace
  return line + "\"data\":" + std::string(record.body) + "}";
}

}  // namespace remit::tools
