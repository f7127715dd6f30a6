// Rules and limits (rules.h). Covered by tests/check_test.cpp.
#include "lang/check/rules.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "lang/check/conditions.h"
#include "lang/check/names.h"
#include "lang/check/resources.h"
#include "lang/check/variables.h"
#include "lang/check/zones.h"
#include "lang/parse/literal_text.h"

namespace remit::lang::checker {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

class RuleReader {
 public:
  RuleReader(Context& context, Scope& scope, const syntax::Statement& statement)
      : context_(context), scope_(scope), statement_(statement), written_(scope.text->document->rules[statement.index]) {}

  void read() {
    context_.parametric = false;
    rule_.kind = static_cast<RuleKind>(written_.kind);
    rule_.place = scope_.text->places->place(statement_.span);
    rule_.subject = resolve_subject(context_, scope_, written_.subject, ground_);
    const syntax::Amount* at_most = nullptr;
    for (const syntax::Clause& clause : written_.clauses) {
      if (clause.amount) at_most = &*clause.amount;
      read_clause(clause);
    }
    if (written_.amount) rule_.amount = amount(*written_.amount);
    std::optional<Amount> cap;
    if (at_most != nullptr) cap = amount(*at_most);
    std::vector<Rule>& rules = context_.result.rules;
    rules.push_back(std::move(rule_));
    context_.origins.push_back({&scope_, &statement_, context_.parametric});
    if (!cap) return;
    Rule limit = rules.back();
    limit.kind = RuleKind::limit;
    limit.from_rule = true;
    limit.amount = std::move(cap);
    rules.push_back(std::move(limit));
    context_.origins.push_back(context_.origins.back());
  }

 private:
  static_assert(static_cast<int>(syntax::RuleKind::limit) == static_cast<int>(RuleKind::limit) &&
                static_cast<int>(syntax::RuleKind::deny) == static_cast<int>(RuleKind::deny));

  void error(Span span, std::string_view code, std::string message, std::string help = {}) {
    context_.report.error(*scope_.text, span, code, std::move(message), std::move(help));
  }

  void read_clause(const syntax::Clause& clause) {
    Guard& guard = rule_.guard;
    switch (clause.kind) {
      case syntax::ClauseKind::except: {
        Ground ground;
        resolve_resources(context_, scope_, clause.resources, guard.except, ground);
        guard.except_place = scope_.text->places->place(clause.span);
        break;
      }
      case syntax::ClauseKind::when:
      case syntax::ClauseKind::unless: {
        auto condition = resolve_condition(context_, scope_, *clause.condition, ground_);
        if (!condition) break;
        const bool unless = clause.kind == syntax::ClauseKind::unless;
        guard.conditions.push_back({std::move(*condition), unless, scope_.text->places->place(clause.span)});
        break;
      }
      case syntax::ClauseKind::between: guard.between = window(clause); break;
      case syntax::ClauseKind::after: {
        Ground ground;
        guard.after = resolve_subject(context_, scope_, clause.subject, ground);
        guard.after_place = scope_.text->places->place(clause.span);
        break;
      }
      case syntax::ClauseKind::because: rule_.because = decode_string(clause.text.text); break;
      case syntax::ClauseKind::at_most: break;
    }
  }

  std::optional<std::uint16_t> clock(const syntax::Value& value) {
    std::uint16_t minutes = 0;
    const LiteralFault fault = decode_clock(value.text, minutes);
    if (fault.ok()) return minutes;
    context_.report.error(*scope_.text, value.span, fault);
    return std::nullopt;
  }

  // The grammar lets no other words in.
  static unsigned day(const syntax::Word& word) {
    return static_cast<unsigned>(std::find(kDays.begin(), kDays.end(), word.text) - kDays.begin()) % 7;
  }

  std::optional<Window> window(const syntax::Clause& clause) {
    Window result;
    const auto from = clock(clause.from), to = clock(clause.to);
    if (from && to && *from == *to)
      error(clause.span, "empty-window", fmt::format("{} and {} are equal: the window would be empty, or a whole day", quote(clause.from.text), quote(clause.to.text)),
            "leave `between` out for whole days, or give the days as a condition of their own");
    const bool good = from && to && *from != *to;
    if (!clause.days.empty()) result.days = 0;
    for (const syntax::Clause::Days& days : clause.days) {
      for (unsigned at = day(days.first);; at = (at + 1) % 7) {  // `fri-mon` wraps
        result.days = static_cast<std::uint8_t>(result.days | 1U << at);
        if (at == day(days.last)) break;
      }
    }
    const auto zone = find_zone_of(clause);
    if (!good || !zone) return std::nullopt;
    result.from = *from;
    result.to = *to;
    result.zone = *zone;
    result.place = scope_.text->places->place(clause.span);
    return result;
  }

