// A row of syntax errors, which is all that is wrong with its source. Included by the parse_errors tests.
#pragma once

#include <catch2/catch.hpp>

#include "lang/parse/parse.h"
#include "tests/mistakes.h"

namespace remit::test {

inline void pin_syntax_error(const Mistake& mistake) {
  const lang::Source source("x.scope", mistake.source);
  lang::Diagnostics diagnostics;
  const lang::syntax::Document document = lang::parse(source, diagnostics);
  INFO(mistake.source);
  REQUIRE(diagnostics.all().size() == 1);
  const lang::Diagnostic& finding = diagnostics.all().front();
  CHECK(finding.line == mistake.line);
  CHECK(finding.column == mistake.column);
  CHECK(finding.code == mistake.code);
  CHECK(underlined(finding) == mistake.underlined);
  CHECK(finding.message == mistake.message);
  CHECK(finding.help == mistake.help);
  CHECK(document.failed.size() == 1);
}

}  // namespace remit::test
