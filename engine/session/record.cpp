// See record.h.
#include "engine/session/record.h"

#include <algorithm>

namespace remit {
namespace {

// Longer chains keep their innermost agents.
constexpr std::size_t kMaxChain = 128;

template <class Fill>
std::optional<std::uint64_t> write(const Session::State& state, AuditEvent::Kind kind, std::int64_t now, Fill&& fill) noexcept {
  const Surroundings* around = state.tree->surroundings.get();
  if (around == nullptr || !around->audit) return 0;

  // Agents, outermost first: those of the tokens, then one for each session down to this one.
  std::string_view chain[kMaxChain];
  std::size_t first = kMaxChain;
  for (const Session::State* at = &state; at != nullptr; at = at->parent.get()) {
    if (first > 0 && at->facts.agent) chain[--first] = *at->facts.agent;
    if (!at->provenance) continue;
    const std::vector<std::string>& before = at->provenance->chain;
    for (std::size_t i = before.size(); i-- > 0 && first > 0;) chain[--first] = before[i];
  }
  AuditEvent event;
  event.kind = kind;
  event.time = time_from_micros(now);
  event.session = state.id;
  if (state.parent != nullptr) event.parent = state.parent->id;
  event.facts = state.facts;
  event.chain = {chain + first, kMaxChain - first};
  event.layers = &state.layers;
  if (const auto& provenance = state.tree->outermost->provenance) event.habit = provenance->habit;
  fill(event);
  const std::uint64_t number = around->audit->write(event);
  return number == 0 ? std::nullopt : std::optional(number);
}

}  // namespace

std::optional<std::uint64_t> record_opening(const Session::State& state, std::int64_t now) noexcept {
  return write(state, state.parent == nullptr ? AuditEvent::Kind::opening : AuditEvent::Kind::delegation, now, [](AuditEvent&) {});
}

std::optional<std::uint64_t> record_decision(const Session::State& state, const Request& request, const Decision& decision, std::int64_t now) noexcept {
  return write(state, AuditEvent::Kind::decision, now, [&](AuditEvent& event) {
    event.request = &request;
    event.action = request.action;
    event.resource = request.resource;
    event.decision = decision;
  });
}

std::optional<std::uint64_t> record_approval(const Session::State& state, const Id& approval, std::string_view action, std::string_view resource,
                                             std::string_view by, std::int64_t now) noexcept {
  return write(state, AuditEvent::Kind::approval, now, [&](AuditEvent& event) {
    event.approval = approval;
    event.action = action;
    event.resource = resource;
    event.by = by;
  });
}

std::optional<std::uint64_t> record_revocation(const Session::State& state, std::string_view by, std::string_view why, std::int64_t now) noexcept {
  return write(state, AuditEvent::Kind::revocation, now, [&](AuditEvent& event) {
    event.by = by;
    event.why = why;
  });
}

std::optional<std::uint64_t> record_end(const Session::State& state, std::int64_t now) noexcept {
  return write(state, AuditEvent::Kind::end, now, [](AuditEvent&) {});
}

}  // namespace remit
