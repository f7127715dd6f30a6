// The image: one flat, little-endian, position-independent block that holds a compiled document.
//
//   +--------------------+ 0
//   | Header             |  magic, version, size, checksum, section table
//   +--------------------+ each section begins at a multiple of 8
//   | hot: groups, nodes |  the index: what a decision touches
//   |      rules, code   |
//   |      operands      |
//   +--------------------+
//   | names              |  systems, actions, attributes: read when linking
//   +--------------------+
//   | cold: places,      |  read when somebody asks why
//   |       files, texts |
//   +--------------------+
//
// Every reference is an index or an offset, never a pointer. The structs below *are* the format;
// docs/image-format.md draws them, engine/image/verify.cpp says what must hold of them. Anything that
// changes here bumps kFormatMinor (compatible) or kFormatMajor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Images are used in place and are little-endian; this processor is not."
#endif

namespace remit::image {

inline constexpr char kMagic[8] = {'R', 'e', 'm', 'i', 't', '\n', '\0', '\x1a'};
inline constexpr std::uint16_t kFormatMajor = 4;
inline constexpr std::uint16_t kFormatMinor = 0;

inline constexpr std::uint32_t kNone = 0xffffffffu;

// Wildcards in pattern texts and globs: bytes that no resource can hold.
inline constexpr char kStar = '\x01';      // any run of bytes (in a pattern: within one segment)
inline constexpr char kQuestion = '\x02';  // one code point
inline constexpr char kDeep = '\x03';      // a whole segment `**`

// Bytes in the texts section.
struct Text {
  std::uint32_t offset, length;
};
// Items of another section.
struct Range {
  std::uint32_t first, count;
};

// One X per section: name, element type, what an element is.
#define REMIT_SECTIONS(X)                                                                    \
  X(groups, Group, "index: where nodes are, up to twelve by a tag each")                     \
  X(nodes, std::uint64_t, "index: Node, its entries, its key; one after the other")          \
  X(shapes, Shape, "index: forms of one-star patterns below a node")                         \
  X(rules, Rule, "rules and limits in text order")                                           \
  X(code, Instruction, "guards, one after the other, each once")                             \
  X(references, Reference, "attributes and facts that guards read")                          \
  X(declared, std::uint8_t, "for each system, for each reference: is it declared there")     \
  X(numbers, std::int64_t, "constants: numbers, and lists of them (sorted)")                 \
  X(words, Text, "constants: strings and globs, and lists of them (sorted)")                 \
  X(lists, Range, "constant lists: ranges of numbers or of words")                           \
  X(patterns, Pattern, "patterns that are matched one by one")                               \
  X(excepts, Range, "for each `except`: a range of patterns")                                \
  X(windows, Window, "for each `between`")                                                   \
  X(zones, Range, "time zones: ranges of zone_steps")                                        \
  X(zone_steps, ZoneStep, "offsets of time zones")                                           \
  X(limits, Limit, "amounts of limits, in the order of their rules")                         \
  X(histories, History, "for each `after`: what a grant must be to be remembered")           \
  X(broad, Broad, "rules, limits and histories over `anything`")                             \
  X(broad_names, Text, "action names of those")                                              \
  X(systems, System, "systems that the document knows, sorted by name")                      \
  X(actions, Action, "their actions")                                                        \
  X(covers, std::uint32_t, "actions that an action covers")                                  \
  X(attributes, AttributeDecl, "their attributes")                                           \
  X(document, Document, "one: kind, name, lifetime and identity statements")                 \
  X(identifiers, Text, "agent, user and delegate patterns")                                  \
  X(places, Place, "for each rule: where it stands and why")                                 \
  X(files, File, "source files")                                                             \
  X(texts, char, "all bytes that a Text names")

enum class Section : std::uint32_t {
#define REMIT_SECTION_NAME(name, type, sentence) name,
  REMIT_SECTIONS(REMIT_SECTION_NAME)
#undef REMIT_SECTION_NAME
      count_
};
inline constexpr std::size_t kSectionCount = static_cast<std::size_t>(Section::count_);

struct SectionRef {
  std::uint32_t offset;  // from the start of the image, a multiple of 8
  std::uint32_t count;   // elements
};

struct Header {
  char magic[8];
  std::uint16_t major, minor;
  std::uint32_t header_size;  // sizeof(Header): a newer minor may append sections
  std::uint64_t size;         // of the whole image
  std::uint64_t checksum;     // XXH3-64 of everything after this field
  SectionRef sections[kSectionCount];
};

// --- The index ---------------------------------------------------------------------------------
// A decision hashes every prefix of the path that ends at a segment, and looks each up in a table of
// groups. A hit is a Node: all rules whose pattern names exactly that prefix, and the forms of the
// wildcard patterns that go on from there.

enum class NodeKind : std::uint8_t {
  system,  // `docs:`   every resource of the system
  root,    // `docs:/` when the key ends so, otherwise all named resources of the system
  path,    // a literal path
  star,    // a path with exactly one `*` in it
};

// A run of up to twelve nodes. Nodes stand in the order of their hashes, and a hash's place among all hashes says which group
// is its own (hash_group), so a group has to say only where the first one is and how far it is from there to the others. This
// keeps the table of many rules in the cache next to the core, and what a look waits for is the node alone.
inline constexpr unsigned kGroupSlots = 12;
struct Group {
  std::uint8_t tags[kGroupSlots];     // of the hash of each; 0 where the slot is free
  std::uint16_t taken;                // bit i: slot i has a node; the lowest ones
  std::uint8_t goes_on;               // 1: a node that belongs here had no room, and is in the next group or behind it
  std::uint8_t behind;                // 1: no hash belongs here. Such groups, if any, are the last: for what had no room before
  std::uint32_t first;                // where the first node is, in units of 8 bytes; where it would be, if there is none
  std::uint8_t offsets[kGroupSlots];  // from there to each, in the same units
};

struct Node {
  std::uint32_t entries;      // Entry, right behind this header; the hash is not kept: keys are compared
  std::uint32_t first_shape;  // shapes of the star nodes that have this node as their literal prefix
  std::uint16_t key_length;   // the key follows the entries, padded with zeros to 8 bytes
  std::uint16_t star;         // star nodes: where the `*` is in the key
  std::uint16_t word;         // which 64 of the system's actions the entries speak of
  NodeKind kind;
  std::uint8_t shapes;
};

enum class EntryKind : std::uint8_t { deny, ask, allow, limit, history };

// One pattern of one rule, for the actions of one word.
struct Entry {
  std::uint64_t actions;  // bit i: action 64 * word + i of the node's system
  std::uint32_t id;       // rule, or history for EntryKind::history
  std::uint32_t bits;     // see below

