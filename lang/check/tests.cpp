// Tests in documents (tests.h). What a test asks is a request and may be wrong on purpose; but a test
// that denies because of a typing mistake would pass for ever, so unknown names need to be expected.
// Covered by tests/check_test.cpp.
#include "lang/check/tests.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <remit/decision.h>

#include "lang/check/names.h"
#include "lang/check/patterns.h"
#include "lang/check/variables.h"
#include "lang/check/write.h"
#include "lang/parse/literal_text.h"

namespace remit::lang::checker {
namespace {

bool is_named_fact(std::string_view name) { return name.substr(0, 5) == "user." || name.substr(0, 6) == "agent."; }

class TestReader {
 public:
  TestReader(Context& context, Scope& scope, const syntax::Statement& statement)
      : context_(context), scope_(scope), written_(scope.text->document->tests[statement.index]) {
    test_.place = scope.text->places->place(statement.span);
  }

  void read() {
    test_.name = decode_string(written_.name.text);
    for (const syntax::Binding& given : written_.bindings) binding(given);
    const syntax::Expectation* before = nullptr;
    for (const syntax::Expectation& expectation : written_.expectations) {
      if (expectation.kind == syntax::Expectation::Kind::approve) {
        approve(expectation, before);
      } else {
        expect(expectation);
      }
      before = &expectation;
    }
    context_.result.tests.push_back(std::move(test_));
  }

 private:
  static_assert(static_cast<int>(syntax::Expectation::Kind::approve) == static_cast<int>(Expectation::Kind::approve) &&
                static_cast<int>(syntax::Expectation::Kind::deny) == static_cast<int>(Expectation::Kind::deny));

  void error(Span span, std::string_view code, std::string message, std::string help = {}) {
    context_.report.error(*scope_.text, span, code, std::move(message), std::move(help));
  }

  void binding(const syntax::Binding& given) {
    const std::string_view name = given.name.text;
    if (!names_.insert(name).second) {
      error(given.name.span, "argument-twice", fmt::format("a second value for {}", quote(name)), "leave out one of them");
      return;
    }
    Meaning meaning = evaluate(context_, scope_, given.value);
    if (meaning.broken()) return;
    if (const auto at = scope_.parameter_index.find(name); at != scope_.parameter_index.end()) {
      const Type type = scope_.parameters[at->second].type;
      if (type != Type::any && meaning.value.type != type)
        error(given.value.span, "type-mismatch", fmt::format("parameter {} is {}, {} is {}", quote(name), a_type(type), quote(given.value.text), a_type(meaning.value.type, meaning.value.element)));
      else if (type == Type::resource && meaning.known && !decode_resource_value(meaning.value.text).fault.ok())
        context_.report.error(*scope_.text, given.value.span, decode_resource_value(meaning.value.text).fault);
      else
        test_.arguments.push_back(Argument::of(std::string(name), std::move(meaning.value)));
      return;
    }
    if (name == "opened") {
      if (meaning.value.type != Type::time) error(given.value.span, "type-mismatch", fmt::format("`opened` wants a time; {} is {}", quote(given.value.text), a_type(meaning.value.type, meaning.value.element)));
      test_.opened = meaning.value.number;
      return;
    }
    if (is_fact(name) && meaning.value.type != Type::string) {
      error(given.value.span, "type-mismatch", fmt::format("{} is a string; {} is {}", quote(name), quote(given.value.text), a_type(meaning.value.type, meaning.value.element)));
      return;
    }
    if (is_fact(name) || is_named_fact(name)) {
      test_.facts.push_back({std::string(name), std::move(meaning.value)});
      return;
    }
    if (scope_.text->any_name_missing || context_.report.full()) return;
    Nearest nearest(name);
    for (const Parameter& parameter : scope_.parameters) nearest.offer(parameter.declared->name.text);
    for (const std::string_view fact : {"agent", "user", "sponsor", "purpose", "trigger", "opened"}) nearest.offer(fact);
    error(given.name.span, "unknown-parameter", fmt::format("{} is neither a parameter nor a fact about the session{}", quote(name), nearest.hint()),
          "a test sets parameters, `user`, `user.NAME`, `agent`, `agent.NAME` and `opened`; attributes stand in its lines");
  }

  void approve(const syntax::Expectation& written, const syntax::Expectation* before) {
    if (before == nullptr || before->kind != syntax::Expectation::Kind::ask) {
      error(written.span, "approve-without-ask", "`approve` answers the `ask` on the line before it", "write it right behind the `ask`");
      return;
    }
    Expectation result;
    result.kind = Expectation::Kind::approve;
    result.place = scope_.text->places->place(written.span);
    test_.expectations.push_back(std::move(result));
  }

