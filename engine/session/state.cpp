// See state.h.
#include "engine/session/state.h"

#include <algorithm>

#include "engine/session/elapsed.h"
#include "engine/session/record.h"
#include "engine/session/store_link.h"

namespace remit {
namespace {

bool is_text(Type type) noexcept { return type == Type::string || type == Type::resource; }

Value with_text(Type type, std::string_view text) noexcept { return type == Type::resource ? Value(ResourceName{text}) : Value(text); }

}  // namespace

Session::Tree::Tree(std::int64_t opened) : now(opened) {}
Session::Tree::~Tree() = default;

std::vector<Session::State*> Session::Tree::all() const {
  std::vector<Session::State*> out;
  out.reserve(sessions().size() + 1);
  out.push_back(outermost);
  out.insert(out.end(), sessions().begin(), sessions().end());
  return out;
}

std::span<Session::State* const> Session::Tree::sessions() const noexcept {
  return family ? std::span<Session::State* const>(family->sessions) : std::span<Session::State* const>();
}

std::span<const std::string> Session::Tree::agents() const noexcept {
  return family ? std::span<const std::string>(family->agents) : std::span<const std::string>();
}

Family& Session::Tree::make_family() {
  if (!family) family = std::make_unique<Family>();
  return *family;
}

void Session::Tree::add_agent(std::string_view agent) {
  if (agent.empty()) return;
  std::vector<std::string>& known = make_family().agents;
  const auto at = std::lower_bound(known.begin(), known.end(), agent);
  if (at == known.end() || *at != agent) known.insert(at, std::string(agent));
}

std::int64_t Session::Tree::raise(std::int64_t asked) noexcept {
  std::int64_t seen = now.load(std::memory_order_relaxed);
  while (asked > seen && !now.compare_exchange_weak(seen, asked, std::memory_order_relaxed)) {
  }
  return std::max(asked, seen);
}

std::int64_t Session::Tree::latest(std::int64_t asked) const noexcept { return std::max(asked, now.load(std::memory_order_relaxed)); }

void Session::Tree::forget(const Session::State* state) noexcept {
  if (!family) return;
  const auto at = std::find(family->sessions.begin(), family->sessions.end(), state);
  if (at != family->sessions.end()) family->sessions.erase(at);
}

void OwnedFacts::keep(const Attribute& fact) {
  auto copy = std::make_unique<OwnedFact>();
  copy->name = fact.name;
  Value value = fact.value;
  if (is_text(value.type())) {
    copy->text = value.text();
    value = with_text(value.type(), copy->text);
  } else if (value.type() == Type::list) {
    copy->texts.reserve(value.items().size());  // no reallocation: items point into it
    for (const Value& item : value.items()) {
      if (is_text(item.type())) {
        copy->texts.emplace_back(item.text());
        copy->items.push_back(with_text(item.type(), copy->texts.back()));
      } else if (item.type() != Type::list) {
        copy->items.push_back(item);
      }
    }
    value = Value(std::span<const Value>(copy->items));
  }
  named.push_back({copy->name, value});
  owned.push_back(std::move(copy));
}

Session::State::~State() {
  const std::lock_guard lock(tree->mutex);
  tree->forget(this);
}

void Session::State::enlist() {
  if (parent != nullptr) tree->make_family().sessions.push_back(this);
  if (task().head().idle != image::kNever) tree->counts_idle.store(true, std::memory_order_relaxed);
}

Particulars& Session::State::make_particulars() {
  if (!particulars) particulars = std::make_unique<Particulars>();
  return *particulars;
}

Session::State& Session::State::owner(std::uint16_t layer) noexcept {
  State* state = this;
  for (std::uint16_t group = linked().groups[layer]; group != 0; --group) state = state->parent.get();
  return *state;
}

Meter& Session::State::meter(std::uint16_t layer, std::uint32_t limit) noexcept { return owner(layer).meters[linked().limit_base[layer] + limit]; }

std::atomic<std::uint8_t>& Session::State::history(std::uint16_t layer, std::uint32_t index) noexcept {
  return owner(layer).histories[linked().history_base[layer] + index];
}

void Session::State::make_memory() {
  std::size_t limits = 0, history_count = 0;
  for (std::size_t layer = 0; layer < own_layers; ++layer) {
    limits += linked().views[layer]->limits.size();
    history_count += linked().views[layer]->histories.size();
  }
  if (limits != 0) {
    meters = std::make_unique<Meter[]>(limits);
    std::size_t at = 0;
    for (std::size_t layer = 0; layer < own_layers; ++layer) {
      for (const image::Limit& limit : linked().views[layer]->limits) meters[at++].make(limit.most, limit.per);
    }
  }
  if (history_count > few_histories.size()) many_histories.reset(new std::atomic<std::uint8_t>[history_count]());
  if (history_count != 0) histories = many_histories ? many_histories.get() : few_histories.data();
  link_histories();
}

void Session::State::link_histories() {
  if (!linked().memory.history || parent == nullptr) return;
  remembered = std::make_unique<const std::atomic<std::uint8_t>*[]>(depth + 1u);
  std::size_t group = 0;
  for (const State* state = this; state != nullptr; state = state->parent.get()) remembered[group++] = state->histories;
}

Reason Session::State::standing(std::int64_t now) const noexcept {
  const std::uint8_t bits = over.load(std::memory_order_acquire);
  if (bits & kRevoked) return Reason::revoked;
  if (bits & kEnded) return Reason::session_ended;
  const Reason reason = vm::lifetime(task(), facts, now);
  if (reason != Reason::allowed_by_rule) return reason;
  if (const Provenance* from = provenance(); from != nullptr && now >= from->ends) return Reason::expired;
  const image::Document& head = task().head();
  if (head.idle != image::kNever) {
    // Counted from the latest of opening, `starts` and the last grant anywhere in the tree: while the
    // agents of one task are at work, none of them is idle.
    std::int64_t since = std::max(opened(), tree->last_grant.load(std::memory_order_relaxed));
    if (head.starts != image::kNever) since = std::max(since, head.starts);
    if (elapsed(since, now) >= static_cast<std::uint64_t>(head.idle)) return Reason::idle_expired;
  }
  return Reason::allowed_by_rule;
}

Reason Session::State::standing_of_all(std::int64_t now) const noexcept {
  for (const State* state = this; state != nullptr; state = state->parent.get()) {
    const Reason reason = state->standing(now);
    if (reason != Reason::allowed_by_rule) return reason;
  }
  return Reason::allowed_by_rule;
}

void Session::State::gates(std::int64_t now, Reason* out) const noexcept {
  const State* state = this;
  for (std::size_t layer = 0; state != nullptr; state = state->parent.get()) {
    const Reason reason = state->standing(now);
    // Lifetime is a statement of the task scope; revoked and ended is the session, with all its layers.
    const bool whole = reason == Reason::revoked || reason == Reason::session_ended;
    out[layer] = reason;
    for (std::size_t i = 1; i < state->own_layers; ++i) out[layer + i] = whole ? reason : Reason::allowed_by_rule;
    layer += state->own_layers;
  }
}

void Session::State::revoke(std::string_view by, std::string_view why) noexcept {
  over.fetch_or(kRevoked, std::memory_order_release);
  const std::lock_guard lock(tree->mutex);
  if (revocation) return;
  try {
    revocation = std::make_unique<Revocation>(Revocation{std::string(by), std::string(why)});
  } catch (...) {
    revocation.reset();  // in force all the same
  }
}

void Session::State::sync_principals(std::int64_t now) noexcept {
  const Surroundings* around = tree->surroundings.get();
  if (around == nullptr || !around->principals) return;
  const std::uint64_t epoch = around->principals->epoch();
  if (principals_epoch.load(std::memory_order_relaxed) == epoch) return;
  for (State* state = this; state != nullptr; state = state->parent.get()) {
    for (const auto& person : {state->facts.user, state->facts.sponsor}) {
      if (!person || (state->over.load(std::memory_order_relaxed) & kRevoked) || !around->principals->is_revoked(*person)) continue;
      state->revoke("registry of principals", "a person whom the session rests on was revoked");
      record_revocation(*state, "registry of principals", "a person whom the session rests on was revoked", now);
    }
  }
  principals_epoch.store(epoch, std::memory_order_relaxed);
}

}  // namespace remit
