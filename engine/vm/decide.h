// One layer's verdict, and the layers' together (language.md section 6). The decision path: no
// allocation, no lock, no clock. Covered by tests/differential_test.cpp against the reference, and what
// a session adds by tests/session_test.cpp and the conformance cases.
#pragma once

#include <bit>
#include <optional>

#include <remit/layers.h>

#include "engine/vm/few.h"
#include "engine/vm/guard.h"
#include "engine/vm/linked.h"

namespace remit::vm {

// A limit that matches a request, and what the request would add to it.
struct LimitMatch {
  std::int64_t amount;      // 1 for a count
  std::uint32_t rule, limit;
  std::uint16_t layer;
  bool measurable;          // false: the summed attribute is missing, negative or of another type
};
struct HistoryMatch {
  std::uint32_t history;
  std::uint16_t layer;
};
struct RuleMatch {
  std::uint32_t rule;
  std::uint16_t layer;

  friend bool operator==(const RuleMatch& a, const RuleMatch& b) noexcept { return a.rule == b.rule && a.layer == b.layer; }
  friend bool operator<(const RuleMatch& a, const RuleMatch& b) noexcept { return a.layer != b.layer ? a.layer < b.layer : a.rule < b.rule; }
};

// What a decision touches of a session's memory, beside its verdict. Limits are those of layers that do
// not deny by themselves, in the order of layers and text, each once.
struct Touched {
  explicit Touched(bool with_asks) noexcept : wants_asks(with_asks) {}

  Few<LimitMatch, 8> limits;
  Few<HistoryMatch, 8> histories;  // what a grant of this request must be remembered for
  Few<RuleMatch, 8> asks;          // ask rules that match or are unknown, of all layers looked at
  bool wants_asks;                 // collecting them costs every ask rule's guard
  bool reads_history = false;

  bool failed() const noexcept { return limits.failed() || histories.failed() || asks.failed(); }
  void clear() noexcept {
    limits.clear();
    histories.clear();
    asks.clear();
    reads_history = false;
  }
};

// Who asks, and how things stand. Borrows.
struct Frame {
  const Facts* own;                // as the task scope of the session that asks sees them
  const Facts* outer;              // as every other layer does (section 7: another purpose)
  const Reason* gates;             // for each layer: why it denies whatever is asked, or allowed_by_rule
  std::int64_t now;                // microseconds
  const std::atomic<std::uint8_t>* const* remembered = nullptr;  // for each group of layers; see Context
};

// What of a Decision the rules decide, in one register: built and passed on for every layer, the whole
// Decision would go through memory each time.
struct Verdict {
  Effect effect = Effect::deny;
  Reason reason = Reason::internal_error;
  std::uint16_t layer = 0;
  std::uint32_t rule = kNoRule;

  operator Decision() const noexcept { return {effect, reason, layer, rule}; }
};
static_assert(sizeof(Verdict) == 8);

constexpr Verdict deny(Reason reason, std::uint16_t layer) noexcept { return {Effect::deny, reason, layer, kNoRule}; }

// The rules met so far that may decide, by kind: the first in the text of each, or kNoRule.
struct Candidates {
  std::uint32_t deny = kNoRule, ask = kNoRule, ask_unknown = kNoRule, allow = kNoRule;

  // Takes one matching entry into account, running its guard where it has one.
  void take(const Context& context, image::EntryKind kind, std::uint32_t rule, bool guarded) noexcept;
  Verdict verdict(std::uint16_t layer) const noexcept;
};

// A request, read and looked up once for all layers.
class Question {
 public:
  Question(const Layers::Linked& linked, const Request& request) noexcept;

  // allowed_by_rule, or what is wrong with the request itself: then every layer denies for it.
  Reason fault() const noexcept { return fault_; }
  const LayerAction& row(std::uint16_t layer) const noexcept { return rows_[layer]; }
  // A context that points at no layer yet.
  Context context(std::int64_t now) const noexcept;

 private:
  Reason read(const Layers::Linked& linked, const Request& request) noexcept;

