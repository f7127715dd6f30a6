// What messages call the rules of the grammar: "expected LABEL". A rule without a label is silent: its
// parts or the rule around it speak. Where a labelled rule fails at its very start, its label takes the
// place of its parts' (so not "`any`, `\"`, a word" but "an action").
// Included by parse.cpp only. Covered by tests/parse_test.cpp.
#pragma once

#include <string_view>

#include "lang/parse/grammar.h"

namespace remit::lang::parsing {

namespace g = grammar;

template <class Rule>
inline constexpr std::string_view kLabel = {};

template <g::Spelling S>
inline constexpr std::string_view kLabel<g::key<S>> = S.view();  // explain() puts the backquotes
template <char C>
inline constexpr char kSignLabel[] = {C, '\0'};
template <char C>
inline constexpr std::string_view kLabel<g::sign<C>> = kSignLabel<C>;

template <> inline constexpr std::string_view kLabel<g::excess> = "the end of the statement";
template <> inline constexpr std::string_view kLabel<g::statement_body> = "a statement";
template <> inline constexpr std::string_view kLabel<g::name> = "a name";
template <> inline constexpr std::string_view kLabel<g::attribute_name> = "a name";
template <> inline constexpr std::string_view kLabel<g::document_name> = "a name";
template <> inline constexpr std::string_view kLabel<g::type_name> = "a type";
template <> inline constexpr std::string_view kLabel<g::attribute_type> = "a type";
template <> inline constexpr std::string_view kLabel<g::module_name> = "the name of a module";
template <> inline constexpr std::string_view kLabel<g::system_name> = "the name of a system";
template <> inline constexpr std::string_view kLabel<g::action_name> = "an action";
template <> inline constexpr std::string_view kLabel<g::actions> = "an action";
template <> inline constexpr std::string_view kLabel<g::target> = "a resource";
template <> inline constexpr std::string_view kLabel<g::resource> = "a resource";
template <> inline constexpr std::string_view kLabel<g::request> = "a resource";
template <> inline constexpr std::string_view kLabel<g::attribute> = "an attribute";
template <> inline constexpr std::string_view kLabel<g::string_value> = "a string";
template <> inline constexpr std::string_view kLabel<g::prose> = "a string";
template <> inline constexpr std::string_view kLabel<g::title> = "a title";
template <> inline constexpr std::string_view kLabel<g::test_name> = "the test's name in quotes";
template <> inline constexpr std::string_view kLabel<g::item> = "a value";
template <> inline constexpr std::string_view kLabel<g::literal> = "a value";
template <> inline constexpr std::string_view kLabel<g::operand> = "a value or an attribute";
template <> inline constexpr std::string_view kLabel<g::operation> = "a comparison";
template <class Gap> inline constexpr std::string_view kLabel<g::unary<Gap>> = "a condition";
template <> inline constexpr std::string_view kLabel<g::let_value> = "a value";
template <> inline constexpr std::string_view kLabel<g::quantity> = "an amount";
template <> inline constexpr std::string_view kLabel<g::duration> = "a duration";
template <> inline constexpr std::string_view kLabel<g::moment> = "a time";
template <> inline constexpr std::string_view kLabel<g::end_of_life> = "a duration or a time";
template <> inline constexpr std::string_view kLabel<g::count> = "a number";
template <> inline constexpr std::string_view kLabel<g::clock> = "a time of day";
template <> inline constexpr std::string_view kLabel<g::day> = "a day";
template <> inline constexpr std::string_view kLabel<g::zone> = "a time zone";
template <> inline constexpr std::string_view kLabel<g::clause> = "a clause";
template <> inline constexpr std::string_view kLabel<g::principal> = "an identifier";
template <> inline constexpr std::string_view kLabel<g::reason_word> = "a reason";

// Rules that only give a rule another name share its label.
template <class Rule>
constexpr std::string_view label_of() {
  if constexpr (!kLabel<Rule>.empty()) {
    return kLabel<Rule>;
  } else if constexpr (requires { typename Rule::rule_t; }) {
    return kLabel<typename Rule::rule_t>;
  } else {
    return {};
  }
}

}  // namespace remit::lang::parsing
