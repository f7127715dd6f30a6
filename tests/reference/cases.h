// Conformance cases (shared/conformance/FORMAT.md): read from JSON lines, written as such, and
// played by the reference.
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
  std::string kind, text;
  std::vector<lang::Argument> arguments;
};

// One call of the host. Which fields count depends on `kind`.
struct CaseStep {
  enum class Kind { check, approve, revoke, end, open_child } kind = Kind::check;
  std::string session = "main";
  std::int64_t now = 0;

  HeldRequest request;              // check; its time is `now` too
  std::size_t asked = 0;            // approve: the step that asked
  std::string approver;             // approve
  std::string as;                   // open_child: the new session's name
  std::vector<std::size_t> layers;  // open_child: indexes into the documents
  HeldOpening opening;              // open_child

  std::optional<bool> ok;            // approve, open_child: what must come of it
  std::vector<std::string> compare;  // check: which of what follows must agree
  std::string effect, reason;
  std::optional<std::uint32_t> line, column;
  std::optional<std::string> because, file;
  std::size_t layer = 0;  // index into the documents

  bool compares(const std::string& what) const;
};

struct CaseTest {
  std::size_t document = 0;
  std::string name;
  bool passes = true;
};

struct Case {
  std::string id;
  bool memory = false;  // true: its decisions depend on more than one request
  std::vector<CaseDocument> documents;
  std::vector<std::pair<std::string, std::string>> modules;
  std::vector<std::size_t> layers;  // of the session: indexes into `documents`
  HeldOpening opening;
  std::int64_t opened = 0;
  bool opens = true;
  std::vector<CaseStep> steps;
  std::vector<CaseTest> tests;
};

// All cases of a file; empty where there is no such file.
std::vector<Case> read_cases(const std::string& path);

// One line, without its end.
std::string write_case(const Case& one);

// Plays a case; each entry says what the reference makes of one step and what the case says
// instead. `played` counts what was compared: steps, openings and tests.
std::vector<std::string> play(const Case& one, std::size_t& played);

// Puts in what the reference makes of each step and of the opening, for a new case.
void fill_in(Case& one);

// One step, for people.
std::string text_of(const CaseStep& step);

// The folder of the cases: the environment's REMIT_CONFORMANCE_DIR, else the one compiled in.
std::string conformance_folder(const char* compiled_in);

}  // namespace remit::reference
