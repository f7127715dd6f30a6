// Warnings about who may hold a scope, how long it lasts, and documents that permit nothing.
// The list is in warnings.cpp. Covered by tests/warnings_test.cpp.
#include <algorithm>

#include <fmt/format.h>

#include "lang/check/names.h"
#include "lang/check/warnings_parts.h"

namespace remit::lang::checker {
namespace {

constexpr std::int64_t kDay = std::int64_t{24} * 60 * 60 * 1'000'000;

// `**` alone is every identifier; `*` is not, for most have slashes.
bool means_anyone(const std::vector<std::string>& patterns) {
  return patterns.empty() || std::find(patterns.begin(), patterns.end(), "**") != patterns.end();
}

const syntax::Statement* find_statement(const syntax::Document& document,
                                        syntax::Lifetime::Kind kind) {
  for (const syntax::Statement& statement : document.statements) {
    if (statement.kind == syntax::StatementKind::lifetime &&
        document.lifetimes[statement.index].kind == kind)
      return &statement;
  }
  return nullptr;
}

void warn_of_scope(Judge& judge) {
  using Kind = syntax::Lifetime::Kind;
  Report& report = judge.context.report;
  const Scope& root = *judge.context.root;
  const Lifetime& lifetime = judge.context.result.lifetime;
  const syntax::Document& document = *root.text->document;
  const syntax::Statement* const expires = find_statement(document, Kind::expires);
  if (means_anyone(lifetime.agents)) {
    const char* const message = "any agent may hold this scope";
    const char* const help = "say which: `agent spiffe://acme.example/agent/summarizer`";
    // A nameless scope has no header; `expires` it always has.
    if (const auto* agent = find_statement(document, Kind::agent))
      report.warning(root, *agent, agent->span, "any-agent", message, help);
    else if (document.header)
      report.header_warning(*root.text, document.header->span, "any-agent", message, help);
    else
      report.warning(root, *expires, expires->span, "any-agent", message, help);
  }
  const syntax::Statement* const delegate = find_statement(document, Kind::delegate);
  if (delegate != nullptr && means_anyone(lifetime.delegate->to)) {
    report.warning(root, *delegate, delegate->span, "delegate-to-anyone",
                   "sub-sessions may be opened for any agent",
                   "say for which: `delegate to spiffe://acme.example/agent/*`");
  }
  // A time beside the duration may be earlier: no clock is read here.
  if (lifetime.expires_after.value_or(0) > kDay && !lifetime.expires_at &&
      !lifetime.sponsor) {
    report.warning(
        root, *expires, expires->span, "long-expiry",
        fmt::format("{} is beyond 24 h, and nobody sponsors this scope",
                    quote(root.text->source->slice(expires->span))),
        "let it end within a day, or name who answers for it: `sponsor` with `review every`");
  }
}

}  // namespace

void warn_of_lifetime(Judge& judge) {
  const DocumentKind kind = judge.context.result.kind;
  if (kind == DocumentKind::scope) return warn_of_scope(judge);
  const std::vector<Rule>& rules = judge.rules();
  if (std::any_of(rules.begin(), rules.end(), [](const Rule& rule) {
        return rule.kind == RuleKind::allow || rule.kind == RuleKind::ask;
      }))
    return;
  const Text& text = judge.context.main();
  judge.context.report.header_warning(
      text, text.document->header->span, "permits-nothing",
      fmt::format("this {} document permits nothing, so with it nothing is permitted",
                  to_string(kind)),
      kind == DocumentKind::guardrail ? "begin with `allow any anything`, and deny what must not be"
                                      : "say what the user already has: `read docs:/clinical`");
}

}  // namespace remit::lang::checker
