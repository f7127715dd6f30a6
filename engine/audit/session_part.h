// What all records of one session share, written once. Covered by tests/audit_record_test.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <remit/audit_sink.h>

namespace remit::audit {

// The pieces of JSON, each with the comma before it, and what stands in columns.
struct SessionPart {
  std::shared_ptr<const AuditedSession> session;
  std::string agent, chain, habit, on_behalf_of, parent_programs_purpose, id, sponsor, trigger;
  std::string id_column, agent_column, person_column;
  std::vector<std::string_view> referenced;  // attributes that a document speaks of, sorted
};

// May throw std::bad_alloc.
SessionPart make_part(const std::shared_ptr<const AuditedSession>& session);

// What may stand in a column: nothing for a text that the body has the hash of.
std::string_view column(std::string_view text) noexcept;
// A member with a list of texts; nothing where there are none.
void write_list(std::string& out, std::string_view name, const std::vector<std::string>& texts);

}  // namespace remit::audit
