// Openings and requests as JSON lines write them: the part that the conformance cases and `remit
// run` share. Covered by tests/tools_test.py.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <remit/request.h>
#include <remit/session.h>

#include "tools/json.h"
#include "tools/values.h"

namespace remit::tools {

// What a session is opened with; owns what an Opening borrows.
struct OpeningStep {
  std::string agent, user, purpose;
  AttributeSet facts;
  std::optional<Time> last_review;
  bool sponsor_revoked = false;
  std::optional<std::pair<std::string, std::string>> trigger;  // kind, text
  Time now{};

  // Borrows from this step and from `layers`.
  Opening opening(const Layers& layers) const;
};

// One request and its time; owns what a Request borrows.
struct RequestStep {
  std::string action, resource;
  AttributeSet attributes;
  Time now{};

  Request request() const { return {action, resource, attributes.view()}; }
};

// The time of a step: its `now`, or where that is missing and `last` is given, `*last`.
Time read_now(const Fields& fields, const std::optional<Time>& last = std::nullopt);

// Both read the fields of FORMAT's `session` and `check`, and throw BadInput for what is malformed.
OpeningStep read_opening(const Fields& fields, const std::optional<Time>& last = std::nullopt);
RequestStep read_request(const Fields& fields, const std::optional<Time>& last = std::nullopt);

}  // namespace remit::tools
