// Tests in documents. See tests.h.
#include "tests/reference/tests.h"

#include <algorithm>

#include "tests/reference/checked.h"
#include "tests/reference/session.h"

namespace remit::reference {
namespace {

const lang::Test* find_test(const lang::Resolved& document, const std::string& name) {
  for (const lang::Test& test : document.tests) {
    if (test.name == name) return &test;
  }
  return nullptr;
}

// "A session's facts are set with `with user = "...", user.role = "...", agent = "..."`".
HeldOpening opening_of(const lang::Test& test) {
  HeldOpening opening;
  for (const lang::NamedConstant& fact : test.facts) {
    if (fact.name == "agent") opening.agent = fact.value.text;
    if (fact.name == "user") opening.user = fact.value.text;
    if (fact.name == "purpose") opening.purpose = fact.value.text;
    if (fact.name == "trigger") opening.trigger = {"event", fact.value.text};
    if (fact.name.find('.') != std::string::npos) opening.named.emplace_back(fact.name, fact.value);
  }
  return opening;
}

bool meets(const lang::Expectation& expected, const Outcome& outcome,
           const lang::Resolved& document) {
  static constexpr Effect kEffects[] = {Effect::allow, Effect::deny, Effect::ask};
  if (outcome.effect != kEffects[static_cast<std::size_t>(expected.kind)]) return false;
  // "`because` names a reason of section 6, or quotes the `because` text of the rule".
  if (expected.reason && *expected.reason != to_string(outcome.reason)) return false;
  if (!expected.because) return true;
  return outcome.rule && document.rules[*outcome.rule].because == expected.because;
}

}  // namespace

std::string run_document_test(const std::string& text, const lang::CheckOptions& options,
                              const std::string& name) {
  // The values of the parameters are the test's own, so the document is checked again with them.
  const Checked first = check_text(text, {{}, options.module_path, options.modules});
  const lang::Test* const written = find_test(first.document, name);
  if (written == nullptr) return "there is no test " + name;
  const Checked checked =
      check_text(text, {written->arguments, options.module_path, options.modules});
  if (!checked.complete()) return checked.diagnostics.render();
  const lang::Test& test = *find_test(checked.document, name);

  // "A test runs the document (with its modules) as one session opened at time zero".
  Tree tree({{&checked.document}}, opening_of(test), test.opened);
  std::int64_t now = test.opened;
  std::optional<std::size_t> asked;
  for (const lang::Expectation& expected : test.expectations) {
    if (expected.kind == lang::Expectation::Kind::approve) {
      // "`ask` followed by `approve` on the next line approves it": a person does, whom no test
      // names.
      if (!asked || !tree.approve(0, *asked, "the approver of a test", now))
        return "line " + std::to_string(expected.place.line) + ": not approved";
      continue;
    }
    if (expected.at) now = test.opened + *expected.at;
    HeldRequest request{expected.action, expected.resource, {}, now};
    for (const lang::NamedConstant& attribute : expected.attributes)
      request.attributes.emplace_back(attribute.name, attribute.value);
    const Loan loan(request);
    for (std::uint32_t i = 0; i < expected.repeat; ++i) {
      const Answer answer = tree.check(0, loan.request(), now);
      asked = answer.ask;
      if (!meets(expected, answer.outcome, checked.document)) {
        return "line " + std::to_string(expected.place.line) + ": " +
               to_string(answer.outcome.effect) + " " + to_string(answer.outcome.reason);
      }
    }
  }
  return {};
}

}  // namespace remit::reference
