// A Session: one agent working on one task for one person, from opening to end (language.md sections 5
// to 7). It is the only place of the engine where state changes.
//
//   auto session = remit::Session::open({.agent = "spiffe://acme.example/agent/a", .user = "mike@acme.example",
//                                        .layers = layers}, now);
//   remit::Decision d = session->check({"read", "docs:/clinical/A/x.pdf", {{"size", remit::bytes(20'000)}}}, now);
//   if (d.asks()) ... show a person session->pending(), then session->approve(d.approval, "mike@acme.example", now)
//
// A session and everything delegated from it form a *tree*, with one state: limits, history, approvals,
// one clock. Handles are cheap and own a share of that state; dropping one ends nothing.
//
// Time. The caller gives every `now`; no clock is read. Within a tree the largest `now` seen in any call
// holds, so a clock set back extends nothing. `would`, `verdicts`, `could` and `limits` remember nothing,
// not even the time.
//
// Threads. Every function may be called from any thread at any time, on the same handle too. A check that
// involves no limit, history or ask takes no lock. The host callback and the audit sink are
// called without a lock.
//
// Errors. Nothing throws. A decision that cannot be made is a deny with its reason; other refusals
// are an Error whose code says which. After any refusal the state is as it was before the call.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <remit/audit_sink.h>
#include <remit/id.h>
#include <remit/identity.h>
#include <remit/layers.h>
#include <remit/principals.h>
#include <remit/store.h>

namespace remit {

// What starts a standing authorization's run: `kind` is "schedule" or "event".
struct TriggerFact {
  std::string_view kind, text;
};

// What the host's own access check is asked, last of all, for what would otherwise be granted.
struct HostQuestion {
  const Request& request;
  const Facts& facts;  // of the session that asks; purpose as its task scope sees it
  Time now{};
};
// True where the host agrees. False, and any exception, denies `denied_by_host`. Called by several
// threads at once, and once for each decision that would be a grant, `would` included.
using HostCheck = std::function<bool(const HostQuestion&)>;

// What a tree of sessions is connected to. Shared with the tree, so it lives as long as any session.
struct Surroundings {
  HostCheck host = {};                                   // empty: the documents alone decide
  std::shared_ptr<PrincipalRegistry> principals = {};    // null: only revoke() revokes
  std::shared_ptr<AuditSink> audit = {};                 // null: nothing is recorded
  std::shared_ptr<Store> store = {};                     // null: state lives and dies with the process
  StoreOptions store_options = {};
};

// Everything the host knows when a session opens. Texts and spans are borrowed during the call only.
// (`= {}` here and below: a host names some members, and no compiler warns about the others.)
struct Opening {
  std::string_view agent = {};               // the acting agent's identifier (a URI); empty: unknown
  std::string_view user = {};                // on whose behalf; empty where nobody is present
  std::string_view purpose = {};             // used where the task scope states none
  std::optional<Layers> layers = {};         // must be given
  std::span<const Attribute> facts = {};     // `user.NAME`, `agent.NAME`
  std::optional<Time> last_review = {};      // of the sponsor's standing authorization
  bool sponsor_revoked = false;
  std::optional<TriggerFact> trigger = {};   // what started this run
  Surroundings surroundings = {};
  // Where there is one: agent and user come from it, and its sponsor answers where nobody else does.
  // Giving another agent or user besides is bad_argument.
  const Identity* identity = nullptr;
  TraceContext trace = {};  // for the audit trail
};

// A sub-session for another agent (section 7). Borrowed during the call only.
struct Delegation {
  std::string_view agent = {};               // the agent that gets it; from the host, never from the delegating agent
  std::optional<Program> task = {};          // its own scope; must be given
  std::span<const Program> guardrails = {};  // further layers of its own
  std::span<const Program> grants = {};
  std::string_view purpose = {};             // used in its task scope where that states none; else the parent's
  std::span<const Attribute> facts = {};     // `agent.NAME` only
  // For a task scope that is a standing authorization itself.
  std::optional<Time> last_review = {};
  bool sponsor_revoked = false;
  std::optional<TriggerFact> trigger = {};
  TraceContext trace = {};  // for the audit trail
};

// An ask that waits for a person, or an approval that waits to be used. Owns its texts.
struct PendingAsk {
  enum class State : std::uint8_t { open, approved } state = State::open;
  ApprovalId id;
  Id session;                   // that asked
  std::string action, resource;
  std::array<std::uint8_t, 32> request{};  // SHA-256 of the request's exact encoding, attributes and all
  Time asked{}, approved{};     // approved: where it is
  std::string approver;
  std::vector<Decision> rules;  // the ask rules that it answers, of all layers: Session::rule() says where and why
};

// One limit of one layer, as it stands.
struct LimitState {
  std::uint16_t layer = 0;
  std::uint32_t rule = kNoRule;
  std::int64_t most = 0, used = 0;  // times, bytes, microseconds or a number: as the limit's amount
  Type type = Type::integer;        // of the amount; integer for a count too
  std::string_view attribute;       // what is summed; empty: a count. Borrowed from the layers
  std::optional<Duration> per;      // a sliding window; nothing: the whole session

