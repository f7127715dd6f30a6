// Stage 2 (check.h): the order in which the parts of the checker do their work. Systems come first, for
// every name is looked up in them; then names; then the statements, in text order, modules where their
// `use` stands; warnings last, and only about what is right. Covered by tests/check_test.cpp.
#include "lang/check/check.h"

#include <algorithm>

#include "lang/check/context.h"
#include "lang/check/lifetimes.h"
#include "lang/check/modules.h"
#include "lang/check/rules.h"
#include "lang/check/tests.h"
#include "lang/check/variables.h"
#include "lang/check/warnings.h"

namespace remit::lang {
namespace {

using checker::Context;
using checker::Scope;

// Answers how many rules the scope brought in. As deep as modules may use modules.
void resolve_rules(Context& context, Scope& scope) {
  const std::size_t before = context.result.rules.size();
  for (const syntax::Statement& statement : scope.text->document->statements) {
    if (context.done()) return;
    if (statement.kind == syntax::StatementKind::rule) checker::resolve_rule(context, scope, statement);
    if (statement.kind == syntax::StatementKind::use && scope.children[statement.index] != nullptr) resolve_rules(context, *scope.children[statement.index]);
  }
  scope.rules = context.result.rules.size() - before;
}

// Moving a hundred thousand rules each time that they grow is a twentieth of compiling them. Modules bring theirs on top.
void make_room(Context& context, const syntax::Document& document) {
  const auto is_rule = [](const syntax::Statement& statement) { return statement.kind == syntax::StatementKind::rule; };
  const auto rules = static_cast<std::size_t>(std::count_if(document.statements.begin(), document.statements.end(), is_rule));
  context.result.rules.reserve(rules);
  context.origins.reserve(rules);
}

void describe(Context& context) {
  Resolved& result = context.result;
  const checker::Text& main = context.main();
  result.kind = main.kind;
  if (main.document->header) result.name = main.document->header->name.text;
  for (const std::unique_ptr<checker::Text>& text : context.texts) {
    result.files.push_back(text->source->name());
    result.texts.emplace_back(text->source->text());
  }
  for (const checker::Parameter& parameter : context.root->parameters) result.parameters.push_back({std::string(parameter.declared->name.text), parameter.type});
}

bool all_known(const Scope& root) {
  return std::all_of(root.parameters.begin(), root.parameters.end(), [](const checker::Parameter& parameter) { return parameter.slot.meaning.known; });
}

}  // namespace

Resolved check(const syntax::Document& document, const CheckOptions& options, Diagnostics& diagnostics) {
  Context context(options, diagnostics);
  context.damaged = diagnostics.has_errors() || !document.failed.empty();
  context.texts.push_back(std::make_unique<checker::Text>(*document.source, document, 0));
  checker::load_modules(context);
  for (const std::unique_ptr<checker::Text>& text : context.texts) context.damaged = context.damaged || text->damaged;
  context.systems.gather(context);
  checker::build_scopes(context);
  checker::bind_arguments(context);
  checker::resolve_lets(context, *context.root);
  make_room(context, document);
  resolve_rules(context, *context.root);
  checker::resolve_lifetime(context, *context.root);
  for (const syntax::Statement& statement : document.statements) {
    if (context.done()) break;
    if (statement.kind == syntax::StatementKind::test) checker::resolve_test(context, *context.root, statement);
  }
  describe(context);
  const bool good = !context.damaged && context.report.errors() == 0;
  if (good) checker::find_warnings(context);
  context.report.flush();
  context.result.complete = good && all_known(*context.root);
  context.result.systems = context.systems.take();
  return std::move(context.result);
}

}  // namespace remit::lang
