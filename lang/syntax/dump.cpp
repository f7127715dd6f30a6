// The syntax tree as indented text (dump.h). Covered by tests/parse_test.cpp.
#include "lang/syntax/dump.h"

#include <utility>

#include <fmt/format.h>

namespace remit::lang::syntax {
namespace {

// Writes one line per node, two blanks deeper per level.
class Writer {
 public:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    out_.append(2 * depth_, ' ');
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }
  template <class Body>
  void deeper(Body body) {
    ++depth_;
    body();
    --depth_;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  std::size_t depth_ = 0;
};

std::string_view name_of(RuleKind kind) {
  switch (kind) {
    case RuleKind::allow: return "allow";
    case RuleKind::deny: return "deny";
    case RuleKind::ask: return "ask";
    case RuleKind::limit: return "limit";
  }
  return {};
}

std::string_view name_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::scalar: return "scalar";
    case ValueKind::string: return "string";
    case ValueKind::truth: return "truth";
    case ValueKind::list: return "list";
    case ValueKind::resource: return "resource";
    case ValueKind::variable: return "variable";
    case ValueKind::name: return "name";
  }
  return {};
}

std::string_view name_of(Lifetime::Kind kind) {
  switch (kind) {
    case Lifetime::Kind::expires: return "expires";
    case Lifetime::Kind::starts: return "starts";
    case Lifetime::Kind::idle: return "idle";
    case Lifetime::Kind::purpose: return "purpose";
    case Lifetime::Kind::agent: return "agent";
    case Lifetime::Kind::on_behalf_of: return "on behalf of";
    case Lifetime::Kind::sponsor: return "sponsor";
    case Lifetime::Kind::review: return "review every";
    case Lifetime::Kind::trigger: return "trigger";
    case Lifetime::Kind::delegate: return "delegate";
  }
  return {};
}

std::string_view name_of(Expectation::Kind kind) {
  switch (kind) {
    case Expectation::Kind::allow: return "allow";
    case Expectation::Kind::deny: return "deny";
    case Expectation::Kind::ask: return "ask";
    case Expectation::Kind::approve: return "approve";
  }
  return {};
}

std::string shown(const Word& word) { return word.quoted ? fmt::format("\"{}\"", word.text) : std::string(word.text); }

// A list's own text may hold line ends and comments; its items say all of it.
std::string shown(const Value& value) {
  if (value.kind != ValueKind::list) return fmt::format("{} {}", name_of(value.kind), value.text);
  std::string out = "list [";
  for (const Value& item : value.items) out += (out.back() == '[' ? "" : ", ") + shown(item);
  return out + "]";
}

std::string shown(const Resource& resource) {
  const std::string_view kind = resource.kind == ResourceKind::anything ? "" : resource.kind == ResourceKind::variable ? "variable " : "pattern ";
  return fmt::format("{}{}{}", resource.only ? "only " : "", kind, resource.text);
}

std::string shown(const Amount& amount) {
  std::string out = shown(amount.number);
  if (amount.unit == Amount::Unit::times) out += " times";
  if (amount.unit == Amount::Unit::of) out += fmt::format(" of {}", amount.attribute.text);
  if (amount.per) out += " per " + shown(*amount.per);
  return out;
}

void write(Writer& w, const Resource& resource) { w.line("{}", shown(resource)); }

void write(Writer& w, const Subject& subject) {
  std::string actions;
  for (const Word& action : subject.actions) actions += (actions.empty() ? "" : ", ") + shown(action);
  w.line("actions {}", subject.any ? "any" : actions);
  for (const Resource& resource : subject.resources) write(w, resource);
}

void write(Writer& w, const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::any_of: w.line("or"); break;
    case ExprKind::all_of: w.line("and"); break;
    case ExprKind::negation: w.line("not"); break;
    case ExprKind::compare: w.line("{} {} {}", shown(expr.left), expr.op, shown(expr.right)); break;
    case ExprKind::in: w.line("{} in {}", shown(expr.left), shown(expr.right)); break;
    case ExprKind::like: w.line("{} like {}", shown(expr.left), shown(expr.right)); break;
    case ExprKind::has: w.line("has {}", shown(expr.left)); break;
    case ExprKind::truth: w.line("{}", shown(expr.left)); break;
  }
  w.deeper([&] {
    for (const Expr& child : expr.children) write(w, child);
  });
}

void write_window(Writer& w, const Clause& clause) {
  w.line("between {} and {}", clause.from.text, clause.to.text);
  w.deeper([&] {
    for (const Clause::Days& days : clause.days) w.line("on {}{}{}", days.first.text, days.first.span.begin == days.last.span.begin ? "" : "-",
                                                           days.first.span.begin == days.last.span.begin ? "" : days.last.text);
    if (clause.zone) w.line("in {}", clause.zone->text);
  });
}