  std::int64_t remaining() const noexcept { return most - used; }
};

inline constexpr std::size_t kMaxOutcomeDetail = 4096;

// Where a session stands: allowed_by_rule while it is open, else why every request is denied.
struct SessionStatus {
  Reason reason = Reason::allowed_by_rule;
  std::optional<Time> ends;  // the earliest `expires` of it and its ancestors
  Time now{};                // the largest time that the tree has seen
  std::string by, why;       // of a revocation

  bool open() const noexcept { return reason == Reason::allowed_by_rule; }
};

struct SavedState {
  std::vector<std::byte> bytes;
  std::uint64_t generation = 0;
};

// For listing tools before they are called.
enum class Could : std::uint8_t { never, maybe, always };
const char* to_string(Could could) noexcept;

// A grant whose outcome the caller learns later. It is charged already; rollback() gives the charges back
// (not the history, and not an approval). One that is never settled counts as used. Move-only.
class Reservation {
 public:
  Reservation(Reservation&&) noexcept;
  Reservation& operator=(Reservation&&) noexcept;
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation();

  const Decision& decision() const noexcept { return decision_; }
  bool granted() const noexcept { return decision_.allowed(); }
  // Settles it; the second and any later call of either does nothing.
  void commit() noexcept;
  void rollback() noexcept;

 private:
  friend class Session;
  struct State;
  Reservation(Decision decision, std::unique_ptr<State> state) noexcept;
  Decision decision_;
  std::unique_ptr<State> state_;  // null where there is nothing to give back
};

class Session {
 public:
  // Opens a session at `now` (section 7): the agent and user must be named by the scope's statements,
  // a person must be accountable, a standing authorization must be reviewed and rightly triggered.
  // Errors: agent_not_allowed, user_not_allowed, no_accountable_person, review_overdue, sponsor_revoked,
  // principal_revoked, wrong_trigger, impersonation, unaccountable, identity_expired, audit_unavailable,
  // store_unavailable, bad_argument, out_of_memory.
  static Result<Session> open(const Opening& opening, Time now) noexcept;

  // A sub-session: its own layers above this one's, sharing limits, history and clock, ending when this
  // one ends. Whatever its documents say, it can do nothing that this session cannot.
  // Errors: session_over, not_yet_valid, no_delegation, too_deep, agent_not_allowed, user_not_allowed, wrong_kind,
  // too_many_layers, audit_unavailable, store_unavailable, bad_argument, out_of_memory.
  Result<Session> delegate(const Delegation& delegation, Time now) noexcept;

  // Decides and, where the answer is allow, charges every limit that matches and remembers, all in one
  // step. An ask carries an approval id in `approval`.
  Decision check(const Request& request, Time now) noexcept;
  // The same decision; charges nothing, remembers nothing, not even the time. An ask has no id.
  Decision would(const Request& request, Time now) const noexcept;
  // One check after the other, at one time, order kept. Empty where there is no memory for the answers;
  // then nothing was decided.
  std::vector<Decision> check_all(std::span<const Request> requests, Time now) noexcept;
  // Each layer's own verdict, memory included; `out` holds at least layers().size(). Remembers nothing.
  void verdicts(const Request& request, Time now, std::span<Decision> out) const noexcept;
  // As check; a grant can be given back.
  Reservation reserve(const Request& request, Time now) noexcept;

  // A person's yes to the ask `id` of this session: less than 15 minutes later, one check of exactly that
  // request is granted. Errors: unknown_approval (none of this session has that id, or it was dropped: a
  // tree keeps 1,024 open asks), already_approved, approval_used, approval_lapsed, approver_is_agent (an
  // agent of the tree, now or before, or any spiffe: or wimse: id), session_over, audit_unavailable, store_unavailable,
  // bad_argument (no approver), out_of_memory.
  Status approve(const ApprovalId& id, std::string_view approver, Time now) noexcept;

