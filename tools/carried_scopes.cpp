// See carried_scopes.h.
#include "tools/carried_scopes.h"

#include <fmt/format.h>

#include "tools/errors.h"

namespace remit::tools {
namespace {

Layers linked(Result<Layers> layers) {
  if (!layers) throw BadInput(layers.error().text);
  return std::move(layers).value();
}

Session opened(const Authenticated& found, const Layers& layers, Time now,
               const std::string& what) {
  Opening opening;
  opening.identity = &found.identity;
  opening.purpose = found.purpose;
  opening.layers = layers;
  Result<Session> session = Session::open(opening, now);
  if (!session) {
    throw BadInput(
        fmt::format("{}: {}: {}", what, to_string(session.error().code), session.error().text));
  }
  return std::move(session).value();
}

}  // namespace

std::vector<LoadedDocument> compile_carried(const Authenticated& found,
                                            const CompileSettings& settings) {
  std::vector<DocumentSource> sources;
  sources.reserve(found.scopes.size());
  for (const std::string& scope : found.scopes) {
    sources.push_back({fmt::format("<token scope {}>", sources.size() + 1), scope});
  }
  return load_documents(sources, {{}, settings.module_path});
}

Session open_for(const Authenticated& found, const std::vector<LoadedDocument>& documents,
                 const std::vector<LoadedDocument>& carried, Time now) {
  std::vector<LoadedDocument> all = documents;
  for (const LoadedDocument& one : carried) {
    const bool task = one.program->kind() == DocumentKind::scope;
    if (task) opened(found, linked(Layers::link(*one.program)), now, one.file);
    all.insert(task && all.empty() ? all.begin() : all.end(), one);
  }
  if (all.empty()) throw BadInput("neither a file nor the token gives a task scope");
  // The host's task scope stays the first layer; a carried one beside it is a layer like any other,
  // with its own `expires`. So the order is: task, further scopes, guardrails, grants.
  if (all.front().program->kind() != DocumentKind::scope) {
    throw BadInput(all.front().file + ": the task scope comes first");
  }
  std::vector<Program> group;
  for (const DocumentKind kind :
       {DocumentKind::scope, DocumentKind::guardrail, DocumentKind::grants}) {
    for (const LoadedDocument& one : all) {
      if (one.program->kind() == kind) group.push_back(*one.program);
    }
  }
  return opened(found, linked(Layers::link_groups({&group, 1})), now, all.front().file);
}

}  // namespace remit::tools
