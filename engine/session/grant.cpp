// See grant.h. A request goes one of three ways:
//
//   plain   the session has no memory and is connected to nothing: its documents' word is the decision
//   free    nothing that it touches is remembered: it is decided without a lock, and a grant leaves no
//           trace but the time (and the idle time, where somebody counts it)
//   locked  it touches a limit, history or an approval: decided and granted in one step under the lock
//
// The host callback stands before the step and is called without the lock, so after it the request is
// decided again: what it agreed to may no longer be granted by then.
#include "engine/session/grant.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/session/elapsed.h"
#include "engine/session/encode.h"
#include "engine/session/random.h"
#include "engine/session/record.h"
#include "engine/session/store_link.h"

namespace remit {
namespace {

using vm::Truth;

constexpr Decision deny(Reason reason) noexcept { return {Effect::deny, reason, kNoLayer, kNoRule}; }

bool host_agrees(const Session::State& state, const Request& request, std::int64_t now) noexcept {
  try {
    return state.tree->surroundings->host({request, state.facts, time_from_micros(now)});
  } catch (...) {
    return false;
  }
}

// A grant was made at `now`: nobody in the tree is idle.
void note_activity(Session::Tree& tree, std::int64_t now) noexcept {
  if (!tree.counts_idle.load(std::memory_order_relaxed)) return;
  std::int64_t last = tree.last_grant.load(std::memory_order_relaxed);
  while (now > last && !tree.last_grant.compare_exchange_weak(last, now, std::memory_order_relaxed)) {
  }
}

// What the documents and the session's standing say, where nothing else has a say.
vm::Verdict decide_plain(const Session::State& state, const Request& request, std::int64_t now) noexcept {
  Reason gates[kMaxLayers];
  state.gates(now, gates);
  return vm::decide(state.linked(), request, state.frame(now, gates));
}

// One request on its way.
class Grant {
 public:
  Grant(Session::State& state, const Request& request, bool real, std::vector<Charge>* charges) noexcept
      : state_(state), tree_(*state.tree), request_(request), linked_(state.linked()), question_(linked_, request), real_(real), charges_(charges) {}

  // `now` is the time that holds when the request comes in; it may move on while others decide.
  Decision run(std::int64_t now) {
    now_ = now;
    if (question_.fault() != Reason::allowed_by_rule) return {Effect::deny, question_.fault(), 0, kNoRule};
    vm::Touched touched(false);
    if (tree_.link && tree_.link->is_due(now_)) {
      const std::lock_guard lock(tree_.mutex);
      if (!tree_.link->refresh(tree_, now_)) return deny(Reason::internal_error);
    }
    const Decision decision = decide_free(touched);
    if (!is_free(decision, touched)) {
      if (!decision.asks() && !touched.failed() && !touched.reads_history) free_ = decision;
      return run_locked(touched);
    }
    if (!decision.allowed()) return decision;
    if (has_host()) return run_locked(touched);  // much may happen while the host thinks
    if (real_) leave_free_trace();
    return decision;
  }

  std::int64_t now() const noexcept { return now_; }
  // For the audit trail.
  const vm::Few<AuditedCharge, 4>& taken() const noexcept { return taken_; }
  const image::Digest* exact_request(const Decision& decision) const noexcept { return decision.approval.empty() ? nullptr : &digest_; }

 private:
  Decision decide_free(vm::Touched& touched) noexcept {
    free_now_ = now_;
    state_.gates(now_, free_gates_);
    const vm::Frame frame = state_.frame(now_, free_gates_);
    if (linked_.memory.limits || linked_.memory.history) {
      return vm::decide_layers(linked_, question_, frame, touched, [](const vm::LimitMatch&) { return Reason::allowed_by_rule; });
    }
    return vm::decide_all(linked_, question_, frame);
  }

  // Does the decision stand without a look at what the lock guards?
  bool is_free(const Decision& decision, const vm::Touched& touched) noexcept {
    if (decision.asks() || touched.failed() || !touched.limits.empty() || touched.reads_history) return false;
    if (!decision.allowed()) return true;
    // What a store must hear of before it is granted.
    if (tree_.link && tree_.log() != nullptr && !tree_.log()->has(request_.action, request_.resource)) return false;
    return std::all_of(touched.histories.begin(), touched.histories.end(), [&](const vm::HistoryMatch& match) { return is_set(match); });
  }

