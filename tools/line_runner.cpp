// Reading and opening for `remit run`; the doors are in line_runner.h. Covered by
// tests/tools_test.py.
#include "tools/line_runner.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tools/errors.h"

namespace remit::tools {
namespace {

constexpr std::array<std::string_view, 4> kNeedMemory = {"approve", "revoke", "end", "open_child"};

LineError malformed(std::size_t line, std::string message) {
  return {line, "malformed", std::move(message), false};
}

void understand(const Fields& fields, LineStep& out) {
  const std::string& op = fields.text("op");
  if (op == "open") {
    fields.only({"op", "as", "agent", "user", "purpose", "facts", "last_review", "sponsor_revoked",
                 "trigger", "now"});
    out.session = fields.text_or("as", "main");
    out.opening = read_opening(fields);
  } else if (op == "check" || op == "would") {
    // A mistyped name of a field must not become a request without attributes. `expect` is what a
    // step of a conformance case carries besides.
    fields.only(
        {"op", "session", "action", "resource", "resource_hex", "attributes", "now", "expect"});
    out.session = fields.text_or("session", "main");
    out.request = read_request(fields);
    out.would = op == "would";
  } else if (std::find(kNeedMemory.begin(), kNeedMemory.end(), op) != kNeedMemory.end()) {
    out.error = LineError{
        out.line, "needs_memory",
        fmt::format("op \"{}\" needs session memory, which this version does not have", op), false};
  } else {
    fields.fail(fmt::format("op \"{}\" is not known; there are open, check and would", op));
  }
}

}  // namespace

JsonOut line_error_json(const LineError& error) {
  return {{"error", {{"line", error.line}, {"code", error.code}, {"message", error.message}}}};
}

LineStep read_line(std::string_view text, std::size_t number) {
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

std::optional<LineError> SessionTable::open(const LineStep& step) {
  if (sessions_.contains(step.session)) {
    return malformed(
        step.line,
        fmt::format("session \"{}\" is open already; give this one another name with \"as\"",
                    step.session));
  }
  Result<Session> opened = Session::open(step.opening->opening(layers_), step.opening->now);
  if (!opened)
    return LineError{step.line, to_string(opened.error().code), opened.error().text, true};
  sessions_.emplace(step.session, std::move(opened).value());
  return std::nullopt;
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

}  // namespace remit::tools
