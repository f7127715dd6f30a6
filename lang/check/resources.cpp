// Resources and subjects (resources.h). Covered by tests/check_test.cpp.
#include "lang/check/resources.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "lang/check/names.h"
#include "lang/check/patterns.h"
#include "lang/check/variables.h"

namespace remit::lang::checker {
namespace {

std::optional<std::uint32_t> find_system(Context& context, const Text& text, Span span, std::string_view name) {
  if (const auto known = context.systems.find(name)) {
    context.system_used[*known] = true;
    return known;
  }
  if (text.any_name_missing || text.missing.count(name) != 0 || context.report.full()) return std::nullopt;
  const std::string near = context.systems.nearest_system(name);
  context.report.error(text, span, "unknown-system", fmt::format("there is no system {}{}", quote(name), near.empty() ? "" : fmt::format("; did you mean `{}`?", near)),
                       near.empty() ? fmt::format("declare it: `system {} {{ action read }}`", name) : "");
  return std::nullopt;
}

void pattern(Context& context, Scope& scope, const syntax::Resource& resource, std::vector<Pattern>& out, Ground& ground) {
  const PatternText decoded = decode_pattern(resource.text);
  if (!decoded.fault.ok()) {
    context.report.error(*scope.text, resource.span, decoded.fault);
    ground.broken = true;
    return;
  }
  const auto system = find_system(context, *scope.text, resource.span, decoded.system);
  if (!system) {
    ground.broken = true;
    return;
  }
  ground.add(*system);
  Pattern result;
  result.only = resource.only;
  result.system = *system;
  result.text = decoded.path;
  result.place = scope.text->places->place(resource.whole);
  out.push_back(std::move(result));
}

std::size_t variable(Context& context, Scope& scope, const syntax::Resource& resource, std::vector<Pattern>& out, Ground& ground) {
  Meaning meaning = find_variable(context, scope, resource.text, resource.span);
  if (meaning.kind == Meaning::Kind::value) {
    context.report.error(*scope.text, resource.span, "type-mismatch",
                         fmt::format("{} is {}; a resource is wanted here", quote(resource.text), a_type(meaning.value.type, meaning.value.element)));
  }
  if (meaning.kind != Meaning::Kind::patterns) {
    ground.broken = true;
    return 0;
  }
  if (!meaning.known) ground.open = true;
  const Place place = scope.text->places->place(resource.whole);
  for (Pattern& found : meaning.patterns) {
    context.system_used[found.system] = true;
    ground.add(found.system);
    found.only = found.only || resource.only;
    found.place = place;
    out.push_back(std::move(found));
  }
  return meaning.depth;
}

void check_action(Context& context, const Scope& scope, const syntax::Word& action, const Ground& ground) {
  if (ground.broken || context.report.full()) return;
  const Systems& systems = context.systems;
  const auto refuse = [&](std::string where, const Ground& near_to) {
    const std::string near = systems.nearest_action(action.text, near_to);
    context.report.error(*scope.text, action.span, "unknown-action", fmt::format("{} action {}{}", where, quote(action.text), near.empty() ? "" : fmt::format("; did you mean `{}`?", near)),
                         near.empty() ? "declare it in the system, or use one of its actions" : "");
  };
  if (ground.anything || ground.open) {
    if (!systems.any_has_action(action.text) && !scope.text->damaged && !context.damaged) return refuse("no known system has an", ground);
  }
  if (ground.anything) return;
  for (const std::uint32_t system : ground.systems) {
    if (systems.has_action(system, action.text)) continue;
    Ground one;
    one.add(system);
    return refuse(fmt::format("system `{}` has no", systems.all()[system].name), one);
  }
}

}  // namespace

std::size_t resolve_resources(Context& context, Scope& scope, const std::vector<syntax::Resource>& resources, std::vector<Pattern>& out, Ground& ground) {
  std::size_t depth = 0;
  for (const syntax::Resource& resource : resources) {
    switch (resource.kind) {
      case syntax::ResourceKind::anything: {
        Pattern anything;
        anything.anything = true;
        anything.place = scope.text->places->place(resource.whole);
        out.push_back(std::move(anything));
        ground.anything = true;
        std::fill(context.system_used.begin(), context.system_used.end(), true);
        break;
      }
      case syntax::ResourceKind::pattern: pattern(context, scope, resource, out, ground); break;
      case syntax::ResourceKind::variable: depth = std::max(depth, variable(context, scope, resource, out, ground)); break;
    }
  }
  return depth;
}

Subject resolve_subject(Context& context, Scope& scope, const syntax::Subject& subject, Ground& ground) {
  Subject result;
  resolve_resources(context, scope, subject.resources, result.resources, ground);
  result.any = subject.any;
  std::unordered_set<std::string_view> met;
  for (const syntax::Word& action : subject.actions) {
    if (!met.insert(action.text).second) continue;
    check_action(context, scope, action, ground);
    result.names.emplace_back(action.text);
  }
  return result;
}

Meaning resource_meaning(Context& context, const Text& text, Span span, std::string_view resource) {
  const PatternText decoded = decode_resource_value(resource);
  if (!decoded.fault.ok()) {
    context.report.error(text, span, decoded.fault);
    return {};
  }
  const auto system = find_system(context, text, span, decoded.system);
  if (!system) return {};
  Meaning meaning;
  meaning.kind = Meaning::Kind::patterns;
  meaning.value.type = Type::resource;
  Pattern pattern;
  pattern.system = *system;
  pattern.text = decoded.path;
  pattern.place = text.places->place(span);
  meaning.patterns.push_back(std::move(pattern));
  return meaning;
}

bool is_resource(const Pattern& pattern) {
  return !pattern.text.empty() &&  // of `anything` it is empty
         std::none_of(pattern.text.begin(), pattern.text.end(), [](char c) { return c == kStar || c == kQuestion || c == kDeep; });
}

}  // namespace remit::lang::checker