  bool is_set(const vm::HistoryMatch& match) noexcept {
    return state_.history(match.layer, match.history).load(std::memory_order_relaxed) == static_cast<std::uint8_t>(Truth::yes);
  }

  bool has_host() const noexcept { return tree_.surroundings && tree_.surroundings->host; }

  void leave_free_trace() noexcept {
    note_activity(tree_, now_);
    if (tree_.log() == nullptr || tree_.log()->has(request_.action, request_.resource)) return;
    const std::lock_guard lock(tree_.mutex);
    tree_.log()->add(request_.action, request_.resource);
  }

  Decision run_locked(vm::Touched& touched) {
    bool agreed = !has_host();
    for (int tries = 0; tries < StoreLink::kTries; ++tries) {
      {
        const std::lock_guard lock(tree_.mutex);
        if (real_) now_ = tree_.latest(now_);
        Ask* approval = nullptr;
        const Decision decision = decide_locked(touched, approval);
        if (decision.asks() && real_) {
          const Decision asked = remember_ask(decision, touched);
          if (stored(tree_.link ? tree_.link->write(tree_, nullptr) : Written::yes)) return written_ == Written::yes ? asked : deny(Reason::internal_error);
          continue;
        }
        if (!decision.allowed()) return decision;
        if (agreed) {
          if (!real_ || stored(charge(touched, approval))) return written_ == Written::yes ? decision : deny(Reason::internal_error);
          continue;  // somebody else changed the state first: decide again on theirs
        }
      }
      agreed = true;
      if (!host_agrees(state_, request_, now_)) return deny(Reason::denied_by_host);
    }
    return deny(Reason::internal_error);
  }

  using Written = StoreLink::Written;

  // Is the matter settled, one way or the other? Where it is not, what others wrote has been read.
  bool stored(Written written) noexcept {
    written_ = written;
    if (written != Written::conflict) return true;
    if (tree_.link->reload(tree_)) return false;
    written_ = Written::unavailable;
    return true;
  }

  Decision decide_locked(vm::Touched& touched, Ask*& approval) {
    if (linked_.memory.history) catch_up(state_);
    Reason gates[kMaxLayers];
    state_.gates(now_, gates);
    const vm::Frame frame = state_.frame(now_, gates);
    const auto room = [&](const vm::LimitMatch& match) {
      return state_.meter(match.layer, match.limit).has_room(match.amount, now_) ? Reason::allowed_by_rule : Reason::limit_exceeded;
    };
    // What was decided without the lock holds where nothing has changed that it rests on: only limits, which all matched
    // then, have a say now. Each time anew, the rules would be run twice for every request with a limit.
    const std::optional<Decision> free = std::exchange(free_, std::nullopt);
    if (free && now_ == free_now_ && std::equal(gates, gates + linked_.views.size(), free_gates_)) {
      return vm::with_limits({free->effect, free->reason, free->layer, free->rule}, touched, 0, room);
    }
    touched.clear();
    touched.wants_asks = false;
    Decision decision = vm::decide_layers(linked_, question_, frame, touched, room);
    if (decision.asks()) {
      // Asks are rare and slow anyway, so only now is every ask rule looked at.
      touched.clear();
      touched.wants_asks = true;
      decision = vm::decide_layers(linked_, question_, frame, touched, room);
      std::sort(touched.asks.begin(), touched.asks.end());
      touched.asks.shorten(static_cast<std::size_t>(std::unique(touched.asks.begin(), touched.asks.end()) - touched.asks.begin()));
      digest_ = digest_of(request_);
      approval = tree_.asks ? tree_.asks->usable(state_.id, digest_, touched.asks, now_) : nullptr;
      if (approval != nullptr) {
        decision.effect = Effect::allow;
        decision.reason = Reason::granted_by_approval;
        decision.approval = approval->id;
      }
    }
    return touched.failed() ? deny(Reason::internal_error) : decision;
  }

  Decision remember_ask(Decision decision, const vm::Touched& touched) {
    Ask ask;
    if (!random_id(ask.id)) return deny(Reason::internal_error);
    ask.session = state_.id;
    ask.request = digest_;
    ask.asked = now_;
    ask.action = request_.action;
    ask.resource = request_.resource;
    ask.rules.assign(touched.asks.begin(), touched.asks.end());
    decision.approval = ask.id;
    if (!tree_.asks) tree_.asks = std::make_unique<Asks>();
    tree_.asks->add(std::move(ask));
    return decision;
  }

