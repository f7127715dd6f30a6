// What a session holds, and what the sessions of one tree share. Private to engine/session.
//
//   Tree    one for an outermost session and all beneath it: the lock, the clock, asks, the grant log,
//           what the tree is connected to
//   State   one for each session: its layers, facts, lifetime, and the memory of its own documents
//
// Ownership: a handle (Session) holds a share of the Tree and of its State; a State holds its parent's, so
// the outermost lives as long as any. A Tree does not own States, it lists those alive.
//
// Guarded by Tree::mutex: everything that is not const after opening and not atomic.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <remit/session.h>

#include "engine/image/view.h"
#include "engine/session/asks.h"
#include "engine/session/grant_log.h"
#include "engine/session/meter.h"
#include "engine/vm/decide.h"

namespace remit {

class StoreLink;
using Tree = Session::Tree;

// The sub-sessions of a tree.
struct Family {
  std::vector<Session::State*> sessions;  // those alive, in the order of opening
  std::vector<std::string> agents;        // now or before; sorted
};

struct Session::Tree {
  std::mutex mutex;
  std::atomic<std::int64_t> now;                      // the largest seen
  Session::State* outermost = nullptr;
  // The latest grant of any session of the tree. Kept from the first session on that has `idle`: what was
  // granted before it opened does not concern it.
  std::atomic<std::int64_t> last_grant{INT64_MIN};
  std::atomic<bool> counts_idle{false};
  bool delegates = false;                             // may it? Set before any decision
  std::unique_ptr<const Surroundings> surroundings;   // null: nothing is connected
  std::unique_ptr<Asks> asks;                         // null until somebody asks
  GrantLog grants;
  std::unique_ptr<Family> family;                     // null until somebody delegates
  std::uint64_t generation = 0;
  std::unique_ptr<StoreLink> link;                    // null without a store; last, because it keeps sessions

  explicit Tree(std::int64_t opened);
  ~Tree();

  // What was granted; null where nothing can be delegated.
  GrantLog* log() noexcept { return delegates ? &grants : nullptr; }
  const GrantLog* log() const noexcept { return delegates ? &grants : nullptr; }
  std::span<Session::State* const> sessions() const noexcept;
  std::span<const std::string> agents() const noexcept;

  // All sessions that are alive, the outermost first.
  std::vector<Session::State*> all() const;
  Family& make_family();
  // A sub-session is no longer there, or moves to another tree.
  void forget(const Session::State* state) noexcept;
  // Remembers the agent of a sub-session.
  void add_agent(std::string_view agent);

  // The time that holds for a call with `asked`; remembers it.
  std::int64_t raise(std::int64_t asked) noexcept;
  // The same, without remembering.
  std::int64_t latest(std::int64_t asked) const noexcept;
};

// An attribute that owns its name, text and items: facts outlive the call that opened the session.
struct OwnedFact {
  std::string name, text;
  std::vector<std::string> texts;
  std::vector<Value> items;
};

struct OwnedFacts {
  std::vector<std::unique_ptr<OwnedFact>> owned;
  std::vector<Attribute> named;

  void keep(const Attribute& fact);
};

// What is kept of the identity that a session was opened for.
struct Provenance {
  std::int64_t ends = INT64_MAX;
  BadHabit habit = BadHabit::none;
  std::vector<std::string> chain;  // agents before this one
};

// What only some sessions have: those with named facts, those beneath another, those opened for an identity.
struct Particulars {
  OwnedFacts named;
  std::optional<Facts> outer;            // as every layer but the own task scope sees them, where that differs
  std::optional<Provenance> provenance;  // where it was opened for an identity
};

// A session's way to the audit trail; made where there is one.
struct Trail {
  AuditSink* sink;  // kept by the tree's surroundings
  std::shared_ptr<const AuditedSession> session;
  Id first;         // random: decision ids count from here, so that none costs a system call
  std::atomic<std::uint64_t> decisions{0};  // the lower half of the latest id: at first, of `first`

  Id next_decision() noexcept;
};

// Who revoked a session, and why.
struct Revocation {
  std::string by, why;
};

struct Session::State {
  // Bits of `over`.
  static constexpr std::uint8_t kRevoked = 1, kEnded = 2;

