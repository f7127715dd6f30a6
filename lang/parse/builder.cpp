// The parser's state (builder.h). Covered by tests/parse_test.cpp.
#include "lang/parse/builder.h"

#include <algorithm>

#include <fmt/format.h>

#include "lang/check/names.h"

namespace remit::lang::parsing {

Builder::Builder(const Source& text, Diagnostics& findings)
    : source(text),
      diagnostics(findings),
      begin(text.text().data() + text.start()),
      end(text.text().data() + text.text().size()),
      furthest(begin) {
  document.source = &text;
}

void Builder::begin_statement(const char* at) {
  statement_begin = at;
  rule = {};
  let = {};
  use = {};
  system = {};
  lifetime = {};
  test = {};
  header.reset();
  member_failed = false;
  body = nullptr;
  faults.clear();
  begin_member(at);
}

void Builder::begin_member(const char* at) {
  member_begin = at;
  expectation.reset();
  words.clear();
  values.clear();
  resources.clear();
  expressions.clear();
  identifiers.clear();
  bindings.clear();
  parameters.clear();
  days.clear();
  clauses.clear();
  any_span.reset();
  only_span.reset();
  subject.reset();
  amount = {};
  amount.unit = syntax::Amount::Unit::size;
  list_type = false;
  compared = false;
  depth = 0;
  open.clear();
  if (body != nullptr) open.push_back(body);
  clear_failures();
}

void Builder::clear_failures() {
  furthest = begin;
  expected.clear();
  innermost_open = nullptr;
}

void Builder::note(const char* place, std::string_view label, std::size_t entered) {
  if (place != furthest) {
    furthest = place;
    expected.clear();
    innermost_open = open.empty() ? nullptr : open.back();
  } else if (expected.size() > entered) {
    expected.resize(entered);
  }
  expected.push_back(label);  // no two rules that are tried at one place have the same
}

void Builder::fault(Span where, std::string code, std::string message, std::string help) {
  // A token may be read by two alternatives; one finding is enough.
  for (const Fault& known : faults)
    if (known.span.begin == where.begin && known.code == code) return;
  faults.push_back({where, std::move(code), std::move(message), std::move(help)});
}

void Builder::fault(const char* token, const std::optional<TokenFault>& found) {
  if (found) fault(span(token + found->begin, token + found->end), found->code, found->message, found->help);
}

bool Builder::tainted(const char* from, const char* to) const {
  const Span whole = span(from, to);
  return std::any_of(text_faults.begin(), text_faults.end(), [&](const TextFault& text_fault) {
    return text_fault.span.begin >= whole.begin && text_fault.span.begin <= whole.end;
  });
}

void Builder::report_faults() {
  for (Fault& found : faults)
    diagnostics.add(source.diagnose(Severity::error, found.code, found.span, std::move(found.message), std::move(found.help)));
  faults.clear();
}

bool Builder::commit(const char* to) {
  using syntax::StatementKind;
  if (!faults.empty() || member_failed || tainted(statement_begin, to)) return false;
  if (header) {
    document.header = std::move(header);
    return true;
  }
  if (++statements_ > kMaxStatements) {
    too_many(statement_begin);
    return false;
  }
  const auto add = [](auto& all, auto& one) {
    all.push_back(std::move(one));
    return static_cast<std::uint32_t>(all.size() - 1);
  };
  std::uint32_t index = 0;
  switch (kind) {
    case StatementKind::rule: index = add(document.rules, rule); break;
    case StatementKind::let: index = add(document.lets, let); break;
    case StatementKind::use: index = add(document.uses, use); break;
    case StatementKind::system: index = add(document.systems, system); break;
    case StatementKind::lifetime: index = add(document.lifetimes, lifetime); break;
    case StatementKind::test: index = add(document.tests, test); break;
  }
  document.statements.push_back({kind, span(statement_begin, to), index});
  return true;
}

bool Builder::commit_member() {
  if (!faults.empty()) return false;
  if (expectation) test.expectations.push_back(std::move(*expectation));
  expectation.reset();
  return true;
}

void Builder::too_many(const char* at) {
  fault(span(at, at + 1), "too-many-statements",
        fmt::format("a document has at most {} statements", kMaxStatements), "split it into modules or layers");
}

const char* Builder::recover_statement(const char* at) {
  // A statement that was read whole but holds faults ends where it ends; one that failed, where the
  // next can begin.
  const char* const to = skip_failed(cursor(at), std::max(furthest, at), false);
  const bool over = statements_ > kMaxStatements;
  if (!tainted(at, to)) {
    const bool said = member_failed || !faults.empty();
    report_faults();
    if (!said) diagnostics.add(explain(*this, at));
  }
  syntax::Failed what;
  what.span = span(at, to);
  what.first_word = scan_token(cursor(at)).text;
  const Token name = scan_token(cursor(scan_gap(cursor(at + what.first_word.size()))));
  if (name.kind == TokenKind::word || name.kind == TokenKind::string) what.name = name.text;
  document.failed.push_back(what);
  faults.clear();
  clear_failures();
  // Enough is enough: after the last error that is kept, or the last statement, the rest is not read.
  return diagnostics.full() || over ? end : to;
}

const char* Builder::recover_member(const char* at) {
  const Token here = scan_token(cursor(at));
  if (here.kind == TokenKind::end_of_text || here.text == "}") return nullptr;
  if (faults.empty() && furthest <= at && begins_statement(cursor(at))) return nullptr;
  const char* const to = skip_failed(cursor(at), std::max(furthest, at), true);
  if (!tainted(at, to)) {
    const bool said = !faults.empty();
    report_faults();
    if (!said) diagnostics.add(explain(*this, at));
  }
  member_failed = true;
  faults.clear();
  clear_failures();
  return diagnostics.full() ? end : to;
}

}  // namespace remit::lang::parsing