  // Everything that a grant changes, in one step: nothing in it fails once it has begun.
  Written charge(const vm::Touched& touched, Ask* approval) {
    taken_.clear();
    if (charges_ != nullptr) {
      charges_->clear();
      charges_->reserve(touched.limits.size());
    }
    if (tree_.link) return charge_stored(touched, approval);
    for (const vm::LimitMatch& match : touched.limits) {
      Meter& meter = state_.meter(match.layer, match.limit);
      note_charge(meter, match, meter.add(match.amount, now_));
    }
    for (const vm::HistoryMatch& match : touched.histories) {
      state_.history(match.layer, match.history).store(static_cast<std::uint8_t>(Truth::yes), std::memory_order_relaxed);
    }
    if (approval != nullptr) approval->state = Ask::State::used;
    note_activity(tree_, now_);
    if (tree_.log() != nullptr) tree_.log()->add(request_.action, request_.resource);
    return Written::yes;
  }

  void note_charge(Meter& meter, const vm::LimitMatch& match, std::int64_t bucket) {
    if (charges_ != nullptr) charges_->push_back({&meter, match.amount, bucket});
    if (state_.trail) taken_.push({match.layer, match.rule, match.amount, meter.used(now_) - meter.spare(now_)});
  }

  // The same with a store: what a lease holds needs no writing, all else is written before it is granted,
  // and taken back where somebody else wrote first.
  Written charge_stored(const vm::Touched& touched, Ask* approval) {
    vm::Few<Meter::Lease, 8> leases;
    vm::Few<vm::HistoryMatch, 8> fresh;
    bool write = approval != nullptr || (tree_.log() != nullptr && !tree_.log()->has(request_.action, request_.resource));
    for (const vm::LimitMatch& match : touched.limits) {
      const Meter& meter = state_.meter(match.layer, match.limit);
      leases.push(meter.lease());
      write = write || meter.spare(now_) < match.amount;
    }
    for (const vm::HistoryMatch& match : touched.histories) {
      if (!is_set(match)) fresh.push(match);
    }
    if (leases.failed() || fresh.failed()) return Written::unavailable;
    write = write || !fresh.empty();

    for (const vm::LimitMatch& match : touched.limits) {
      Meter& meter = state_.meter(match.layer, match.limit);
      const std::int64_t ahead = tree_.link->lease_divisor() == 0 ? 0 : meter.most() / tree_.link->lease_divisor();
      note_charge(meter, match, meter.spare(now_) >= match.amount ? meter.spend(match.amount) : meter.add_ahead(match.amount, ahead, now_));
    }
    const auto set_fresh = [&](Truth truth) {
      for (const vm::HistoryMatch& match : fresh) state_.history(match.layer, match.history).store(static_cast<std::uint8_t>(truth), std::memory_order_relaxed);
    };
    set_fresh(Truth::yes);
    if (approval != nullptr) approval->state = Ask::State::used;
    const Written written = write ? tree_.link->write(tree_, &request_) : Written::yes;
    if (written == Written::yes) {
      note_activity(tree_, now_);
      if (tree_.log() != nullptr) tree_.log()->add(request_.action, request_.resource);
    } else if (written == Written::conflict) {
      // The limits are about to be read anew; whether a flag was unknown before is too.
      set_fresh(Truth::no);
      for (std::size_t i = 0; i < touched.limits.size(); ++i) state_.meter(touched.limits.begin()[i].layer, touched.limits.begin()[i].limit).set_lease(leases[i]);
    }
    return written;
  }

