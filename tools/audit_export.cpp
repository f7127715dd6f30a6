// What the exports share; the door is in audit_export.h.
#include "tools/audit_export.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/identity/signature.h"
#include "tools/audit_filter.h"
#include "tools/audit_sentence.h"

namespace remit::tools {
namespace {

// The standard library's actions. An action that is not here is `other`, never guessed from its
// name.
constexpr std::array<std::pair<std::string_view, Access>, 27> kAccess = {
    {{"create", Access::create},  {"insert", Access::create},  {"post", Access::create},
     {"send", Access::create},    {"reply", Access::create},   {"forward", Access::create},
     {"invite", Access::create},  {"comment", Access::create}, {"read", Access::read},
     {"list", Access::read},      {"search", Access::read},    {"get", Access::read},
     {"select", Access::read},    {"head", Access::read},      {"export", Access::read},
     {"subscribe", Access::read}, {"write", Access::update},   {"update", Access::update},
     {"append", Access::update},  {"put", Access::update},     {"patch", Access::update},
     {"merge", Access::update},   {"rotate", Access::update},  {"delete", Access::remove},
     {"purge", Access::remove},   {"drop", Access::remove},    {"truncate", Access::remove}}};

}  // namespace

Access access_of(std::string_view action) {
  const auto found = std::find_if(kAccess.begin(), kAccess.end(),
                                  [&](const auto& one) { return one.first == action; });
  return found == kAccess.end() ? Access::other : found->second;
}

std::int64_t micros_of(const Json& fields) {
  const std::optional<Time> time = parse_audit_time(audit_text(fields, "time"));
  return time ? time->time_since_epoch().count() : 0;
}

std::string instant_of(const Json& fields) {
  const std::string_view text = audit_text(fields, "time");
  const bool written = text.size() > 10 && text[4] == '-' && !text.starts_with("0000");
  if (written && parse_audit_time(text)) return std::string(text);
  return micros_of(fields) < 0 ? "0001-01-01T00:00:00Z" : "9999-12-31T23:59:59Z";
}

std::string operation_of(const Json& fields) {
  const std::string_view action = audit_text(fields, "action");
  return std::string(action.empty() ? audit_text(fields, "kind") : action);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    const std::size_t taken = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8U | (i < taken ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      out += i <= taken ? kDigits[group >> (18U - 6U * i) & 63U] : '=';
  }
  return out;
}

std::string export_line(AuditFormat format, const ExportRecord& record) {
  const std::string leaf = identity::sha256_hex(std::string(1, '\0') + std::string(record.body));
  const ExportRecord whole{record.fields, record.body, record.origin, leaf};
  switch (format) {
    case AuditFormat::ocsf: return to_line(ocsf_event(whole));
    case AuditFormat::fhir: return to_line(fhir_event(whole));
    case AuditFormat::otlp: return to_line(otlp_logs(whole));
    default: return cloud_event(whole);
  }
}

}  // namespace remit::tools
