// See carried_scopes.h.
#include "tools/carried_scopes.h"

#include <fmt/format.h>

namespace remit::tools {

std::vector<LoadedDocument> compile_carried(const Authenticated& found,
                                            const CompileSettings& settings) {
  std::vector<DocumentSource> sources;
  for (const std::string& scope : found.scopes) {
    sources.push_back({fmt::format("<token scope {}>", sources.size() + 1), scope});
  }
  return load_documents(sources, {{}, settings.module_path});
}

}  // namespace remit::tools
