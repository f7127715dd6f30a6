// The runner of document tests; the doors are in test_runner.h. Covered by tests/tools_run_test.py.
#include "tools/test_runner.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <remit/session.h>

#include "engine/session/rehearse.h"
#include "lang/check/resolved.h"
#include "lang/diagnostics/display.h"
#include "tools/coverage.h"
#include "tools/decision_text.h"
#include "tools/documents.h"
#include "tools/errors.h"
#include "tools/values.h"

namespace remit::tools {
namespace {

std::optional<std::string_view> fact_text(const lang::Constant& value) {
  if (value.type != Type::string && value.type != Type::resource) return std::nullopt;
  return value.text;
}

// The facts that a test sets for its session.
struct TestFacts {
  AttributeSet named;
  Facts facts;

  explicit TestFacts(const lang::Test& test) {
    for (const lang::NamedConstant& fact : test.facts) {
      if (fact.name == "agent")
        facts.agent = fact_text(fact.value);
      else if (fact.name == "user")
        facts.user = fact_text(fact.value);
      else if (fact.name == "sponsor")
        facts.sponsor = fact_text(fact.value);
      else if (fact.name == "purpose")
        facts.purpose = fact_text(fact.value);
      else if (fact.name == "trigger")
        facts.trigger = fact_text(fact.value);
      else
        named.add(fact.name, fact.value);
    }
    facts.named = named.view();
    facts.opened = time_from_micros(test.opened);
  }
};

const char* word(lang::Expectation::Kind kind) {
  switch (kind) {
    case lang::Expectation::Kind::allow: return "allow";
    case lang::Expectation::Kind::deny: return "deny";
    case lang::Expectation::Kind::ask: return "ask";
    default: return "approve";
  }
}

std::string expected_text(const lang::Expectation& expectation) {
  if (expectation.reason) return fmt::format("{}, {}", word(expectation.kind), *expectation.reason);
  if (expectation.because)
    return fmt::format("{} because \"{}\"", word(expectation.kind), *expectation.because);
  return word(expectation.kind);
}

std::string got_text(const Decision& decision, const std::optional<RuleInfo>& rule) {
  std::string out = fmt::format("{}, {}", to_string(decision.effect), to_string(decision.reason));
  if (!rule) return out;
  out += fmt::format(" at {}", place_text(*rule));
  if (rule->because) out += fmt::format(" because \"{}\"", lang::visible(*rule->because));
  return out;
}

bool meets(const lang::Expectation& expectation, const Decision& decision,
           const std::optional<RuleInfo>& rule) {
  if (std::string_view(word(expectation.kind)) != to_string(decision.effect)) return false;
  if (expectation.reason && *expectation.reason != to_string(decision.reason)) return false;
  if (expectation.because && (!rule || !rule->because || *rule->because != *expectation.because))
    return false;
  return true;
}

// The line of the document that holds `place`.
std::string excerpt(const lang::Resolved& resolved, const lang::Place& place) {
  if (place.file >= resolved.texts.size()) return {};
  std::string_view text = resolved.texts[place.file];
  for (std::uint32_t line = 1; line < place.line; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (place.line == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

TestOutcome failed(const lang::Resolved& resolved, const lang::Test& test, const lang::Place& place,
                   std::string expected, std::string got) {
  TestOutcome out;
  out.status = TestOutcome::Status::failed;
  out.name = test.name;
  out.failure.code = "test-failed";
  out.failure.file = place.file < resolved.files.size() ? resolved.files[place.file] : "";
  out.failure.line = place.line;
  out.failure.column = place.column;
  out.failure.end_line = place.end_line;
  out.failure.end_column = place.end_column;
  out.failure.message =
      fmt::format("test \"{}\": expected {}, got {}", lang::visible(test.name), expected, got);
  out.failure.excerpt = excerpt(resolved, place);
  out.expected = std::move(expected);
  out.got = std::move(got);
  return out;
}

// A test on its way: one session of the document alone, its expectations in order.
class Rehearsal {
 public:
  Rehearsal(const lang::Resolved& resolved, const lang::Test& test, const Program& program,
            Coverage& coverage)
      : resolved_(resolved), test_(test), coverage_(coverage), facts_(test),
        session_(open(program)), now_(facts_.facts.opened) {}

  TestOutcome play() {
    for (const lang::Expectation& expectation : test_.expectations) {
      if (expectation.at) now_ = std::max(now_, later(*expectation.at));
      // `repeat N` expects N equal outcomes, and each of them counts: the limits see N requests.
      for (std::uint32_t i = 0; i < expectation.repeat; ++i) {
        const std::optional<std::string> got =
            expectation.kind == lang::Expectation::Kind::approve ? approve() : check(expectation);
        if (!got) continue;
        std::string expected = expected_text(expectation);
        if (expectation.repeat > 1)
          expected += fmt::format(" {} times", expectation.repeat);
        return failed(resolved_, test_, expectation.place, std::move(expected),
                      i == 0 ? *got : fmt::format("{} at the {}. time", *got, i + 1));
      }
    }
    TestOutcome out;
    out.name = test_.name;
    return out;
  }

 private:
  // The document is the session's only layer, whatever its kind.
  Session open(const Program& program) const {
    const std::vector<Program> group{program};
    const Result<Layers> layers = Layers::link_groups({&group, 1});
    if (!layers) throw BadInput(layers.error().text);
    Result<Session> session = rehearse(layers.value(), facts_.facts);
    if (!session) throw BadInput(session.error().text);
    return std::move(session).value();
  }

  Time later(std::int64_t after) const {
    std::int64_t sum;
    if (__builtin_add_overflow(test_.opened, after, &sum)) sum = INT64_MAX;
    return time_from_micros(sum);
  }

  // What came of it, where that is not what was expected.
  std::optional<std::string> check(const lang::Expectation& expectation) {
    AttributeSet attributes;
    for (const lang::NamedConstant& attribute : expectation.attributes)
      attributes.add(attribute.name, attribute.value);
    const Request request(expectation.action, expectation.resource, attributes.view());
    const Decision decision = session_.check(request, now_);
    coverage_.note(decision);
    asked_ = decision.asks() ? decision.approval : ApprovalId{};
    const std::optional<RuleInfo> rule = session_.rule(decision);
    if (meets(expectation, decision, rule)) return std::nullopt;
    return got_text(decision, rule);
  }

  std::optional<std::string> approve() {
    const Status approved = session_.approve(asked_, "a person", now_);
    if (approved.ok()) return std::nullopt;
    return approved.error().text;
  }

  const lang::Resolved& resolved_;
  const lang::Test& test_;
  Coverage& coverage_;
  const TestFacts facts_;
  Session session_;
  Time now_;
  ApprovalId asked_;  // of the last line, where that was an ask
};

}  // namespace

DocumentTests run_document_tests(std::string_view text, const lang::CompileOptions& given,
                                 bool coverage) {
  lang::CompileOptions options = given;
  options.arguments.clear();
  const lang::Compiled checked = lang::compile(text, options);
  DocumentTests out;
  out.file = given.file;
  out.diagnostics = checked.diagnostics();
  if (!out.usable()) return out;
  const lang::Resolved& resolved = checked.resolved();
  Coverage reached;
  for (const lang::Test& test : resolved.tests) {
    if (test.arguments.empty() && checked.program()) {
      out.outcomes.push_back(Rehearsal(resolved, test, *checked.program(), reached).play());
      continue;
    }
    options.arguments = test.arguments;
    const lang::Compiled compiled = lang::compile(text, options);
    if (compiled.program()) {
      out.outcomes.push_back(Rehearsal(resolved, test, *compiled.program(), reached).play());
      continue;
    }
    std::string why = "a parameter without a value";
    for (const lang::Diagnostic& diagnostic : compiled.diagnostics().all()) {
      if (diagnostic.severity == lang::Severity::error) {
        why = diagnostic.message;
        break;
      }
    }
    out.outcomes.push_back(failed(resolved, test, test.place, "a program", why));
  }
  if (coverage) out.untested = reached.untested(text, checked);
  return out;
}

TestCounts count(const std::vector<DocumentTests>& documents) {
  TestCounts out;
  for (const DocumentTests& document : documents) {
    if (!document.usable()) ++out.unusable;
    for (const TestOutcome& outcome : document.outcomes) {
      switch (outcome.status) {
        case TestOutcome::Status::passed: ++out.passed; break;
        case TestOutcome::Status::failed: ++out.failed; break;
      }
    }
  }
  return out;
}

std::string summary_line(std::size_t passed, std::size_t failed, std::size_t skipped) {
  std::string out = fmt::format("{} passed, {} failed", passed, failed);
  if (skipped > 0) out += fmt::format(", {} skipped", skipped);
  return out;
}

JsonOut tests_json(const std::vector<DocumentTests>& documents) {
  JsonOut out;
  out["tests"] = JsonOut::array();
  for (const DocumentTests& document : documents) {
    for (const TestOutcome& outcome : document.outcomes) {
      JsonOut item{{"file", document.file}, {"name", outcome.name}};
      switch (outcome.status) {
        case TestOutcome::Status::passed: item["status"] = "passed"; break;
        case TestOutcome::Status::failed:
          item["status"] = "failed";
          item["line"] = outcome.failure.line;
          item["column"] = outcome.failure.column;
          item["expected"] = outcome.expected;
          item["got"] = outcome.got;
          break;
      }
      out["tests"].push_back(std::move(item));
    }
  }
  std::vector<const lang::Diagnostics*> diagnostics;
  diagnostics.reserve(2 * documents.size());
  for (const DocumentTests& document : documents) {
    diagnostics.push_back(&document.diagnostics);
    diagnostics.push_back(&document.untested);
  }
  out["diagnostics"] = diagnostics_json(diagnostics)["diagnostics"];
  const TestCounts counts = count(documents);
  out["passed"] = counts.passed;
  out["failed"] = counts.failed;
  return out;
}

}  // namespace remit::tools