  Tree* tree;
  std::shared_ptr<State> parent;       // null: outermost
  Layers layers;
  Id id;
  std::uint16_t own_layers = 0;        // the first of `layers`; the others are its ancestors'
  std::uint16_t depth = 0;             // 0: outermost
  std::atomic<std::uint8_t> over{0};
  std::atomic<std::uint64_t> principals_epoch{0};  // of the registry, when it was last asked about this session

  std::unique_ptr<char[]> texts;       // what the facts borrow: agent, user, sponsor, purpose, one after the other
  Facts facts;                         // as its own task scope sees them
  std::unique_ptr<Particulars> particulars;  // null: it has none

  // The memory of its own layers; null where they have none. Limits and histories of all own layers, in
  // the order of layers (Linked::limit_base, history_base).
  std::unique_ptr<Meter[]> meters;
  std::atomic<std::uint8_t>* histories = nullptr;  // of each `after`: a vm::Truth
  std::array<std::atomic<std::uint8_t>, 8> few_histories{};         // where they are, as a rule
  std::unique_ptr<std::atomic<std::uint8_t>[]> many_histories;      // where there are more
  std::size_t log_seen = 0;            // entries of the tree's log that `histories` know of
  // A sub-session's: where the histories of each session are, its own and those above it, the nearest first.
  std::unique_ptr<const std::atomic<std::uint8_t>*[]> remembered;
  std::unique_ptr<Revocation> revocation;
  std::unique_ptr<Trail> trail;        // null: nothing is recorded

  State(Tree& in, std::shared_ptr<State> above, const Layers& linked) : tree(&in), parent(std::move(above)), layers(linked) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  const Layers::Linked& linked() const noexcept { return layers.linked(); }
  std::int64_t opened() const noexcept { return facts.opened.time_since_epoch().count(); }
  const image::View& task() const noexcept { return *linked().views[0]; }
  // The session whose layer that is: this one or an ancestor.
  State& owner(std::uint16_t layer) noexcept;
  const State& owner(std::uint16_t layer) const noexcept { return const_cast<State*>(this)->owner(layer); }
  Meter& meter(std::uint16_t layer, std::uint32_t limit) noexcept;
  const Meter& meter(std::uint16_t layer, std::uint32_t limit) const noexcept { return const_cast<State*>(this)->meter(layer, limit); }
  std::atomic<std::uint8_t>& history(std::uint16_t layer, std::uint32_t index) noexcept;

  // As every layer but its own task scope sees them.
  const Facts& outer_facts() const noexcept { return particulars && particulars->outer ? *particulars->outer : facts; }
  // Of the identity that it was opened for; null where there was none.
  const Provenance* provenance() const noexcept { return particulars && particulars->provenance ? &*particulars->provenance : nullptr; }
  Particulars& make_particulars();

  // No limit, no history, nothing connected: then a decision that is no ask changes nothing but the time.
  bool is_plain() const noexcept { return !tree->surroundings && !tree->link && !tree->delegates && !linked().memory.limits && !linked().memory.history; }

  // Section 6, step 2, for this session's own task scope at `now`.
  Reason standing(std::int64_t now) const noexcept;
  // The same for it and all above it, the nearest first: allowed_by_rule where all are in force.
  Reason standing_of_all(std::int64_t now) const noexcept;
  // For each layer: why it denies whatever is asked.
  void gates(std::int64_t now, Reason* out) const noexcept;
  const std::atomic<std::uint8_t>* const* where_remembered() const noexcept {
    if (!linked().memory.history) return nullptr;
    return remembered ? remembered.get() : &histories;
  }
  vm::Frame frame(std::int64_t now, const Reason* gates) const noexcept {
    return {&facts, &outer_facts(), gates, now, where_remembered()};
  }

  // Is it, or one above it, at its end?
  bool over_for_good(std::int64_t now) const noexcept {
    const Reason reason = standing_of_all(now);
    return reason != Reason::allowed_by_rule && reason != Reason::not_yet_valid;
  }
  // Marks it, for every thread's next decision. Keeps who and why of the first time, where there is memory.
  void revoke(std::string_view by, std::string_view why) noexcept;
  // Asks the registry whether a person that it rests on was revoked, where anybody was since the last time.
  void sync_principals(std::int64_t now) noexcept;

  // Makes the memory that its own layers need; `layers` and `own_layers` are set.
  void make_memory();
  // Finds the histories of all layers: its own and its ancestors'.
  void link_histories();
  // Puts a sub-session into the tree's list; it takes itself out again when it goes.
  void enlist();
};

}  // namespace remit
