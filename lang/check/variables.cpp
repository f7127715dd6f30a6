// Values and variables (variables.h). Lets may name one another in any order; each is worked out once,
// when it is first asked for. Covered by tests/check_test.cpp and tests/modules_test.cpp.
#include "lang/check/variables.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/image/unicode.h"
#include "lang/check/names.h"
#include "lang/check/patterns.h"
#include "lang/check/resources.h"
#include "lang/parse/literal_text.h"

namespace remit::lang::checker {
namespace {

Meaning of_value(Constant value) {
  Meaning meaning;
  meaning.kind = Meaning::Kind::value;
  meaning.value = std::move(value);
  return meaning;
}

Meaning unknown_of(Type type) {
  Meaning meaning;
  meaning.kind = type == Type::any ? Meaning::Kind::broken : type == Type::resource ? Meaning::Kind::patterns : Meaning::Kind::value;
  meaning.known = false;
  meaning.value.type = type;
  return meaning;
}

std::string_view name_of(std::string_view written) {
  written.remove_prefix(1);
  return written.substr(0, written.find('/'));
}

// `let x = ...`, in its own scope.
Meaning read_let(Context& context, Scope& scope, const syntax::Let& let) {
  if (let.value) return evaluate(context, scope, *let.value);
  if (let.resources.size() == 1 && let.resources[0].kind == syntax::ResourceKind::variable && !let.resources[0].only) {
    return find_variable(context, scope, let.resources[0].text, let.resources[0].span);
  }
  Meaning meaning;
  Ground ground;
  meaning.kind = Meaning::Kind::patterns;
  meaning.depth = resolve_resources(context, scope, let.resources, meaning.patterns, ground);
  meaning.known = !ground.open;
  if (ground.broken) meaning.kind = Meaning::Kind::broken;
  return meaning;
}

std::size_t weight_of(const Meaning& meaning) {
  std::size_t weight = meaning.value.text.size() + meaning.value.items.size() * kConstantWeight + meaning.patterns.size() * kPatternWeight;
  for (const Constant& item : meaning.value.items) weight += item.text.size();
  for (const Pattern& pattern : meaning.patterns) weight += pattern.text.size();
  return weight;
}

const Meaning& resolve(Context& context, Slot& slot, const Text& text, Span span, std::string_view name, auto&& read) {
  if (slot.state == Slot::State::resolving) {
    context.report.error(text, span, "let-circle", fmt::format("{} goes in a circle: it is what it is made of", quote(name)), "break the circle with a literal");
    static const Meaning broken;
    return broken;
  }
  if (slot.state == Slot::State::fresh) {
    slot.state = Slot::State::resolving;
    const bool outer = std::exchange(context.parametric, false);
    slot.meaning = read();
    slot.parametric = std::exchange(context.parametric, outer);
    slot.state = Slot::State::resolved;
    ++slot.meaning.depth;
    if (slot.meaning.depth > kMaxLetDepth) {
      context.report.error(text, span, "lets-too-deep", fmt::format("lets name lets more than {} deep", kMaxLetDepth), "name the resources themselves");
      slot.meaning = {};
    }
    slot.meaning.weight = weight_of(slot.meaning);
  }
  context.parametric = context.parametric || slot.parametric;
  return slot.meaning;
}

// Lets that name lets, and arguments that name them, must not use up the stack.
struct Nest {
  explicit Nest(std::size_t& depth) : depth_(depth) { ++depth_; }
  Nest(const Nest&) = delete;
  Nest& operator=(const Nest&) = delete;
  ~Nest() { --depth_; }
  bool too_deep() const { return depth_ > 2 * kMaxLetDepth; }

