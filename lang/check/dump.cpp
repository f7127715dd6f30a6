// The resolved document as indented text (dump.h). Covered by tests/check_test.cpp.
#include "lang/check/dump.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "lang/check/names.h"
#include "lang/check/patterns.h"
#include "lang/check/write.h"

namespace remit::lang {
namespace {

constexpr std::string_view kRuleKinds[] = {"allow", "deny", "ask", "limit"};
constexpr std::string_view kCompares[] = {"==", "!=", "<", "<=", ">", ">="};
constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::string_view kExpectations[] = {"allow", "deny", "ask", "approve"};

std::string operand(const Operand& operand) {
  if (!operand.is_attribute) return checker::write_constant(operand.constant);
  const AttributeRef& attribute = operand.attribute;
  return fmt::format("{}:{}", attribute.name, attribute.type == Type::any ? "any" : checker::type_name(attribute.type, attribute.element));
}

std::string joined(const Condition& condition, std::string_view word) {
  std::string out = "(";
  for (const Condition& child : condition.children) out += fmt::format("{}{}", out.size() > 1 ? fmt::format(" {} ", word) : "", dump(child));
  return out + ")";
}

std::string glob(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == kStar ? '*' : c == kQuestion ? '?' : c;
  return out;
}

class Writer {
 public:
  explicit Writer(const Resolved& document) : document_(document) {}

  std::string run() {
    line(0, "{} {}", to_string(document_.kind), document_.name.empty() ? "(nameless)" : document_.name);
    if (!document_.complete) line(1, "not complete: it cannot be compiled to a program");
    for (const ParameterInfo& parameter : document_.parameters) line(1, "parameter {}: {}", parameter.name, checker::type_name(parameter.type));
    systems();
    lifetime();
    for (const Rule& rule : document_.rules) write(rule);
    for (const Test& test : document_.tests) write(test);
    return std::move(out_);
  }

