// Modules (modules.h). A module is found by name in the standard library, then among the texts that the
// host gave, then in its folders, in that order: nobody can put another file in the place of a standard
// guardrail. Covered by tests/modules_test.cpp.
#include "lang/check/modules.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "lang/check/names.h"
#include "lang/check/standard.h"
#include "lang/parse/parse.h"
#include "lang/parse/text.h"

namespace remit::lang::checker {
namespace {

constexpr std::string_view kSystemsFolder = "systems/";

std::string path_of(std::string_view name) {
  std::string path(name);
  std::replace(path.begin(), path.end(), '.', '/');
  return path + ".scope";
}

std::string name_of(std::string_view path) {
  std::string name(path.substr(0, path.size() - std::string_view(".scope").size()));
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

// Nothing where there is no such file, or it is no plain file (a pipe would hang us). One byte more
// than a document may have is read, so that the parser says what is wrong with a larger one.
std::optional<std::string> read_module(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(parsing::kMaxFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  text.shrink_to_fit();
  return text;
}

class Loader {
 public:
  explicit Loader(Context& context) : context_(context) {}

  // Depth first; the depth is bounded by kMaxModuleDepth, so recursion is safe.
  void load_uses(Text& text, std::size_t depth) {
    text.state = Text::State::loading;
    text.uses.assign(text.document->uses.size(), nullptr);
    for (std::size_t i = 0; i < text.uses.size(); ++i) {
      text.uses[i] = find(text, text.document->uses[i].module, depth);
      if (text.uses[i] != nullptr) text.height = std::max(text.height, text.uses[i]->height + 1);
    }
    text.state = Text::State::loaded;
  }

 private:
  Text* find(Text& user, const syntax::Word& module, std::size_t depth) {
    if (context_.report.full()) return nullptr;
    const std::string name(module.text);
    const auto refuse = [&](std::string_view code, std::string message, std::string help) -> Text* {
      context_.report.error(user, module.span, code, std::move(message), std::move(help));
      return nullptr;
    };
    auto known = by_name_.find(name);
    if (known == by_name_.end()) {
      std::optional<ModuleText> text = read(name);
      if (!text) {
        const std::string near = hint(name);
        return refuse("unknown-module", fmt::format("there is no module {}{}", quote(name), near), near.empty() ? help_for(name) : "");
      }
      known = by_name_.emplace(name, &add(name, std::move(*text))).first;
    }
    Text& text = *known->second;
    if (text.state == Text::State::loading) {
      return refuse("module-circle", fmt::format("{} goes in a circle: that module uses this one, directly or not", quote("use " + name)),
                    "move what both need into a third module");
    }
    if (text.kind != DocumentKind::scope && text.kind != user.kind) {
      return refuse("wrong-kind", fmt::format("{} is a {}: only a {} may use it, for here its rules would grant", quote(name), to_string(text.kind), to_string(text.kind)),
                    "pass it to the session as a layer of its own");
    }
    if (text.state == Text::State::fresh) {
      if (depth >= kMaxModuleDepth) return refuse("modules-too-deep", fmt::format("modules use modules more than {} deep", kMaxModuleDepth), "");
      load_uses(text, depth + 1);
    }
    if (depth + text.height >= kMaxModuleDepth) return refuse("modules-too-deep", fmt::format("modules use modules more than {} deep", kMaxModuleDepth), "");
    return &text;
  }

  std::optional<ModuleText> read(const std::string& name) const {
    const std::string path = path_of(name);
    if (path.substr(0, kSystemsFolder.size()) != kSystemsFolder) {
      for (const StandardFile& file : standard_library()) {
        if (file.path == path) return ModuleText{path, std::string(file.text)};
      }
    }
    for (const auto& [given, text] : context_.options.modules) {
      if (given == name) return ModuleText{path, text};
    }
    for (const std::string& folder : context_.options.module_path) {
      const std::filesystem::path file = std::filesystem::path(folder) / path;
      if (auto text = read_module(file)) return ModuleText{file.string(), std::move(*text)};
    }
    return std::nullopt;
  }

  Text& add(const std::string& name, ModuleText module) {
    auto source = std::make_unique<Source>(std::move(module.file), std::move(module.text));
    auto document = std::make_unique<syntax::Document>(parse(*source, context_.report.diagnostics()));
    auto text = std::make_unique<Text>(*source, *document, static_cast<std::uint32_t>(context_.texts.size()));
    text->name = name;
    text->own_source = std::move(source);
    text->own_document = std::move(document);
    context_.texts.push_back(std::move(text));
    return *context_.texts.back();
  }

  std::string hint(const std::string& name) const {
    Nearest nearest(name);
    for (const StandardFile& file : standard_library()) {
      if (file.path.substr(0, kSystemsFolder.size()) != kSystemsFolder) nearest.offer(name_of(file.path));
    }
    for (const auto& module : context_.options.modules) nearest.offer(module.first);
    return nearest.hint();
  }

  std::string help_for(const std::string& name) const {
    if (name.substr(0, 8) == "systems.") return "the standard systems are always in scope: leave this `use` out";
    if (context_.options.module_path.empty()) return fmt::format("modules of your own are looked for as `{}` in the folders of `--module-path`", path_of(name));
    return fmt::format("none of the folders of the module path has a file `{}`", path_of(name));
  }

  Context& context_;
  std::unordered_map<std::string, Text*> by_name_;
};

class Scoper {
 public:
  explicit Scoper(Context& context) : context_(context) {}

  std::unique_ptr<Scope> build(Text& text, Scope* user, const syntax::Statement* use) {
    auto scope = std::make_unique<Scope>();
    scope->text = &text;
    scope->user = user;
    scope->use = use;
    parameters(*scope);
    lets(*scope);
    children(*scope);
    return scope;
  }

 private:
  void parameters(Scope& scope) {
    if (!scope.text->document->header) return;
    const std::size_t weight = scope.text->document->header->parameters.size() * kParameterWeight;
    if (scope.user != nullptr && !context_.unfold(context_.main(), scope.use->span, weight)) return;
    for (const syntax::Parameter& declared : scope.text->document->header->parameters) {
      const auto index = static_cast<std::uint32_t>(scope.parameters.size());
      if (!scope.parameter_index.emplace(declared.name.text, index).second) {
        context_.report.error(*scope.text, declared.name.span, "parameter-twice", fmt::format("a second parameter {}", quote(declared.name.text)), "give it another name");
        continue;
      }
      Parameter parameter;
      parameter.declared = &declared;
      const std::optional<Type> type = find_type(declared.type.text);
      if (type && *type != Type::boolean) {
        parameter.type = *type;
      } else {
        Nearest nearest(declared.type.text);
        for (const std::string_view known : {"resource", "string", "int", "size", "duration", "time"}) nearest.offer(known);
        context_.report.error(*scope.text, declared.type.span, "unknown-type", fmt::format("a parameter cannot be of type {}{}", quote(declared.type.text), nearest.hint()),
                              "the types of parameters are `resource`, `string`, `int`, `size`, `duration` and `time`");
      }
      scope.parameters.push_back(std::move(parameter));
    }
  }

  void lets(Scope& scope) {
    const syntax::Document& document = *scope.text->document;
    scope.lets.resize(document.lets.size());
    for (std::uint32_t i = 0; i < document.lets.size(); ++i) {
      const syntax::Word& name = document.lets[i].name;
      const bool parameter = scope.parameter_index.count(name.text) != 0;
      if (parameter || !scope.let_index.emplace(name.text, i).second) {
        context_.report.error(*scope.text, name.span, "let-twice",
                              parameter ? fmt::format("{} is a parameter already", quote(name.text)) : fmt::format("a second `let` names {}", quote(name.text)),
                              "give it another name");
      }
    }
  }

  void children(Scope& scope) {
    const syntax::Document& document = *scope.text->document;
    scope.children.resize(document.uses.size());
    for (const syntax::Statement& statement : document.statements) {
      // What is too much is said at the document's own `use`: there it can be changed.
      const bool own = scope.user == nullptr;
      const Span span = own ? statement.span : scope.use->span;
      if (!context_.count_statement(context_.main(), span)) return;
      if (!own && !context_.unfold(context_.main(), span, (statement.span.end - statement.span.begin) * kTextWeight)) return;
      if (statement.kind != syntax::StatementKind::use) continue;
      Text* const module = scope.text->uses[statement.index];
      if (module == nullptr) continue;
      auto child = build(*module, &scope, scope.use != nullptr ? scope.use : &statement);
      arguments(scope, *child, document.uses[statement.index]);
      import(scope, *child, statement);
      scope.children[statement.index] = std::move(child);
      if (context_.too_much) return;
    }
  }

  void arguments(const Scope& user, Scope& module, const syntax::Use& use) {
    for (const syntax::Binding& binding : use.arguments) {
      const auto at = module.parameter_index.find(binding.name.text);
      if (at == module.parameter_index.end()) {
        if (module.text->any_name_missing || context_.report.full()) continue;
        Nearest nearest(binding.name.text);
        for (const Parameter& parameter : module.parameters) nearest.offer(parameter.declared->name.text);
        context_.report.error(*user.text, binding.name.span, "unknown-parameter",
                              fmt::format("module {} has no parameter {}{}", quote(use.module.text), quote(binding.name.text), nearest.hint()), "");
        continue;
      }
      Parameter& parameter = module.parameters[at->second];
      if (parameter.given != nullptr) {
        context_.report.error(*user.text, binding.name.span, "argument-twice", fmt::format("a second value for {}", quote(binding.name.text)), "leave out one of them");
      }
      parameter.given = &binding.value;
    }
    for (const Parameter& parameter : module.parameters) {
      if (parameter.given != nullptr) continue;
      const std::string_view name = parameter.declared->name.text;
      context_.report.error(*user.text, use.module.span, "missing-argument", fmt::format("module {} needs a value for its parameter {}", quote(use.module.text), quote(name)),
                            fmt::format("write `use {}({} = ...)`, with {}", use.module.text, name, a_type(parameter.type)));
    }
  }

  // The module's lets, and those that it has from its own modules.
  void import(Scope& user, Scope& module, const syntax::Statement& use) {
    const auto add = [&](std::string_view name, Imported let) {
      if (!context_.unfold(*user.text, use.span, kImportWeight)) return false;
      user.imported[name].lets.push_back(let);
      return true;
    };
    for (const auto& [name, index] : module.let_index) {
      if (!add(name, {&module, index})) return;
    }
    for (const auto& [name, imported] : module.imported) {
      for (const Imported& let : imported.lets) {
        if (!add(name, let)) return;
      }
    }
    user.text->any_name_missing = user.text->any_name_missing || module.text->damaged;
  }

  Context& context_;
};

// A scope with rules, with lets that somebody asked for or with systems that somebody named. The document is
// in order, so every module was found.
bool is_used(const Context& context, const Scope& scope) {
  if (scope.rules != 0 || scope.name_used) return true;
  for (const syntax::System& system : scope.text->document->systems) {
    if (context.system_used[*context.systems.find(system.name.text)]) return true;
  }
  return std::any_of(scope.children.begin(), scope.children.end(), [&](const auto& child) { return is_used(context, *child); });
}

}  // namespace

void load_modules(Context& context) { Loader(context).load_uses(context.main(), 0); }

void build_scopes(Context& context) {
  context.root = Scoper(context).build(context.main(), nullptr, nullptr);
}

void find_unused_modules(Context& context) {
  const Scope& root = *context.root;
  for (const syntax::Statement& statement : root.text->document->statements) {
    if (statement.kind != syntax::StatementKind::use) continue;
    const std::unique_ptr<Scope>& child = root.children[statement.index];
    if (is_used(context, *child)) continue;
    context.report.warning(root, statement, statement.span, "unused-module", fmt::format("nothing of module {} is used here", quote(child->text->name)), "leave this `use` out");
  }
}

}  // namespace remit::lang::checker
