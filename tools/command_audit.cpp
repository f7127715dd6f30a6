// `remit audit`: read, verify and export an audit trail. Each subcommand has a file of its own.
// Covered by tests/audit_command_test.py.
#include "tools/command_audit.h"

namespace remit::tools {

void add_audit(CLI::App& app, Action& chosen) {
  CLI::App* audit = app.add_subcommand("audit", "Read, verify and export an audit trail");
  audit->require_subcommand(1);
  add_audit_show(*audit, chosen);
  add_audit_verify(*audit, chosen);
  add_audit_replay(*audit, chosen);
  add_audit_export(*audit, chosen);
  add_audit_key(*audit, chosen);
  add_audit_checkpoint(*audit, chosen);
  add_audit_prove(*audit, chosen);
  add_audit_report(*audit, chosen);
  set_manual(*audit,
             {"SUBCOMMAND ...",
              "The trail is an SQLite file that a session writes. Each subcommand has a "
              "manual:\nremit audit SUBCOMMAND --help",
              "those of the subcommand", "remit audit show trail.db --since 2h --effect deny\nremit audit replay trail.db"});
}

}  // namespace remit::tools
