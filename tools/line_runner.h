// Sessions from JSON lines: `remit run`. One line in, one answer out.
// Covered by tests/tools_run_test.py.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <remit/session.h>

#include "tools/documents.h"
#include "tools/steps.h"

namespace remit::tools {

// A line that was not answered with what it asked for.
struct LineError {
  std::size_t line = 0;
  std::string code;  // malformed, no_session, or the engine's own code
  std::string message;

  // The engine's refusal of an opening, delegation or approval is an answer (no); everything else is
  // bad input.
  bool refused = false;
};
JsonOut line_error_json(const LineError& error);

// What one line says. Which fields mean something depends on `op`.
struct LineStep {
  enum class Op { open, check, would, outcome, approve, revoke, end, delegate, time } op = Op::time;
  std::size_t line = 0;
  std::string session;  // the session's name; of an opening, the new one's
  std::string as;       // delegate: the new session's name
  std::optional<LineError> error;
  std::optional<OpeningStep> opening;
  std::optional<RequestStep> request;
  AttributeSet facts;              // delegate
  std::vector<std::string> files;  // delegate: its task scope, guardrails, grants
  std::string agent, purpose;      // delegate
  std::string approver, by, why;
  ApprovalId approval;             // approve: the id,
  std::size_t asked_at = 0;        // or the line that asked, where this is not 0
  std::size_t decided_at = 0;      // outcome: the line of the decision
  bool ok = false;                 // outcome
  std::string detail;              // outcome
  TraceContext trace;              // open, check: for the audit trail
  std::string txn;
  Time now{};
};

// Reads lines; remembers the last time given, for lines that give none.
class LineReading {
 public:
  // Understands a line. Never throws for bad input: that becomes the step's error.
  LineStep read(std::string_view text, std::size_t number);

 private:
  void understand(const Fields& fields, LineStep& out);
  std::optional<Time> last_;
};

// The open sessions of one run, by name.
class SessionTable {
 public:
  SessionTable(const Layers& layers, const CompileSettings& settings, Surroundings surroundings)
      : layers_(layers), settings_(settings), surroundings_(std::move(surroundings)) {}

  // Does what an opening, approval, revocation, end or delegation says: the answer, or `error`.
  JsonOut take(const LineStep& step, std::optional<LineError>& error);
  // The session of a request; sets `error` and gives nullptr where there is none.
  Session* find(const LineStep& step, std::optional<LineError>& error);
  // Makes the request, and remembers what it asked for.
  Decision decide(Session& session, const LineStep& step);
  std::size_t size() const { return sessions_.size(); }

 private:
  JsonOut open(const LineStep& step, std::optional<LineError>& error);
  JsonOut outcome(Session& session, const LineStep& step, std::optional<LineError>& error);
  JsonOut approve(Session& session, const LineStep& step, std::optional<LineError>& error);
  JsonOut delegate(Session& session, const LineStep& step, std::optional<LineError>& error);
  bool is_free(const std::string& name, const LineStep& step, std::optional<LineError>& error) const;

  Layers layers_;
  CompileSettings settings_;
  Surroundings surroundings_;
  std::map<std::string, Session, std::less<>> sessions_;
  std::map<std::size_t, ApprovalId> asks_;  // by the line that asked
  std::map<std::size_t, Id> decisions_;     // those in the audit trail, by line
};

}  // namespace remit::tools
