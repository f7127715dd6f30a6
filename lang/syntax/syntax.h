// The syntax tree: what the text says, before anything is looked up. Made by lang/parse, read by the
// checker and the formatter. Views point into the Source, which must outlive the tree. Literals are
// kept as written: what `5MB` or `docs:/a` mean, and whether they may be, is the checker's business.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "lang/syntax/source.h"

namespace remit::lang::syntax {

// An optional part on the heap, used as a std::optional is. Clauses have many large parts of which each
// has one or two: inline they made 100,000 rules cost 300 MB.
template <class T>
class Box {
 public:
  Box() = default;
  Box(T value) : part_(std::make_unique<T>(std::move(value))) {}  // not explicit: `clause.amount = amount`
  Box(const Box& other) : part_(other.part_ ? std::make_unique<T>(*other.part_) : nullptr) {}
  Box(Box&&) noexcept = default;
  Box& operator=(Box other) noexcept {
    part_ = std::move(other.part_);
    return *this;
  }
  ~Box() = default;

  bool has_value() const noexcept { return part_ != nullptr; }
  explicit operator bool() const noexcept { return part_ != nullptr; }
  T& operator*() noexcept { return *part_; }
  const T& operator*() const noexcept { return *part_; }
  T* operator->() noexcept { return part_.get(); }
  const T* operator->() const noexcept { return part_.get(); }