  Path path_;
  Attributes attributes_;
  const LayerAction* rows_ = nullptr;
  Reason fault_;
};

// The facts as every layer sees them: what the task scope states itself, where it states any, stands
// before what the host says (section 7).
bool states_facts(const image::View& task) noexcept;
Facts session_facts(const image::View& task, const Facts& facts) noexcept;

// Section 6, step 2, for a task scope that opened at `facts.opened`: is it in force?
Reason lifetime(const image::View& task, const Facts& facts, std::int64_t now) noexcept;
// When that ends: INT64_MAX where it never does.
std::int64_t lifetime_end(const image::View& task, std::int64_t opened) noexcept;

// What the doors without a session judge by: the facts given, and the task scope's lifetime.
struct Stateless {
  std::optional<Facts> stated;  // where the scope states some itself; most do not, and copying costs
  Reason gates[kMaxLayers];
  Frame frame;

  Stateless(const Layers::Linked& linked, const Facts& given, Time now) noexcept : frame{&given, &given, gates, now.time_since_epoch().count()} {
    const image::View& task = *linked.views[0];
    if (states_facts(task)) frame.own = frame.outer = &stated.emplace(session_facts(task, given));
    gates[0] = lifetime(task, given, frame.now);
    for (std::size_t i = 1; i < linked.views.size(); ++i) gates[i] = Reason::allowed_by_rule;
  }
  Stateless(const Stateless&) = delete;
  Stateless& operator=(const Stateless&) = delete;
};

// Why a layer denies before any rule, or allowed_by_rule where it does not.
inline Reason gate(const LayerAction& action, Reason standing) noexcept {
  if (action.status == LayerAction::Status::unknown_system) return Reason::unknown_system;
  if (action.status == LayerAction::Status::unknown_action) return Reason::unknown_action;
  return standing;
}

// Points the context at one layer.
void enter(const Layers::Linked& linked, std::uint16_t layer, const LayerAction& action, const Frame& frame, Context& context) noexcept;

// Section 6, steps 1 to 4 of one layer. `touched` may be null; then limits and histories go unseen.
Verdict decide_layer(const Layers::Linked& linked, std::uint16_t layer, const LayerAction& action, const Frame& frame, Context& context,
                     Touched* touched) noexcept;

// All layers together, for a question without fault. Limits and histories go unseen.
Verdict decide_all(const Layers::Linked& linked, const Question& question, const Frame& frame) noexcept;
// The whole decision, from a request.
Verdict decide(const Layers::Linked& linked, const Request& request, const Frame& frame) noexcept;

// The first layer that denies, else the first that asks, else the task scope's allow. `verdict_of(i)`
// gives layer i's verdict and is asked no further than needed. What was found so far stays one number: g++ would keep each
// field of a Verdict by itself, on the stack.
template <class VerdictOf>
Verdict combine(std::size_t layers, VerdictOf&& verdict_of) noexcept {
  std::uint64_t result = std::bit_cast<std::uint64_t>(Verdict{});
  for (std::size_t i = 0; i < layers; ++i) {
    const Verdict verdict = verdict_of(static_cast<std::uint16_t>(i));
    if (verdict.effect == Effect::deny) return verdict;
    if (i == 0 || (verdict.effect == Effect::ask && std::bit_cast<Verdict>(result).effect == Effect::allow)) result = std::bit_cast<std::uint64_t>(verdict);
  }
  return std::bit_cast<Verdict>(result);
}

// Section 6, step 5, for layers whose other steps gave `verdict`. `room(match)` says whether a limit
// has room: allowed_by_rule, limit_exceeded or limit_unmeasurable. `first` is where their matches
// begin in `touched`.
template <class Room>
Verdict with_limits(Verdict verdict, const Touched& touched, std::size_t first, Room&& room) noexcept {
  for (const LimitMatch* match = touched.limits.begin() + first; match != touched.limits.end(); ++match) {
    const Reason reason = match->measurable ? room(*match) : Reason::limit_unmeasurable;
    if (reason != Reason::allowed_by_rule) return {Effect::deny, reason, match->layer, match->rule};
  }
  return verdict;
}

// Collects the histories of one layer that a grant of the request is to be remembered for.
void collect_histories(const Layers::Linked& linked, const Question& question, std::uint16_t layer, Few<HistoryMatch, 8>& out) noexcept;

// The whole decision of a session that remembers, for a question without fault.
template <class Room>
Verdict decide_layers(const Layers::Linked& linked, const Question& question, const Frame& frame, Touched& touched, Room&& room) noexcept {
  Context context = question.context(frame.now);
  return combine(linked.views.size(), [&](std::uint16_t layer) {
    const std::size_t first = touched.limits.size();
    return with_limits(decide_layer(linked, layer, question.row(layer), frame, context, &touched), touched, first, room);
  });
}

}  // namespace remit::vm
