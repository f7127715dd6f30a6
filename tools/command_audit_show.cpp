// `remit audit show`: the trail as sentences, a table or JSON lines. Covered by
// tests/audit_show_test.py.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "tools/audit_sentence.h"
#include "tools/audit_trail.h"
#include "tools/command_audit.h"
#include "tools/command_audit_filter.h"
#include "tools/terminal.h"

namespace remit::tools {
namespace {

struct ShowOptions {
  std::string trail;
  FilterOptions filter;
  std::size_t limit = 0;
  bool table = false, json = false, follow = false;
};

std::string line_of(const ShowOptions& options, const TrailRecord& record, bool colour) {
  if (options.json) return std::string(record.body) + "\n";
  if (options.table) return audit_table_row(record.fields);
  if (record.body.empty()) {
    return fmt::format("the text of record {}, a {} at {}, went as retention says\n", record.seq,
                       audit_shown(record.fields, "kind"), audit_shown(record.fields, "time"));
  }
  const std::string_view effect = audit_text(record.fields, "effect");
  const char* style = effect == "deny" ? "31" : effect == "ask" ? "33" : "0";
  return styled(audit_sentence(record.fields), style, colour) + "\n";
}

// Prints what comes after `last`, for ever: whoever follows a trail ends it with Ctrl-C.
void follow(const AuditTrail& trail, const ShowOptions& options, std::uint64_t last, bool colour) {
  for (;;) {
    std::fflush(stdout);
    if (std::ferror(stdout)) return;  // nobody reads any more
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const std::uint64_t size = trail.size();
    if (size <= last) continue;
    trail.each(
        options.filter.filter,
        [&](const TrailRecord& record) {
          print(line_of(options, record, colour));
          last = std::max(last, record.seq);
          return true;
        },
        last + 1);
    last = std::max(last, size);  // also where the newest ones do not pass
  }
}

int show(ShowOptions& options) {
  read_filter_options(options.filter);
  const AuditTrail trail(options.trail);
  const bool colour = colour_on(stdout) && !options.json;
  if (options.table) print(audit_table_heading());
  std::uint64_t last = trail.size();
  if (options.limit == 0) {
    trail.each(options.filter.filter, [&](const TrailRecord& record) {
      // In JSON a record is its text; where that is gone, there is nothing to show.
      if (!options.json || !record.body.empty()) print(line_of(options, record, colour));
      last = std::max(last, record.seq);
      return std::ferror(stdout) == 0;
    });
  } else {
    std::vector<std::string> lines;
    trail.each_newest_first(options.filter.filter, [&](const TrailRecord& record) {
      if (!options.json || !record.body.empty()) lines.push_back(line_of(options, record, colour));
      last = std::max(last, record.seq);
      return lines.size() < options.limit;
    });
    std::for_each(lines.rbegin(), lines.rend(), print);
  }
  if (options.follow) follow(trail, options, last, colour);
  return kFine;
}

}  // namespace

void add_audit_show(CLI::App& audit, Action& chosen) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = audit.add_subcommand("show", "Show records as sentences, table or JSON");
  command->add_option("DB", options->trail, "the trail")->required();
  add_filter_options(*command, options->filter);
  command->add_option("--limit", options->limit, "the last N of them only")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  CLI::Option* table = command->add_flag("--table", options->table, "in columns");
  command->add_flag("--json", options->json, "the records as they are, one a line")
      ->excludes(table);
  command->add_flag("--follow", options->follow, "go on with what is recorded from now on");
  set_manual(
      *command,
      {"[OPTIONS] DB",
       "Every record is one sentence that names the agent and the person for whom it acted:\n"
       "  ticket-creation-agent, on behalf of Mike, created cases:/Y/X at "
       "2026-11-23T09:14:07Z (allowed by triage.scope:4)\n"
       "Names are shown as they are only where they can be taken for nothing else: with a "
       "blank, a comma, a\nquote or a parenthesis they stand in quotes, and what acts on a "
       "terminal or hides is shown as its\nnumber. Nothing is verified here: that is `remit "
       "audit verify`.\n\n" +
           filter_manual(),
       "0 shown\n2 the trail cannot be read, or an option is wrong",
       "remit audit show trail.db --on-behalf-of mike@acme.example --system crm --since 2h "
       "--effect deny\n"
       "remit audit show trail.db --session 0b2e --table\n"
       "remit audit show trail.db --follow --json"});
  command->callback([options, &chosen] { chosen = [options] { return show(*options); }; });
}

}  // namespace remit::tools
