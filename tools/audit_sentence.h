// A record of the audit trail as one sentence, and its parts as a terminal may be shown them.
// Covered by tests/audit_show_test.py.
#pragma once

#include <string>
#include <string_view>

#include "tools/json.h"

namespace remit::tools {

// `ticket-creation-agent, on behalf of Mike, created cases:/Y/X at 2026-11-23T09:14:07Z (allowed by
// triage.scope:4)`. Without a line end. Takes any JSON object: what is missing or of another type
// is left out, so that a damaged record can be looked at too.
std::string audit_sentence(const Json& record);

// The same in columns, and the columns' names; each ends with a line end.
std::string audit_table_heading();
std::string audit_table_row(const Json& record);

// A member that is a text, else empty. Borrows from the record.
std::string_view audit_text(const Json& record, const char* name);
// A member as a sentence shows it: a name, or what is known of a text that could not be kept; empty
// where there is none.
std::string audit_shown(const Json& record, const char* name);
// The person whom a record names: on_behalf_of, else the sponsor.
std::string_view audit_person(const Json& record);
// `weekly.scope:4`; empty where no rule decided.
std::string audit_place(const Json& record);

// A name inside a sentence: as it is where it could be taken for nothing else, otherwise in quotes
// and with escapes for whatever acts on a terminal or hides. An agent that calls itself "a, on
// behalf of the boss, read" must not write the sentence.
std::string audit_name(std::string_view text);

}  // namespace remit::tools
