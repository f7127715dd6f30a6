// Trees of sessions. See session.h.
#include "tests/reference/session.h"

#include <algorithm>

#include "tests/reference/canonical.h"
#include "tests/reference/opening.h"

namespace remit::reference {
namespace {

constexpr std::int64_t kFifteenMinutes = 15LL * 60 * 1'000'000;

// "bound to that exact request (action, resource, attributes)": their order means nothing, nor does
// the one trailing `/` that section 3 drops.
Asked in_order(Asked asked) {
  std::sort(asked.attributes.begin(), asked.attributes.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return asked;
}

// "An approver with a `spiffe:` or `wimse:` id is refused likewise". Schemes of URIs are equal
// whatever the case of their letters (RFC 3986, section 3.1).
bool is_workload(const std::string& identifier) {
  std::string scheme = identifier.substr(0, identifier.find(':'));
  for (char& c : scheme) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return identifier.find(':') != std::string::npos && (scheme == "spiffe" || scheme == "wimse");
}

// No document decided that, so no layer did.
Answer refused_by_host() {
  return {{Effect::deny, Reason::denied_by_host, kNoLayer, std::nullopt}, {}, {}};
}

}  // namespace

std::optional<Tree> Tree::open(const std::vector<Layer>& layers, const HeldOpening& opening,
                               std::int64_t now) {
  if (!may_open(layers[0].document->lifetime, opening, false, now)) return std::nullopt;
  return Tree(layers, opening, now);
}

Tree::Tree(const std::vector<Layer>& layers, const HeldOpening& opening, std::int64_t now)
    : now_(now) {
  add_session(std::nullopt, layers, opening);
}

// Section 6, Time: "the engine uses the largest `now` seen in any call".
void Tree::advance(std::int64_t now) { now_ = std::max(now_, now); }

void Tree::add_session(std::optional<std::size_t> parent, const std::vector<Layer>& layers,
                       const HeldOpening& opening) {
  Session session;
  session.parent = parent;
  session.layers = layers;
  // "Every opening starts limits, history and a relative `expires` afresh".
  session.standing.opened = now_;
  SessionFacts facts;
  facts.agent = opening.agent;
  const lang::Lifetime& task = layers[0].document->lifetime;
  facts.purpose = task.purpose ? task.purpose : opening.purpose;
  if (parent) {
    const Session& above = sessions_[*parent];
    session.depth = above.depth + 1;
    session.first_id = sessions_.back().first_id + sessions_.back().layers.size();
    // "Its `agent` and `agent.x` are its own ...; user, `user.x` and sponsor come down." What
    // started the run comes down as well: no sub-agent runs without it.
    facts.user = above.facts->user;
    facts.sponsor = above.facts->sponsor;
    facts.trigger = above.facts->trigger;
    for (const auto& fact : above.facts->named) {
      if (fact.first.substr(0, 5) == "user.") facts.named.push_back(fact);
    }
    for (const auto& fact : opening.named) {
      if (fact.first.substr(0, 6) == "agent.") facts.named.push_back(fact);
    }
    // "In its own task scope `purpose` is its own or else its parent's".
    if (!facts.purpose) facts.purpose = above.facts->purpose;
  } else {
    facts.user = opening.user;
    facts.sponsor = task.sponsor;
    // "absent where the session has none ...; `trigger` is its quoted text": what started this run,
    // which the task scope's statement only checks. Nothing starts a test (section 11).
    if (opening.trigger) facts.trigger = opening.trigger->second;
    facts.named = opening.named;
  }
  session.facts = std::make_shared<const SessionFacts>(facts);
  // "in every other layer it is that of the outermost session".
  if (parent) facts.purpose = sessions_[0].facts->purpose;
  session.elsewhere = std::make_shared<const SessionFacts>(std::move(facts));
  sessions_.push_back(std::move(session));
}

std::vector<Setting> Tree::layers(std::size_t index) const {
  const Session& asking = sessions_[index];
  std::vector<Setting> result;
  // "A sub-session has the parent's layers beneath its own".
  for (std::optional<std::size_t> at = index; at; at = sessions_[*at].parent) {
    const Session& session = sessions_[*at];
    for (std::size_t i = 0; i < session.layers.size(); ++i) {
      Setting setting;
      setting.document = session.layers[i].document;
      setting.depth = session.depth;
      setting.standing = session.standing;
      // "with the facts of the session that asks".
      setting.facts = *at != index || i > 0 ? asking.elsewhere : asking.facts;
      setting.id = session.first_id + i;
      result.push_back(std::move(setting));
    }
  }
  return result;
}

std::optional<Reason> Tree::out_of_force(std::size_t session, std::int64_t now) const {
  for (const Setting& layer : layers(session)) {
    if (const auto reason = reference::out_of_force(layer, memory_, std::max(now, now_)))
      return reason;
  }
  return std::nullopt;
}

std::optional<std::size_t> Tree::delegate(std::size_t parent, const std::vector<Layer>& layers,
                                          const HeldOpening& opening, std::int64_t now) {
  advance(now);
  // "ends when the parent ends"; and what has not begun cannot be handed on.
  if (out_of_force(parent, now_)) return std::nullopt;
  std::vector<const lang::Lifetime*> ancestors;
  for (std::optional<std::size_t> at = parent; at; at = sessions_[*at].parent)
    ancestors.push_back(&sessions_[*at].layers[0].document->lifetime);
  if (!opening.agent || !may_delegate(ancestors, *opening.agent)) return std::nullopt;
  HeldOpening whole = opening;
  whole.user = sessions_[parent].facts->user;
  if (!may_open(layers[0].document->lifetime, whole, true, now_)) return std::nullopt;
  add_session(parent, layers, opening);
  return sessions_.size() - 1;
}

Answer Tree::check(std::size_t session, const Request& request, std::int64_t now,
                   const Outcome* observed, Notes* notes) {
  Notes unread;
  advance(now);
  Asked asked;
  if (const auto malformed = read_request(request, asked))
    return {{Effect::deny, *malformed, 0, std::nullopt}, std::nullopt, std::nullopt};
  asked = in_order(std::move(asked));

  const std::vector<Setting> all = layers(session);
  std::vector<Verdict> verdicts;
  AskRules asks;
  for (std::size_t i = 0; i < all.size(); ++i) {
    verdicts.push_back(
        judge(all, i, memory_, asked, now_, observed, notes != nullptr ? *notes : unread));
    for (const std::size_t rule : verdicts[i].asks) asks.emplace_back(all[i].id, rule);
  }
  Answer answer;
  answer.outcome = verdicts[combine(verdicts)].outcome;
  if (answer.outcome.effect == Effect::deny) return answer;
  if (answer.outcome.effect == Effect::ask) {
    Ask* const approval = find_approval(session, asked, asks);
    if (approval == nullptr) {
      answer.ask = add_ask(session, asked, asks);
      return answer;
    }
    if (host_ && !host_(asked)) return refused_by_host();  // and the approval is not used up
    approval->gone = true;
    answer.outcome.effect = Effect::allow;
    answer.outcome.reason = Reason::granted_by_approval;
  } else if (host_ && !host_(asked)) {
    return refused_by_host();
  }
  // "Limits are charged, and `after` remembers, only when the whole request is granted".
  answer.grant = memory_.grants.size();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const auto& [rule, amount] : verdicts[i].charges)
      memory_.charges.push_back({all[i].id, rule, now_, amount, *answer.grant});
  }
  memory_.grants.push_back({now_, std::move(asked)});
  return answer;
}

