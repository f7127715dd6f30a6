// Warnings about tests: an attribute that the request's system does not declare. The engine ignores
// it, so what is mistyped here is missing in the request, and `deny` is what a test then sees: it
// would pass for ever. (Unknown systems and actions are errors for the same reason; an attribute
// may be undeclared on purpose.) The list is in warnings.cpp. Covered by tests/warnings_test.cpp.
#include <fmt/format.h>

#include "lang/check/names.h"
#include "lang/check/patterns.h"
#include "lang/check/warnings_parts.h"

namespace remit::lang::checker {
namespace {

// The system that the line asks about; nothing where a parameter or let stands for it.
std::optional<std::uint32_t> system_of(const Context& context, const syntax::Expectation& line) {
  if (line.resource.kind == syntax::ResourceKind::variable) return std::nullopt;
  const std::string resource = decode_request(line.resource.text);
  return context.systems.find(resource.substr(0, resource.find(':')));
}

// Facts are refused, not ignored: a test that brings one sees `malformed_request`.
bool is_any_fact(std::string_view name) {
  return is_fact(name) || name.substr(0, 5) == "user." || name.substr(0, 6) == "agent.";
}

void look(Context& context, const syntax::Statement& statement, const syntax::Expectation& line) {
  const std::optional<std::uint32_t> system = system_of(context, line);
  if (!system) return;
  for (const syntax::Binding& given : line.attributes) {
    const std::string_view name = given.name.text;
    if (is_any_fact(name) || context.systems.attribute(*system, name) != nullptr) continue;
    Ground ground;
    ground.add(*system);
    const std::string near = context.systems.nearest_attribute(name, ground);
    context.report.warning(
        *context.root, statement, given.name.span, "undeclared-attribute",
        fmt::format("system `{}` has no attribute {}, so it is ignored{}",
                    context.systems.all()[*system].name, quote(name),
                    near.empty() ? "" : fmt::format("; did you mean `{}`?", near)),
        "leave it out, or write it as the system declares it");
  }
}

}  // namespace

void warn_of_tests(Judge& judge) {
  const syntax::Document& document = *judge.context.root->text->document;
  for (const syntax::Statement& statement : document.statements) {
    if (statement.kind != syntax::StatementKind::test) continue;
    for (const syntax::Expectation& line : document.tests[statement.index].expectations)
      look(judge.context, statement, line);
  }
}

}  // namespace remit::lang::checker
