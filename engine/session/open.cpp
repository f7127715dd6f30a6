// Opening sessions and sub-sessions (language.md section 7). Covered by tests/session_open_test.cpp and
// the conformance cases.
#include <algorithm>
#include <cstring>
#include <new>

#include "engine/session/elapsed.h"
#include "engine/session/identifier.h"
#include "engine/session/random.h"
#include "engine/session/record.h"
#include "engine/session/rehearse.h"
#include "engine/session/state.h"
#include "engine/session/store_link.h"

namespace remit {
namespace {

std::string quoted(std::string_view text) { return std::string("`").append(text).append("`"); }

bool any_matches(const image::View& view, image::Range patterns, std::string_view identifier) noexcept {
  for (const image::Text pattern : image::View::slice(view.identifiers, patterns)) {
    if (matches_identifier(view.text(pattern), identifier)) return true;
  }
  return false;
}

// May this agent, for this user, hold the scope?
std::optional<Error> refuse_holder(const image::View& view, std::string_view agent, std::string_view user) {
  const image::Document& head = view.head();
  if (head.agents.count != 0 && !any_matches(view, head.agents, agent)) {
    return Error{ErrorCode::agent_not_allowed, "the scope is not for agent " + quoted(agent)};
  }
  if (head.users.count != 0 && (user.empty() || !any_matches(view, head.users, user))) {
    return Error{ErrorCode::user_not_allowed, user.empty() ? std::string("the scope is for named users and no user is present")
                                                           : "the scope is not for user " + quoted(user)};
  }
  return std::nullopt;
}

// A standing authorization: is its sponsor in good standing, its review recent, its trigger the one that
// the scope names?
template <class Start>
std::optional<Error> refuse_standing(const image::View& view, const Start& start, Time now) {
  const image::Document& head = view.head();
  if (head.has_sponsor) {
    if (start.sponsor_revoked) return Error{ErrorCode::sponsor_revoked, "the sponsor " + quoted(view.text(head.sponsor)) + " has been revoked"};
    if (!start.last_review || elapsed(micros(*start.last_review), micros(now)) > static_cast<std::uint64_t>(head.review_every)) {
      return Error{ErrorCode::review_overdue, "the sponsor's last review is missing or older than the scope's `review every` allows"};
    }
  }
  if (head.trigger != 0) {
    const std::string_view kind = head.trigger == 1 ? "schedule" : "event";
    if (!start.trigger || start.trigger->kind != kind || start.trigger->text != view.text(head.trigger_text)) {
      return Error{ErrorCode::wrong_trigger, "the scope runs on trigger " + std::string(kind) + " \"" + std::string(view.text(head.trigger_text)) + "\" only"};
    }
  }
  return std::nullopt;
}

bool has_prefix(std::string_view text, std::string_view prefix) noexcept { return text.size() > prefix.size() && text.substr(0, prefix.size()) == prefix; }

std::optional<Error> refuse_facts(std::span<const Attribute> facts, bool user_too) {
  for (const Attribute& fact : facts) {
    if (has_prefix(fact.name, "agent.") || (user_too && has_prefix(fact.name, "user."))) continue;
    return Error{ErrorCode::bad_argument, std::string("a fact must be called ") + (user_too ? "user.NAME or agent.NAME" : "agent.NAME") + ", not " + quoted(fact.name)};
  }
  return std::nullopt;
}

// Agent, user and sponsor of an opening, the identity's where the host gives none.
struct Parties {
  std::string_view agent, user, sponsor;
};

std::optional<Error> read_identity(const Opening& opening, Time now, Parties& out) {
  out = {opening.agent, opening.user, {}};
  const Identity* identity = opening.identity;
  if (identity == nullptr) return std::nullopt;
  if (identity->expires && now >= *identity->expires) return Error{ErrorCode::identity_expired, "the identity has expired"};
  if (identity->habit == BadHabit::impersonation && !identity->supplied) {
    return Error{ErrorCode::impersonation, "a user's token names no acting agent: the host must say by name which agent acts"};
  }
  if (identity->habit == BadHabit::unaccountable && !identity->supplied) {
    return Error{ErrorCode::unaccountable, "a service account names no person: the host must say by name who answers for it"};
  }
  if (!opening.agent.empty() && opening.agent != identity->agent) return Error{ErrorCode::bad_argument, "the identity is another agent's"};
  if (!opening.user.empty() && opening.user != identity->user) return Error{ErrorCode::bad_argument, "the identity is for another user"};
  out = {identity->agent, identity->user, identity->sponsor};
  return std::nullopt;
}

// Copies what a fact borrows to `at`, which moves on.
void keep(char*& at, std::optional<std::string_view>& fact) {
  if (!fact) return;
  if (!fact->empty()) std::memcpy(at, fact->data(), fact->size());
  fact = std::string_view(at, fact->size());
  at += fact->size();
}

// A tree and its outermost session in one block.
struct Block {
  Session::Tree tree;
  Session::State state;

