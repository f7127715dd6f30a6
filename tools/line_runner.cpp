// Reading lines and doing what they say, for `remit run`; the doors are in line_runner.h. Covered by
// tests/tools_run_test.py.
#include "tools/line_runner.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "tools/errors.h"

namespace remit::tools {
namespace {

using Op = LineStep::Op;

constexpr std::array<std::pair<std::string_view, Op>, 9> kOps = {{{"open", Op::open},
                                                                  {"check", Op::check},
                                                                  {"would", Op::would},
                                                                  {"outcome", Op::outcome},
                                                                  {"approve", Op::approve},
                                                                  {"revoke", Op::revoke},
                                                                  {"end", Op::end},
                                                                  {"delegate", Op::delegate},
                                                                  {"time", Op::time}}};

LineError malformed(std::size_t line, std::string message) {
  return {line, "malformed", std::move(message), false};
}

LineError refused(const LineStep& step, const Error& error) {
  return {step.line, to_string(error.code), error.text, true};
}

Op read_op(const Fields& fields) {
  const std::string& op = fields.text("op");
  for (const auto& [name, value] : kOps) {
    if (op == name) return value;
  }
  fields.fail(fmt::format(
      "op \"{}\" is not known; there are open, check, would, outcome, approve, revoke, end, "
      "delegate and time",
      op));
}

void read_approval(const Fields& fields, LineStep& out) {
  fields.only({"op", "session", "approval", "line", "approver", "now"});
  out.approver = fields.text("approver");
  if (fields.has("approval") == fields.has("line"))
    fields.fail("\"approval\" gives the id of the ask, or \"line\" the line that asked: one of them");
  if (fields.has("line")) {
    const std::int64_t line = fields.whole("line");
    if (line < 1) fields.fail("\"line\" counts from 1");
    out.asked_at = static_cast<std::size_t>(line);
  } else if (!parse_id(fields.text("approval"), out.approval)) {
    fields.fail("\"approval\" is 32 hexadecimal digits, as in the decision");
  }
}

// W3C trace context, version 00: version, trace-id, parent-id and flags, in lower-case hexadecimal.
void read_trace(const Fields& fields, LineStep& out) {
  out.txn = fields.text_or("txn", "");
  if (!fields.has("trace")) return;
  const std::string& text = fields.text("trace");
  Id span;  // read as the second half of an id
  if (text.size() != 55 || text.compare(0, 3, "00-") != 0 || text[35] != '-' || text[52] != '-' ||
      !parse_id(text.substr(3, 32), out.trace.trace) ||
      !parse_id(std::string(16, '0') + text.substr(36, 16), span)) {
    fields.fail("\"trace\" is a W3C traceparent, such as "
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  }
  std::copy(span.bytes.begin() + 8, span.bytes.end(), out.trace.span.begin());
}

void read_outcome(const Fields& fields, LineStep& out) {
  fields.only({"op", "session", "line", "ok", "detail", "now"});
  const std::int64_t line = fields.whole("line");
  if (line < 1) fields.fail("\"line\" counts from 1");
  out.decided_at = static_cast<std::size_t>(line);
  out.ok = fields.truth("ok");
  out.detail = fields.text_or("detail", "");
}

void read_delegation(const Fields& fields, LineStep& out) {
  fields.only({"op", "session", "as", "agent", "files", "purpose", "facts", "now"});
  out.as = fields.text("as");
  out.agent = fields.text_or("agent", "");
  out.purpose = fields.text_or("purpose", "");
  if (fields.has("facts")) out.facts.add_all(fields.object("facts"), "facts");
  for (const Json& file : fields.array("files")) {
    if (!file.is_string()) fields.fail("\"files\" is a list of names");
    out.files.push_back(file.get<std::string>());
  }
}

}  // namespace

JsonOut line_error_json(const LineError& error) {
  return {{"error", {{"line", error.line}, {"code", error.code}, {"message", error.message}}}};
}

void LineReading::understand(const Fields& fields, LineStep& out) {
  out.op = read_op(fields);
  out.session = fields.text_or(out.op == Op::open ? "as" : "session", "main");
  // A mistyped name of a field must not become a request without attributes.
  switch (out.op) {
    case Op::open:
      fields.only({"op", "as", "agent", "user", "purpose", "facts", "last_review",
                   "sponsor_revoked", "trigger", "trace", "txn", "now"});
      read_trace(fields, out);
      out.opening = read_opening(fields, last_);
      break;
    case Op::check:
    case Op::would:
      // `expect` is what a step of a conformance case carries besides.
      fields.only(
          {"op", "session", "action", "resource", "resource_hex", "attributes", "trace", "txn", "now", "expect"});
      read_trace(fields, out);
      out.request = read_request(fields, last_);
      break;
    case Op::outcome: read_outcome(fields, out); break;
    case Op::approve: read_approval(fields, out); break;
    case Op::revoke:
      fields.only({"op", "session", "by", "why", "now"});
      out.by = fields.text_or("by", "");
      out.why = fields.text_or("why", "");
      break;
    case Op::end: fields.only({"op", "session", "now"}); break;
    case Op::delegate: read_delegation(fields, out); break;
    case Op::time: fields.only({"op", "now"}); break;
  }
  out.now = read_now(fields, out.op == Op::time ? std::nullopt : last_);
  last_ = out.now;
}

LineStep LineReading::read(std::string_view text, std::size_t number) {
  LineStep out;
  out.line = number;
  try {
    const Json object = parse_json(text);
    understand(Fields(object, ""), out);
  } catch (const BadInput& problem) {
    out.error = malformed(number, problem.what());
  }
  return out;
}

JsonOut SessionTable::take(const LineStep& step, std::optional<LineError>& error) {
  if (step.op == Op::time) return {{"time", step.now.time_since_epoch().count()}};
  if (step.op == Op::open) return open(step, error);
  Session* session = find(step, error);
  if (!session) return {};
  switch (step.op) {
    case Op::outcome: return outcome(*session, step, error);
    case Op::approve: return approve(*session, step, error);
    case Op::delegate: return delegate(*session, step, error);
    case Op::revoke:
      session->revoke(step.by, step.why, step.now);
      return {{"revoked", {{"session", step.session}}}};
    default: session->end(step.now); return {{"ended", {{"session", step.session}}}};
  }
}

bool SessionTable::is_free(const std::string& name, const LineStep& step,
                           std::optional<LineError>& error) const {
  if (!sessions_.contains(name)) return true;
  error = malformed(step.line,
                    fmt::format("session \"{}\" is open already; give this one another name with "
                                "\"as\"",
                                name));
  return false;
}

JsonOut SessionTable::open(const LineStep& step, std::optional<LineError>& error) {
  if (!is_free(step.session, step, error)) return {};
  Opening opening = step.opening->opening(layers_);
  opening.surroundings = surroundings_;
  opening.trace = step.trace;
  opening.trace.txn = step.txn;
  Result<Session> opened = Session::open(opening, step.opening->now);
  if (!opened) {
    error = refused(step, opened.error());
    return {};
  }
  sessions_.emplace(step.session, std::move(opened).value());
  return {{"opened", {{"session", step.session}, {"layers", layers_.size()}}}};
}

JsonOut SessionTable::outcome(Session& session, const LineStep& step,
                              std::optional<LineError>& error) {
  const auto decided = decisions_.find(step.decided_at);
  if (decided == decisions_.end()) {
    error = malformed(step.line, fmt::format("line {} has no decision in an audit trail; --audit "
                                             "names the trail",
                                             step.decided_at));
    return {};
  }
  if (const Status recorded = session.outcome(decided->second, step.ok, step.detail, step.now);
      !recorded) {
    error = refused(step, recorded.error());
    return {};
  }
  return {{"recorded", {{"line", step.decided_at}}}};
}

JsonOut SessionTable::approve(Session& session, const LineStep& step,
                              std::optional<LineError>& error) {
  ApprovalId id = step.approval;
  if (step.asked_at != 0) {
    const auto asked = asks_.find(step.asked_at);
    if (asked == asks_.end()) {
      error = malformed(step.line, fmt::format("line {} asked for nothing", step.asked_at));
      return {};
    }
    id = asked->second;
  }
  if (const Status approved = session.approve(id, step.approver, step.now); !approved) {
    error = refused(step, approved.error());
    return {};
  }
  return {{"approved", {{"session", step.session}, {"approval", to_string(id)}}}};
}

JsonOut SessionTable::delegate(Session& session, const LineStep& step,
                               std::optional<LineError>& error) {
  if (!is_free(step.as, step, error)) return {};
  std::vector<DocumentSource> sources;
  sources.reserve(step.files.size());
  for (const std::string& file : step.files) sources.push_back({file, std::nullopt});
  std::optional<Layers> layers;
  try {
    const std::vector<LoadedDocument> documents = load_documents(sources, settings_);
    for (const LoadedDocument& document : documents) {
      if (!document.program) throw BadInput(document.file + ": does not compile, or lacks arguments");
    }
    layers = link_documents(documents);
  } catch (const BadInput& problem) {
    error = malformed(step.line, problem.what());
    return {};
  }
  std::vector<Program> guardrails, grants;
  for (std::size_t i = 1; i < layers->size(); ++i) {
    const Program& program = layers->program(i);
    (program.kind() == DocumentKind::guardrail ? guardrails : grants).push_back(program);
  }
  Delegation delegation;
  delegation.agent = step.agent;
  delegation.purpose = step.purpose;
  delegation.task = layers->program(0);
  delegation.guardrails = guardrails;
  delegation.grants = grants;
  delegation.facts = step.facts.view();
  Result<Session> opened = session.delegate(delegation, step.now);
  if (!opened) {
    error = refused(step, opened.error());
    return {};
  }
  const std::size_t count = opened->layers().size();
  sessions_.emplace(step.as, std::move(opened).value());
  return {{"delegated", {{"session", step.as}, {"layers", count}}}};
}

Session* SessionTable::find(const LineStep& step, std::optional<LineError>& error) {
  const auto found = sessions_.find(step.session);
  if (found != sessions_.end()) return &found->second;
  error =
      LineError{step.line, "no_session",
                fmt::format("no session \"{}\" is open; a line {{\"op\":\"open\",...}} comes first",
                            step.session),
                false};
  return nullptr;
}

Decision SessionTable::decide(Session& session, const LineStep& step) {
  Request request = step.request->request();
  TraceContext trace = step.trace;
  trace.txn = step.txn;
  if (!trace.trace.empty() || !trace.txn.empty()) request.trace = &trace;
  if (step.op == Op::would) return session.would(request, step.request->now);
  const Decision decision = session.check(request, step.request->now);
  if (decision.asks()) asks_[step.line] = decision.approval;
  if (!decision.id.empty()) decisions_[step.line] = decision.id;
  return decision;
}

}  // namespace remit::tools
