// What the parts of the reference evaluator share: a well-formed request, and the setting in which
// it is judged. Everything is owned and copied freely.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <remit/lang/constant.h>

#include "tests/reference/reference.h"

namespace remit::reference {

// Section 5, Expressions: Kleene's three truth values.
enum class Kleene { no, unknown, yes };

inline Kleene kleene(bool truth) { return truth ? Kleene::yes : Kleene::no; }

// A request in canonical form.
struct Asked {
  std::string action;
  std::string system;
  bool rooted = false;                // the path begins with `/`
  std::vector<std::string> segments;  // none: the root
  std::vector<std::pair<std::string, lang::Constant>> attributes;

  const lang::Constant* attribute(const std::string& name) const;
};

// The facts of the session that asks (section 4), owned.
struct SessionFacts {
  std::optional<std::string> agent, user, sponsor, purpose, trigger;
  std::vector<std::pair<std::string, lang::Constant>> named;
  std::int64_t opened = 0;  // microseconds

  // The value of a fact, of those that an expression can name; null where the session has none.
  std::optional<lang::Constant> find(const lang::AttributeRef& reference) const;
};

// Everything that a verdict depends on beside the request. `granted` is where a session's memory
// comes in: requests that it granted earlier, in order. The stateless doors leave it empty.
struct Setting {
  std::vector<Layer> layers;
  SessionFacts facts;
  std::int64_t now = 0;  // microseconds
  std::vector<Asked> granted;
};

// A value that owns what it holds.
lang::Constant own(const Value& value);

}  // namespace remit::reference