  Session::State& state_;
  Session::Tree& tree_;
  const Request& request_;
  const Layers::Linked& linked_;
  const vm::Question question_;
  const bool real_;
  std::vector<Charge>* charges_;
  std::int64_t now_ = 0;
  std::optional<Decision> free_;  // decided without the lock, at free_now_ with free_gates_, and not by what the lock guards
  std::int64_t free_now_ = 0;
  Reason free_gates_[kMaxLayers];
  image::Digest digest_{};
  vm::Few<AuditedCharge, 4> taken_;
  StoreLink::Written written_ = StoreLink::Written::yes;
};

}  // namespace

void catch_up(Session::State& state) noexcept {
  const GrantLog* log = state.tree->log();
  if (log == nullptr) return;
  for (Session::State* at = &state; at->parent != nullptr; at = at->parent.get()) {
    if (at->histories == nullptr) continue;
    for (; at->log_seen < log->entries().size(); ++at->log_seen) {
      const GrantLog::Entry& entry = *log->entries()[at->log_seen];
      const vm::Question question(at->linked(), Request(entry.action, entry.resource));
      for (std::uint16_t layer = 0; layer < at->own_layers; ++layer) {
        vm::Few<vm::HistoryMatch, 8> matches;
        vm::collect_histories(at->linked(), question, layer, matches);
        for (const vm::HistoryMatch& match : matches) at->history(layer, match.history).store(static_cast<std::uint8_t>(Truth::yes), std::memory_order_relaxed);
        if (matches.failed()) at->tree->log()->overflow();  // what was missed is unknown from here on
      }
    }
    if (!log->overflowed()) continue;
    for (std::uint16_t layer = 0; layer < at->own_layers; ++layer) {
      for (std::uint32_t i = 0; i < at->linked().views[layer]->histories.size(); ++i) {
        std::atomic<std::uint8_t>& flag = at->history(layer, i);
        if (flag.load(std::memory_order_relaxed) == static_cast<std::uint8_t>(Truth::no)) flag.store(static_cast<std::uint8_t>(Truth::unknown), std::memory_order_relaxed);
      }
    }
  }
}

Decision grant(Session::State& state, const Request& request, std::int64_t asked, std::vector<Charge>* charges) noexcept {
  const std::int64_t now = state.tree->raise(asked);
  if (state.is_plain()) {
    const vm::Verdict verdict = decide_plain(state, request, now);
    if (verdict.effect == Effect::allow) note_activity(*state.tree, now);
    if (verdict.effect != Effect::ask) return verdict;  // an ask is remembered: the long way
  }
  state.sync_principals(now);
  Grant on_its_way(state, request, true, charges);
  Decision decision;
  try {
    decision = on_its_way.run(now);
  } catch (...) {
    decision = deny(Reason::internal_error);
  }
  if (state.trail && !record_decision(state, request, decision, on_its_way.taken(), on_its_way.exact_request(decision), on_its_way.now()) &&
      decision.effect != Effect::deny) {
    // What was charged stays charged; a deny keeps its own reason, which goes before this one.
    decision = deny(Reason::audit_unavailable);
  }
  return decision;
}

Decision foresee(Session::State& state, const Request& request, std::int64_t asked) noexcept {
  const std::int64_t now = state.tree->latest(asked);
  state.sync_principals(now);
  try {
    return Grant(state, request, false, nullptr).run(now);
  } catch (...) {
    return deny(Reason::internal_error);
  }
}

void foresee_layers(Session::State& state, const Request& request, std::int64_t asked, std::span<Decision> out) noexcept {
  const std::int64_t now = state.tree->latest(asked);
  state.sync_principals(now);
  const Layers::Linked& linked = state.linked();
  const vm::Question question(linked, request);
  const std::size_t count = std::min(out.size(), linked.views.size());
  const std::lock_guard lock(state.tree->mutex);
  if (linked.memory.history) catch_up(state);
  Reason gates[kMaxLayers];
  state.gates(now, gates);
  const vm::Frame frame = state.frame(now, gates);
  vm::Context context = question.context(now);
  vm::Touched touched(false);
  for (std::size_t i = 0; i < count; ++i) {
    const auto layer = static_cast<std::uint16_t>(i);
    if (question.fault() != Reason::allowed_by_rule) {
      out[i] = {Effect::deny, question.fault(), layer, kNoRule};
      continue;
    }
    touched.clear();
    out[i] = vm::with_limits(vm::decide_layer(linked, layer, question.row(layer), frame, context, &touched), touched, 0, [&](const vm::LimitMatch& match) {
      return state.meter(match.layer, match.limit).has_room(match.amount, now) ? Reason::allowed_by_rule : Reason::limit_exceeded;
    });
    if (touched.failed()) out[i] = {Effect::deny, Reason::internal_error, layer, kNoRule};
  }
}

}  // namespace remit
