// A decision in words. Covered by tests/session_explain_test.cpp.
#include <remit/session.h>

#include "engine/image/resource.h"
#include "engine/session/state.h"

namespace remit {

std::string Session::explain(const Request& request, const Decision& decision) const noexcept {
  try {
    std::string text = std::string(to_string(decision.effect)) + " " + std::string(request.action) + " " + std::string(request.resource) + ": ";
    if (decision.reason == Reason::malformed_resource) {
      detail::ResourceParts parts;
      text += std::string("the resource is refused because ") + detail::describe(detail::scan_resource(request.resource, parts));
    } else {
      text += sentence(decision.reason);
    }
    if (decision.layer < layers().size()) {
      const Program& program = layers().program(decision.layer);
      text += std::string(" (") + to_string(program.kind());
      if (!program.name().empty()) text += " " + std::string(program.name());
      if (const auto info = rule(decision)) text += ", " + std::string(info->file) + ":" + std::to_string(info->line);
      text += ")";
    }
    if (const auto info = rule(decision); info && info->because) text += ": " + std::string(*info->because);
    return text;
  } catch (...) {
    return {};
  }
}

}  // namespace remit
