// What each rule of the grammar puts into the builder. Derived from `nothing`, so that an action with a
// mistyped signature does not compile instead of never being called.
// Included by parse.cpp only. Covered by tests/parse_test.cpp.
#pragma once

#include <fmt/format.h>

#include "lang/check/names.h"
#include "lang/parse/builder.h"
#include "lang/parse/labels.h"

namespace remit::lang::parsing {

template <class Rule>
struct action : tao::pegtl::nothing<Rule> {};

template <class Input>
std::string_view text_of(const Input& in) {
  return {in.begin(), in.size()};
}
template <class Input>
Span span_of(const Input& in, const Builder& b) {
  return b.span(in.begin(), in.end());
}
// The slot holds one wherever the grammar is right; an empty one is no reason to crash a host.
template <class T>
T take_last(std::vector<T>& from) {
  if (from.empty()) return T{};
  T last = std::move(from.back());
  from.pop_back();
  return last;
}
template <class T>
T take(T& from) {
  T taken = std::move(from);
  from = T{};
  return taken;
}

// One action: `REMIT_ACTION(rule) { ... }` with `in` and `b`.
#define REMIT_ACTION(RULE)                                                        \
  template <>                                                                     \
  struct action<g::RULE> {                                                        \
    template <class Input>                                                        \
    static void apply(const Input& in, Builder& b) {                              \
      run(in, text_of(in), span_of(in, b), b);                                    \
    }                                                                             \
    template <class Input>                                                        \
    static void run(const Input& in, std::string_view text, Span span, Builder& b); \
  };                                                                              \
  template <class Input>                                                          \
  void action<g::RULE>::run([[maybe_unused]] const Input& in, [[maybe_unused]] std::string_view text, [[maybe_unused]] Span span, Builder& b)

}  // namespace remit::lang::parsing

#include "lang/parse/actions_values.h"
#include "lang/parse/actions_rules.h"
#include "lang/parse/actions_statements.h"

#undef REMIT_ACTION
