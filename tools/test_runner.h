// Runs the tests that stand inside a document (language.md section 11).
// Covered by tests/tools_run_test.py, and by the `tests` entries of the conformance cases.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <remit/lang/compile.h>

#include "tools/json.h"

namespace remit::tools {

// What came of one test.
struct TestOutcome {
  enum class Status { passed, failed } status = Status::passed;
  std::string name;
  std::string expected, got;  // of the expectation that failed
  lang::Diagnostic failure;   // its place and excerpt, for rendering
};

// What came of one document. With errors in it no test runs.
struct DocumentTests {
  std::string file;
  lang::Diagnostics diagnostics;
  std::vector<TestOutcome> outcomes;
  lang::Diagnostics untested;  // warnings of rules that no test reached, where they were asked for

  bool usable() const { return !diagnostics.has_errors(); }
};

// Compiles `text` once for each set of arguments and plays each test in a session of its own.
// `options.arguments` are not used: a test brings its own. `coverage` asks for `untested`.
DocumentTests run_document_tests(std::string_view text, const lang::CompileOptions& options,
                                 bool coverage = false);

struct TestCounts {
  std::size_t passed = 0, failed = 0, unusable = 0;
};
TestCounts count(const std::vector<DocumentTests>& documents);

// `5 passed, 1 failed`, with `, 2 skipped` where there are any.
std::string summary_line(std::size_t passed, std::size_t failed, std::size_t skipped = 0);

JsonOut tests_json(const std::vector<DocumentTests>& documents);

}  // namespace remit::tools
