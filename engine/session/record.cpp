// See record.h.
#include "engine/session/record.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <deque>
#include <new>

#include "engine/session/random.h"

namespace remit {
namespace {

// Longer chains keep their innermost agents.
constexpr std::size_t kMaxChain = 128;

// What the views of an AuditedSession point into.
struct Texts {
  std::deque<std::string> all;  // never moves what it holds
  OwnedFacts named;

  void keep(std::optional<std::string_view>& fact) {
    if (fact) fact = all.emplace_back(*fact);
  }
};

std::shared_ptr<AuditedSession> audited(const Facts& facts, const Beginning& beginning) {
  auto out = std::make_shared<AuditedSession>();
  auto texts = std::make_shared<Texts>();
  out->facts = facts;
  for (const auto fact : {&Facts::agent, &Facts::user, &Facts::sponsor, &Facts::purpose, &Facts::trigger}) texts->keep(out->facts.*fact);
  for (const Attribute& fact : facts.named) texts->named.keep(fact);
  out->facts.named = texts->named.named;
  out->trace = beginning.trace;
  out->trace.txn = texts->all.emplace_back(beginning.trace.txn);
  if (beginning.trigger) out->trigger_kind = beginning.trigger->kind;
  out->last_review = beginning.last_review;
  out->sponsor_revoked = beginning.sponsor_revoked;
  out->texts = std::move(texts);
  return out;
}

// Agents, outermost first: those of the tokens, then one for each session down to this one.
std::vector<std::string> chain_of(const Session::State* state) {
  std::vector<std::string> out;
  for (; state != nullptr && out.size() < kMaxChain; state = state->parent.get()) {
    if (state->facts.agent) out.emplace_back(*state->facts.agent);
    if (state->provenance() == nullptr) continue;
    const std::vector<std::string>& before = state->provenance()->chain;
    out.insert(out.end(), before.rbegin(), before.rend());
  }
  out.resize(std::min(out.size(), kMaxChain));
  std::reverse(out.begin(), out.end());
  return out;
}

// What the scope itself says of its trigger, for sessions whose opening is no longer at hand.
std::string trigger_kind(const Session::State& state) {
  const image::Document& head = state.tree->outermost->task().head();
  return head.trigger == 0 ? "" : head.trigger == 1 ? "schedule" : "event";
}

// A number as its bytes stand in an id, so that those of one session count upwards; and back.
std::uint64_t big_endian(std::uint64_t number) noexcept {
  if constexpr (std::endian::native == std::endian::little) number = __builtin_bswap64(number);
  return number;
}

template <class Fill>
bool write(const Session::State& state, AuditEvent::Kind kind, std::int64_t now, Fill&& fill) noexcept {
  if (!state.trail) return true;
  AuditEvent event{state.trail->session, kind, time_from_micros(now)};
  fill(event);
  return state.trail->sink->write(event) != 0;
}

}  // namespace

Id Trail::next_decision() noexcept {
  const std::uint64_t low = big_endian(decisions.fetch_add(1, std::memory_order_relaxed) + 1);
  Id out = first;
  std::memcpy(out.bytes.data() + 8, &low, sizeof low);
  return out;
}

void join_trail(Session::State& state, const Beginning& beginning) {
  const Surroundings* around = state.tree->surroundings.get();
  if (around == nullptr || !around->audit) return;
  const auto session = audited(state.facts, beginning);
  session->session = state.id;
  if (state.parent != nullptr) session->parent = state.parent->id;
  session->chain = chain_of(&state);
  if (const Provenance* outermost = state.tree->outermost->provenance()) session->habit = outermost->habit;
  const Provenance* provenance = state.provenance();
  if (provenance != nullptr && provenance->ends != INT64_MAX) session->identity_expires = time_from_micros(provenance->ends);
  if (session->trigger_kind.empty() && state.facts.trigger) session->trigger_kind = trigger_kind(state);
  session->layers = state.layers;
  auto trail = std::make_unique<Trail>();
  trail->sink = around->audit.get();
  trail->session = session;
  // Without random numbers ids would be guessed or, worse, shared: as good as no memory.
  if (!random_id(trail->first)) throw std::bad_alloc();
  std::uint64_t low;
  std::memcpy(&low, trail->first.bytes.data() + 8, sizeof low);
  trail->decisions.store(big_endian(low), std::memory_order_relaxed);
  state.trail = std::move(trail);
}

void record_refusal(AuditSink& sink, const Refused& refused, const Beginning& beginning, const Error& error, std::int64_t now) noexcept {
  try {
    Facts facts;
    if (refused.parent != nullptr) facts = refused.parent->facts;
    const std::pair<std::optional<std::string_view> Facts::*, std::string_view> given[] = {
        {&Facts::agent, refused.agent}, {&Facts::user, refused.user}, {&Facts::sponsor, refused.sponsor}, {&Facts::purpose, refused.purpose}};
    if (refused.parent != nullptr) facts.agent.reset();
    for (const auto& [fact, text] : given) {
      if (!text.empty()) facts.*fact = text;
    }
    if (beginning.trigger) facts.trigger = beginning.trigger->text;
    facts.named = refused.named;
    facts.opened = time_from_micros(now);
    const auto session = audited(facts, beginning);
    if (refused.parent != nullptr) {
      session->parent = refused.parent->id;
      session->chain = chain_of(refused.parent);
    } else if (refused.chain != nullptr) {
      session->chain = *refused.chain;
    }
    if (facts.agent) session->chain.emplace_back(*facts.agent);
    session->habit = refused.habit;
    session->layers = refused.layers;
    const std::shared_ptr<const AuditedSession> shared = session;
    AuditEvent event{shared, AuditEvent::Kind::refusal, time_from_micros(now)};
    event.error = error.code;
    event.why = error.text;
    sink.write(event);
  } catch (...) {
    return;  // nothing was opened, so nothing goes on unrecorded
  }
}

bool record_opening(const Session::State& state, std::int64_t now) noexcept {
  return write(state, state.parent == nullptr ? AuditEvent::Kind::opening : AuditEvent::Kind::delegation, now, [](AuditEvent&) {});
}

bool record_decision(Session::State& state, const Request& request, Decision& decision, const vm::Few<AuditedCharge, 4>& charges,
                     const image::Digest* exact_request, std::int64_t now) noexcept {
  if (!state.trail) return true;
  if (charges.failed()) return false;
  decision.id = state.trail->next_decision();
  AuditEvent event{state.trail->session, AuditEvent::Kind::decision, time_from_micros(now)};
  event.request = &request;
  event.action = request.action;
  event.resource = request.resource;
  event.decision = decision;
  event.charges = {charges.begin(), charges.size()};
  event.exact_request = exact_request;
  const std::uint64_t number = state.trail->sink->write(event);
  const bool recorded = number != 0 && number != AuditSink::kUnrecorded;
  if (!recorded) decision.id = {};
  decision.record = recorded ? number : 0;
  return number != 0;
}

bool record_approval(const Session::State& state, const Id& approval, std::string_view action, std::string_view resource,
                     const image::Digest& exact_request, std::string_view by, std::int64_t now) noexcept {
  return write(state, AuditEvent::Kind::approval, now, [&](AuditEvent& event) {
    event.approval = approval;
    event.action = action;
    event.resource = resource;
    event.exact_request = &exact_request;
    event.by = by;
  });
}

bool record_revocation(const Session::State& state, std::string_view by, std::string_view why, std::int64_t now) noexcept {
  return write(state, AuditEvent::Kind::revocation, now, [&](AuditEvent& event) {
    event.by = by;
    event.why = why;
  });
}

bool record_settlement(const Session::State& state, AuditEvent::Kind kind, const Id& decision, std::int64_t now) noexcept {
  return write(state, kind, now, [&](AuditEvent& event) { event.decision.id = decision; });
}

bool record_outcome(const Session::State& state, const Id& decision, bool ok, std::string_view detail, std::int64_t now) noexcept {
  return write(state, AuditEvent::Kind::outcome, now, [&](AuditEvent& event) {
    event.decision.id = decision;
    event.ok = ok;
    event.detail = detail;
  });
}

bool record_end(const Session::State& state, std::int64_t now) noexcept {
  return write(state, AuditEvent::Kind::end, now, [](AuditEvent&) {});
}

}  // namespace remit
