// The doors of Session and Reservation; what stands behind them is in the files of this folder. Covered
// by tests/session_*_test.cpp and `remit conform`.
#include <remit/session.h>

#include "engine/image/unicode.h"
#include "engine/session/elapsed.h"
#include "engine/session/grant.h"
#include "engine/session/record.h"
#include "engine/session/state.h"
#include "engine/session/store_link.h"

namespace remit {

// In this order: the state that goes takes itself out of a tree that must still be there.
Session& Session::operator=(Session&& other) noexcept {
  if (this == &other) return *this;
  state_ = std::move(other.state_);
  tree_ = std::move(other.tree_);
  return *this;
}

Decision Session::check(const Request& request, Time now) noexcept { return grant(*state_, request, micros(now), nullptr); }
Decision Session::would(const Request& request, Time now) const noexcept { return foresee(*state_, request, micros(now)); }

void Session::verdicts(const Request& request, Time now, std::span<Decision> out) const noexcept { foresee_layers(*state_, request, micros(now), out); }

std::vector<Decision> Session::check_all(std::span<const Request> requests, Time now) noexcept {
  std::vector<Decision> out;
  try {
    out.resize(requests.size());
  } catch (...) {
    return {};
  }
  for (std::size_t i = 0; i < requests.size(); ++i) out[i] = check(requests[i], now);
  return out;
}

// What a reservation took. Holds the session: a limit lives as long as somebody may give back to it.
struct Reservation::State {
  std::shared_ptr<Session::Tree> tree;
  std::shared_ptr<Session::State> session;
  std::vector<Charge> charges;
};

Reservation Session::reserve(const Request& request, Time now) noexcept {
  std::unique_ptr<Reservation::State> taken;
  try {
    taken = std::make_unique<Reservation::State>(Reservation::State{tree_, state_, {}});
  } catch (...) {
    return {{Effect::deny, Reason::internal_error, kNoLayer, kNoRule}, nullptr};
  }
  const Decision decision = grant(*state_, request, micros(now), &taken->charges);
  if (!decision.allowed() || (taken->charges.empty() && !state_->trail)) taken.reset();
  return {decision, std::move(taken)};
}

Reservation::Reservation(Decision decision, std::unique_ptr<State> state) noexcept : decision_(decision), state_(std::move(state)) {}
Reservation::Reservation(Reservation&&) noexcept = default;
Reservation& Reservation::operator=(Reservation&&) noexcept = default;
Reservation::~Reservation() = default;

void Reservation::commit() noexcept {
  if (!state_) return;
  record_settlement(*state_->session, AuditEvent::Kind::commit, decision_.id, state_->tree->now.load(std::memory_order_relaxed));
  state_.reset();
}

void Reservation::rollback() noexcept {
  if (!state_) return;
  {
    const std::lock_guard lock(state_->tree->mutex);
    for (const Charge& charge : state_->charges) {
      // With a store it goes back to the lease: what was written as used is not unwritten.
      if (state_->tree->link) {
        charge.meter->return_to_lease(charge.amount, charge.bucket);
      } else {
        charge.meter->give_back(charge.amount, charge.bucket);
      }
    }
  }
  record_settlement(*state_->session, AuditEvent::Kind::rollback, decision_.id, state_->tree->now.load(std::memory_order_relaxed));
  state_.reset();
}

namespace {

// Writes that a session is over; in force in this process already. Ends only grow, so a merge keeps it.
void store_end(Session::Tree& tree) noexcept {
  const std::lock_guard lock(tree.mutex);
  if (tree.link) tree.link->insist(tree, [] { return true; });
}

}  // namespace

void Session::revoke(std::string_view by, std::string_view why, Time asked) noexcept {
  const std::int64_t now = tree_->raise(micros(asked));
  state_->revoke(by, why);
  store_end(*tree_);
  record_revocation(*state_, by, why, now);
}

void Session::end(Time asked) noexcept {
  const std::int64_t now = tree_->raise(micros(asked));
  state_->over.fetch_or(State::kEnded, std::memory_order_release);
  store_end(*tree_);
  record_end(*state_, now);
}

Status Session::outcome(const Id& decision, bool ok, std::string_view detail, Time asked) noexcept {
  try {
    const std::int64_t now = tree_->raise(micros(asked));
    if (decision.empty()) return Error{ErrorCode::bad_argument, "an outcome needs the id of the decision that it is of"};
    if (detail.size() > kMaxOutcomeDetail || detail::valid_utf8_prefix(detail) != detail.size()) {
      return Error{ErrorCode::bad_argument, "an outcome's detail is at most " + std::to_string(kMaxOutcomeDetail) + " bytes of UTF-8"};
    }
    if (record_outcome(*state_, decision, ok, detail, now)) return {};
    return Error{ErrorCode::audit_unavailable, "the outcome could not be recorded"};
  } catch (...) {
    return out_of_memory();
  }
}

const Layers& Session::layers() const noexcept { return state_->layers; }
std::optional<RuleInfo> Session::rule(const Decision& decision) const noexcept { return state_->layers.rule(decision); }
Id Session::id() const noexcept { return state_->id; }
Id Session::parent() const noexcept { return state_->parent == nullptr ? Id{} : state_->parent->id; }
Id Session::tree() const noexcept { return tree_->outermost->id; }
const Facts& Session::facts() const noexcept { return state_->facts; }

SessionStatus Session::status(Time asked) const noexcept {
  const std::int64_t seen = tree_->now.load(std::memory_order_relaxed), now = tree_->latest(micros(asked));
  state_->sync_principals(now);
  SessionStatus out;
  out.reason = state_->standing_of_all(now);
  out.now = time_from_micros(seen);
  std::int64_t end = INT64_MAX;
  for (const State* at = state_.get(); at != nullptr; at = at->parent.get()) {
    if (const Provenance* provenance = at->provenance()) end = std::min(end, provenance->ends);
    end = std::min(end, vm::lifetime_end(at->task(), at->opened()));
  }
  if (end != INT64_MAX) out.ends = time_from_micros(end);
  const std::lock_guard lock(tree_->mutex);
  for (const State* at = state_.get(); at != nullptr && out.by.empty(); at = at->parent.get()) {
    if (!at->revocation) continue;
    try {
      out.by = at->revocation->by;
      out.why = at->revocation->why;
    } catch (...) {
      break;  // who and why are for people; that it is revoked is in `reason`
    }
  }
  return out;
}

std::vector<LimitState> Session::limits(Time asked) const noexcept {
  try {
    const std::int64_t now = tree_->latest(micros(asked));
    std::vector<LimitState> out;
    const std::lock_guard lock(tree_->mutex);
    for (std::size_t i = 0; i < layers().size(); ++i) {
      const auto layer = static_cast<std::uint16_t>(i);
      const image::View& view = *state_->linked().views[i];
      for (std::uint32_t index = 0; index < view.limits.size(); ++index) {
        const image::Limit& limit = view.limits[index];
        LimitState item;
        item.layer = layer;
        item.rule = limit.rule;
        item.most = limit.most;
        item.used = state_->meter(layer, index).used(now);
        if (limit.per != 0) item.per = Duration(limit.per);
        if (limit.reference != image::kNone) {
          item.attribute = view.text(view.references[limit.reference].name);
          item.type = static_cast<Type>(view.references[limit.reference].type);
        }
        out.push_back(item);
      }
    }
    return out;
  } catch (...) {
    return {};
  }
}

}  // namespace remit
