// OCSF 1.8.0, class API Activity. Who acts is the agent: `actor.app_uid`; for whom is `actor.user`.
// An event with the user alone would say that the person did it.
#include "tools/audit_export.h"
#include "tools/audit_sentence.h"

namespace remit::tools {
namespace {

constexpr int kClass = 6003, kCategory = 6, kOther = 99;

int activity_of(const Json& fields) {
  switch (access_of(audit_text(fields, "action"))) {
    case Access::create: return 1;
    case Access::read: return 2;
    case Access::update: return 3;
    case Access::remove: return 4;
    default: return kOther;
  }
}

JsonOut actor_of(const Json& fields) {
  JsonOut out = JsonOut::object();
  if (const std::string_view agent = audit_text(fields, "agent"); !agent.empty()) {
    out["app_uid"] = agent;
    out["app_name"] = agent;
  } else {
    out["app_name"] = "unknown agent";  // the class needs an actor
  }
  if (const std::string_view person = audit_person(fields); !person.empty())
    out["user"] = {{"uid", person}, {"name", person}, {"type_id", 1}, {"type", "User"}};
  if (const std::string_view session = audit_text(fields, "session"); !session.empty())
    out["session"] = {{"uid", session}};
  return out;
}

JsonOut metadata_of(const ExportRecord& record) {
  JsonOut out = {{"version", "1.8.0"},
                 {"profiles", {"security_control"}},
                 {"product", {{"name", "Remit"}, {"vendor_name", "Remit"}}},
                 {"uid", record.leaf},
                 {"event_code", audit_text(record.fields, "kind")},
                 {"original_time", audit_text(record.fields, "time")}};
  if (!record.origin.empty()) out["log_name"] = record.origin;
  if (record.fields.contains("seq") && record.fields["seq"].is_number_integer())
    out["sequence"] = record.fields["seq"].get<std::int64_t>();
  if (const std::string_view trace = audit_text(record.fields, "trace"); !trace.empty())
    out["correlation_uid"] = trace;
  return out;
}

// What the policy said, and which part of it.
void add_verdict(const Json& fields, JsonOut& out) {
  const std::string_view effect = audit_text(fields, "effect");
  if (effect.empty()) {
    const bool refused = audit_text(fields, "kind") == "refusal";
    out["status_id"] = refused ? 2 : 1;
    if (refused) out["status_code"] = audit_text(fields, "reason");
    return;
  }
  const bool allowed = effect == "allow", denied = effect == "deny";
  out["status_id"] = allowed ? 1 : denied ? 2 : kOther;
  out["status"] = allowed ? "Success" : denied ? "Failure" : "Asked";
  out["status_code"] = audit_text(fields, "reason");
  out["action_id"] = allowed ? 1 : denied ? 2 : kOther;
  out["action"] = allowed ? "Allowed" : denied ? "Denied" : "Asked";
  out["disposition_id"] = allowed ? 1 : denied ? 2 : kOther;
  out["disposition"] = allowed ? "Allowed" : denied ? "Blocked" : "Asked";
  JsonOut policy = JsonOut::object();
  if (const std::string place = audit_place(fields); !place.empty()) policy["name"] = place;
  if (const auto rule = fields.find("rule"); rule != fields.end()) {
    if (const std::string_view because = audit_text(*rule, "because"); !because.empty()) {
      policy["desc"] = because;
      out["status_detail"] = because;
    }
  }
  if (policy.contains("name")) out["authorizations"] = {{{"decision", effect}, {"policy", policy}}};
}

}  // namespace

JsonOut ocsf_event(const ExportRecord& record) {
  const Json& fields = record.fields;
  const std::string_view effect = audit_text(fields, "effect"), kind = audit_text(fields, "kind");
  const std::string operation = operation_of(fields);
  const int activity = kind == "decision" ? activity_of(fields) : kOther;
  const std::string_view resource = audit_text(fields, "resource");
  const std::string system(resource.substr(0, resource.find(':')));
  JsonOut out;
  out["class_uid"] = kClass;
  out["category_uid"] = kCategory;
  out["activity_id"] = activity;
  if (activity == kOther) out["activity_name"] = operation;
  out["type_uid"] = kClass * 100 + activity;
  out["time"] = micros_of(fields) / 1000;
  // Informational; low for a denial, medium for a refused session, high where records are missing.
  out["severity_id"] = kind == "gap" ? 4 : kind == "refusal" ? 3 : effect == "deny" ? 2 : 1;
  out["metadata"] = metadata_of(record);
  out["actor"] = actor_of(fields);
  const std::string_view agent = audit_text(fields, "agent");
  out["src_endpoint"] = {{"name", agent.empty() ? "unknown agent" : agent}};
  out["api"] = {{"operation", operation}};
  if (!resource.empty()) out["api"]["service"] = {{"name", system}};
  if (const std::string_view id = audit_text(fields, "decision"); !id.empty())
    out["api"]["request"] = {{"uid", id}};
  if (fields.contains("resource")) {
    const std::string name =
        resource.empty() ? audit_shown(fields, "resource") : std::string(resource);
    out["resources"] = JsonOut::array({{{"uid", name}, {"name", name}}});
    if (!resource.empty()) out["resources"][0]["type"] = system;
  }
  add_verdict(fields, out);
  out["message"] = audit_sentence(fields);
  out["raw_data"] = record.body;
  out["raw_data_size"] = record.body.size();
  return out;
}

}  // namespace remit::tools
