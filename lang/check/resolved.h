// The resolved document: every name looked up, every literal decoded, modules brought in, arguments
// put in place of parameters. Made by lang/check, read by lang/compile, by the reference evaluator of
// the tests and by analysis. It owns all it holds, but for nothing: no view into a Source survives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <remit/lang/constant.h>
#include <remit/lang/diagnostics.h>
#include <remit/program.h>

namespace remit::lang {

// Where a statement or clause stands, for decisions and explanations. `file` indexes Resolved::files.
struct Place {
  std::uint32_t file = 0;
  std::uint32_t line = 1, column = 1, end_line = 1, end_column = 1;
};

using remit::DocumentKind;

struct ActionInfo {
  std::string name;
  // Every action that this one covers: itself and, for a group, all members transitively; indexes
  // into the system's actions, ascending.
  std::vector<std::uint32_t> covers;

  bool operator==(const ActionInfo&) const = default;
};

struct AttributeInfo {
  std::string name;
  Type type = Type::string;
  Type element = Type::any;  // of a list

  bool operator==(const AttributeInfo&) const = default;
};

struct SystemInfo {
  std::string name, title;
  std::vector<ActionInfo> actions;       // in the order of declaration
  std::vector<AttributeInfo> attributes; // in the order of declaration

  bool operator==(const SystemInfo&) const = default;
};

// Wildcards inside Pattern::text: bytes that no resource can hold.
inline constexpr char kStar = '\x01';      // `*`: any run of bytes in one segment
inline constexpr char kQuestion = '\x02';  // `?`: one code point in one segment
inline constexpr char kDeep = '\x03';      // `**`: stands alone between slashes, zero or more segments

struct Pattern {
  bool anything = false;      // then nothing below but `place` matters
  bool only = false;          // just what it names, not what is beneath
  std::uint32_t system = 0;   // index into Resolved::systems
  // Without the system: `` for `docs:` (rooted and named alike), `/` for `docs:/`, `/a/b` rooted, `a/b`
  // named. Literal text stands for itself (escapes undone, one trailing slash dropped), wildcards are the bytes
  // above. A segment that is just `*` is the single byte kStar and needs at least one byte.
  std::string text;
  Place place;