  std::optional<std::uint32_t> find_zone_of(const syntax::Clause& clause) {
    const std::string name(clause.zone ? clause.zone->text : "UTC");
    if (const auto known = context_.zones.find(name); known != context_.zones.end()) return known->second;
    if (context_.report.full()) return std::nullopt;
    auto zone = find_zone(name);
    if (!zone) {
      const std::string near = nearest_zone(name);
      error(clause.zone->span, "unknown-zone", fmt::format("there is no time zone {}{}", quote(name), near.empty() ? "" : fmt::format("; did you mean `{}`?", near)),
            has_zone_data() ? "zones are named as in the IANA database: `Europe/Zurich`, `America/New_York`, `UTC`" : "this machine has no time zone data: install tzdata");
      return std::nullopt;
    }
    const auto index = static_cast<std::uint32_t>(context_.result.zones.size());
    context_.result.zones.push_back(std::move(*zone));
    context_.zones.emplace(name, index);
    return index;
  }

  std::optional<Amount> amount(const syntax::Amount& written) {
    Amount result;
    const Meaning number = evaluate(context_, scope_, written.number);
    bool good = !number.broken();
    if (written.per) {
      const auto per = evaluate_as(context_, scope_, *written.per, Type::duration, "`per`", &known_);
      good = good && per;
      if (per && known_ && per->number <= 0) error(written.per->span, "bad-duration", "`per` wants a duration above zero");
      if (per) result.per = per->number;
    }
    if (!good) return std::nullopt;
    const Constant& most = number.value;
    result.most = most.number;
    if (number.known && most.number < 0) {
      error(written.number.span, "negative-amount", fmt::format("{} is negative: an amount is zero or more", quote(written.number.text)));
      return std::nullopt;
    }
    switch (written.unit) {
      case syntax::Amount::Unit::times:
        if (most.type == Type::integer) return result;
        error(written.number.span, "type-mismatch", fmt::format("{} is {}: `times` counts, so it wants an int before it", quote(written.number.text), a_type(most.type, most.element)));
        return std::nullopt;
      case syntax::Amount::Unit::size:
        if (most.type != Type::size) {
          error(written.number.span, "amount-unit", fmt::format("{} is {}: an amount is a size, `N times` or `N of ATTRIBUTE`", quote(written.number.text), a_type(most.type, most.element)));
          return std::nullopt;
        }
        return summed(result, most, "size", written.span);
      case syntax::Amount::Unit::of: break;
    }
    return summed(result, most, written.attribute.text, written.attribute.span);
  }

  std::optional<Amount> summed(Amount result, const Constant& most, std::string_view name, Span span) {
    const auto attribute = resolve_attribute(context_, scope_, name, span, ground_);
    if (!attribute) return std::nullopt;
    const Type type = attribute->type;
    if (attribute->fact != Fact::none) {
      error(span, "not-summable", fmt::format("{} is a fact about the session: it cannot be added up", quote(name)), "name an attribute of the request");
      return std::nullopt;
    }
    if (type != Type::integer && type != Type::size && type != Type::duration && type != Type::any) {
      error(span, "not-summable", fmt::format("{} is {}: only an int, a size or a duration can be added up", quote(name), a_type(type, attribute->element)));
      return std::nullopt;
    }
    if (type != Type::any && type != most.type) {
      error(span, "type-mismatch", fmt::format("{} is {}, the amount is {}: they must be of one type", quote(name), a_type(type), a_type(most.type, most.element)));
      return std::nullopt;
    }
    result.count = false;
    result.attribute = name;
    result.type = most.type;
    return result;
  }

  Context& context_;
  Scope& scope_;
  const syntax::Statement& statement_;
  const syntax::Rule& written_;
  Rule rule_;
  Ground ground_;
  bool known_ = true;
};

}  // namespace

void resolve_rule(Context& context, Scope& scope, const syntax::Statement& statement) { RuleReader(context, scope, statement).read(); }

}  // namespace remit::lang::checker