  // Ends this session and all beneath it, for every thread's next decision. Cannot fail: where the record
  // or the store cannot be written, it is in force in this process all the same.
  void revoke(std::string_view by, std::string_view why, Time now) noexcept;
  // The same, by its holder; requests are then denied `session_ended`.
  void end(Time now) noexcept;

  // What became of a decision of this session, in its caller's words: one more record of the audit trail,
  // which joins by the decision's `id`. Changes nothing else, and where there is no trail nothing at all.
  // `detail` is for people, at most kMaxOutcomeDetail bytes of UTF-8 and never a secret.
  // Errors: bad_argument (an empty id, a detail that is none), audit_unavailable, out_of_memory.
  Status outcome(const Id& decision, bool ok, std::string_view detail, Time now) noexcept;

  // May this session do `action` to what `pattern` (of the language: `docs:/clinical/**`) names, or to
  // what is beneath it, at `now` (the largest time seen, where it is not given)? Attributes are unknown.
  // never and always are certain; a pattern that is none, or an unknown action, is never.
  Could could(std::string_view action, std::string_view pattern, std::optional<Time> now = std::nullopt) const noexcept;

  // Of this session: its layers (own first, then its parent's, and so on), what it is, and how it stands.
  const Layers& layers() const noexcept;
  std::optional<RuleInfo> rule(const Decision& decision) const noexcept;
  Id id() const noexcept;
  Id parent() const noexcept;           // empty for an outermost session
  Id tree() const noexcept;             // the outermost session's id: its key in a store
  const Facts& facts() const noexcept;  // valid while any handle of the tree lives
  SessionStatus status(Time now) const noexcept;

  // The decision in words: effect, reason, rule, because, and for a deny what would have to be otherwise.
  // For people; allocates; empty where there is no memory.
  std::string explain(const Request& request, const Decision& decision) const noexcept;
  // Of a deny `no_matching_rule` at `now`, what explain() says of the rule that came nearest: "line 7 of
  // weekly.scope would have allowed this for size up to 5MB". Empty for all else, and where none is near.
  std::string nearest(const Request& request, const Decision& decision, Time now) const noexcept;

  // The tree's asks that can still be approved or used, oldest first. Empty where there is no memory.
  std::vector<PendingAsk> pending(Time now) const noexcept;
  // This session's limits, of all layers, in the order of layers and text.
  std::vector<LimitState> limits(Time now) const noexcept;

  // The state of the whole tree, with a generation one higher than the last. A host keeps it where
  // agents cannot reach: the checksum guards against damage, not against forgery.
  Result<SavedState> save() noexcept;
  // All sessions of a saved tree, in the order in which they opened. `programs` holds at least the
  // programs (by digest) that the tree was opened with. Errors: bad_state (damaged, or
  // contradicts its programs), unsupported_version, stale_state (a generation before `least_generation`),
  // missing_program, out_of_memory. Nothing is restored unless everything is.
  static Result<std::vector<Session>> restore(std::span<const std::byte> bytes, std::uint64_t least_generation,
                                              std::span<const Program> programs, const Surroundings& surroundings = {}) noexcept;
  // The tree that `surroundings.store` keeps under `tree`, for this process too. Errors: as restore,
  // unknown_session, store_unavailable.
  static Result<std::vector<Session>> resume(const Id& tree, std::span<const Program> programs, const Surroundings& surroundings) noexcept;

  // A moved-from handle may only be assigned to or destroyed.
  Session(Session&&) noexcept = default;
  Session& operator=(Session&& other) noexcept;
  ~Session() = default;

  // For the engine's own rooms.
  struct Tree;
  struct State;
  Session(std::shared_ptr<Tree> tree, std::shared_ptr<State> state) noexcept : tree_(std::move(tree)), state_(std::move(state)) {}

 private:
  // What open() and delegate() do, but for the record of a refusal.
  static Result<Session> open_unrecorded(const Opening& opening, Time now) noexcept;
  Result<Session> delegate_unrecorded(const Delegation& delegation, std::int64_t now) noexcept;

  std::shared_ptr<Tree> tree_;
  std::shared_ptr<State> state_;  // goes first: it takes itself out of the tree
};

}  // namespace remit