 private:
  std::size_t& depth_;
};

const Meaning& resolve_let(Context& context, Scope& scope, std::uint32_t index) {
  const syntax::Let& let = scope.text->document->lets[index];
  return resolve(context, scope.lets[index], *scope.text, let.name.span, let.name.text, [&] { return read_let(context, scope, let); });
}

// What all modules that have the name mean by it; null where they differ. They are compared once: there
// may be as many of them as there are users of the name.
const Meaning* resolve_imported(Context& context, ImportedName& name) {
  const Imported& front = name.lets.front();
  const Meaning& first = resolve_let(context, *front.scope, front.let);
  if (name.state == ImportedName::State::fresh) {
    name.state = ImportedName::State::same;
    for (const Imported& let : name.lets) {
      let.scope->name_used = true;
      let.scope->lets[let.let].used = true;
      const Meaning& meaning = resolve_let(context, *let.scope, let.let);
      const bool same = first.kind == meaning.kind && first.value == meaning.value && first.patterns == meaning.patterns;
      if (!same) name.state = ImportedName::State::different;
    }
  }
  return name.state == ImportedName::State::same ? &first : nullptr;
}

const Meaning& resolve_parameter(Context& context, Scope& scope, Parameter& parameter) {
  const syntax::Word& name = parameter.declared->name;
  return resolve(context, parameter.slot, *scope.text, name.span, name.text, [&]() -> Meaning {
    if (parameter.given == nullptr || parameter.type == Type::any) return unknown_of(parameter.type);
    Scope& user = *scope.user;
    Meaning meaning = evaluate(context, user, *parameter.given);
    if (meaning.broken()) return meaning;
    if (meaning.value.type != parameter.type) {
      context.report.error(*user.text, parameter.given->span, "type-mismatch",
                           fmt::format("parameter {} is {}, {} is {}", quote(name.text), a_type(parameter.type), quote(parameter.given->text),
                                       a_type(meaning.value.type, meaning.value.element)));
      return {};
    }
    if (parameter.type != Type::resource || !meaning.known) {
      Meaning open = meaning;
      if (!meaning.known) open = unknown_of(parameter.type);
      open.depth = meaning.depth;
      return open;
    }
    const std::string_view text = meaning.value.text;
    const std::size_t depth = meaning.depth;
    Meaning one = resource_meaning(context, *user.text, parameter.given->span, text);
    one.depth = depth;
    return one;
  });
}

const Meaning* find(Context& context, Scope& scope, std::string_view name, Span span) {
  const Nest nest(context.name_depth);
  if (nest.too_deep()) {
    context.report.error(*scope.text, span, "lets-too-deep", fmt::format("lets name lets more than {} deep", kMaxLetDepth), "name the resources themselves");
    return nullptr;
  }
  if (const auto at = scope.parameter_index.find(name); at != scope.parameter_index.end()) {
    Parameter& parameter = scope.parameters[at->second];
    parameter.slot.used = true;
    if (scope.user == nullptr) context.parametric = true;
    return &resolve_parameter(context, scope, parameter);
  }
  if (const auto at = scope.let_index.find(name); at != scope.let_index.end()) {
    scope.lets[at->second].used = true;
    return &resolve_let(context, scope, at->second);
  }
  if (const auto at = scope.imported.find(name); at != scope.imported.end()) {
    const Meaning* const meaning = resolve_imported(context, at->second);
    if (meaning == nullptr) {
      context.report.error(*scope.text, span, "ambiguous-name", fmt::format("modules that are used here name {} differently", quote(name)),
                           "give it a `let` of your own under another name");
    }
    return meaning;
  }
  if (scope.text->any_name_missing || scope.text->missing.count(name) != 0 || context.report.full()) return nullptr;
  Nearest nearest(name);
  for (const Parameter& parameter : scope.parameters) nearest.offer(parameter.declared->name.text);
  for (const syntax::Let& let : scope.text->document->lets) nearest.offer(let.name.text);
  std::vector<std::string_view> imported;
  imported.reserve(scope.imported.size());
  for (const auto& [name_there, lets] : scope.imported) imported.push_back(name_there);
  std::sort(imported.begin(), imported.end());  // for the same suggestion everywhere
  for (const std::string_view there : imported) nearest.offer(there);
  context.report.error(*scope.text, span, "unknown-name", fmt::format("nothing is called {}{}", quote("$" + std::string(name)), nearest.hint("$")),
                       "parameters stand in the header, `scope NAME(folder: resource)`; other names are given by `let`");
  return nullptr;
}

Meaning list(Context& context, Scope& scope, const syntax::Value& value) {
  Meaning meaning;
  meaning.kind = Meaning::Kind::value;
  meaning.value.type = Type::list;
  for (const syntax::Value& written : value.items) {
    Meaning item = evaluate(context, scope, written);
    if (item.broken()) return {};
    if (item.value.type == Type::list) {
      context.report.error(*scope.text, written.span, "list-of-lists", fmt::format("{} is a list itself: lists do not nest", quote(written.text)));
      return {};
    }
    if (meaning.value.items.empty()) meaning.value.element = item.value.type;
    if (meaning.value.element != item.value.type) {
      context.report.error(*scope.text, written.span, "mixed-list",
                           fmt::format("a list is of one type: {} is {}, the items before it are each {}", quote(written.text), a_type(item.value.type),
                                       a_type(meaning.value.element)));
      return {};
    }
    if (!context.unfold(*scope.text, written.span, kConstantWeight + item.value.text.size())) return {};
    meaning.known = meaning.known && item.known;
    meaning.depth = std::max(meaning.depth, item.depth);
    meaning.value.items.push_back(std::move(item.value));
  }
  return meaning;
}

// A variable in the place of one value.
Meaning variable(Context& context, Scope& scope, const syntax::Value& value) {
  Meaning meaning = find_variable(context, scope, value.text, value.span);
  if (meaning.kind != Meaning::Kind::patterns) return meaning;
  meaning.kind = Meaning::Kind::value;
  meaning.value.type = Type::resource;
  if (!meaning.known) return meaning;
  if (meaning.patterns.size() != 1 || meaning.patterns[0].only || !is_resource(meaning.patterns[0])) {
    context.report.error(*scope.text, value.span, "not-one-resource", fmt::format("{} names patterns; one resource is wanted here", quote(value.text)),
                         "name a single resource without wildcards and `only`");
    return {};
  }
  const Pattern& pattern = meaning.patterns[0];
  meaning.value.text = context.systems.all()[pattern.system].name + ":" + pattern.text;
  meaning.patterns.clear();
  return meaning;
}

void bind(Context& context, Parameter& parameter, const Argument& argument) {
  Text& text = context.main();
  const syntax::Word& name = parameter.declared->name;
  const auto wrong = [&](std::string message) {
    context.report.error(text, name.span, "bad-argument", fmt::format("the value given for parameter {} {}", quote(name.text), message));
  };
  parameter.slot.state = Slot::State::resolved;
  Constant value = argument.value;
  if (!argument.literal.empty()) {
    value = {};
    value.text = argument.literal;
    value.type = parameter.type;
    if (parameter.type == Type::string) {
      if (value.text.size() >= 2 && value.text.front() == '"' && value.text.back() == '"') {
        if (const auto fault = parsing::check_string(value.text, false)) return wrong("is no string: " + fault->message);
        value.text = decode_string(value.text);
      }
    } else if (parameter.type != Type::resource) {
      if (const LiteralFault fault = decode_scalar(argument.literal, value); !fault.ok()) return wrong("is not good: " + fault.message);
    }
  }
  if (value.type != parameter.type) return wrong(fmt::format("is {}; {} is wanted", a_type(value.type, value.element), a_type(parameter.type)));
  if (parameter.type == Type::resource) {
    parameter.slot.meaning = resource_meaning(context, text, name.span, value.text);
    return;
  }
  if (value.text.size() > kMaxString || detail::valid_utf8_prefix(value.text) != value.text.size()) return wrong("is no text of at most 64 KiB in UTF-8");
  parameter.slot.meaning = of_value(std::move(value));
}

}  // namespace

void bind_arguments(Context& context) {
  Scope& root = *context.root;
  const Text& text = context.main();
  const Span header = text.document->header ? text.document->header->span : Span{text.source->start(), text.source->start()};
  std::unordered_set<std::string_view> seen;
  for (const Argument& argument : context.options.arguments) {
    const auto at = root.parameter_index.find(argument.name);
    if (at == root.parameter_index.end()) {
      if (text.any_name_missing) continue;
      Nearest nearest(argument.name);
      for (const Parameter& parameter : root.parameters) nearest.offer(parameter.declared->name.text);
      context.report.error(text, header, "unknown-parameter", fmt::format("the document has no parameter {}{}", quote(argument.name), nearest.hint()));
    } else if (!seen.insert(argument.name).second) {
      context.report.error(text, header, "argument-twice", fmt::format("parameter {} was given two values", quote(argument.name)));
    } else if (root.parameters[at->second].type != Type::any) {
      bind(context, root.parameters[at->second], argument);
    }
  }
}

Meaning find_variable(Context& context, Scope& scope, std::string_view written, Span span) {
  const Meaning* found = find(context, scope, name_of(written), span);
  if (found == nullptr || found->broken()) return {};
  const std::size_t slash = written.find('/');
  if (slash == std::string_view::npos) {
    if (!context.unfold(*scope.text, span, found->weight)) return {};
    return *found;
  }
  if (found->kind == Meaning::Kind::value) {
    context.report.error(*scope.text, span, "type-mismatch",
                         fmt::format("{} is {}; only a resource can be extended by {}", quote(written.substr(0, slash)), a_type(found->value.type, found->value.element),
                                     quote(written.substr(slash))));
    return {};
  }
  Meaning extended;
  extended.kind = Meaning::Kind::patterns;
  extended.known = found->known;
  extended.depth = found->depth;
  const auto extend = [&](std::string_view system, std::string_view path) {
    PatternText base{std::string(system), std::string(path), {}};
    PatternText whole = extend_pattern(base, written.substr(slash), written);
    if (!whole.fault.ok()) context.report.error(*scope.text, span, whole.fault);
    return whole;
  };
  // Not known yet; but what is added to it must be good.
  if (found->patterns.empty() && !extend("x", "/x").fault.ok()) return {};
  for (const Pattern& pattern : found->patterns) {
    if (!context.unfold(*scope.text, span, kPatternWeight + pattern.text.size())) return {};
    PatternText whole = extend(context.systems.all()[pattern.system].name, pattern.text);
    if (!whole.fault.ok()) return {};
    extended.patterns.push_back(pattern);
    extended.patterns.back().text = std::move(whole.path);
  }
  return extended;
}

Meaning evaluate(Context& context, Scope& scope, const syntax::Value& value) {
  switch (value.kind) {
    case syntax::ValueKind::scalar: {
      Constant constant;
      if (const LiteralFault fault = decode_scalar(value.text, constant); !fault.ok()) {
        context.report.error(*scope.text, value.span, fault);
        return {};
      }
      return of_value(std::move(constant));
    }
    case syntax::ValueKind::string: {
      Constant constant;
      constant.type = Type::string;
      constant.text = decode_string(value.text);
      return of_value(std::move(constant));
    }
    case syntax::ValueKind::truth: {
      Constant constant;
      constant.type = Type::boolean;
      constant.number = value.text == "true" ? 1 : 0;
      return of_value(std::move(constant));
    }
    case syntax::ValueKind::list: return list(context, scope, value);
    case syntax::ValueKind::resource: {
      const PatternText decoded = decode_pattern(value.text);
      if (!decoded.fault.ok()) {
        context.report.error(*scope.text, value.span, decoded.fault);
        return {};
      }
      if (decoded.wild() || decoded.path.empty()) {
        context.report.error(*scope.text, value.span, "not-one-resource", fmt::format("{} is a pattern; one resource is wanted here", quote(value.text)),
                             "name a single resource, without wildcards");
        return {};
      }
      Constant constant;
      constant.type = Type::resource;
      constant.text = decoded.system + ":" + decoded.path;
      return of_value(std::move(constant));
    }
    case syntax::ValueKind::variable: return variable(context, scope, value);
    case syntax::ValueKind::name: break;
  }
  context.report.error(*scope.text, value.span, "not-a-value", fmt::format("{} is no value", quote(value.text)));
  return {};
}

std::optional<Constant> evaluate_as(Context& context, Scope& scope, const syntax::Value& value, Type type, std::string_view what, bool* known) {
  Meaning meaning = evaluate(context, scope, value);
  if (meaning.broken()) return std::nullopt;
  if (meaning.value.type != type) {
    context.report.error(*scope.text, value.span, "type-mismatch",
                         fmt::format("{} wants {}; {} is {}", what, a_type(type), quote(value.text), a_type(meaning.value.type, meaning.value.element)));
    return std::nullopt;
  }
  if (known != nullptr) *known = meaning.known;
  return std::move(meaning.value);
}

void resolve_lets(Context& context, Scope& scope) {
  if (context.done()) return;
  for (std::uint32_t i = 0; i < scope.lets.size(); ++i) resolve_let(context, scope, i);
  for (Parameter& parameter : scope.parameters) resolve_parameter(context, scope, parameter);
  for (const std::unique_ptr<Scope>& child : scope.children) {
    if (child != nullptr) resolve_lets(context, *child);
  }
}

void find_unused_names(Context& context) {
  const Scope& root = *context.root;
  const Text& text = context.main();
  for (const Parameter& parameter : root.parameters) {
    if (parameter.slot.used) continue;
    context.report.header_warning(text, parameter.declared->name.span, "unused-parameter", fmt::format("parameter {} is never used", quote(parameter.declared->name.text)),
                                  "leave it out");
  }
  for (const syntax::Statement& statement : text.document->statements) {
    if (statement.kind != syntax::StatementKind::let || root.lets[statement.index].used) continue;
    const syntax::Word& name = text.document->lets[statement.index].name;
    context.report.warning(root, statement, name.span, "unused-let", fmt::format("{} is never used", quote(name.text)), "leave this `let` out");
  }
}

}  // namespace remit::lang::checker