 private:
  std::unique_ptr<T> part_;
};

// A name as written. `quoted` ones (actions only) keep their quotes out of `text`, not out of `span`.
struct Word {
  std::string_view text;
  Span span;
  bool quoted = false;
};

enum class ValueKind : std::uint8_t {
  scalar,    // starts with a digit or `-`: int, size, duration, time, clock time; decoded by the checker
  string,    // text includes the quotes
  truth,     // true, false
  list,      // items
  resource,  // `docs:/a`, as written
  variable,  // `$name` or `$name/more`, as written
  name,      // an attribute, in expressions: `size`, `user.role`
};

struct Value {
  ValueKind kind = ValueKind::scalar;
  std::string_view text;  // as written, whole
  Span span;
  std::vector<Value> items;
};

enum class ResourceKind : std::uint8_t { pattern, variable, anything };

struct Resource {
  ResourceKind kind = ResourceKind::pattern;
  bool only = false;
  std::string_view text;  // `docs:/a`, `docs:"/Trial A"`, `$folder/hr`, `anything`; without `only`
  Span span;              // of `text`
  Span whole;             // with `only`
};

enum class ExprKind : std::uint8_t {
  any_of,   // children joined by `or`
  all_of,   // children joined by `and`
  negation, // `not` child 0
  compare,  // left op right
  in,       // left in right
  like,     // left like right
  has,      // has left
  truth,    // left alone (a bool attribute, or a bool literal)
};

struct Expr {
  ExprKind kind = ExprKind::truth;
  Span span;
  std::vector<Expr> children;
  Value left, right;
  std::string_view op;  // `==`, `!=`, `<`, `<=`, `>`, `>=` for compare
};

// ACTIONS RESOURCES, as rules, limits and `after` share it.
struct Subject {
  bool any = false;  // `any` instead of a list
  Span any_span;
  std::vector<Word> actions;
  std::vector<Resource> resources;
  Span span;
};

struct Amount {
  enum class Unit : std::uint8_t { times, size, of } unit = Unit::times;
  Value number;               // scalar or variable
  Word attribute;             // for `of`
  std::optional<Value> per;
  Span span;
};

enum class ClauseKind : std::uint8_t { except, when, unless, between, after, because, at_most };

struct Clause {
  ClauseKind kind = ClauseKind::when;
  Span span;                        // from the clause word to its end
  std::vector<Resource> resources;  // except
  Box<Expr> condition;              // when, unless
  Value from, to;                   // between: clock times as scalars
  struct Days { Word first, last; };// `mon` has first == last
  std::vector<Days> days;           // between, empty: every day
  std::optional<Word> zone;         // between
  Subject subject;                  // after
  Value text;                       // because (string)
  Box<Amount> amount;               // at most
};

enum class RuleKind : std::uint8_t { allow, deny, ask, limit };

struct Rule {
  RuleKind kind = RuleKind::allow;
  bool effect_written = false;      // false where `allow` was left out
  Subject subject;
  Box<Amount> amount;               // limit ... to AMOUNT
  std::vector<Clause> clauses;
};

struct Let {
  Word name;
  std::optional<Value> value;       // a single value that is no resource
  std::vector<Resource> resources;  // or a comma list of patterns and variables
};
// `let x = $y` is a `variable` Resource in `resources`; the checker knows what $y is.

struct Binding {                    // `name = value`, in use(...) and `with`
  Word name;                        // dotted for user.role
  Value value;                      // any literal; resources too
};

struct Use {
  Word module;                      // dotted
  std::vector<Binding> arguments;
};

struct ActionDecl {
  Word name;
  std::vector<Word> members;        // of a group
};
struct AttributeDecl {
  Word name;
  Word type;                        // `int`, ...; the element's where `list`
  bool list = false;
  Span type_span;                   // of the whole type, `list of string`
};
struct System {
  Word name;
  std::optional<Value> title;
  struct Member { bool is_action; std::size_t index; Span span; };
  std::vector<Member> members;      // order of the text; indexes into the two below
  std::vector<ActionDecl> actions;  // each declared action; `action read, list` is two
  std::vector<AttributeDecl> attributes;
};

// A pattern of agent, on behalf of, delegate to; or the ID of sponsor. Bare or a string.
struct Identifier {
  Value value;                      // kind string, or resource for bare text
};

struct Lifetime {
  enum class Kind : std::uint8_t { expires, starts, idle, purpose, agent, on_behalf_of, sponsor, review, trigger, delegate } kind = Kind::expires;
  std::optional<Value> value;       // expires, starts, idle, review (scalar or variable); purpose (string); delegate levels
  std::vector<Identifier> patterns; // agent, on behalf of, delegate to; sponsor (one)
  std::optional<Word> trigger_kind; // the word after `trigger`
  std::optional<Value> trigger_text;
};

struct Expectation {
  enum class Kind : std::uint8_t { allow, deny, ask, approve } kind = Kind::allow;
  Word action;
  Resource resource;                // a request, not a pattern
  std::vector<Binding> attributes;
  std::optional<Value> at;
  std::optional<Value> repeat;
  std::optional<Word> reason;       // because REASON
  std::optional<Value> because;     // because "text"
  Span span;
};

struct Test {
  Value name;                       // string
  std::vector<Binding> bindings;    // `with ...`: parameters, facts, opened
  std::vector<Expectation> expectations;
};

struct Parameter {
  Word name, type;
};

struct Header {                     // `scope NAME(...)`, `grants NAME`, `guardrail NAME`
  Word kind, name;
  std::vector<Parameter> parameters;
  Span span;
};

enum class StatementKind : std::uint8_t { rule, let, use, system, lifetime, test };

struct Statement {
  StatementKind kind = StatementKind::rule;
  Span span;                        // from its first word to its last
  std::uint32_t index = 0;          // into the Document's vector of that kind
};

// What a statement that did not parse began with, so that the checker does not blame its users.
struct Failed {
  std::string_view first_word;      // "system", "let", ... or whatever stood there
  std::string_view name;            // the word after it, where there was one
  Span span;
};

struct Document {
  const Source* source = nullptr;
  std::optional<Header> header;
  std::vector<Statement> statements;  // in text order
  std::vector<Rule> rules;
  std::vector<Let> lets;
  std::vector<Use> uses;
  std::vector<System> systems;
  std::vector<Lifetime> lifetimes;
  std::vector<Test> tests;
  std::vector<Span> comments;         // `#` to before the line end, in text order
  std::vector<Failed> failed;
};

}  // namespace remit::lang::syntax
