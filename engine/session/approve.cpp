// A person's yes (language.md section 6, "Approval"), and the asks that wait for one. Covered by
// tests/session_approval_test.cpp.
#include <algorithm>

#include "engine/session/elapsed.h"
#include "engine/session/record.h"
#include "engine/session/state.h"
#include "engine/session/store_link.h"

namespace remit {
namespace {

bool has_scheme(std::string_view text, std::string_view scheme) noexcept {
  if (text.size() < scheme.size()) return false;
  return std::equal(scheme.begin(), scheme.end(), text.begin(), [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b); });
}

// An agent of the tree, now or before, or an id that only a workload has.
bool is_agent(const Session::Tree& tree, std::string_view approver) noexcept {
  if (has_scheme(approver, "spiffe:") || has_scheme(approver, "wimse:")) return true;
  if (tree.outermost->facts.agent == approver) return true;
  const auto agents = tree.agents();
  return std::binary_search(agents.begin(), agents.end(), approver, [](std::string_view a, std::string_view b) { return a < b; });
}

// The ask that is being approved is open again where that comes to nothing: whoever is told of a failure has
// approved nothing.
class Approving {
 public:
  Approving(Session::Tree& tree, const Session::State& state, const ApprovalId& id) noexcept : tree_(tree), state_(state), id_(id) {}
  Approving(const Approving&) = delete;
  Approving& operator=(const Approving&) = delete;
  ~Approving() {
    if (done_) return;
    const std::lock_guard lock(tree_.mutex);
    Ask* const ask = tree_.asks ? tree_.asks->find(id_, state_.id) : nullptr;
    if (ask != nullptr && ask->state == Ask::State::approving) ask->state = Ask::State::open;
  }
  void done() noexcept { done_ = true; }

 private:
  Session::Tree& tree_;
  const Session::State& state_;
  const ApprovalId& id_;
  bool done_ = false;
};

}  // namespace

Status Session::approve(const ApprovalId& id, std::string_view approver, Time asked) noexcept {
  try {
    const std::int64_t now = tree_->raise(micros(asked));
    state_->sync_principals(now);
    std::string action, resource, by(approver);
    image::Digest exact_request;
    {
      const std::lock_guard lock(tree_->mutex);
      if (approver.empty()) return Error{ErrorCode::bad_argument, "an approval needs an approver"};
      if (is_agent(*tree_, approver)) return Error{ErrorCode::approver_is_agent, "an agent cannot approve what agents ask for"};
      Ask* ask = tree_->asks ? tree_->asks->find(id, state_->id) : nullptr;
      if (ask == nullptr) return Error{ErrorCode::unknown_approval, "this session has no such ask, or it was dropped for newer ones"};
      if (ask->state == Ask::State::used) return Error{ErrorCode::approval_used, "the approval was given and used already"};
      if (Asks::lapsed(*ask, now)) return Error{ErrorCode::approval_lapsed, "the approval was given already and not used within 15 minutes"};
      if (ask->state != Ask::State::open) return Error{ErrorCode::already_approved, "the ask is approved already"};
      if (state_->over_for_good(now)) return Error{ErrorCode::session_over, std::string("nothing can be approved any more: ") + sentence(state_->standing_of_all(now))};
      action = ask->action;
      resource = ask->resource;
      exact_request = ask->request;
      ask->state = Ask::State::approving;
    }
    Approving approving(*tree_, *state_, id);
    const bool recorded = record_approval(*state_, id, action, resource, exact_request, by, now);
    const std::lock_guard lock(tree_->mutex);
    bool lost = false;
    // Asks that are being approved are never dropped, but another process may have taken this one.
    const auto settle = [&] {
      Ask* ask = tree_->asks ? tree_->asks->find(id, state_->id) : nullptr;
      lost = ask == nullptr || (ask->state != Ask::State::approving && ask->state != Ask::State::open);
      if (lost) return false;
      ask->approver = recorded ? by : std::string();  // first: there may be no memory for it
      ask->approved = now;
      ask->state = recorded ? Ask::State::approved : Ask::State::open;
      return recorded;
    };
    const bool settled = settle();
    approving.done();
    if (!recorded) return Error{ErrorCode::audit_unavailable, "the approval could not be recorded, so it does not count"};
    if (settled && tree_->link && !tree_->link->insist(*tree_, settle)) {
      if (Ask* ask = tree_->asks ? tree_->asks->find(id, state_->id) : nullptr) ask->state = Ask::State::open;
      return Error{ErrorCode::store_unavailable, "the approval could not be stored, so it does not count"};
    }
    if (lost) return Error{ErrorCode::already_approved, "somebody else approved the ask first, or it was dropped"};
    return {};
  } catch (...) {
    return out_of_memory();
  }
}

std::vector<PendingAsk> Session::pending(Time asked) const noexcept {
  try {
    const std::int64_t now = tree_->latest(micros(asked));
    std::vector<PendingAsk> out;
    const std::lock_guard lock(tree_->mutex);
    if (!tree_->asks) return out;
    for (const Ask& ask : tree_->asks->all()) {
      if (ask.state == Ask::State::used || Asks::lapsed(ask, now)) continue;
      PendingAsk item;
      item.state = ask.state == Ask::State::approved ? PendingAsk::State::approved : PendingAsk::State::open;
      item.id = ask.id;
      item.session = ask.session;
      item.action = ask.action;
      item.resource = ask.resource;
      item.request = ask.request;
      item.asked = time_from_micros(ask.asked);
      item.approved = time_from_micros(ask.approved);
      item.approver = ask.approver;
      for (const vm::RuleMatch& rule : ask.rules) item.rules.push_back({Effect::ask, Reason::asked_by_rule, rule.layer, rule.rule});
      out.push_back(std::move(item));
    }
    return out;
  } catch (...) {
    return {};
  }
}

}  // namespace remit
