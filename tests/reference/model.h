// What the parts of the reference evaluator share: a well-formed request, and the setting in which
// it is judged. Everything is owned and copied freely, but for the documents.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <remit/lang/constant.h>
#include <remit/value.h>

#include "lang/check/resolved.h"

namespace remit::reference {

// For sums of 64-bit amounts and differences of 64-bit times, which then cannot overflow.
__extension__ typedef __int128 Wide;

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
  bool operator==(const Asked&) const = default;
};

// The facts of the session that asks (section 4), owned.
struct SessionFacts {
  std::optional<std::string> agent, user, sponsor, purpose, trigger;
  std::vector<std::pair<std::string, lang::Constant>> named;

  // The value of a fact, of those that an expression can name; null where the session has none.
  std::optional<lang::Constant> find(const lang::AttributeRef& reference) const;
};

// Where the session stands that brought a layer with it (section 6, step 2).
struct Standing {
  std::int64_t opened = 0;  // microseconds, as every time here
  bool revoked = false, ended = false;
};

// One document of the session that asks, as it judges that session's requests.
struct Setting {
  const lang::Resolved* document = nullptr;
  std::size_t depth = 0;  // of the session that brought it: 0 for the outermost
  Standing standing;      // of that session
  std::shared_ptr<const SessionFacts> facts;  // of the session that asks; the purpose is the one that this layer sees
  std::size_t id = 0;     // of the layer in its tree: whose limits are charged
};

// What a tree of sessions remembers. A stateless door remembers nothing.
struct Memory {
  struct Grant {
    std::int64_t time = 0;
    Asked asked;
  };
  // What one grant took of one limit.
  struct Charge {
    std::size_t layer = 0, rule = 0;  // the layer by its id
    std::int64_t time = 0, amount = 0;
    std::size_t grant = 0;  // index into `grants`
  };
  std::vector<Grant> grants;    // in the order in which they happened
  std::vector<Charge> charges;  // likewise; less what was given back
};

// A value that owns what it holds.
lang::Constant own(const Value& value);

}  // namespace remit::reference