Outcome Tree::would(std::size_t session, const Request& request, std::int64_t now,
                    const Outcome* observed) const {
  Tree copy = *this;
  return copy.check(session, request, now, observed).outcome;
}

std::vector<Outcome> Tree::verdicts(std::size_t session, const Request& request, std::int64_t now,
                                    const std::vector<Outcome>* observed) const {
  Notes unread;
  const std::vector<Setting> all = layers(session);
  std::vector<Outcome> result;
  Asked asked;
  const auto malformed = read_request(request, asked);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (malformed) {
      result.push_back({Effect::deny, *malformed, i, std::nullopt});
    } else {
      const Outcome* const its = observed != nullptr ? &(*observed)[i] : nullptr;
      result.push_back(judge(all, i, memory_, asked, std::max(now, now_), its, unread).outcome);
    }
  }
  return result;
}

std::int64_t Tree::used(std::size_t session, std::size_t layer, std::size_t rule, bool early,
                        std::int64_t now) const {
  const Setting setting = layers(session)[layer];
  return static_cast<std::int64_t>(reference::used(memory_, setting.id, rule,
                                                   *setting.document->rules[rule].amount, early,
                                                   std::max(now, now_)));
}

void Tree::give_back(std::size_t grant) {
  auto& charges = memory_.charges;
  charges.erase(std::remove_if(charges.begin(), charges.end(),
                               [&](const Memory::Charge& one) { return one.grant == grant; }),
                charges.end());
}

// "Less than 15 minutes after that, one check of that same request by the same session is granted";
// "an approval answers only the ask rules, of all layers, that matched or were unknown when it was
// asked"; "of two approvals of one request the older is used".
Tree::Ask* Tree::find_approval(std::size_t session, const Asked& asked, const AskRules& rules) {
  Ask* oldest = nullptr;
  for (Ask& ask : asks_) {
    if (ask.gone || !ask.approved || ask.session != session || !(ask.asked == asked)) continue;
    if (now_ - *ask.approved >= kFifteenMinutes) continue;
    const bool answers = std::all_of(rules.begin(), rules.end(), [&](const auto& rule) {
      return std::find(ask.rules.begin(), ask.rules.end(), rule) != ask.rules.end();
    });
    if (answers && (oldest == nullptr || ask.turn < oldest->turn)) oldest = &ask;
  }
  return oldest;
}

std::size_t Tree::add_ask(std::size_t session, Asked asked, AskRules rules) {
  const auto is_open = [](const Ask& ask) { return !ask.gone && !ask.approved; };
  if (static_cast<std::size_t>(std::count_if(asks_.begin(), asks_.end(), is_open)) >= kMaxOpenAsks)
    std::find_if(asks_.begin(), asks_.end(), is_open)->gone = true;
  Ask ask;
  ask.session = session;
  ask.asked = std::move(asked);
  ask.rules = std::move(rules);
  asks_.push_back(std::move(ask));
  return asks_.size() - 1;
}

// "no agent of the session's tree, now or before": a session that is over stays in the tree.
bool Tree::is_agent(const std::string& identifier) const {
  return std::any_of(sessions_.begin(), sessions_.end(),
                     [&](const Session& one) { return one.facts->agent == identifier; });
}

bool Tree::approve(std::size_t session, std::size_t index, const std::string& approver,
                   std::int64_t now) {
  advance(now);
  Ask& ask = asks_[index];
  if (ask.session != session || ask.gone || ask.approved) return false;  // "once"
  if (approver.empty() || is_agent(approver) || is_workload(approver)) return false;
  if (out_of_force(session, now_)) return false;  // "It fails once the session is over"
  ask.approved = now_;
  ask.turn = approvals_++;
  return true;
}

void Tree::revoke(std::size_t session, std::int64_t now) {
  advance(now);
  sessions_[session].standing.revoked = true;
}

void Tree::end(std::size_t session, std::int64_t now) {
  advance(now);
  sessions_[session].standing.ended = true;
}

}  // namespace remit::reference
