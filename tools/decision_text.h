// A decision for machines (one JSON object) and for people (a few lines).
// Covered by tests/tools_test.py.
#pragma once

#include <string>
#include <string_view>

#include <remit/layers.h>
#include <remit/request.h>

#include "tools/json.h"

namespace remit::tools {

// architecture.md's form: effect, reason, rule, layer, approval.
JsonOut decision_json(const Layers& layers, const Decision& decision);

// `deny  read docs:/a: no_matching_rule (no rule permits it)`, and below it where the deciding rule
// stands, its first line and its `because`; for a malformed resource, what is wrong with it and
// where; and what Session::nearest says. Ends with a line end.
std::string decision_text(const Layers& layers, const Request& request, const Decision& decision,
                          std::string_view nearest, bool colour);

// `weekly.scope:4:1`.
std::string place_text(const RuleInfo& rule);

}  // namespace remit::tools
