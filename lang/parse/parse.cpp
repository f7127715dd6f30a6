// Stage 1: text -> syntax tree (parse.h). The only translation unit that includes PEGTL: it joins the
// grammar, the actions and the control that tells the builder where labelled rules failed.
// Covered by tests/parse_test.cpp.
#include "lang/parse/parse.h"

#include <fmt/format.h>
#include <tao/pegtl/contrib/analyze.hpp>

#include "lang/parse/actions.h"
#include "lang/parse/grammar_check.h"

namespace remit::lang {
namespace parsing {
namespace {

namespace pegtl = tao::pegtl;

template <class Rule>
struct control : pegtl::normal<Rule> {
  // Labelled rules report where they fail. Reporting goes by where a rule starts: where its parts
  // stopped is theirs to report.
  template <pegtl::apply_mode A, pegtl::rewind_mode M, template <class...> class Action, template <class...> class Control,
            class Input>
  static bool match(Input& in, Builder& b) {
    constexpr std::string_view kText = label_of<Rule>();
    if constexpr (kText.empty()) {
      return pegtl::normal<Rule>::template match<A, M, Action, Control>(in, b);
    } else {
      const char* const at = in.current();
      const std::size_t entered = b.enter(at);
      if (pegtl::normal<Rule>::template match<A, M, Action, Control>(in, b)) return true;
      b.fail(at, kText, entered);
      return false;
    }
  }
};

// `condition` and its like fold what their parts pushed: nothing is taken from a vector before the rule
// has matched, so a failure needs no undoing.
template <class Gap>
struct control<g::all_of<Gap>> : pegtl::normal<g::all_of<Gap>> {
  template <pegtl::apply_mode A, pegtl::rewind_mode M, template <class...> class Action, template <class...> class Control,
            class Input>
  static bool match(Input& in, Builder& b) {
    const std::size_t before = b.expressions.size();
    if (!pegtl::normal<g::all_of<Gap>>::template match<A, M, Action, Control>(in, b)) return false;
    fold(b, before, syntax::ExprKind::all_of);
    return true;
  }
};
template <class Gap>
struct control<g::any_of<Gap>> : pegtl::normal<g::any_of<Gap>> {
  template <pegtl::apply_mode A, pegtl::rewind_mode M, template <class...> class Action, template <class...> class Control,
            class Input>
  static bool match(Input& in, Builder& b) {
    const std::size_t before = b.expressions.size();
    if (!pegtl::normal<g::any_of<Gap>>::template match<A, M, Action, Control>(in, b)) return false;
    fold(b, before, syntax::ExprKind::any_of);
    return true;
  }
};

// One level deeper. PEGTL would go on until the stack ends, so `Opening`, which begins such a rule, is
// refused at the limit.
template <class Rule, class Opening>
struct nested : pegtl::normal<Rule> {
  template <pegtl::apply_mode A, pegtl::rewind_mode M, template <class...> class Action, template <class...> class Control,
            class Input>
  static bool match(Input& in, Builder& b) {
    if (b.depth == kMaxNesting) {
      const char* const at = in.current();
      auto ahead = in.template mark<pegtl::rewind_mode::required>();
      if (Opening::match(in))
        b.fault(b.span(at, in.current()), "nesting-too-deep", fmt::format("conditions nest at most {} levels deep", kMaxNesting),
                "split the condition into several `when` clauses");
      return ahead(false);
    }
    ++b.depth;
    const bool matched = pegtl::normal<Rule>::template match<A, M, Action, Control>(in, b);
    --b.depth;
    return matched;
  }
};
template <>
struct control<g::parenthesis> : nested<g::parenthesis, g::sign<'('>> {};
template <class Gap>
struct control<g::negation<Gap>> : nested<g::negation<Gap>, g::key<"not">> {};

// Where slots are emptied.
template <>
struct control<g::statement> : pegtl::normal<g::statement> {
  template <class Input>
  static void start(const Input& in, Builder& b) {
    b.begin_statement(in.current());
  }
};
template <>
struct control<g::member> : pegtl::normal<g::member> {
  template <class Input>
  static void start(const Input& in, Builder& b) {
    b.begin_member(in.current());
  }
};
template <>
struct control<g::expectation> : pegtl::normal<g::expectation> {
  template <class Input>
  static void start(const Input& in, Builder& b) {
    b.begin_member(in.current());
    b.expectation.emplace();
  }
};

}  // namespace
}  // namespace parsing

std::size_t grammar::faults() { return tao::pegtl::analyze<grammar::document>(-1); }

syntax::Document parse(const Source& source, Diagnostics& diagnostics) {
  parsing::Builder builder(source, diagnostics);
  if (source.text().size() > parsing::kMaxFile) {
    diagnostics.add(source.diagnose(Severity::error, "file-too-large", {0, 0},
                                    fmt::format("a document has at most 16 MiB ({} bytes); this one has {}", parsing::kMaxFile,
                                                source.text().size()),
                                    "split it into modules or layers"));
    builder.document.failed.push_back({});
    return std::move(builder.document);
  }
  builder.text_faults = parsing::check_text(source, kMaxErrors);
  for (const parsing::TextFault& fault : builder.text_faults)
    diagnostics.add(source.diagnose(Severity::error, fault.code, fault.span, fault.message, fault.help));
  builder.document.comments = parsing::find_comments(source);

  tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy> input(builder.begin, builder.end, "");
  // `document` always matches: whatever is no statement is skipped by a rule of its own.
  static_cast<void>(tao::pegtl::parse<grammar::document, parsing::action, parsing::control>(input, builder));
  if (!builder.text_faults.empty()) diagnostics.sort();
  return std::move(builder.document);
}

}  // namespace remit::lang
