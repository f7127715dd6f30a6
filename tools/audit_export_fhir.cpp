// FHIR R4 AuditEvent. R4 has no member for "on behalf of": it says it by the participants' roles,
// of which its value set has DELEGATEE (who acts for another) and DELEGATOR (for whom). The agent
// is the requestor; the person, who did not act, is not.
#include <algorithm>
#include <string>

#include "lang/diagnostics/display.h"
#include "tools/audit_export.h"
#include "tools/audit_sentence.h"

namespace remit::tools {
namespace {

constexpr const char* kRoleCode = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";

// A FHIR string: never empty, no control characters. The record, below, has the exact text.
std::string clean(std::string_view text) {
  std::string out = lang::visible(text);
  const std::size_t first = out.find_first_not_of(' ');
  if (first == std::string::npos) return "(blank)";
  return out.substr(first, out.find_last_not_of(' ') + 1 - first);
}

JsonOut identifier(std::string_view value) { return {{"identifier", {{"value", clean(value)}}}}; }

JsonOut participant(std::string_view name, const char* code, const char* display, bool requestor) {
  JsonOut out;
  out["type"] = {
      {"coding", JsonOut::array({{{"system", kRoleCode}, {"code", code}, {"display", display}}})}};
  if (!name.empty()) {
    out["who"] = identifier(name);
    out["name"] = clean(name);
  }
  out["requestor"] = requestor;
  return out;
}

int nibble(char c) { return c >= 'a' ? c - 'a' + 10 : c - '0'; }

// RFC 6920: a name that is the digest itself. In base64url without padding.
std::string digest_uri(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(nibble(hex[i]) * 16 + nibble(hex[i + 1]));
  std::string out = base64(bytes);
  out.erase(std::find(out.begin(), out.end(), '='), out.end());
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return "ni:///sha-256;" + out;
}

bool is_digest(const Json& value) {
  return value.is_string() && value.get_ref<const std::string&>().size() == 64 &&
         value.get_ref<const std::string&>().find_first_not_of("0123456789abcdef") ==
             std::string::npos;
}

JsonOut participants(const Json& fields) {
  const std::string_view kind = audit_text(fields, "kind"), by = audit_text(fields, "by");
  JsonOut out = JsonOut::array();
  // An approval and a revocation are acts of a person about what the agent does.
  const bool by_another = !by.empty();
  if (by_another) {
    out.push_back(kind == "approval" ? participant(by, "CONSENTER", "consenter", true)
                                     : participant(by, "GRANTOR", "grantor", true));
  }
  JsonOut acting = participant(audit_text(fields, "agent"), "DELEGATEE", "delegatee", !by_another);
  if (const auto programs = fields.find("programs");
      programs != fields.end() && programs->is_array()) {
    JsonOut policies = JsonOut::array();
    for (const Json& digest : *programs) {
      if (is_digest(digest)) policies.push_back(digest_uri(digest.get_ref<const std::string&>()));
    }
    if (!policies.empty()) acting["policy"] = policies;
  }
  out.push_back(acting);
  if (const std::string_view user = audit_text(fields, "on_behalf_of"); !user.empty())
    out.push_back(participant(user, "DELEGATOR", "delegator", false));
  if (const std::string_view sponsor = audit_text(fields, "sponsor"); !sponsor.empty())
    out.push_back(participant(sponsor, "RESPRSN", "responsible party", false));
  return out;
}

const char* action_of(const Json& fields) {
  if (audit_text(fields, "kind") != "decision") return "E";
  switch (access_of(audit_text(fields, "action"))) {
    case Access::create: return "C";
    case Access::read: return "R";
    case Access::update: return "U";
    case Access::remove: return "D";
    default: return "E";
  }
}

JsonOut detail(const char* type, std::string_view text) {
  return {{"type", type}, {"valueString", clean(text)}};
}

JsonOut entity_of(const ExportRecord& record) {
  const Json& fields = record.fields;
  JsonOut out;
  if (fields.contains("resource")) {
    const std::string_view name = audit_text(fields, "resource");
    const std::string shown = name.empty() ? audit_shown(fields, "resource") : std::string(name);
    out["what"] = identifier(shown);
    out["name"] = clean(shown);
  } else if (const std::string_view session = audit_text(fields, "session"); !session.empty()) {
    out["what"] = identifier(session);
  }
  out["type"] = {{"system", "http://terminology.hl7.org/CodeSystem/audit-entity-type"},
                 {"code", "2"},
                 {"display", "System Object"}};
  out["detail"] =
      JsonOut::array({{{"type", "remit.record"}, {"valueBase64Binary", base64(record.body)}}});
  for (const char* name :
       {"action", "effect", "reason", "decision", "approval", "session", "trace"}) {
    if (const std::string_view text = audit_text(fields, name); !text.empty())
      out["detail"].push_back(detail(name, text));
  }
  return out;
}

}  // namespace

JsonOut fhir_event(const ExportRecord& record) {
  const Json& fields = record.fields;
  const std::string_view effect = audit_text(fields, "effect"), kind = audit_text(fields, "kind");
  JsonOut out;
  out["resourceType"] = "AuditEvent";
  out["id"] = record.leaf;  // 64 characters, as many as an id may have
  out["type"] = {{"system", "http://dicom.nema.org/resources/ontology/DCM"},
                 {"code", "110100"},
                 {"display", "Application Activity"}};
  out["subtype"] = JsonOut::array({{{"code", clean(kind)}, {"display", clean(kind)}}});
  out["action"] = action_of(fields);
  out["recorded"] = instant_of(fields);
  // Not what became of the act, which other systems know, but whether it was let through.
  const bool failed = effect == "deny" || effect == "ask" || kind == "refusal";
  out["outcome"] = kind == "gap" ? "8" : failed ? "4" : "0";
  out["outcomeDesc"] = clean(audit_sentence(fields));
  if (const std::string_view purpose = audit_text(fields, "purpose"); !purpose.empty())
    out["purposeOfEvent"] = JsonOut::array({{{"text", clean(purpose)}}});
  out["agent"] = participants(fields);
  out["source"] = {
      {"observer", {{"display", "Remit"}}},
      {"type",
       JsonOut::array({{{"system", "http://terminology.hl7.org/CodeSystem/security-source-type"},
                        {"code", "4"},
                        {"display", "Application Server"}}})}};
  if (!record.origin.empty()) out["source"]["site"] = clean(record.origin);
  out["entity"] = JsonOut::array({entity_of(record)});
  return out;
}

}  // namespace remit::tools