  bool operator==(const Pattern& o) const {
    return anything == o.anything && only == o.only && (anything || (system == o.system && text == o.text));
  }
};

enum class Fact : std::uint8_t { none, agent, user, sponsor, purpose, trigger, named };

// A name in an expression: a declared attribute (fact == none), a session fact, or `user.NAME` /
// `agent.NAME` (fact == named, whose type only the request shows: Type::any).
struct AttributeRef {
  std::string name;  // whole: `size`, `user.role`
  Fact fact = Fact::none;
  Type type = Type::any, element = Type::any;
};

struct Operand {
  bool is_attribute = false;
  AttributeRef attribute;
  Constant constant;
};

enum class Compare : std::uint8_t { eq, ne, lt, le, gt, ge };

// A typed condition. Kleene's logic, language.md section 5.
struct Condition {
  enum class Kind : std::uint8_t {
    any_of, all_of,  // children (two or more)
    negation,        // child 0
    compare,         // left `compare` right; at least one side is an attribute
    in,              // left in right: attribute in constant list, constant in list attribute, or attribute in list attribute
    like,            // left (attribute) like glob
    has,             // has left
    truth,           // left: a bool attribute or constant
  } kind = Kind::truth;
  std::vector<Condition> children;
  Operand left, right;
  Compare compare = Compare::eq;
  std::string glob;  // kStar and kQuestion for the wildcards, all else literal
  Place place;
};

// Fixed offsets of one zone from 1970 to 2100: offset (seconds east of UTC) from each start on.
struct Zone {
  std::string name;
  struct Step {
    std::int64_t start;   // microseconds since 1970
    std::int32_t offset;  // seconds
  };
  std::vector<Step> steps;  // ascending; the first starts at 0
};

struct Window {
  std::uint16_t from = 0, to = 0;  // minutes of the day, from != to; to < from crosses midnight
  std::uint8_t days = 0x7f;        // bit 0 is Monday: the day on which the window starts
  std::uint32_t zone = 0;          // index into Resolved::zones (UTC where none is written)
  Place place;
};

// ACTIONS RESOURCES. For a system, the actions meant are those of `names` that it has, each with all
// it covers; every action where `any`.
struct Subject {
  bool any = false;
  std::vector<std::string> names;
  std::vector<Pattern> resources;  // one with `anything`, or patterns
};

struct Guard {
  struct Part {
    Condition condition;
    bool unless = false;
    Place place;
  };
  std::vector<Pattern> except;
  std::vector<Part> conditions;   // in text order
  std::optional<Window> between;
  std::optional<Subject> after;
  Place except_place, after_place;
};

struct Amount {
  bool count = true;           // N times; otherwise the sum of `attribute`
  std::string attribute;
  Type type = Type::integer;   // of the attribute: integer, size or duration
  std::int64_t most = 0;
  std::optional<std::int64_t> per;  // microseconds
};

enum class RuleKind : std::uint8_t { allow, deny, ask, limit };

// One rule or limit. `at most` makes two: the rule, and right after it a limit with the same place
// and `from_rule` set. Text order, modules where their `use` stands.
struct Rule {
  RuleKind kind = RuleKind::allow;
  Subject subject;
  Guard guard;
  std::optional<Amount> amount;        // limit
  std::optional<std::string> because;
  bool from_rule = false;              // a limit that came from `at most`
  Place place;                         // from the statement's first word
};

struct Trigger {
  std::string kind;  // "schedule" or "event"
  std::string text;
};

struct Delegation {
  std::uint32_t levels = 1;
  std::vector<std::string> to;         // patterns as for `agent`; empty: anyone
};

// Section 7. Identifier patterns keep `*` and `**` as written.
struct Lifetime {
  std::optional<std::int64_t> expires_after, expires_at, starts, idle;  // microseconds
  std::optional<std::string> purpose;
  std::vector<std::string> agents, users;  // empty: anyone
  std::optional<std::string> sponsor;
  std::optional<std::int64_t> review_every;
  std::optional<Trigger> trigger;
  std::optional<Delegation> delegate;
  std::optional<Place> idle_place, delegate_place;
};

struct NamedConstant {
  std::string name;
  Constant value;
};

struct Expectation {
  enum class Kind : std::uint8_t { allow, deny, ask, approve } kind = Kind::allow;
  std::string action, resource;  // `resource` is the request's string, unchecked: it may be malformed on purpose
  std::vector<NamedConstant> attributes;
  std::optional<std::int64_t> at;      // microseconds after opening
  std::uint32_t repeat = 1;
  std::optional<std::string> reason;   // a reason's name
  std::optional<std::string> because;  // or the rule's text
  Place place;
};

struct Test {
  std::string name;
  std::vector<Argument> arguments;     // parameters of the document
  std::vector<NamedConstant> facts;    // agent, user, sponsor?, purpose?, user.NAME, agent.NAME
  std::int64_t opened = 0;             // microseconds since 1970
  std::vector<Expectation> expectations;
  Place place;
};

struct ParameterInfo {
  std::string name;
  Type type = Type::string;
};

struct Resolved {
  DocumentKind kind = DocumentKind::scope;
  std::string name;                    // empty for a nameless scope
  std::vector<ParameterInfo> parameters;
  // True where every parameter has a value (or there are none) and there was no error: only such a
  // document compiles to a program.
  bool complete = false;
  std::vector<std::string> files;      // names as diagnostics show them; 0 is the document itself
  std::vector<std::string> texts;      // the text of each of `files`, for explanations
  std::vector<SystemInfo> systems;     // own, of modules, and the standard ones not replaced; sorted by name
  std::vector<Zone> zones;             // those that windows use
  std::vector<Rule> rules;
  Lifetime lifetime;
  std::vector<Test> tests;
};

}  // namespace remit::lang
