// Conformance cases, read from JSON lines (shared/conformance/FORMAT.md), as far as single
// decisions go.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <remit/lang/compile.h>

#include "tests/reference/held.h"

namespace remit::reference {

struct CaseDocument {
  std::string text;
  std::vector<lang::Argument> arguments;
};

// One `check` step; `compare` lists what of the rest must agree.
struct CaseCheck {
  HeldRequest request;
  std::vector<std::string> compare;
  std::string effect, reason;
  std::optional<std::uint32_t> line, column;
  std::optional<std::string> because, file;
  std::size_t layer = 0;  // index into `documents`

  bool compares(const std::string& what) const;
};

struct Case {
  std::string id;
  bool memory = false;  // true: its decisions depend on more than one request
  std::vector<CaseDocument> documents;
  std::vector<std::pair<std::string, std::string>> modules;
  std::vector<std::size_t> layers;  // of the session: indexes into `documents`
  HeldFacts facts;
  bool opens = true;
  std::vector<CaseCheck> checks;  // empty where `memory`: its steps are not all checks
};

// All cases of a file; empty where there is no such file.
std::vector<Case> read_cases(const std::string& path);

// The folder of the cases: the environment's REMIT_CONFORMANCE_DIR, else the one compiled in.
std::string conformance_folder(const char* compiled_in);

}  // namespace remit::reference
