// A decision in words and as JSON; the doors are in decision_text.h. Covered by
// tests/tools_test.py.
#include "tools/decision_text.h"

#include <fmt/format.h>

#include "engine/image/resource.h"
#include "lang/diagnostics/display.h"
#include "tools/documents.h"
#include "tools/terminal.h"

namespace remit::tools {
namespace {

std::string type_text(Type type, Type element) {
  if (type == Type::list && element != Type::any)
    return fmt::format("list of {}", to_string(element));
  return to_string(type);
}

bool has_type(const Value& value, const DeclaredType& declared) {
  if (value.type() != declared.type) return false;
  if (value.type() != Type::list) return true;
  for (const Value& item : value.items()) {
    if (item.type() != declared.element) return false;
  }
  return true;
}

// `size was given as int, declared size`: the commonest reason for a condition that stays unknown.
std::string mismatches(const Layers& layers, const Request& request) {
  std::string out;
  const std::string_view system = request.resource.substr(0, request.resource.find(':'));
  for (const Attribute& attribute : request.attributes) {
    const DeclaredType declared = declared_type(layers, system, attribute.name);
    if (declared.type == Type::any || has_type(attribute.value, declared)) continue;
    const std::span<const Value> items =
        attribute.value.type() == Type::list ? attribute.value.items() : std::span<const Value>();
    out +=
        fmt::format("  note: {} was given as {}, declared {}, so it counts as unknown\n",
                    lang::visible(attribute.name),
                    type_text(attribute.value.type(), items.empty() ? Type::any : items[0].type()),
                    type_text(declared.type, declared.element));
  }
  return out;
}

// What is wrong with the resource, from the engine's own scanner.
std::string fault_text(std::string_view resource) {
  detail::ResourceParts parts;
  const detail::ResourceFault fault = detail::scan_resource(resource, parts);
  if (fault == detail::ResourceFault::none) return {};
  return fmt::format("  the resource is refused because {}\n", detail::describe(fault));
}

const char* style_of(Effect effect) {
  switch (effect) {
    case Effect::allow: return "32";
    case Effect::ask: return "33";
    default: return "31";
  }
}

}  // namespace

std::string place_text(const RuleInfo& rule) {
  return fmt::format("{}:{}:{}", rule.file, rule.line, rule.column);
}

JsonOut decision_json(const Layers& layers, const Decision& decision) {
  JsonOut out;
  out["effect"] = to_string(decision.effect);
  out["reason"] = to_string(decision.reason);
  out["rule"] = nullptr;
  if (const std::optional<RuleInfo> rule = rule_of(layers, decision)) {
    out["rule"] = {
        {"file", rule->file}, {"line", rule->line}, {"column", rule->column}, {"because", nullptr}};
    if (rule->because) out["rule"]["because"] = *rule->because;
  }
  out["layer"] = nullptr;
  if (decision.layer < layers.size()) {
    const Program& program = layers.program(decision.layer);
    out["layer"] = {
        {"index", decision.layer}, {"kind", to_string(program.kind())}, {"name", program.name()}};
  }
  out["approval"] = nullptr;
  if (!decision.approval.empty()) out["approval"] = to_string(decision.approval);
  return out;
}

std::string decision_text(const Layers& layers, const Request& request, const Decision& decision,
                          std::string_view nearest, bool colour) {
  std::string out = fmt::format(
      "{}  {} {}: {} ({})\n", styled(to_string(decision.effect), style_of(decision.effect), colour),
      lang::visible(request.action), lang::visible(request.resource), to_string(decision.reason),
      sentence(decision.reason));
  if (decision.reason == Reason::malformed_resource) out += fault_text(request.resource);
  if (layers.size() > 1 && decision.layer < layers.size() && !decision.allowed()) {
    const Program& program = layers.program(decision.layer);
    out += fmt::format("  by the {} {}(layer {})\n", to_string(program.kind()),
                       program.name().empty() ? "" : std::string(program.name()) + " ",
                       decision.layer);
  }
  if (const std::optional<RuleInfo> rule = rule_of(layers, decision)) {
    out += fmt::format("  at {}\n", place_text(*rule));
    if (!rule->source.empty()) out += fmt::format("    {}\n", lang::visible(rule->source));
    if (rule->because) out += fmt::format("  because {}\n", lang::visible(*rule->because));
  }
  if (!nearest.empty()) out += fmt::format("  {}\n", lang::visible(nearest));
  // The nearest rule's sentence has it already where that rule asks for such an attribute.
  if (nearest.find("was given as") == std::string_view::npos) out += mismatches(layers, request);
  return out;
}

}  // namespace remit::tools
