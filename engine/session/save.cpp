// State -> bytes. See saved.h.
#include <algorithm>

#include "engine/session/bytes.h"
#include "engine/session/saved.h"
#include "engine/session/saved_format.h"

namespace remit {
namespace {

void optional_text(ByteWriter& out, const std::optional<std::string_view>& text) {
  out.number(static_cast<std::uint8_t>(text ? 1 : 0));
  if (text) out.text(*text);
}

void value(ByteWriter& out, const Value& item) {
  out.number(static_cast<std::uint8_t>(item.type()));
  if (item.type() == Type::string || item.type() == Type::resource) return out.text(item.text());
  if (item.type() != Type::list) return out.number(item.number());
  out.number(static_cast<std::uint32_t>(item.items().size()));
  for (const Value& element : item.items()) value(out, element);  // a list in a list was dropped at opening
}

using Sessions = std::vector<Session::State*>;

std::uint32_t index_of(const Sessions& sessions, const Session::State* state) {
  return static_cast<std::uint32_t>(std::find(sessions.begin(), sessions.end(), state) - sessions.begin());
}

void meters(ByteWriter& out, const Session::State& state) {
  std::size_t count = 0;
  for (std::size_t layer = 0; layer < state.own_layers; ++layer) count += state.linked().views[layer]->limits.size();
  out.number(static_cast<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t buckets = 0;
    state.meters[i].visit_buckets([&](const Meter::Bucket&) { ++buckets; });
    out.number(buckets);
    state.meters[i].visit_buckets([&](const Meter::Bucket& bucket) {
      out.number(bucket.index);
      out.number(bucket.amount);
    });
  }
}

void histories(ByteWriter& out, const Session::State& state) {
  std::size_t count = 0;
  for (std::size_t layer = 0; layer < state.own_layers; ++layer) count += state.linked().views[layer]->histories.size();
  out.number(static_cast<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) out.number(state.histories[i].load(std::memory_order_relaxed));
}

void session(ByteWriter& out, const Sessions& sessions, const Session::State& state) {
  out.id(state.id);
  out.number(state.parent == nullptr ? kNoParent : index_of(sessions, state.parent.get()));
  out.number(state.own_layers);
  for (std::size_t layer = 0; layer < state.own_layers; ++layer) {
    const image::Digest& digest = state.linked().views[layer]->digest();
    out.raw(digest.data(), digest.size());
  }
  out.number(state.opened());
  const Provenance none;
  const Provenance& provenance = state.provenance() != nullptr ? *state.provenance() : none;
  out.number(provenance.ends);
  out.number(state.over.load(std::memory_order_relaxed));
  out.number(static_cast<std::uint8_t>(provenance.habit));
  out.number(static_cast<std::uint8_t>(state.revocation ? 1 : 0));
  if (state.revocation) {
    out.text(state.revocation->by);
    out.text(state.revocation->why);
  }
  for (const auto fact : kTextFacts) optional_text(out, state.facts.*fact);
  out.number(static_cast<std::uint32_t>(state.facts.named.size()));
  for (const Attribute& fact : state.facts.named) {
    out.text(fact.name);
    value(out, fact.value);
  }
  out.number(static_cast<std::uint32_t>(provenance.chain.size()));
  for (const std::string& agent : provenance.chain) out.text(agent);
  meters(out, state);
  histories(out, state);
  out.number(static_cast<std::uint64_t>(state.log_seen));
}

void ask(ByteWriter& out, const Sessions& sessions, const Ask& item) {
  const auto asker = std::find_if(sessions.begin(), sessions.end(), [&](const Session::State* state) { return state->id == item.session; });
  out.number(static_cast<std::uint32_t>(asker - sessions.begin()));
  // What is being approved right now is not approved yet.
  out.number(static_cast<std::uint8_t>(item.state == Ask::State::approving ? Ask::State::open : item.state));
  out.id(item.id);
  out.raw(item.request.data(), item.request.size());
  out.number(item.asked);
  out.number(item.approved);
  out.text(item.action);
  out.text(item.resource);
  out.text(item.approver);
  out.number(static_cast<std::uint32_t>(item.rules.size()));
  for (const vm::RuleMatch& rule : item.rules) {
    out.number(rule.layer);
    out.number(rule.rule);
  }
}

}  // namespace

std::vector<std::byte> write_tree(Session::Tree& tree, std::uint64_t generation, const Request* granted) {
  ByteWriter out;
  out.raw(kStateMagic, sizeof kStateMagic);
  out.number(kStateMajor);
  out.number(kStateMinor);
  out.number(std::uint64_t{0});
  out.number(generation);
  out.number(std::uint64_t{0});

  out.number(tree.now.load(std::memory_order_relaxed));
  out.number(tree.last_grant.load(std::memory_order_relaxed));
  out.number(static_cast<std::uint32_t>(tree.agents().size()));
  for (const std::string& agent : tree.agents()) out.text(agent);
  const Sessions sessions = tree.all();
  out.number(static_cast<std::uint32_t>(sessions.size()));
  for (const Session::State* state : sessions) session(out, sessions, *state);
  // An ask of a session that nobody holds any more can be neither approved nor used.
  std::vector<const Ask*> asks;
  if (tree.asks) {
    for (const Ask& item : tree.asks->all()) {
      if (std::any_of(sessions.begin(), sessions.end(), [&](const Session::State* state) { return state->id == item.session; })) asks.push_back(&item);
    }
  }
  out.number(static_cast<std::uint32_t>(asks.size()));
  for (const Ask* item : asks) ask(out, sessions, *item);
  out.number(static_cast<std::uint8_t>(tree.log() != nullptr && tree.log()->overflowed() ? 1 : 0));
  const bool one_more = granted != nullptr && tree.log() != nullptr && !tree.log()->has(granted->action, granted->resource);
  out.number(static_cast<std::uint32_t>((tree.log() != nullptr ? tree.log()->entries().size() : 0) + (one_more ? 1 : 0)));
  if (one_more) {
    out.text(granted->action);
    out.text(granted->resource);
  }
  if (tree.log() != nullptr) {
    for (const auto& entry : tree.log()->entries()) {
      out.text(entry->action);
      out.text(entry->resource);
    }
  }
  out.patch(kStateSizeAt, out.bytes().size());
  out.patch(kStateChecksumAt, image::xxh3(std::span<const std::byte>(out.bytes()).subspan(kStateBodyAt)) ^ generation);
  return std::move(out.bytes());
}

Result<SavedState> Session::save() noexcept {
  try {
    const std::lock_guard lock(tree_->mutex);
    if (tree_->link) return Error{ErrorCode::bad_argument, "the tree's store keeps its state; a second copy could only be older"};
    SavedState out;
    out.generation = tree_->generation + 1;
    out.bytes = write_tree(*tree_, out.generation);
    tree_->generation = out.generation;
    return out;
  } catch (...) {
    return out_of_memory();
  }
}

}  // namespace remit