  void expect(const syntax::Expectation& written) {
    Expectation result;
    result.kind = static_cast<Expectation::Kind>(written.kind);
    result.action = written.action.text;
    result.place = scope_.text->places->place(written.span);
    if (written.resource.kind == syntax::ResourceKind::variable) {
      result.resource = variable(written.resource);
    } else {
      result.resource = decode_request(written.resource.text);
    }
    attributes(written, result);
    if (written.at) time(*written.at, result);
    if (written.repeat) repeat(*written.repeat, result);
    if (written.because) result.because = decode_string(written.because->text);
    if (written.reason) {
      result.reason = written.reason->text;
      reason(*written.reason);
    }
    find_names(written, result);
    test_.expectations.push_back(std::move(result));
  }

  // `$folder/a`: the resource that the parameter or let names, and what is beneath it.
  std::string variable(const syntax::Resource& written) {
    Meaning meaning = find_variable(context_, scope_, written.text, written.span);
    if (meaning.broken() || (meaning.kind == Meaning::Kind::patterns && !meaning.known)) return std::string(written.text);
    if (meaning.kind == Meaning::Kind::value || meaning.patterns.size() != 1) {
      error(written.span, "not-one-resource", fmt::format("{} is not one resource, so nothing can be asked about it", quote(written.text)), "write the resource itself");
      return {};
    }
    const std::string whole = write_pattern(context_.systems.all()[meaning.patterns[0].system].name, meaning.patterns[0].text);
    return decode_request(whole);
  }

  void attributes(const syntax::Expectation& written, Expectation& result) {
    for (const syntax::Binding& given : written.attributes) {
      Meaning meaning = evaluate(context_, scope_, given.value);
      if (meaning.broken()) continue;
      result.attributes.push_back({std::string(given.name.text), std::move(meaning.value)});
    }
  }

  void time(const syntax::Value& value, Expectation& result) {
    bool known = true;
    const auto at = evaluate_as(context_, scope_, value, Type::duration, "`at`", &known);
    if (!at) return;
    result.at = at->number;
    if (!known) return;
    if (at->number < latest_)
      error(value.span, "time-backwards", fmt::format("`at {}` goes back: an earlier line was at {}", value.text, write_duration(latest_)), "put the lines into the order of time");
    latest_ = std::max(latest_, at->number);
  }

  void repeat(const syntax::Value& value, Expectation& result) {
    bool known = true;
    const auto count = evaluate_as(context_, scope_, value, Type::integer, "`repeat`", &known);
    if (!count || !known) return;
    if (count->number < 1 || count->number > std::numeric_limits<std::int32_t>::max())
      error(value.span, "bad-repeat", fmt::format("{} cannot be repeated: write how often, from 1 on", quote(value.text)));
    else
      result.repeat = static_cast<std::uint32_t>(count->number);
  }

  void reason(const syntax::Word& word) {
    Reason known{};
    if (parse_reason(word.text, known)) return;
    Nearest nearest(word.text);
#define REMIT_OFFER_REASON(name, sentence) nearest.offer(#name);
    REMIT_REASONS(REMIT_OFFER_REASON)
#undef REMIT_OFFER_REASON
    error(word.span, "unknown-reason", fmt::format("there is no reason {}{}", quote(word.text), nearest.hint()), "to expect a rule's text, write it in quotes: `because \"...\"`");
  }

  // A system or action that the document does not know, unless that is what the line expects.
  void find_names(const syntax::Expectation& written, const Expectation& result) {
    static constexpr std::string_view kExpected[] = {"unknown_system", "unknown_action", "malformed_resource", "malformed_request"};
    if (result.reason && std::find(std::begin(kExpected), std::end(kExpected), *result.reason) != std::end(kExpected)) return;
    if (scope_.text->damaged || context_.report.full() || written.resource.kind == syntax::ResourceKind::variable) return;
    const std::string name = result.resource.substr(0, result.resource.find(':'));
    const auto system = context_.systems.find(name);
    if (!system) {
      const std::string near = context_.systems.nearest_system(name);
      error(written.resource.span, "unknown-system", fmt::format("there is no system {}{}", quote(name), near.empty() ? "" : fmt::format("; did you mean `{}`?", near)),
            "to test just that, write `because unknown_system`");
      return;
    }
    if (context_.systems.has_action(*system, result.action)) return;
    Ground ground;
    ground.add(*system);
    const std::string near = context_.systems.nearest_action(result.action, ground);
    error(written.action.span, "unknown-action", fmt::format("system `{}` has no action {}{}", name, quote(result.action), near.empty() ? "" : fmt::format("; did you mean `{}`?", near)),
          "to test just that, write `because unknown_action`");
  }

  Context& context_;
  Scope& scope_;
  const syntax::Test& written_;
  Test test_;
  std::int64_t latest_ = 0;
  std::unordered_set<std::string_view> names_;
};

}  // namespace

void resolve_test(Context& context, Scope& scope, const syntax::Statement& statement) { TestReader(context, scope, statement).read(); }

}  // namespace remit::lang::checker
