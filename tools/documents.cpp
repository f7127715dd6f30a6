// Loading and linking documents; the doors are in documents.h. Covered by tests/tools_test.py.
#include "tools/documents.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/image/view.h"
#include "lang/check/resolved.h"
#include "tools/errors.h"
#include "tools/files.h"

namespace remit::tools {
namespace {

LoadedDocument load_image(const std::string& path) {
  LoadedDocument out;
  out.file = path;
  const std::string bytes = read_image(path);
  Result<Program> program = Program::load(std::as_bytes(std::span<const char>(bytes)));
  if (!program) throw BadInput(fmt::format("{}: {}", path, program.error().text));
  out.program = std::move(program).value();
  return out;
}

bool declares(const lang::Resolved& resolved, const std::string& parameter) {
  return std::any_of(resolved.parameters.begin(), resolved.parameters.end(),
                     [&](const lang::ParameterInfo& p) { return p.name == parameter; });
}

LoadedDocument compile_document(const DocumentSource& source,
                                std::span<const lang::Argument> arguments,
                                const CompileSettings& settings, std::vector<bool>& used) {
  LoadedDocument out;
  out.file = shown_name(source.path);
  const std::string text = source.text ? *source.text : read_file(source.path);
  lang::CompileOptions options;
  options.file = out.file;
  options.module_path = settings.module_path;
  lang::Compiled compiled = lang::compile(text, options);
  // Which arguments are meant for this document shows only once its parameters are known.
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!declares(compiled.resolved(), arguments[i].name)) continue;
    options.arguments.push_back(arguments[i]);
    used[i] = true;
  }
  for (const lang::ParameterInfo& parameter : compiled.resolved().parameters) {
    const bool given =
        std::any_of(options.arguments.begin(), options.arguments.end(),
                    [&](const lang::Argument& a) { return a.name == parameter.name; });
    if (!given) out.lacking.push_back(parameter.name);
  }
  if (!options.arguments.empty() && compiled.valid()) compiled = lang::compile(text, options);
  out.diagnostics = compiled.diagnostics();
  out.program = compiled.program();
  return out;
}

const char* kind_in_words(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::scope: return "a task scope";
    case DocumentKind::guardrail: return "a guardrail";
    default: return "a grants document";
  }
}

}  // namespace

lang::Argument parse_argument(const std::string& written) {
  const std::size_t equals = written.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw BadInput(fmt::format("--arg {}: an argument is written NAME=VALUE", written));
  }
  return lang::Argument::written(written.substr(0, equals), written.substr(equals + 1));
}

bool is_image_name(std::string_view path) { return path.size() > 6 && path.ends_with(".remit"); }

std::vector<LoadedDocument> load_documents(const std::vector<DocumentSource>& sources,
                                           const CompileSettings& settings) {
  std::vector<lang::Argument> arguments;
  arguments.reserve(settings.arguments.size());
  for (const std::string& written : settings.arguments)
    arguments.push_back(parse_argument(written));
  std::vector<bool> used(arguments.size(), false);
  std::vector<LoadedDocument> out;
  bool all_valid = true;
  for (const DocumentSource& source : sources) {
    out.push_back(!source.text && is_image_name(source.path)
                      ? load_image(source.path)
                      : compile_document(source, arguments, settings, used));
    all_valid = all_valid && !out.back().diagnostics.has_errors();
  }
  // A document with errors may have lost its parameters, so its arguments are not judged.
  for (std::size_t i = 0; all_valid && i < arguments.size(); ++i) {
    if (!used[i])
      throw BadInput(fmt::format("--arg {}: no document has such a parameter", arguments[i].name));
  }
  return out;
}

Layers link_documents(const std::vector<LoadedDocument>& documents) {
  if (documents.empty()) throw BadInput("a document is needed: a file, or --text");
  std::vector<Program> guardrails, grants;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Program& program = documents[i].program.value();
    const DocumentKind kind = program.kind();
    if ((i == 0) != (kind == DocumentKind::scope)) {
      throw BadInput(fmt::format(
          "{}: is {}; {}", documents[i].file, kind_in_words(kind),
          i == 0 ? "the task scope comes first" : "there is one task scope, and it comes first"));
    }
    if (i > 0) (kind == DocumentKind::guardrail ? guardrails : grants).push_back(program);
  }
  Result<Layers> layers = Layers::link(*documents[0].program, guardrails, grants);
  if (!layers) throw BadInput(layers.error().text);
  return std::move(layers).value();
}

StatedFacts stated_facts(const Program& program) {
  const image::View& view = program.view();
  const image::Document& head = view.head();
  StatedFacts out;
  if (head.has_purpose) out.purpose = view.text(head.purpose);
  if (head.has_sponsor) out.sponsor = view.text(head.sponsor);
  if (head.trigger) out.trigger = view.text(head.trigger_text);
  return out;
}

DeclaredType declared_type(const Layers& layers, std::string_view system,
                           std::string_view attribute) {
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    const image::View& view = layers.program(layer).view();
    for (const image::System& declared : view.systems) {
      if (view.text(declared.name) != system) continue;
      for (const image::AttributeDecl& item :
           image::View::slice(view.attributes, declared.attributes)) {
        if (view.text(item.name) != attribute) continue;
        return {static_cast<Type>(item.type), static_cast<Type>(item.element)};
      }
    }
  }
  return {};
}

std::optional<RuleInfo> rule_of(const Layers& layers, const Decision& decision) {
  if (decision.rule == kNoRule || decision.layer >= layers.size()) return std::nullopt;
  return layers.program(decision.layer).rule(decision.rule);
}

JsonOut diagnostics_json(const std::vector<const lang::Diagnostics*>& all) {
  // Through the text that the language room writes, so that its form is defined in one place.
  JsonOut out;
  out["diagnostics"] = JsonOut::array();
  for (const lang::Diagnostics* one : all) {
    const JsonOut object = JsonOut::parse(one->to_json());
    for (const JsonOut& item : object.at("diagnostics")) out["diagnostics"].push_back(item);
  }
  return out;
}

}  // namespace remit::tools
