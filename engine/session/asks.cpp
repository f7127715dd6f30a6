// See asks.h. A list, searched from the front: a person answers each of its items, so it is short, and
// only asks and approvals ever look into it.
#include "engine/session/asks.h"

#include <algorithm>

namespace remit {

void Asks::add(Ask ask) {
  const std::int64_t now = ask.asked;
  asks_.push_back(std::move(ask));
  // Counted each time rather than kept: a state also changes by time passing.
  std::size_t open = 0, settled = 0;
  for (const Ask& item : asks_) {
    if (item.state == Ask::State::open) ++open;
    if (item.state == Ask::State::used || lapsed(item, now)) ++settled;
  }
  for (auto at = asks_.begin(); at != asks_.end() && (open > kMaxOpenAsks || settled > kMaxSettledAsks);) {
    const bool is_open = at->state == Ask::State::open;
    const bool is_settled = at->state == Ask::State::used || lapsed(*at, now);
    if (is_open && open > kMaxOpenAsks) {
      at = asks_.erase(at);
      --open;
    } else if (is_settled && settled > kMaxSettledAsks) {
      at = asks_.erase(at);
      --settled;
    } else {
      ++at;
    }
  }
}

Ask* Asks::find(const Id& id, const Id& session) noexcept {
  for (Ask& ask : asks_) {
    if (ask.id == id && ask.session == session) return &ask;
  }
  return nullptr;
}

Ask* Asks::usable(const Id& session, const image::Digest& request, const vm::Few<vm::RuleMatch, 8>& rules, std::int64_t now) noexcept {
  Ask* oldest = nullptr;
  for (Ask& ask : asks_) {
    if (ask.state != Ask::State::approved || lapsed(ask, now) || ask.session != session || ask.request != request) continue;
    if (oldest != nullptr && oldest->approved <= ask.approved) continue;
    if (std::includes(ask.rules.begin(), ask.rules.end(), rules.begin(), rules.end())) oldest = &ask;
  }
  return oldest;
}

}  // namespace remit
