// Actions for amounts, clauses, rules and limits. Included by actions.h only.
// Covered by tests/parse_test.cpp.
#pragma once

namespace remit::lang::parsing {

// --- amounts

REMIT_ACTION(times) { b.amount.unit = syntax::Amount::Unit::times; }
REMIT_ACTION(of_attribute) {
  b.amount.unit = syntax::Amount::Unit::of;
  const syntax::Value name = take_last(b.values);
  b.amount.attribute = {name.text, name.span, false};
}
REMIT_ACTION(per) { b.amount.per = take_last(b.values); }

inline bool is_plain_number(std::string_view text) {
  return text.find_first_not_of("-_0123456789") == std::string_view::npos;
}
// `unit` starts as size: no unit is written after a size.
inline syntax::Amount take_amount(Builder& b, std::uint32_t end) {
  syntax::Amount amount = take(b.amount);
  b.amount.unit = syntax::Amount::Unit::size;
  amount.number = take_last(b.values);
  amount.span = {amount.number.span.begin, end};
  const bool bare = amount.unit == syntax::Amount::Unit::size && amount.number.kind == syntax::ValueKind::scalar;
  if (bare && is_plain_number(amount.number.text))
    b.fault(amount.number.span, "amount-unit",
            fmt::format("the amount `{0}` needs `times` or `of ATTRIBUTE` behind it, or to be a size", amount.number.text),
            fmt::format("write `{0} times`, or `{0} of` and the attribute to add up", amount.number.text));
  return amount;
}

// --- clauses

inline std::string_view clause_name(syntax::ClauseKind kind) {
  using syntax::ClauseKind;
  switch (kind) {
    case ClauseKind::except: return "except";
    case ClauseKind::when: return "when";
    case ClauseKind::unless: return "unless";
    case ClauseKind::between: return "between";
    case ClauseKind::after: return "after";
    case ClauseKind::because: return "because";
    case ClauseKind::at_most: return "at most";
  }
  return {};
}

inline void add_clause(Builder& b, syntax::Clause clause, syntax::ClauseKind kind, Span span) {
  using syntax::ClauseKind;
  clause.kind = kind;
  clause.span = span;
  if (kind != ClauseKind::when && kind != ClauseKind::unless) {
    for (const syntax::Clause& earlier : b.clauses)
      if (earlier.kind == kind)
        b.fault(span, "clause-twice", fmt::format("a second `{}` in one statement", clause_name(kind)),
                kind == ClauseKind::except ? "list all its resources after one `except`" : "leave out one of them");
  }
  if (kind == ClauseKind::at_most && b.rule.kind == syntax::RuleKind::deny)
    b.fault(span, "at-most-on-deny", "`at most` stands on `allow` and `ask` only: a `deny` permits nothing to count",
            "write `limit ACTIONS RESOURCES to AMOUNT` to cap what other rules permit");
  if (kind == ClauseKind::at_most && b.rule.kind == syntax::RuleKind::limit)
    b.fault(span, "at-most-on-limit", "a limit has its amount after `to`: it takes no `at most`", "leave out the `at most`");
  b.clauses.push_back(std::move(clause));
}

REMIT_ACTION(except_clause) {
  syntax::Clause clause;
  clause.resources = take(b.resources);
  add_clause(b, std::move(clause), syntax::ClauseKind::except, span);
}
inline void add_condition(Builder& b, syntax::ClauseKind kind, Span span) {
  syntax::Clause clause;
  clause.condition = take_last(b.expressions);
  add_clause(b, std::move(clause), kind, span);
}
REMIT_ACTION(when_clause) { add_condition(b, syntax::ClauseKind::when, span); }
REMIT_ACTION(unless_clause) { add_condition(b, syntax::ClauseKind::unless, span); }

REMIT_ACTION(day) { b.words.push_back({text, span, false}); }
REMIT_ACTION(days) {
  const syntax::Word last = take_last(b.words);
  const syntax::Word first = b.words.empty() ? last : take_last(b.words);
  b.days.push_back({first, last});
}
REMIT_ACTION(zone) { b.words.push_back({text, span, false}); }
REMIT_ACTION(between_clause) {
  syntax::Clause clause;
  clause.to = take_last(b.values);
  clause.from = take_last(b.values);
  clause.days = take(b.days);
  if (!b.words.empty()) clause.zone = take_last(b.words);
  add_clause(b, std::move(clause), syntax::ClauseKind::between, span);
}
REMIT_ACTION(after_clause) {
  syntax::Clause clause;
  clause.subject = std::move(*b.subject);
  add_clause(b, std::move(clause), syntax::ClauseKind::after, span);
}
REMIT_ACTION(because_clause) {
  syntax::Clause clause;
  clause.text = take_last(b.values);
  add_clause(b, std::move(clause), syntax::ClauseKind::because, span);
}
REMIT_ACTION(at_most_clause) {
  syntax::Clause clause;
  clause.amount = take_amount(b, span.end);
  add_clause(b, std::move(clause), syntax::ClauseKind::at_most, span);
}

// --- rules and limits

inline void set_effect(Builder& b, syntax::RuleKind kind) {
  b.rule.kind = kind;
  b.rule.effect_written = true;
  if (b.expectation) b.expectation->kind = static_cast<syntax::Expectation::Kind>(kind);
}
static_assert(static_cast<int>(syntax::RuleKind::ask) == static_cast<int>(syntax::Expectation::Kind::ask) &&
              static_cast<int>(syntax::RuleKind::deny) == static_cast<int>(syntax::Expectation::Kind::deny));

REMIT_ACTION(allow) { set_effect(b, syntax::RuleKind::allow); }
REMIT_ACTION(deny) { set_effect(b, syntax::RuleKind::deny); }
REMIT_ACTION(ask) { set_effect(b, syntax::RuleKind::ask); }
REMIT_ACTION(rule_subject) {
  action<g::subject>::apply(in, b);
  b.rule.subject = std::move(*b.subject);
}
// Moved at the end, so that a rule's clauses take just their space.
inline void take_clauses(Builder& b) {
  b.kind = syntax::StatementKind::rule;
  b.rule.clauses.assign(std::make_move_iterator(b.clauses.begin()), std::make_move_iterator(b.clauses.end()));
  b.clauses.clear();
}
REMIT_ACTION(rule) { take_clauses(b); }
REMIT_ACTION(limit_amount) {
  b.rule.kind = syntax::RuleKind::limit;
  b.rule.amount = take_amount(b, span.end);
}
REMIT_ACTION(limit) { take_clauses(b); }

}  // namespace remit::lang::parsing
