// A document as its parts, so that a shrinker can leave parts out. All parts are text of the
// language.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <remit/lang/compile.h>

namespace remit::generate {

struct ActionDraft {
  std::string name;                  // without quotes
  std::vector<std::string> members;  // of a group
};

struct AttributeDraft {
  std::string name;
  Type type = Type::integer;
  Type element = Type::any;  // of a list

  bool operator==(const AttributeDraft&) const = default;
};

struct SystemDraft {
  std::string name;
  std::vector<ActionDraft> actions;
  std::vector<AttributeDraft> attributes;

  std::string text() const;
  // Every action that it declares, members of groups included.
  std::vector<std::string> action_names() const;
  bool has_action(const std::string& action) const;
};

// The name as a document writes it: in quotes where it is reserved or foreign.
std::string action_text(const std::string& name);

struct RuleDraft {
  std::string effect;                  // "", "allow", "deny", "ask", "limit"
  std::vector<std::string> actions;    // as written; `any` alone
  std::vector<std::string> resources;  // as written, with `only`
  std::vector<std::string> clauses;    // whole: `when n == 5`
  std::string amount = {};             // of a limit: `2 times per 1h`
  bool broken = false;                 // each clause on a line of its own

  std::string text() const;
};

struct Draft {
  enum class Kind { scope, guardrail, grants } kind = Kind::scope;
  std::string header;  // `scope t(p: resource)`; empty for a nameless scope
  std::vector<SystemDraft> systems;
  std::vector<std::string> statements;  // lifetime, lets
  std::vector<RuleDraft> rules;
  std::vector<lang::Argument> arguments;

  std::string text() const;
};

// Calls `keep` with each document that is one step smaller (a rule, clause, action, resource,
// statement, system, attribute less), and takes the step wherever `keep` says yes; repeats until no
// step is left. Halves of the rules are tried first, so that large documents shrink quickly.
void shrink(Draft& draft, const std::function<bool(const Draft&)>& keep);

}  // namespace remit::generate