 private:
  template <class... Args>
  void line(std::size_t depth, fmt::format_string<Args...> format, Args&&... args) {
    out_.append(2 * depth, ' ');
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  std::string pattern(const Pattern& pattern) const {
    if (pattern.anything) return "anything";
    return fmt::format("{}{}", pattern.only ? "only " : "", checker::write_pattern(document_.systems[pattern.system].name, pattern.text));
  }
  std::string patterns(const std::vector<Pattern>& all) const {
    std::string out;
    for (const Pattern& one : all) out += (out.empty() ? "" : ", ") + pattern(one);
    return out;
  }
  std::string subject(const Subject& subject) const {
    std::string actions = subject.any ? "any" : "";
    for (const std::string& name : subject.names) actions += (actions.empty() ? "" : ", ") + name;
    return fmt::format("{} {}", actions, patterns(subject.resources));
  }

  // Those that some rule names.
  void systems() {
    std::vector<bool> named(document_.systems.size(), false);
    const auto note = [&](const std::vector<Pattern>& all) {
      for (const Pattern& one : all) {
        if (!one.anything) named[one.system] = true;
      }
    };
    for (const Rule& rule : document_.rules) {
      note(rule.subject.resources);
      note(rule.guard.except);
      if (rule.guard.after) note(rule.guard.after->resources);
    }
    for (std::size_t i = 0; i < named.size(); ++i) {
      if (named[i]) write(document_.systems[i]);
    }
  }

  void write(const SystemInfo& system) {
    line(1, "system {}", system.name);
    for (const ActionInfo& action : system.actions) {
      std::string covers;
      for (const std::uint32_t covered : action.covers) covers += (covers.empty() ? "" : ", ") + system.actions[covered].name;
      line(2, "action {}{}", action.name, action.covers.size() > 1 ? " covers " + covers : "");
    }
    for (const AttributeInfo& attribute : system.attributes) line(2, "attribute {}: {}", attribute.name, checker::type_name(attribute.type, attribute.element));
  }

  void lifetime() {
    const Lifetime& life = document_.lifetime;
    if (life.expires_after) line(1, "expires {} after opening", checker::write_duration(*life.expires_after));
    if (life.expires_at) line(1, "expires {}", checker::write_time(*life.expires_at));
    if (life.starts) line(1, "starts {}", checker::write_time(*life.starts));
    if (life.idle) line(1, "idle {}", checker::write_duration(*life.idle));
    if (life.purpose) line(1, "purpose {}", checker::write_string(*life.purpose));
    for (const std::string& agent : life.agents) line(1, "agent {}", agent);
    for (const std::string& user : life.users) line(1, "on behalf of {}", user);
    if (life.sponsor) line(1, "sponsor {}", *life.sponsor);
    if (life.review_every) line(1, "review every {}", checker::write_duration(*life.review_every));
    if (life.trigger) line(1, "trigger {} {}", life.trigger->kind, checker::write_string(life.trigger->text));
    if (!life.delegate) return;
    line(1, "delegate up to {} level{}", life.delegate->levels, life.delegate->levels == 1 ? "" : "s");
    for (const std::string& to : life.delegate->to) line(2, "to {}", to);
  }

  std::string place(const Place& at) const { return fmt::format("{}:{}:{}", document_.files[at.file], at.line, at.column); }

  void write(const Rule& rule) {
    const Guard& guard = rule.guard;
    line(1, "{} {}  # {}{}", kRuleKinds[static_cast<std::size_t>(rule.kind)], subject(rule.subject), place(rule.place), rule.from_rule ? ", from its `at most`" : "");
    if (rule.amount) {
      Constant most;
      most.type = rule.amount->type;
      most.number = rule.amount->most;
      line(2, "to {} {}{}", checker::write_constant(most), rule.amount->count ? "times" : "of " + rule.amount->attribute,
           rule.amount->per ? " per " + checker::write_duration(*rule.amount->per) : "");
    }
    if (!guard.except.empty()) line(2, "except {}", patterns(guard.except));
    for (const Guard::Part& part : guard.conditions) line(2, "{} {}", part.unless ? "unless" : "when", dump(part.condition));
    if (guard.between) window(*guard.between);
    if (guard.after) line(2, "after {}", subject(*guard.after));
    if (rule.because) line(2, "because {}", checker::write_string(*rule.because));
  }

  void window(const Window& window) {
    std::string days;
    for (std::size_t i = 0; i < 7; ++i) {
      if ((window.days >> i & 1) != 0) days += fmt::format(" {}", kDays[i]);
    }
    line(2, "between {:02}:{:02} and {:02}:{:02} on{} in {}", window.from / 60, window.from % 60, window.to / 60, window.to % 60, days, document_.zones[window.zone].name);
  }

  void write(const Test& test) {
    line(1, "test {}", checker::write_string(test.name));
    for (const Argument& argument : test.arguments) line(2, "with {} = {}", argument.name, checker::write_constant(argument.value));
    for (const NamedConstant& fact : test.facts) line(2, "with {} = {}", fact.name, checker::write_constant(fact.value));
    if (test.opened != 0) line(2, "with opened = {}", checker::write_time(test.opened));
    for (const Expectation& expectation : test.expectations) {
      const std::string_view kind = kExpectations[static_cast<std::size_t>(expectation.kind)];
      if (expectation.kind == Expectation::Kind::approve) line(2, "{}", kind);
      else line(2, "{} {} {}", kind, expectation.action, expectation.resource);
      for (const NamedConstant& attribute : expectation.attributes) line(3, "{} = {}", attribute.name, checker::write_constant(attribute.value));
      if (expectation.at) line(3, "at {}", checker::write_duration(*expectation.at));
      if (expectation.repeat != 1) line(3, "repeat {}", expectation.repeat);
      if (expectation.reason) line(3, "because {}", *expectation.reason);
      if (expectation.because) line(3, "because {}", checker::write_string(*expectation.because));
    }
  }

  const Resolved& document_;
  std::string out_;
};

}  // namespace

std::string dump(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::any_of: return joined(condition, "or");
    case Condition::Kind::all_of: return joined(condition, "and");
    case Condition::Kind::negation: return "not " + dump(condition.children[0]);
    case Condition::Kind::compare: return fmt::format("{} {} {}", operand(condition.left), kCompares[static_cast<std::size_t>(condition.compare)], operand(condition.right));
    case Condition::Kind::in: return fmt::format("{} in {}", operand(condition.left), operand(condition.right));
    case Condition::Kind::like: return fmt::format("{} like {}", operand(condition.left), checker::write_string(glob(condition.glob)));
    case Condition::Kind::has: return fmt::format("has {}", operand(condition.left));
    case Condition::Kind::truth: break;
  }
  return operand(condition.left);
}

std::string dump(const Resolved& document) { return Writer(document).run(); }

}  // namespace remit::lang
