// What the files of the warnings share; each file has one door, named below. Private to
// lang/check/warnings*.cpp.
#pragma once

#include <string>
#include <vector>

#include "lang/check/context.h"
#include "lang/check/pattern_cover.h"
#include "lang/check/rule_cover.h"

namespace remit::lang::checker {

// One run over a document without errors.
struct Judge {
  explicit Judge(Context& context_in)
      : context(context_in), never(context_in.result.rules.size()) {}

  Context& context;
  // All comparisons of patterns draw on one store, so that no document can make them take long.
  // What is not looked at is not warned of.
  Effort effort;
  RuleCover cover{context, effort};
  // Rules (by index) that were warned of because they never match: nothing more is said of them.
  std::vector<bool> never;

  const std::vector<Rule>& rules() const { return context.result.rules; }
  // Of a rule from the text, with its origin: true for `from_rule` limits, which are their rule's.
  bool carried(std::size_t rule) const { return rules()[rule].from_rule; }
  bool warn(std::size_t rule, Span span, std::string_view code, std::string message,
            std::string help) {
    const Origin& origin = context.origins[rule];
    context.report.warning(*origin.scope, *origin.statement, span, code, std::move(message),
                           std::move(help));
    return true;
  }
};

// For each of `patterns`, which of `written` it came from: a let stands for several.
std::vector<std::size_t> sources_of(const Origin& origin,
                                    const std::vector<syntax::Resource>& written,
                                    const std::vector<Pattern>& patterns);

void warn_of_lifetime(Judge& judge);  // warnings_lifetime.cpp
void warn_of_breadth(Judge& judge);   // warnings_breadth.cpp
void warn_of_never(Judge& judge);     // warnings_never.cpp; before those that follow
void warn_of_cover(Judge& judge);     // warnings_cover.cpp
void warn_of_limits(Judge& judge);    // warnings_limits.cpp
void warn_of_names(Judge& judge);     // warnings_names.cpp
void warn_of_tests(Judge& judge);     // warnings_tests.cpp

}  // namespace remit::lang::checker