  Block(const Layers& layers, std::int64_t now) : tree(now), state(tree, nullptr, layers) {}
};

// The outermost session of a new tree, with facts of its own. Null where the system gives no random
// numbers. `triggered`: what the scope's `trigger` names is what started it.
std::shared_ptr<Block> make_block(const Layers& layers, const Facts& facts, bool triggered) {
  auto block = std::make_shared<Block>(layers, micros(facts.opened));
  Session::State& state = block->state;
  block->tree.outermost = &state;
  state.own_layers = static_cast<std::uint16_t>(layers.size());
  if (!random_id(state.id)) return nullptr;
  // What the task scope states is in its image already, and stays there.
  Facts stated = vm::session_facts(state.task(), Facts{});
  if (!triggered) stated.trigger.reset();
  state.facts = facts;
  const std::pair<std::optional<std::string_view> Facts::*, bool> all[] = {
      {&Facts::agent, true}, {&Facts::user, true}, {&Facts::sponsor, !stated.sponsor}, {&Facts::purpose, !stated.purpose}, {&Facts::trigger, !stated.trigger}};
  std::size_t size = 0;
  for (const auto& [fact, own] : all) size += own && facts.*fact ? (facts.*fact)->size() : 0;
  state.texts.reset(new char[size + 1]);
  char* at = state.texts.get();
  for (const auto& [fact, own] : all) {
    if (own) keep(at, state.facts.*fact);
  }
  if (stated.sponsor) state.facts.sponsor = stated.sponsor;
  if (stated.purpose) state.facts.purpose = stated.purpose;
  if (stated.trigger) state.facts.trigger = stated.trigger;
  if (!facts.named.empty()) {
    OwnedFacts& named = state.make_particulars().named;
    for (const Attribute& fact : facts.named) named.keep(fact);
    state.facts.named = named.named;
  }
  state.make_memory();
  block->tree.delegates = state.task().head().delegate_levels != 0;
  state.enlist();
  return block;
}

Session handle_of(const std::shared_ptr<Block>& block) noexcept {
  return {std::shared_ptr<Session::Tree>(block, &block->tree), std::shared_ptr<Session::State>(block, &block->state)};
}

bool is_connected(const Surroundings& around) noexcept { return around.host || around.principals || around.audit || around.store; }

}  // namespace

Result<Session> Session::open(const Opening& opening, Time now) noexcept {
  Result<Session> opened = open_unrecorded(opening, now);
  AuditSink* const sink = opening.surroundings.audit.get();
  if (opened || sink == nullptr) return opened;
  Refused refused{nullptr, opening.agent, opening.user, {}, opening.purpose, opening.facts, nullptr, BadHabit::none, opening.layers};
  if (const Identity* identity = opening.identity) {
    if (refused.agent.empty()) refused.agent = identity->agent;
    if (refused.user.empty()) refused.user = identity->user;
    refused.sponsor = identity->sponsor;
    refused.chain = &identity->chain;
    refused.habit = identity->habit;
  }
  record_refusal(*sink, refused, Beginning::of(opening), opened.error(), micros(now));
  return opened;
}

Result<Session> Session::open_unrecorded(const Opening& opening, Time now) noexcept {
  try {
    if (!opening.layers) return Error{ErrorCode::bad_argument, "a session needs layers"};
    const Layers& layers = *opening.layers;
    const image::View& task = layers.program(0).view();
    Parties parties;
    if (auto error = refuse_facts(opening.facts, true)) return *std::move(error);
    if (auto error = read_identity(opening, now, parties)) return *std::move(error);
    if (auto error = refuse_holder(task, parties.agent, parties.user)) return *std::move(error);
    if (parties.user.empty() && parties.sponsor.empty() && !task.head().has_sponsor) {
      return Error{ErrorCode::no_accountable_person,
                   "neither a user nor a sponsor answers for this session: open it with the user on whose behalf the agent acts, or give the scope a `sponsor`"};
    }
    if (auto error = refuse_standing(task, opening, now)) return *std::move(error);

    Facts facts;
    if (!parties.agent.empty()) facts.agent = parties.agent;
    if (!parties.user.empty()) facts.user = parties.user;
    if (!parties.sponsor.empty()) facts.sponsor = parties.sponsor;
    if (!opening.purpose.empty()) facts.purpose = opening.purpose;
    if (opening.trigger) facts.trigger = opening.trigger->text;
    facts.named = opening.facts;
    facts.opened = now;
    const std::shared_ptr<Block> block = make_block(layers, facts, true);
    if (!block) return Error{ErrorCode::out_of_memory, "the system gives no random numbers"};
    State& state = block->state;
    if (opening.identity != nullptr) {
      Provenance& provenance = state.make_particulars().provenance.emplace();
      if (opening.identity->expires) provenance.ends = micros(*opening.identity->expires);
      provenance.chain = opening.identity->chain;
      provenance.habit = opening.identity->habit;
    }
    if (is_connected(opening.surroundings)) block->tree.surroundings = std::make_unique<const Surroundings>(opening.surroundings);
    state.sync_principals(micros(now));
    if (state.standing(micros(now)) == Reason::revoked) {
      return Error{ErrorCode::principal_revoked, "the person who answers for this session has been revoked"};
    }
    if (opening.surroundings.store) {
      block->tree.link = std::make_unique<StoreLink>(opening.surroundings.store, opening.surroundings.store_options);
      const std::lock_guard lock(block->tree.mutex);
      if (block->tree.link->write(block->tree, nullptr) != StoreLink::Written::yes) return Error{ErrorCode::store_unavailable, "the session could not be stored"};
    }
    join_trail(state, Beginning::of(opening));
    if (!record_opening(state, micros(now))) return Error{ErrorCode::audit_unavailable, "the opening could not be recorded"};
    return handle_of(block);
  } catch (...) {
    return out_of_memory();
  }
}

Result<Session> rehearse(const Layers& layers, const Facts& facts) noexcept {
  try {
    const std::shared_ptr<Block> block = make_block(layers, facts, false);
    if (!block) return Error{ErrorCode::out_of_memory, "the system gives no random numbers"};
    return handle_of(block);
  } catch (...) {
    return out_of_memory();
  }
}

namespace {

// Every scope above must allow this depth and this agent.
std::optional<Error> refuse_delegation(const Session::State& parent, std::string_view agent) {
  std::uint32_t level = 1;
  for (const Session::State* above = &parent; above != nullptr; above = above->parent.get(), ++level) {
    const image::View& view = above->task();
    const image::Document& head = view.head();
    if (head.delegate_levels == 0) {
      return Error{ErrorCode::no_delegation, "the scope" + (view.text(head.name).empty() ? std::string() : " " + quoted(view.text(head.name))) + " has no `delegate`"};
    }
    if (head.delegate_levels < level) {
      return Error{ErrorCode::too_deep, "`delegate` at line " + std::to_string(head.delegate_line) + " allows " + std::to_string(head.delegate_levels) +
                                            " level" + (head.delegate_levels == 1 ? "" : "s") + "; this would be level " + std::to_string(level)};
    }
    if (head.delegates.count != 0 && !any_matches(view, head.delegates, agent)) {
      return Error{ErrorCode::agent_not_allowed, "`delegate` at line " + std::to_string(head.delegate_line) + " is not to agent " + quoted(agent)};
    }
  }
  return std::nullopt;
}

std::optional<Error> refuse_kinds(const Delegation& delegation) {
  const auto is = [](DocumentKind kind) { return [kind](const Program& program) { return program.kind() == kind; }; };
  const bool right = delegation.task->kind() == DocumentKind::scope &&
                     std::all_of(delegation.guardrails.begin(), delegation.guardrails.end(), is(DocumentKind::guardrail)) &&
                     std::all_of(delegation.grants.begin(), delegation.grants.end(), is(DocumentKind::grants));
  if (right) return std::nullopt;
  return Error{ErrorCode::wrong_kind, "a sub-session has one task scope, then guardrails, then grants"};
}

// The facts of a sub-session: agent and agent.x its own; user, user.x, sponsor and trigger come down, whatever
// its own scope says of the latter two, or a sub-agent would pass a guardrail that stops its parent; the purpose
// is its own or its parent's in its task scope, the outermost session's in every other layer.
void fill_facts(Session::State& state, const Delegation& delegation, std::int64_t opened) {
  const Facts& above = state.parent->facts;
  const image::View& task = state.task();
  const image::Document& head = task.head();
  state.texts.reset(new char[delegation.agent.size() + delegation.purpose.size() + 1]);
  char* at = state.texts.get();
  if (!delegation.agent.empty()) state.facts.agent = delegation.agent;
  if (!delegation.purpose.empty()) state.facts.purpose = delegation.purpose;
  keep(at, state.facts.agent);
  keep(at, state.facts.purpose);
  state.facts.user = above.user;
  state.facts.sponsor = above.sponsor;
  state.facts.trigger = above.trigger;
  if (head.has_purpose) state.facts.purpose = task.text(head.purpose);
  if (!state.facts.purpose) state.facts.purpose = above.purpose;
  OwnedFacts& named = state.make_particulars().named;
  for (const Attribute& fact : delegation.facts) named.keep(fact);
  for (const Attribute& fact : above.named) {
    if (has_prefix(fact.name, "user.")) named.keep(fact);
  }
  state.facts.named = named.named;
  state.facts.opened = time_from_micros(opened);
  Facts& outer = state.particulars->outer.emplace(state.facts);
  outer.purpose = state.tree->outermost->facts.purpose;
}

}  // namespace

Result<Session> Session::delegate(const Delegation& delegation, Time asked) noexcept {
  const std::int64_t now = tree_->raise(micros(asked));
  Result<Session> opened = delegate_unrecorded(delegation, now);
  if (opened || !state_->trail) return opened;
  Refused refused{state_.get(), delegation.agent, {}, {}, delegation.purpose, delegation.facts, nullptr, state_->trail->session->habit, std::nullopt};
  record_refusal(*state_->trail->sink, refused, Beginning::of(delegation), opened.error(), now);
  return opened;
}

Result<Session> Session::delegate_unrecorded(const Delegation& delegation, std::int64_t now) noexcept {
  try {
    state_->sync_principals(now);
    const Reason standing = state_->standing_of_all(now);
    if (standing == Reason::not_yet_valid) return Error{ErrorCode::not_yet_valid, "the session has not started yet"};
    if (standing != Reason::allowed_by_rule) return Error{ErrorCode::session_over, std::string("the session can delegate nothing: ") + sentence(standing)};
    if (!delegation.task) return Error{ErrorCode::bad_argument, "a sub-session needs a task scope"};
    if (auto error = refuse_kinds(delegation)) return *std::move(error);
    if (auto error = refuse_facts(delegation.facts, false)) return *std::move(error);
    if (auto error = refuse_delegation(*state_, delegation.agent)) return *std::move(error);
    const image::View& task = delegation.task->view();
    if (auto error = refuse_holder(task, delegation.agent, state_->facts.user.value_or(""))) return *std::move(error);
    if (auto error = refuse_standing(task, delegation, time_from_micros(now))) return *std::move(error);

    std::vector<std::vector<Program>> groups(1, {*delegation.task});
    groups[0].insert(groups[0].end(), delegation.guardrails.begin(), delegation.guardrails.end());
    groups[0].insert(groups[0].end(), delegation.grants.begin(), delegation.grants.end());
    const auto own_layers = static_cast<std::uint16_t>(groups[0].size());
    for (std::size_t layer = 0; layer < layers().size(); ++layer) {
      const std::size_t group = 1u + layers().linked().groups[layer];
      if (group == groups.size()) groups.emplace_back();
      groups[group].push_back(layers().program(layer));
    }
    Result<Layers> linked = Layers::link_groups(groups);
    if (!linked) return linked.error();

    auto state = std::make_shared<State>(*tree_, state_, std::move(linked).value());
    state->own_layers = own_layers;
    state->depth = static_cast<std::uint16_t>(state_->depth + 1);
    if (!random_id(state->id)) return Error{ErrorCode::out_of_memory, "the system gives no random numbers"};
    fill_facts(*state, delegation, now);
    state->make_memory();
    join_trail(*state, Beginning::of(delegation));
    if (!record_opening(*state, now)) return Error{ErrorCode::audit_unavailable, "the delegation could not be recorded"};
    {
      const std::lock_guard lock(tree_->mutex);
      state->enlist();  // where remembering the agent fails, the state takes itself out again
      tree_->add_agent(delegation.agent);
      if (tree_->link) {
        // Written with it, or not opened: the list loses it again when the state goes.
        if (!tree_->link->insist(*tree_, [] { return true; })) return Error{ErrorCode::store_unavailable, "the sub-session could not be stored"};
        tree_->link->keep(state);
      }
    }
    return Session(tree_, std::move(state));
  } catch (...) {
    return out_of_memory();
  }
}

}  // namespace remit