  static constexpr std::uint32_t kKindMask = 7;     // EntryKind
  static constexpr std::uint32_t kExact = 8;        // `only`: the path must end here
  static constexpr std::uint32_t kGuarded = 16;     // the rule has code to run
  static constexpr std::uint32_t kPatternShift = 5; // 1 + index of a pattern to match, 0 for none

  EntryKind kind() const noexcept { return static_cast<EntryKind>(bits & kKindMask); }
  bool exact() const noexcept { return (bits & kExact) != 0; }
  bool guarded() const noexcept { return (bits & kGuarded) != 0; }
  std::uint32_t pattern() const noexcept { return bits >> kPatternShift; }
};

// A one-star pattern is found by hashing: the node's prefix, `before` bytes at the start and `after`
// bytes at the end of the next segment, and `tail` whole segments behind it.
struct Shape {
  std::uint16_t before, after;
  std::uint8_t tail, pad0;
  std::uint16_t pad1;
};

// --- Rules and their guards ------------------------------------------------------------------------

enum class RuleKind : std::uint8_t { allow, deny, ask, limit };

// What a rule is among the entries of the index.
constexpr EntryKind entry_kind(RuleKind kind) noexcept {
  switch (kind) {
    case RuleKind::deny: return EntryKind::deny;
    case RuleKind::ask: return EntryKind::ask;
    case RuleKind::allow: return EntryKind::allow;
    case RuleKind::limit: break;
  }
  return EntryKind::limit;
}

struct Rule {
  std::uint32_t code, code_length;  // length 0: nothing to run, the rule always matches
  RuleKind kind;
  std::uint8_t pad[3];
  std::uint32_t limit;              // limits: index of the amount, else kNone
};

// One step of a guard; engine/image/opcodes.h has the table of meanings.
struct Instruction {
  std::uint8_t op;
  std::uint8_t mode;        // comparison (low 3 bits) and expected type (next 4)
  std::uint16_t reference;  // attribute
  std::uint32_t operand;    // constant, second attribute, or how many instructions to skip
};

enum class Fact : std::uint8_t { none, agent, user, sponsor, purpose, trigger, named };

struct Reference {
  Text name;
  std::uint32_t name_hash;
  std::uint8_t type, element;  // remit::Type
  Fact fact;
  std::uint8_t pad;
};

// Values of `declared`.
inline constexpr std::uint8_t kUndeclared = 0, kDeclared = 1, kOtherType = 2;

struct Pattern {
  Text text;             // without the system, wildcards as the bytes above; no `**` at its end
  std::uint32_t system;  // kNone: anything
  std::uint32_t exact;   // `only`
};

struct Window {
  std::uint16_t from, to;  // minutes of the day; to < from crosses midnight
  std::uint32_t days;      // bit 0 is Monday: the day of the start
  std::uint32_t zone, pad;
};

struct ZoneStep {
  std::int64_t start;      // microseconds since 1970
  std::int64_t offset;     // microseconds east of UTC, from `start` to the next step
};
// A window is unknown outside the years that the image has offsets for: [1970, 2100).
inline constexpr std::int64_t kZonesFrom = 0;
inline constexpr std::int64_t kZonesUntil = 4102444800LL * 1'000'000;

struct Limit {
  std::int64_t most;
  std::int64_t per;            // microseconds; 0: the whole session
  std::uint32_t rule;
  std::uint32_t reference;     // the summed attribute, kNone for a count
};

struct History {
  std::uint32_t place_rule;    // the first rule that asks for it
  std::uint32_t pad;
};

// --- Names -------------------------------------------------------------------------------------------

// A rule, limit or history over `anything`, kept by name for systems that other layers declare.
struct Broad {
  EntryKind kind;
  std::uint8_t any;        // every action
  std::uint16_t pad;
  std::uint32_t id;        // rule or history
  Range names;             // of broad_names
};

struct System {
  Text name;
  Range actions, attributes;
};

struct Action {
  Text name;
  Range covers;  // indexes into the system's actions, ascending, itself among them
};

struct AttributeDecl {
  Text name;
  std::uint8_t type, element;
  std::uint16_t pad0;
  std::uint32_t pad1;
};

inline constexpr std::int64_t kNever = INT64_MAX;  // no such time or duration was written

struct Document {
  std::uint8_t kind;           // remit::DocumentKind
  std::uint8_t has_purpose, has_sponsor, trigger;  // trigger: 0 none, 1 schedule, 2 event
  std::uint32_t delegate_levels;                   // 0: no delegation
  Text name, purpose, sponsor, trigger_text;
  std::int64_t expires_after, expires_at, starts, idle, review_every;  // microseconds, kNever
  Range agents, users, delegates;                  // of identifiers
  std::uint32_t idle_line, delegate_line;          // for messages that name the statement; 0: none
};

// --- Cold ----------------------------------------------------------------------------------------------

struct Place {
  std::uint32_t file, line, column, begin, end;  // begin, end: bytes of the statement in the file's source
  std::uint32_t has_because;
  Text because;
};

struct File {
  Text name, source;
};

// No element has hidden padding, so that the same document always gives the same bytes.
#define REMIT_SECTION_CHECK(name, type, sentence) \
  static_assert(std::has_unique_object_representations_v<type> && alignof(type) <= 8);
REMIT_SECTIONS(REMIT_SECTION_CHECK)
#undef REMIT_SECTION_CHECK
static_assert(std::has_unique_object_representations_v<Header> && std::has_unique_object_representations_v<Node>);
// No group crosses a cache line of an image that begins with one.
static_assert(sizeof(Header) % 64 == 0 && sizeof(Group) == 32);
static_assert(sizeof(Node) == 16 && sizeof(Entry) == 16 && sizeof(Node) % alignof(Entry) == 0);

}  // namespace remit::image
