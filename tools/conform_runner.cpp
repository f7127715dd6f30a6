// The runner of conformance cases; the doors are in conform_runner.h. Covered by
// tests/tools_run_test.py.
#include "tools/conform_runner.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <remit/lang/compile.h>
#include <remit/session.h>

#include "lang/diagnostics/display.h"
#include "tools/documents.h"
#include "tools/errors.h"
#include "tools/steps.h"
#include "tools/test_runner.h"

namespace remit::tools {
namespace {

std::string document_name(std::size_t index) { return fmt::format("document{}.scope", index); }

// One document of a case, with what it takes to compile it.
struct CaseDocument {
  std::string text;
  lang::CompileOptions options;
  std::optional<Program> program;
};

// A case on its way: collects what disagrees.
class CaseRun {
 public:
  CaseRun(const Fields& fields, CaseOutcome& outcome) : fields_(fields), outcome_(outcome) {}

  void run() {
    if (!compile()) return;
    open_session();
    if (!sessions_.empty()) run_steps();
    if (fields_.has("tests")) run_tests();
  }

 private:
  void differ(std::string place, std::string field, std::string expected, std::string got) {
    outcome_.mismatches.push_back(
        {std::move(place), std::move(field), std::move(expected), std::move(got)});
  }

  bool compile();
  void open_session();
  void run_steps();
  // One step of each kind; `place` names it in mismatches.
  void check(const std::string& place, const Fields& fields);
  void approve(const std::string& place, const Fields& fields);
  // False where it was refused and should not have been: then the rest of the case means nothing.
  bool open_child(const std::string& place, const Fields& fields);
  void compare_ok(const std::string& place, const Fields& fields, bool got, const std::string& why);
  // The session of a step; BadInput where the case opens none of that name.
  struct Open {
    Session session;
    std::vector<std::size_t> documents;  // of its layers, own first: which document each is
  };
  Open& session_of(const Fields& fields);
  void compare(const std::string& place, const Fields& expect, const Open& open,
               const Decision& decision);
  void compare_rule(const std::string& place, const Fields& expect, const Open& open,
                    const Decision& decision);
  void run_tests();
  std::size_t document_index(const Json& value) const;

