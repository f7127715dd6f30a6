// Sessions: opened once, asked many times. The only mutable state so far is the largest `now`.
// Covered by tests/session_test.cpp and `remit conform`.
#include <remit/session.h>

#include <atomic>
#include <new>
#include <string>
#include <vector>

#include "engine/image/resource.h"
#include "engine/image/view.h"
#include "engine/session/identifier.h"

namespace remit {
namespace {

std::int64_t micros(Time time) noexcept { return time.time_since_epoch().count(); }

// A value that owns its text and items: facts outlive the call that opened the session.
struct OwnedFact {
  std::string name, text;
  std::vector<std::string> texts;
  std::vector<Value> items;
};

bool is_text(Type type) noexcept { return type == Type::string || type == Type::resource; }

Value with_text(Type type, std::string_view text) noexcept { return type == Type::resource ? Value(ResourceName{text}) : Value(text); }

}  // namespace

struct Session::State {
  Layers layers;
  std::string agent, user, purpose;
  std::vector<std::unique_ptr<OwnedFact>> owned;
  std::vector<Attribute> named;
  Facts facts;
  std::atomic<std::int64_t> now;  // the largest seen

  State(const Layers& linked, Time opened) : layers(linked), now(micros(opened)) {}

  void keep(const Attribute& fact) {
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

  Time latest(Time asked) const noexcept { return std::max(asked, time_from_micros(now.load(std::memory_order_relaxed))); }
};

namespace {

bool any_matches(const image::View& view, image::Range patterns, std::string_view identifier) noexcept {
  for (const image::Text pattern : image::View::slice(view.identifiers, patterns)) {
    if (matches_identifier(view.text(pattern), identifier)) return true;
  }
  return false;
}

std::string quoted(std::string_view text) { return std::string("`").append(text).append("`"); }

// Section 7: may this agent, for this person, open the scope now? Null where it may.
std::optional<Error> refuse(const image::View& view, const Opening& opening, Time now) {
  const image::Document& head = view.head();
  if (head.agents.count != 0 && !any_matches(view, head.agents, opening.agent)) {
    return Error{ErrorCode::agent_not_allowed, "the scope is not for agent " + quoted(opening.agent)};
  }
  if (head.users.count != 0 && (opening.user.empty() || !any_matches(view, head.users, opening.user))) {
    return Error{ErrorCode::user_not_allowed, opening.user.empty() ? std::string("the scope is for named users and no user is present")
                                                                   : "the scope is not for user " + quoted(opening.user)};
  }
  if (opening.user.empty() && !head.has_sponsor) {
    return Error{ErrorCode::no_accountable_person, "neither a user nor a sponsor answers for this session: open it with the user on whose behalf the agent acts, or give the scope a `sponsor`"};
  }
  if (head.has_sponsor) {
    if (opening.sponsor_revoked) return Error{ErrorCode::sponsor_revoked, "the sponsor " + quoted(view.text(head.sponsor)) + " has been revoked"};
    if (!opening.last_review || micros(now) - micros(*opening.last_review) > head.review_every) {
      return Error{ErrorCode::review_overdue, "the sponsor's last review is missing or older than the scope's `review every` allows"};
    }
  }
  if (head.trigger != 0) {
    const std::string_view kind = head.trigger == 1 ? "schedule" : "event";
    if (!opening.trigger || opening.trigger->kind != kind || opening.trigger->text != view.text(head.trigger_text)) {
      return Error{ErrorCode::wrong_trigger, "the scope runs on trigger " + std::string(kind) + " \"" + std::string(view.text(head.trigger_text)) + "\" only"};
    }
  }
  return std::nullopt;
}

// What this version cannot keep, named by its statement. Fail closed: better no session than one
// that forgets.
std::optional<Error> missing_memory(const Layers& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Program& program = layers.program(i);
    const MemoryUse use = program.memory_use();
    if (!use.any()) continue;
    const image::View& view = program.view();
    std::string what;
    if (use.limits) {
      const RuleInfo rule = program.rule(view.limits[0].rule);
      what = "`limit` or `at most` at " + std::string(rule.file) + ":" + std::to_string(rule.line);
    } else if (use.history) {
      const RuleInfo rule = program.rule(view.histories[0].place_rule);
      what = "`after` at " + std::string(rule.file) + ":" + std::to_string(rule.line);
    } else {
      what = "`idle` at line " + std::to_string(view.head().idle_line);
    }
    return Error{ErrorCode::needs_memory, "this engine keeps no memory of earlier grants yet, which " + what + " needs"};
  }
  return std::nullopt;
}

bool is_named_fact(std::string_view name) noexcept {
  return (name.size() > 5 && name.substr(0, 5) == "user.") || (name.size() > 6 && name.substr(0, 6) == "agent.");
}

}  // namespace

Result<Session> Session::open(const Opening& opening, Time now) noexcept {
  try {
    if (opening.layers == nullptr) return Error{ErrorCode::bad_argument, "a session needs layers"};
    for (const Attribute& fact : opening.facts) {
      if (!is_named_fact(fact.name)) return Error{ErrorCode::bad_argument, "a fact must be called user.NAME or agent.NAME, not " + quoted(fact.name)};
    }
    const image::View& task = opening.layers->program(0).view();
    if (auto error = refuse(task, opening, now)) return *std::move(error);
    if (auto error = missing_memory(*opening.layers)) return *std::move(error);

    auto state = std::make_shared<State>(*opening.layers, now);
    state->agent = opening.agent;
    state->user = opening.user;
    state->purpose = opening.purpose;
    for (const Attribute& fact : opening.facts) state->keep(fact);
    if (!state->agent.empty()) state->facts.agent = state->agent;
    if (!state->user.empty()) state->facts.user = state->user;
    if (!state->purpose.empty()) state->facts.purpose = state->purpose;
    state->facts.named = state->named;
    state->facts.opened = now;
    return Session(std::move(state));
  } catch (...) {
    return Error{ErrorCode::out_of_memory, "not enough memory to open a session"};
  }
}

Decision Session::check(const Request& request, Time now) noexcept {
  std::int64_t seen = state_->now.load(std::memory_order_relaxed);
  const std::int64_t asked = micros(now);
  while (asked > seen && !state_->now.compare_exchange_weak(seen, asked, std::memory_order_relaxed)) {
  }
  return state_->layers.decide(request, state_->facts, time_from_micros(std::max(asked, seen)));
}

Decision Session::would(const Request& request, Time now) const noexcept { return state_->layers.decide(request, state_->facts, state_->latest(now)); }

void Session::verdicts(const Request& request, Time now, std::span<Decision> out) const noexcept {
  state_->layers.verdicts(request, state_->facts, state_->latest(now), out);
}

const Layers& Session::layers() const noexcept { return state_->layers; }
std::optional<RuleInfo> Session::rule(const Decision& decision) const noexcept { return state_->layers.rule(decision); }

std::string Session::explain(const Request& request, const Decision& decision) const noexcept {
  try {
    std::string text = std::string(to_string(decision.effect)) + " " + std::string(request.action) + " " + std::string(request.resource) + ": ";
    if (decision.reason == Reason::malformed_resource) {
      detail::ResourceParts parts;
      text += std::string("the resource is refused because ") + detail::describe(detail::scan_resource(request.resource, parts));
    } else {
      text += sentence(decision.reason);
    }
    if (decision.layer < layers().size()) {
      const Program& program = layers().program(decision.layer);
      text += std::string(" (") + to_string(program.kind());
      if (!program.name().empty()) text += " " + std::string(program.name());
      if (const auto info = rule(decision)) text += ", " + std::string(info->file) + ":" + std::to_string(info->line);
      text += ")";
    }
    if (const auto info = rule(decision); info && info->because) text += ": " + std::string(*info->because);
    return text;
  } catch (...) {
    return {};
  }
}

}  // namespace remit
