// Warnings (warnings.h): the list. Covered by tests/warnings_test.cpp.
//
//   unused-let, unused-parameter, unused-module     variables.cpp, modules.cpp
//   replaces-standard                               systems.cpp
//   any-agent, delegate-to-anyone, long-expiry,
//   permits-nothing                                 warnings_lifetime.cpp
//   whole-system, grant-of-any,
//   between-without-zone, has-in-unless,
//   has-in-when                                     warnings_breadth.cpp
//   never-matches, idle-except                      warnings_never.cpp
//   covered-rule, denied-allow, unreachable-limit   warnings_cover.cpp, warnings_limits.cpp
//   look-alike                                      warnings_names.cpp
//   undeclared-attribute                            warnings_tests.cpp
//   long-pattern-list                               lang/compile/compile.cpp
//   untested-rule                                   tools/coverage.cpp
//
// A warning must be true: where it cannot be decided, none is given. What compares rules leaves
// those out that speak of a parameter of the document (Origin::parametric).
#include "lang/check/warnings.h"

#include "lang/check/modules.h"
#include "lang/check/variables.h"
#include "lang/check/warnings_parts.h"

namespace remit::lang::checker {

std::vector<std::size_t> sources_of(const Origin& origin,
                                    const std::vector<syntax::Resource>& written,
                                    const std::vector<Pattern>& patterns) {
  // Both are in the order of the text, and every pattern of a let stands where its variable stands.
  std::vector<std::size_t> result;
  std::size_t at = 0;
  for (const Pattern& pattern : patterns) {
    const auto stands_at = [&](const syntax::Resource& resource) {
      const Place place = origin.scope->text->places->place(resource.whole);
      return place.line == pattern.place.line && place.column == pattern.place.column;
    };
    while (at + 1 < written.size() && !stands_at(written[at])) ++at;
    result.push_back(at);
  }
  return result;
}

void find_warnings(Context& context) {
  find_unused_names(context);
  find_unused_modules(context);
  Judge judge(context);
  warn_of_lifetime(judge);
  warn_of_breadth(judge);
  warn_of_never(judge);
  warn_of_cover(judge);
  warn_of_limits(judge);
  warn_of_names(judge);
  warn_of_tests(judge);
}

}  // namespace remit::lang::checker