  const Fields& fields_;
  CaseOutcome& outcome_;
  std::vector<CaseDocument> documents_;
  std::map<std::string, Open, std::less<>> sessions_;
  std::vector<ApprovalId> asks_;  // of each step so far; empty where it asked for nothing
};

std::string refusal_text(const Error& error) {
  return fmt::format("refused: {} ({})", error.text, to_string(error.code));
}

std::string first_error(const lang::Diagnostics& diagnostics) {
  for (const lang::Diagnostic& one : diagnostics.all()) {
    if (one.severity != lang::Severity::error) continue;
    return fmt::format("{}:{}:{}: {} [{}]", one.file, one.line, one.column, one.message, one.code);
  }
  return "no error, but no program";
}

bool CaseRun::compile() {
  std::vector<std::pair<std::string, std::string>> modules;
  if (fields_.has("modules")) {
    for (const auto& [name, text] : fields_.object("modules").items()) {
      if (!text.is_string()) fields_.fail("a module is a string");
      modules.emplace_back(name, text.get<std::string>());
    }
  }
  bool all = true;
  for (const Json& item : fields_.array("documents")) {
    const std::size_t index = documents_.size();
    const Fields document(item, fmt::format("document {}", index));
    CaseDocument& out = documents_.emplace_back();
    out.text = document.bytes("text");
    out.options.file = document_name(index);
    out.options.modules = modules;
    if (document.has("args")) {
      for (const auto& [name, value] : document.object("args").items()) {
        out.options.arguments.push_back(lang::Argument::of(name, constant_from_json(value, name)));
      }
    }
    const lang::Compiled compiled = lang::compile(out.text, out.options);
    out.program = compiled.program();
    if (out.program) continue;
    all = false;
    differ(fmt::format("document {}", index), "compiles", "a program",
           first_error(compiled.diagnostics()));
  }
  return all;
}

std::size_t CaseRun::document_index(const Json& value) const {
  if (!value.is_number_integer()) fields_.fail("a document is named by its index");
  const auto index = value.get<std::int64_t>();
  if (index < 0 || static_cast<std::size_t>(index) >= documents_.size())
    fields_.fail("there is no such document");
  return static_cast<std::size_t>(index);
}

void CaseRun::open_session() {
  const Fields session(fields_.object("session"), "session");
  std::vector<std::size_t> layer_documents;
  std::vector<LoadedDocument> loaded;
  for (const Json& layer : session.array("layers")) {
    layer_documents.push_back(document_index(layer));
    LoadedDocument& document = loaded.emplace_back();
    document.file = document_name(layer_documents.back());
    document.program = documents_[layer_documents.back()].program;
  }
  std::optional<Layers> layers;
  try {
    layers = link_documents(loaded);
  } catch (const BadInput& problem) {
    return differ("session", "layers", "linked", problem.what());
  }
  const OpeningStep step = read_opening(session);
  Result<Session> opened = Session::open(step.opening(*layers), step.now);
  const bool expected = Fields(session.object("expect"), "session, expect").truth("ok");
  if (opened.ok() != expected) {
    differ("session", "ok", expected ? "opened" : "refused",
           opened ? "opened" : refusal_text(opened.error()));
  }
  if (opened && expected)
    sessions_.emplace("main", Open{std::move(opened).value(), std::move(layer_documents)});
}

CaseRun::Open& CaseRun::session_of(const Fields& fields) {
  const auto found = sessions_.find(fields.text_or("session", "main"));
  if (found == sessions_.end()) fields.fail("no such session is open");
  return found->second;
}

void CaseRun::run_steps() {
  std::size_t index = 0;
  for (const Json& item : fields_.array("steps")) {
    const Fields fields(item, fmt::format("step {}", index));
    const std::string& op = fields.text("op");
    const std::string place = fmt::format("step {}: {}", index++, op);
    asks_.emplace_back();
    if (op == "check") {
      check(place, fields);
    } else if (op == "approve") {
      approve(place, fields);
    } else if (op == "revoke") {
      session_of(fields).session.revoke("host", "the case says so",
                                        time_from_micros(fields.whole("now")));
    } else if (op == "end") {
      session_of(fields).session.end(time_from_micros(fields.whole("now")));
    } else if (op == "open_child") {
      if (!open_child(place, fields)) return;
    } else {
      fields.fail(fmt::format("op \"{}\" is not known", op));
    }
  }
}

void CaseRun::check(const std::string& place, const Fields& fields) {
  Open& open = session_of(fields);
  const RequestStep step = read_request(fields);
  const Decision decision = open.session.check(step.request(), step.now);
  if (decision.asks()) asks_.back() = decision.approval;
  compare(fmt::format("{} {} {}", place, lang::visible(step.action), lang::visible(step.resource)),
          Fields(fields.object("expect"), "expect"), open, decision);
}

void CaseRun::approve(const std::string& place, const Fields& fields) {
  const std::int64_t asked = fields.whole("step");
  if (asked < 0 || static_cast<std::size_t>(asked) >= asks_.size()) fields.fail("there is no such step");
  const Status approved = session_of(fields).session.approve(
      asks_[static_cast<std::size_t>(asked)], fields.text("approver"),
      time_from_micros(fields.whole("now")));
  compare_ok(place, fields, approved.ok(), approved ? "" : refusal_text(approved.error()));
}

bool CaseRun::open_child(const std::string& place, const Fields& fields) {
  Open& parent = session_of(fields);
  const Fields opening(fields.object("open"), "open");
  std::vector<std::size_t> layer_documents;
  std::vector<Program> guardrails, grants;
  Delegation delegation;
  for (const Json& layer : opening.array("layers")) {
    layer_documents.push_back(document_index(layer));
    const Program& program = *documents_[layer_documents.back()].program;
    if (layer_documents.size() == 1) {
      delegation.task = program;
    } else {
      (program.kind() == DocumentKind::guardrail ? guardrails : grants).push_back(program);
    }
  }
  delegation.guardrails = guardrails;
  delegation.grants = grants;
  const std::string agent = opening.text_or("agent", "");
  delegation.agent = agent;
  AttributeSet facts;
  if (opening.has("facts")) facts.add_all(opening.object("facts"), "facts");
  delegation.facts = facts.view();
  Result<Session> opened =
      parent.session.delegate(delegation, time_from_micros(fields.whole("now")));
  compare_ok(place, fields, opened.ok(), opened ? "" : refusal_text(opened.error()));
  if (!opened) return !Fields(fields.object("expect"), "expect").truth_or("ok", false);
  layer_documents.insert(layer_documents.end(), parent.documents.begin(), parent.documents.end());
  sessions_.insert_or_assign(fields.text("as"),
                             Open{std::move(opened).value(), std::move(layer_documents)});
  return true;
}

void CaseRun::compare_ok(const std::string& place, const Fields& fields, bool got,
                         const std::string& why) {
  const Fields expect(fields.object("expect"), "expect");
  if (!expect.has("ok") || expect.truth("ok") == got) return;
  differ(place, "ok", expect.truth("ok") ? "done" : "refused", got ? "done" : why);
}

void CaseRun::compare(const std::string& place, const Fields& expect, const Open& open,
                      const Decision& decision) {
  for (const Json& name : expect.array("check")) {
    if (name == "effect") {
      if (expect.text("effect") != to_string(decision.effect)) {
        differ(place, "effect", expect.text("effect"), to_string(decision.effect));
      }
    } else if (name == "reason") {
      if (expect.text("reason") != to_string(decision.reason)) {
        differ(place, "reason", expect.text("reason"), to_string(decision.reason));
      }
    } else if (name == "rule") {
      compare_rule(place, expect, open, decision);
    } else if (name == "layer") {
      const std::size_t got =
          decision.layer < open.documents.size() ? open.documents[decision.layer] : SIZE_MAX;
      if (document_index(expect.at("layer")) != got) {
        differ(place, "layer", fmt::format("document {}", document_index(expect.at("layer"))),
               got == SIZE_MAX ? "no layer" : fmt::format("document {}", got));
      }
    } else {
      expect.fail(fmt::format("\"check\" names {}, which is no field", to_line(name)));
    }
  }
}

void CaseRun::compare_rule(const std::string& place, const Fields& expect, const Open& open,
                           const Decision& decision) {
  const std::optional<RuleInfo> rule = open.session.rule(decision);
  const std::string expected_place =
      expect.at("line").is_null()
          ? "none"
          : fmt::format("{}:{}", expect.whole("line"), expect.whole("column"));
  const std::string got_place = rule ? fmt::format("{}:{}", rule->line, rule->column) : "none";
  if (expected_place != got_place) differ(place, "rule", expected_place, got_place);
  if (!rule) return;
  const std::string expected_because = expect.has("because") ? expect.text("because") : "(none)";
  const std::string got_because = rule->because ? std::string(*rule->because) : "(none)";
  if (expected_because != got_because) differ(place, "because", expected_because, got_because);
  const bool own = rule->file == document_name(open.documents[decision.layer]);
  const std::string file = expect.text_or("file", "");
  if (file.empty() ? !own : !rule->file.ends_with(file)) {
    differ(place, "file", file.empty() ? "the document" : file, std::string(rule->file));
  }
}

void CaseRun::run_tests() {
  std::map<std::size_t, DocumentTests> runs;
  for (const Json& item : fields_.array("tests")) {
    const Fields entry(item, "tests");
    const std::size_t index = document_index(entry.at("document"));
    auto run = runs.find(index);
    if (run == runs.end()) {
      run =
          runs.emplace(index, run_document_tests(documents_[index].text, documents_[index].options))
              .first;
    }
    const std::string& name = entry.text("name");
    const std::vector<TestOutcome>& outcomes = run->second.outcomes;
    const auto found = std::find_if(outcomes.begin(), outcomes.end(),
                                    [&](const TestOutcome& o) { return o.name == name; });
    const std::string expected = entry.truth("passes") ? "passes" : "fails";
    std::string got = "no such test";
    if (found != outcomes.end()) {
      got = found->status == TestOutcome::Status::passed ? "passes" : "fails";
    }
    if (got == expected) continue;
    if (got == "fails") {
      got += fmt::format(" at {}:{}: expected {}, got {}", found->failure.line,
                         found->failure.column, found->expected, found->got);
    }
    differ(fmt::format("document {}, test {}", index, name), "passes", expected, got);
  }
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

// A document that must not compile, and where it must be wrong.
void run_invalid(const Fields& fields, CaseOutcome& outcome) {
  lang::CompileOptions options;
  options.file = document_name(0);
  const lang::Compiled compiled = lang::compile(fields.bytes("text"), options);
  using Place = std::pair<std::int64_t, std::int64_t>;
  const Place low{fields.whole("line_min"), fields.whole("col_min")},
      high{fields.whole("line_max"), fields.whole("col_max")};
  const std::string range =
      fmt::format("an error from {}:{} to {}:{}", low.first, low.second, high.first, high.second);
  const lang::Diagnostic* first = nullptr;
  for (const lang::Diagnostic& one : compiled.diagnostics().all()) {
    if (one.severity != lang::Severity::error) continue;
    if (!first || Place{one.line, one.column} < Place{first->line, first->column}) first = &one;
  }
  if (!first) {
    outcome.mismatches.push_back(
        {"document", "error", range, compiled.program() ? "it compiles" : "no error"});
    return;
  }
  const Place got{first->line, first->column};
  if (got < low || high < got) {
    outcome.mismatches.push_back({"document", "place", range,
                                  fmt::format("{}:{}: {}", got.first, got.second, first->message)});
  }
  const std::string message = lower(first->message);
  for (const Json& group : fields.array("keywords")) {
    const bool named = std::any_of(group.begin(), group.end(), [&](const Json& word) {
      return word.is_string() && message.find(lower(word.get<std::string>())) != std::string::npos;
    });
    if (!named)
      outcome.mismatches.push_back(
          {"document", "message", "one of " + to_line(group), first->message});
  }
}

}  // namespace

CaseOutcome run_case(std::string_view line) {
  const Json object = parse_json(line);
  const Fields fields(object, "");
  CaseOutcome outcome;
  outcome.id = fields.text_or("id", "");
  if (fields.has("line_min")) {
    run_invalid(fields, outcome);
    const bool contested = fields.truth_or("contested", false);
    if (!outcome.mismatches.empty()) {
      outcome.status = contested ? CaseOutcome::Status::contested : CaseOutcome::Status::failed;
    }
    return outcome;
  }
  CaseRun(fields, outcome).run();
  if (!outcome.mismatches.empty()) outcome.status = CaseOutcome::Status::failed;
  return outcome;
}

std::string mismatches_text(const CaseOutcome& outcome) {
  std::string out;
  const std::string* place = nullptr;
  for (const Mismatch& mismatch : outcome.mismatches) {
    if (!place || *place != mismatch.place) out += fmt::format("  {}\n", mismatch.place);
    place = &mismatch.place;
    out += fmt::format("    {:<8} expected {}\n    {:<8}      got {}\n", mismatch.field,
                       lang::visible(mismatch.expected), "", lang::visible(mismatch.got));
  }
  return out;
}

JsonOut case_json(const CaseOutcome& outcome) {
  static constexpr const char* kNames[] = {"passed", "failed", "contested"};
  JsonOut out{{"id", outcome.id},
              {"status", kNames[static_cast<int>(outcome.status)]},
              {"mismatches", JsonOut::array()}};
  for (const Mismatch& mismatch : outcome.mismatches) {
    out["mismatches"].push_back({{"place", mismatch.place},
                                 {"field", mismatch.field},
                                 {"expected", mismatch.expected},
                                 {"got", mismatch.got}});
  }
  return out;
}

}  // namespace remit::tools
