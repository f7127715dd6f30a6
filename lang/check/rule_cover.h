// Does one rule match whenever another does? (language.md sections 3 to 5.) Puts together what
// patterns cover, which actions groups cover and what conditions imply. For the warnings.
// Covered by tests/warnings_test.cpp and, rule by rule, by tests/warnings_property_test.cpp.
//
// Every answer `true` of the first three and `false` of the fourth can be relied on. What takes more
// effort than is left is answered the other way.
#pragma once

#include <vector>

#include "lang/check/context.h"
#include "lang/check/pattern_cover.h"

namespace remit::lang::checker {

class RuleCover {
 public:
  RuleCover(const Context& context, Effort& effort) : context_(context), effort_(effort) {}

  // Is `outer` at least as true as `inner` for every request, unknown being between no and yes?
  bool matches_whenever(const Rule& inner, const Rule& outer) const;

  // Does ACTIONS RESOURCES of `outer` speak of all that `inner` speaks of? What `exceptions` covers
  // is not asked about.
  bool speaks_of_all(const Subject& inner, const std::vector<Pattern>& exceptions,
                     const Subject& outer) const;

  // Do the exceptions cover all resources that the rule names?
  bool excepts_all(const Rule& rule) const;

  // Is there a request that both speak of, and neither excepts with all that it names?
  bool may_meet(const Rule& a, const Rule& b) const;

  // Has the system one of the actions?
  bool has_action_of(const Subject& subject, std::uint32_t system) const;

 private:
  // Takes `steps` from the effort; false where there is not so much left.
  bool spend(std::size_t steps) const;
  bool actions_within(const Subject& inner, const Subject& outer, const Pattern& where) const;
  bool actions_within(const Subject& inner, const Subject& outer, std::uint32_t system) const;
  bool actions_meet(const Subject& a, const Subject& b, const Pattern& where) const;
  bool actions_meet(const Subject& a, const Subject& b, std::uint32_t system) const;
  bool excepts_nothing_of(const Rule& inner, const Rule& outer) const;

  const Context& context_;
  Effort& effort_;
};

}  // namespace remit::lang::checker
