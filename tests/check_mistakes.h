// Rows of errors that the checker finds, each pinned. Included by the check_errors tests.
#pragma once

#include <catch2/catch.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include "tests/mistakes.h"
#include "tests/reference/checked.h"

namespace remit::test {

// What stands before every row: three lines, so that a row's first line is line 4.
inline const std::string kBefore =
    "system lab { action read, list; action write { create, update }; attribute size: size; attribute n: int; "
    "attribute region: string; attribute labels: list of string; attribute flag: bool; attribute due: time; "
    "attribute took: duration; attribute target: resource; attribute kind: string }\n"
    "system box { action read; attribute kind: int }\n"
    "expires 2h\n";

// Rows of one source are its findings, in order.
template <std::size_t N>
void pin_check_errors(const Mistake (&mistakes)[N]) {
  std::string last;
  std::size_t index = 0;
  for (const Mistake& mistake : mistakes) {
    index = last == mistake.source ? index + 1 : 0;
    last = mistake.source;
    const reference::Checked checked = reference::check_text(kBefore + mistake.source + "\n");
    INFO(mistake.source);
    CHECK_FALSE(checked.complete());
    std::vector<lang::Diagnostic> errors;
    for (const lang::Diagnostic& finding : checked.diagnostics.all()) {
      if (finding.severity == lang::Severity::error) errors.push_back(finding);
    }
    REQUIRE(errors.size() > index);
    const lang::Diagnostic& finding = errors[index];
    CHECK(finding.line == mistake.line + 3);
    CHECK(finding.column == mistake.column);
    CHECK(finding.code == mistake.code);
    CHECK(underlined(finding) == mistake.underlined);
    CHECK(finding.message == mistake.message);
    CHECK(finding.help == mistake.help);
    const bool more = &mistake + 1 != mistakes + N && std::string((&mistake + 1)->source) == mistake.source;
    CHECK((more || errors.size() == index + 1));
  }
}

}  // namespace remit::test
