// The audit room's names for what engine/sqlite has, and its one error of SQLite's.
#pragma once

#include <remit/result.h>

#include "engine/sqlite/sqlite.h"

namespace remit::audit {

using sqlite::Database;
using sqlite::execute;
using sqlite::prepare;
using sqlite::Run;
using sqlite::Statement;

inline Error unavailable(std::string what, sqlite3* database) {
  return {ErrorCode::audit_unavailable,
          std::move(what) + ": " +
              (database == nullptr ? "not enough memory" : sqlite3_errmsg(database))};
}

}  // namespace remit::audit
