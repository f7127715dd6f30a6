// A session from JSON lines: `remit run`. One line in, one answer out.
// Covered by tests/tools_test.py.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <remit/session.h>

#include "tools/steps.h"

namespace remit::tools {

// A line that could not be answered with a decision, or an opening that was refused.
struct LineError {
  std::size_t line = 0;
  std::string code;  // malformed, no_session, needs_memory, or the engine's own code for an opening
  std::string message;

  // A refused opening is an answer (no); everything else is bad input.
  bool refused_opening = false;
};
JsonOut line_error_json(const LineError& error);

// One line, understood: exactly one of `error`, `opening` and `request` is set.
struct LineStep {
  std::size_t line = 0;
  std::string session;  // the session's name; of an opening, the new one's
  std::optional<LineError> error;
  std::optional<OpeningStep> opening;
  std::optional<RequestStep> request;
  bool would = false;  // the request is only asked, not made
};

// Understands a line. Never throws for bad input: that becomes the step's error.
LineStep read_line(std::string_view text, std::size_t number);

// The open sessions of one run, by name.
class SessionTable {
 public:
  explicit SessionTable(const Layers& layers) : layers_(layers) {}

  // Opens what `step` says; the error where that is refused.
  std::optional<LineError> open(const LineStep& step);
  // The session of a request; sets `error` and gives nullptr where there is none.
  Session* find(const LineStep& step, std::optional<LineError>& error);
  std::size_t size() const { return sessions_.size(); }

 private:
  Layers layers_;
  std::map<std::string, Session, std::less<>> sessions_;
};

// The decision of a request step.
inline Decision decide(Session& session, const LineStep& step) {
  const Request request = step.request->request();
  return step.would ? session.would(request, step.request->now)
                    : session.check(request, step.request->now);
}

}  // namespace remit::tools
