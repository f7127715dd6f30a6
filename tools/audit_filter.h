// Which records of a trail a command is about: the filters that show, export and replay share.
// Covered by tests/audit_show_test.py.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <remit/value.h>

#include "tools/json.h"

namespace remit::tools {

// Each list: any of them, an empty one: all. All that is given must hold.
struct RecordFilter {
  std::vector<std::string> agents, users, sponsors;  // byte for byte
  std::vector<std::string> systems, actions;
  std::vector<std::string> resources;  // itself and what is beneath it, as patterns cover
  std::vector<std::string> sessions;   // identifiers or how they begin
  std::vector<std::string> effects, reasons, kinds;
  std::optional<Time> since, until;  // `until` excluded

  bool matches(const Json& record) const;
};

// The kinds of records, for completion and errors.
const std::vector<std::string>& audit_kinds();

// BadInput, with the nearest known word, where an effect, reason, kind or session can match
// nothing.
void check_filter(const RecordFilter& filter);

// `2h` is that long before `now`; anything else a time of the language.
Time read_since(std::string_view text, Time now, std::string_view option);

// A record's time as written: `2026-11-23T09:14:07.123456Z`, or, in a year without four digits,
// microseconds since 1970. Nothing where it is none.
std::optional<Time> parse_audit_time(std::string_view text);

}  // namespace remit::tools
