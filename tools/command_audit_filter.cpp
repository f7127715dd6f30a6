// See command_audit_filter.h.
#include "tools/command_audit_filter.h"

#include <chrono>

namespace remit::tools {

void add_filter_options(CLI::App& command, FilterOptions& options) {
  RecordFilter& filter = options.filter;
  const auto add = [&](const char* name, std::vector<std::string>& values, const char* type,
                       const char* description) {
    add_repeatable(command, name, values, description)->type_name(type);
  };
  add("--agent", filter.agents, "ID", "of this agent");
  add("--on-behalf-of", filter.users, "ID", "for this person");
  add("--sponsor", filter.sponsors, "ID", "for which this person answers");
  add("--system", filter.systems, "NAME", "on resources of this system");
  add("--resource", filter.resources, "NAME", "on this resource and what is beneath it");
  add("--action", filter.actions, "NAME", "of this action");
  add("--session", filter.sessions, "ID", "of this session, or the one whose id begins so");
  add("--effect", filter.effects, "EFFECT", "allow, ask or deny");
  add("--reason", filter.reasons, "REASON", "decided, or refused, for this reason");
  add("--kind", filter.kinds, "KIND", "decision, opening, approval, ...");
  command.add_option("--since", options.since, "not before that")->type_name("TIME");
  command.add_option("--until", options.until, "before that")->type_name("TIME");
}

void read_filter_options(FilterOptions& options) {
  check_filter(options.filter);
  const Time now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  if (options.since) options.filter.since = read_since(*options.since, now, "--since");
  if (options.until) options.filter.until = read_since(*options.until, now, "--until");
}

std::string filter_manual() {
  std::string kinds;
  for (const std::string& kind : audit_kinds()) kinds += (kinds.empty() ? "" : ", ") + kind;
  return "All that is given must hold; an option that is repeated holds for any of its values. A "
         "TIME is\n2026-12-01T09:00Z, or how long ago: 2h. The kinds of records are " +
         kinds + ".";
}

}  // namespace remit::tools