void write(Writer& w, const Clause& clause) {
  switch (clause.kind) {
    case ClauseKind::except:
      w.line("except");
      w.deeper([&] {
        for (const Resource& resource : clause.resources) write(w, resource);
      });
      break;
    case ClauseKind::when:
    case ClauseKind::unless:
      w.line("{}", clause.kind == ClauseKind::when ? "when" : "unless");
      w.deeper([&] { write(w, *clause.condition); });
      break;
    case ClauseKind::between: write_window(w, clause); break;
    case ClauseKind::after:
      w.line("after");
      w.deeper([&] { write(w, clause.subject); });
      break;
    case ClauseKind::because: w.line("because {}", clause.text.text); break;
    case ClauseKind::at_most: w.line("at most {}", shown(*clause.amount)); break;
  }
}

void write(Writer& w, const Rule& rule) {
  w.line("{}{}", name_of(rule.kind), rule.effect_written || rule.kind == RuleKind::limit ? "" : " (left out)");
  w.deeper([&] {
    write(w, rule.subject);
    if (rule.amount) w.line("to {}", shown(*rule.amount));
    for (const Clause& clause : rule.clauses) write(w, clause);
  });
}

void write(Writer& w, std::string_view what, const std::vector<Binding>& bindings) {
  for (const Binding& binding : bindings) w.line("{} {} = {}", what, binding.name.text, shown(binding.value));
}

void write(Writer& w, const System& system) {
  w.line("system {}{}{}", system.name.text, system.title ? " " : "", system.title ? system.title->text : "");
  w.deeper([&] {
    for (const System::Member& member : system.members) {
      if (member.is_action) {
        const ActionDecl& action = system.actions[member.index];
        w.line("action {}", shown(action.name));
        w.deeper([&] {
          for (const Word& name : action.members) w.line("{}", shown(name));
        });
      } else {
        const AttributeDecl& attribute = system.attributes[member.index];
        w.line("attribute {}: {}{}", attribute.name.text, attribute.list ? "list of " : "", attribute.type.text);
      }
    }
  });
}

void write(Writer& w, const Lifetime& lifetime) {
  w.line("{}{}{}", name_of(lifetime.kind), lifetime.value ? " " : "", lifetime.value ? shown(*lifetime.value) : "");
  w.deeper([&] {
    for (const Identifier& pattern : lifetime.patterns)
      w.line("{} {}", pattern.value.kind == ValueKind::string ? "string" : "bare", pattern.value.text);
    if (lifetime.trigger_kind) w.line("{} {}", lifetime.trigger_kind->text, lifetime.trigger_text->text);
  });
}

void write(Writer& w, const Test& test) {
  w.line("test {}", test.name.text);
  w.deeper([&] {
    write(w, "with", test.bindings);
    for (const Expectation& expectation : test.expectations) {
      w.line("{}", name_of(expectation.kind));
      if (expectation.kind == Expectation::Kind::approve) continue;
      w.deeper([&] {
        w.line("action {}", shown(expectation.action));
        write(w, expectation.resource);
        write(w, "with", expectation.attributes);
        if (expectation.at) w.line("at {}", shown(*expectation.at));
        if (expectation.repeat) w.line("repeat {}", shown(*expectation.repeat));
        if (expectation.reason) w.line("because {}", expectation.reason->text);
        if (expectation.because) w.line("because {}", expectation.because->text);
      });
    }
  });
}

void write(Writer& w, const Let& let) {
  if (let.value) return w.line("let {} = {}", let.name.text, shown(*let.value));
  w.line("let {}", let.name.text);
  w.deeper([&] {
    for (const Resource& resource : let.resources) write(w, resource);
  });
}

void write(Writer& w, const Use& use) {
  w.line("use {}", use.module.text);
  w.deeper([&] { write(w, "argument", use.arguments); });
}

}  // namespace

std::string dump(const Document& document) {
  Writer w;
  if (document.header) {
    w.line("{} {}", document.header->kind.text, document.header->name.text);
    w.deeper([&] {
      for (const Parameter& parameter : document.header->parameters) w.line("parameter {}: {}", parameter.name.text, parameter.type.text);
    });
  }
  for (const Statement& statement : document.statements) {
    switch (statement.kind) {
      case StatementKind::rule: write(w, document.rules[statement.index]); break;
      case StatementKind::let: write(w, document.lets[statement.index]); break;
      case StatementKind::use: write(w, document.uses[statement.index]); break;
      case StatementKind::system: write(w, document.systems[statement.index]); break;
      case StatementKind::lifetime: write(w, document.lifetimes[statement.index]); break;
      case StatementKind::test: write(w, document.tests[statement.index]); break;
    }
  }
  for (const Failed& failed : document.failed) w.line("failed {}", failed.first_word);
  return w.take();
}

}  // namespace remit::lang::syntax
