// The runner of conformance cases; the doors are in conform_runner.h. Covered by
// tests/tools_test.py.
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
    if (session_) run_steps();
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
  void compare(const std::string& place, const Fields& expect, const Decision& decision);
  void compare_rule(const std::string& place, const Fields& expect, const Decision& decision);
  void run_tests();
  std::size_t document_index(const Json& value) const;

  const Fields& fields_;
  CaseOutcome& outcome_;
  std::vector<CaseDocument> documents_;
  std::vector<std::size_t> layer_documents_;  // of main's layers: which document each is
  std::optional<Layers> layers_;
  std::optional<Session> session_;
};

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
  std::vector<LoadedDocument> loaded;
  for (const Json& layer : session.array("layers")) {
    layer_documents_.push_back(document_index(layer));
    LoadedDocument& document = loaded.emplace_back();
    document.file = document_name(layer_documents_.back());
    document.program = documents_[layer_documents_.back()].program;
  }
  try {
    layers_ = link_documents(loaded);
  } catch (const BadInput& problem) {
    return differ("session", "layers", "linked", problem.what());
  }
  const OpeningStep step = read_opening(session);
  Result<Session> opened = Session::open(step.opening(*layers_), step.now);
  const bool expected = Fields(session.object("expect"), "session, expect").truth("ok");
  if (opened.ok() != expected) {
    differ("session", "ok", expected ? "opened" : "refused",
           opened ? "opened"
                  : fmt::format("refused: {} ({})", opened.error().text,
                                to_string(opened.error().code)));
  }
  if (opened && expected) session_ = std::move(opened).value();
}

void CaseRun::run_steps() {
  std::size_t index = 0;
  for (const Json& item : fields_.array("steps")) {
    const Fields fields(item, fmt::format("step {}", index++));
    const std::string& op = fields.text("op");
    if (op != "check") {
      differ(fmt::format("step {}", index - 1), "op", op, "an op that needs session memory");
      continue;
    }
    const RequestStep step = read_request(fields);
    const Decision decision = session_->check(step.request(), step.now);
    compare(fmt::format("step {}: check {} {}", index - 1, lang::visible(step.action),
                        lang::visible(step.resource)),
            Fields(fields.object("expect"), "expect"), decision);
  }
}

void CaseRun::compare(const std::string& place, const Fields& expect, const Decision& decision) {
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
      compare_rule(place, expect, decision);
    } else if (name == "layer") {
      const std::size_t got =
          decision.layer < layer_documents_.size() ? layer_documents_[decision.layer] : SIZE_MAX;
      if (document_index(expect.at("layer")) != got) {
        differ(place, "layer", fmt::format("document {}", document_index(expect.at("layer"))),
               got == SIZE_MAX ? "no layer" : fmt::format("document {}", got));
      }
    } else {
      expect.fail(fmt::format("\"check\" names {}, which is no field", to_line(name)));
    }
  }
}

void CaseRun::compare_rule(const std::string& place, const Fields& expect,
                           const Decision& decision) {
  const std::optional<RuleInfo> rule = rule_of(*layers_, decision);
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
  const bool own = rule->file == document_name(layer_documents_[decision.layer]);
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
      got = found->status == TestOutcome::Status::passed    ? "passes"
            : found->status == TestOutcome::Status::skipped ? "skipped for " + found->skipped_for
                                                            : "fails";
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
  if (fields.truth_or("memory", true)) {
    outcome.status = CaseOutcome::Status::skipped;
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
  static constexpr const char* kNames[] = {"passed", "failed", "skipped", "contested"};
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
