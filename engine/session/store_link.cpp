// See store_link.h.
#include "engine/session/store_link.h"

#include <algorithm>

#include "engine/session/elapsed.h"
#include "engine/session/random.h"
#include "engine/session/record.h"
#include "engine/session/saved.h"

namespace remit {
namespace {

// Everything that the tree is known to be made of.
std::vector<Program> programs_of(const Session::Tree& tree, std::vector<Program> known) {
  for (const Session::State* state : tree.all()) {
    for (std::size_t layer = 0; layer < state->own_layers; ++layer) known.push_back(state->layers.program(layer));
  }
  return known;
}

void take_memory(Session::State& into, Session::State& from) {
  std::size_t limit = 0, history = 0;
  for (std::size_t layer = 0; layer < into.own_layers; ++layer) {
    for (std::size_t i = into.linked().views[layer]->limits.size(); i > 0; --i, ++limit) into.meters[limit].replace_use(std::move(from.meters[limit]));
    for (std::size_t i = into.linked().views[layer]->histories.size(); i > 0; --i, ++history) {
      const std::uint8_t known = from.histories[history].load(std::memory_order_relaxed);
      if (known > into.histories[history].load(std::memory_order_relaxed)) into.histories[history].store(known, std::memory_order_relaxed);
    }
  }
  into.over.fetch_or(from.over.load(std::memory_order_relaxed), std::memory_order_release);
  if (!into.revocation) into.revocation = std::move(from.revocation);
}

}  // namespace

void StoreLink::keep(std::shared_ptr<Session::State> state) {
  // Without a share in it: the outermost may be one block with the tree that owns us.
  state->parent = std::shared_ptr<Session::State>(std::shared_ptr<void>(), state->parent.get());
  kept_.push_back(std::move(state));
}

void StoreLink::resume_at(std::uint64_t version, std::span<const Program> programs) {
  version_ = version;
  programs_.assign(programs.begin(), programs.end());
}

bool StoreLink::refresh(Session::Tree& tree, std::int64_t now) noexcept {
  if (!stale_) {
    if (!is_due(now)) return true;
    const Result<std::uint64_t> version = store_->version(tree.outermost->id);
    if (!version) return false;
    if (version.value() == version_) {
      std::int64_t due;
      due_.store(__builtin_add_overflow(now, options_.refresh.count(), &due) ? INT64_MAX : due, std::memory_order_relaxed);
      return true;
    }
  }
  return reload(tree);
}

bool StoreLink::reload(Session::Tree& tree) noexcept {
  stale_ = true;
  due_.store(INT64_MIN, std::memory_order_relaxed);
  const Result<StoredState> stored = store_->load(tree.outermost->id);
  if (!stored) return false;
  try {
    merge(tree, stored->bytes);
  } catch (...) {
    return false;
  }
  version_ = stored->version;
  stale_ = false;
  return true;
}

StoreLink::Written StoreLink::write(Session::Tree& tree, const Request* granted) noexcept {
  // Reading it here would replace what the caller has just changed: it reads, and changes again.
  if (stale_) return Written::conflict;
  try {
    const std::vector<std::byte> bytes = write_tree(tree, version_ + 1, granted);
    const Result<std::uint64_t> version = store_->replace(tree.outermost->id, version_, bytes);
    if (version) {
      version_ = version.value();
      tree.generation = version_;
      return Written::yes;
    }
    if (version.error().code == ErrorCode::store_conflict) return Written::conflict;
  } catch (...) {
    return Written::unavailable;
  }
  stale_ = true;  // the block is either the old or the new one
  due_.store(INT64_MIN, std::memory_order_relaxed);
  return Written::unavailable;
}

void StoreLink::merge(Session::Tree& tree, const std::vector<std::byte>& bytes) {
  Result<RestoredTree> read = read_tree(bytes, 0, programs_of(tree, programs_));
  if (!read) throw std::bad_alloc();  // as good as unreadable: the caller grants nothing
  RestoredTree& other = *read.operator->();
  tree.raise(other.tree->now.load());
  std::int64_t last = tree.last_grant.load(std::memory_order_relaxed);
  const std::int64_t theirs = other.tree->last_grant.load(std::memory_order_relaxed);
  while (theirs > last && !tree.last_grant.compare_exchange_weak(last, theirs, std::memory_order_relaxed)) {
  }
  for (const std::string& agent : other.tree->agents()) tree.add_agent(agent);
  const auto ours = [&](const Session::State* state) {
    if (tree.outermost->id == state->id) return tree.outermost;
    const auto all = tree.sessions();
    const auto at = std::find_if(all.begin(), all.end(), [&](const Session::State* mine) { return mine->id == state->id; });
    return at == all.end() ? nullptr : *at;
  };
  for (const std::shared_ptr<Session::State>& state : other.states) {
    if (Session::State* mine = ours(state.get())) {
      if (mine->own_layers == state->own_layers) take_memory(*mine, *state);
      continue;
    }
    // A session that another process opened: it moves over, whole, beneath the parent that we have.
    kept_.reserve(kept_.size() + 1);
    tree.make_family().sessions.reserve(tree.sessions().size() + 1);
    state->parent = std::shared_ptr<Session::State>(std::shared_ptr<void>(), ours(state->parent.get()));
    state->log_seen = 0;  // of another log
    state->particulars->outer->purpose = tree.outermost->facts.purpose;
    state->link_histories();
    state->tree = &tree;
    try {
      join_trail(*state);  // the last that may fail
    } catch (...) {
      state->tree = other.tree.get();  // whose lock it takes when it goes: ours is held
      throw;
    }
    other.tree->forget(state.get());
    state->enlist();
    keep(state);
  }
  tree.asks = std::move(other.tree->asks);
  if (tree.log() != nullptr && other.tree->log() != nullptr) {
    for (const auto& entry : other.tree->log()->entries()) tree.log()->add(entry->action, entry->resource);
    if (other.tree->log()->overflowed()) tree.log()->overflow();
  }
}

Result<std::vector<Session>> Session::resume(const Id& id, std::span<const Program> programs, const Surroundings& surroundings) noexcept {
  try {
    if (!surroundings.store) return Error{ErrorCode::bad_argument, "there is no store to resume from"};
    const Result<StoredState> stored = surroundings.store->load(id);
    if (!stored) return stored.error();
    Result<RestoredTree> read = read_tree(stored->bytes, 0, programs);
    if (!read) return read.error();
    if (read->tree->outermost->id != id) return Error{ErrorCode::bad_state, "the stored state is of another tree"};
    read->tree->surroundings = std::make_unique<const Surroundings>(surroundings);
    read->tree->link = std::make_unique<StoreLink>(surroundings.store, surroundings.store_options);
    read->tree->link->resume_at(stored->version, programs);
    std::vector<Session> out;
    out.reserve(read->states.size());
    for (const auto& state : read->states) {
      join_trail(*state);
      read->tree->link->keep(state);
      out.emplace_back(read->tree, state);
    }
    return out;
  } catch (...) {
    return Error{ErrorCode::out_of_memory, "not enough memory to resume the sessions"};
  }
}

}  // namespace remit
