// The filter options that show, export and replay share.
// Covered by tests/audit_show_test.py.
#pragma once

#include <optional>
#include <string>

#include "tools/audit_filter.h"
#include "tools/command.h"

namespace remit::tools {

struct FilterOptions {
  RecordFilter filter;
  std::optional<std::string> since, until;  // as written
};

void add_filter_options(CLI::App& command, FilterOptions& options);
// Checks what was given and reads the times, against the clock. BadInput where something is wrong.
void read_filter_options(FilterOptions& options);
// What a manual says of them.
std::string filter_manual();

}  // namespace remit::tools
