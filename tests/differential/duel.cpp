// Both sides of a duel. See duel.h.
#include "tests/differential/duel.h"

#include <algorithm>

namespace remit::differential {
namespace {

using generate::Step;
using reference::CaseStep;
using reference::HeldOpening;
using reference::Loan;
using reference::Outcome;

std::string view_or_empty(const std::optional<std::string>& text) { return text.value_or(""); }

// What the host of some scenarios refuses: any rule would do, as long as both sides know it.
bool host_agrees(const std::string& action, std::size_t attributes) {
  return (action.size() + attributes) % 4 != 0;
}

std::optional<Time> time_of(const std::optional<std::int64_t>& micros) {
  if (!micros) return std::nullopt;
  return time_from_micros(*micros);
}

std::string differ(const std::string& what, const Outcome& engine, const Outcome& expected) {
  return what + ": the engine says " + generate::text_of(engine) + ", the reference " +
         generate::text_of(expected) + "\n";
}

// Of the documents behind the task scope: guardrails, grants.
struct Others {
  std::vector<Program> guardrails, grants;

  Others(const Ground& ground, const std::vector<std::size_t>& layers) {
    for (std::size_t i = 1; i < layers.size(); ++i) {
      const Program& program = *ground.documents[layers[i]].program();
      (program.kind() == DocumentKind::guardrail ? guardrails : grants).push_back(program);
    }
  }
};

}  // namespace

std::optional<Ground> prepare(const generate::Scenario& scenario, std::string& problem) {
  auto documents = generate::compile_documents(scenario.world.documents, problem);
  if (!documents) return std::nullopt;
  Ground ground;
  ground.documents = std::move(*documents);
  for (const lang::Compiled& document : ground.documents)
    ground.resolved.push_back(&document.resolved());
  return ground;
}

Result<Session> open_session(const generate::Scenario& scenario, const Ground& ground,
                             const Surroundings& surroundings) {
  const Others others(ground, scenario.layers);
  auto layers = Layers::link(*ground.documents[scenario.layers[0]].program(), others.guardrails,
                             others.grants);
  if (!layers) return layers.error();
  const HeldOpening& held = scenario.opening;
  const reference::HeldRequest named{{}, {}, held.named, 0};
  const Loan facts(named);
  const std::string agent = view_or_empty(held.agent), user = view_or_empty(held.user),
                    purpose = view_or_empty(held.purpose);
  Opening opening;
  opening.agent = agent, opening.user = user, opening.purpose = purpose;
  opening.layers = layers.value();
  opening.facts = facts.attributes();
  opening.last_review = time_of(held.last_review);
  opening.sponsor_revoked = held.sponsor_revoked;
  if (held.trigger) opening.trigger = TriggerFact{held.trigger->first, held.trigger->second};
  opening.surroundings = surroundings;
  return Session::open(opening, time_from_micros(scenario.world.facts.opened));
}

Result<Session> delegate_session(Session& parent, const Ground& ground, const CaseStep& call) {
  const Others others(ground, call.layers);
  const HeldOpening& held = call.opening;
  const reference::HeldRequest named{{}, {}, held.named, 0};
  const Loan facts(named);
  const std::string agent = view_or_empty(held.agent), purpose = view_or_empty(held.purpose);
  Delegation delegation;
  delegation.agent = agent, delegation.purpose = purpose;
  delegation.task = *ground.documents[call.layers[0]].program();
  delegation.guardrails = others.guardrails;
  delegation.grants = others.grants;
  delegation.facts = facts.attributes();
  delegation.last_review = time_of(held.last_review);
  delegation.sponsor_revoked = held.sponsor_revoked;
  if (held.trigger) delegation.trigger = TriggerFact{held.trigger->first, held.trigger->second};
  return parent.delegate(delegation, time_from_micros(call.now));
}

Duel::Duel(const generate::Scenario& scenario, const Ground& ground)
    : ground_(ground) {
  if (scenario.host_refuses) {
    surroundings_.host = [](const HostQuestion& question) {
      return host_agrees(std::string(question.request.action), question.request.attributes.size());
    };
  }
  tree_ = reference::Tree::open(reference_layers(scenario.layers), scenario.opening,
                                scenario.world.facts.opened);
  auto session = open_session(scenario, ground, surroundings_);
  if (session.ok() != tree_.has_value()) {
    opening_difference_ = "opening: the engine " +
                          (session.ok() ? "opens" : "refuses, " + session.error().text) +
                          ", the reference " + (tree_ ? "opens" : "refuses") + "\n";
  }
  if (!session.ok()) tree_.reset();
  if (!tree_) return;
  if (scenario.host_refuses) {
    tree_->ask_host([](const reference::Asked& asked) {
      return host_agrees(asked.action, asked.attributes.size());
    });
  }
  sessions_.push_back(std::move(session).value());
  names_["main"] = {0, 0};
}

std::vector<reference::Layer> Duel::reference_layers(
    const std::vector<std::size_t>& documents) const {
  std::vector<reference::Layer> result;
  for (const std::size_t index : documents) result.push_back({ground_.resolved[index]});
  return result;
}

std::string Duel::take(const Step& step, Report& report) {
  const std::size_t index = steps_++;
  const auto found = names_.find(step.call.session);
  if (found == names_.end()) return {};
  const Named named = found->second;
  if (step.reload) {
    if (auto problem = reload(); !problem.empty()) return problem;
  }
  const Time now = time_from_micros(step.call.now);
  std::string result;
  switch (step.call.kind) {
    case CaseStep::Kind::check: result = check(step, named, report); break;
    case CaseStep::Kind::approve: result = approve(step, named, report); break;
    case CaseStep::Kind::open_child: result = add_child(step, named, report); break;
    case CaseStep::Kind::revoke:
      sessions_[named.session].revoke("the duel", "to see", now);
      tree_->revoke(named.session, step.call.now);
      break;
    case CaseStep::Kind::end:
      sessions_[named.session].end(now);
      tree_->end(named.session, step.call.now);
      break;
  }
  if (result.empty()) result = compare_state(named, step.call.now);
  if (result.empty()) return result;
  return "step " + std::to_string(index) + " of session " + step.call.session + ": " + result;
}

std::string Duel::check(const Step& step, const Named& named, Report& report) {
  const Loan loan(step.call.request);
  const Request request = loan.request();
  const Time now = time_from_micros(step.call.now);
  Session& session = sessions_[named.session];

  const Outcome would = generate::outcome_of(session.would(request, now));
  const Outcome would_expected = tree_->would(named.session, request, step.call.now, &would);
  if (!(would == would_expected)) return differ("would", would, would_expected);
  std::vector<Decision> decisions(session.layers().size());
  session.verdicts(request, now, decisions);
  std::vector<Outcome> verdicts;
  for (const Decision& decision : decisions) verdicts.push_back(generate::outcome_of(decision));
  const auto verdicts_expected = tree_->verdicts(named.session, request, step.call.now, &verdicts);
  for (std::size_t i = 0; i < verdicts_expected.size(); ++i) {
    if (!(verdicts[i] == verdicts_expected[i]))
      return differ("verdict of layer " + std::to_string(i), verdicts[i], verdicts_expected[i]);
  }

  Decision decision;
  if (step.settle == Step::Settle::none) {
    decision = session.check(request, now);
  } else {
    Reservation reservation = session.reserve(request, now);
    decision = reservation.decision();
    if (step.settle == Step::Settle::commit)
      reservation.commit();
    else
      reservation.rollback();
  }
  report.outcome = generate::outcome_of(decision);
  if (report.outcome.reason == Reason::limit_exceeded) {
    const Outcome exact = tree_->would(named.session, request, step.call.now);
    report.early = !(exact == report.outcome);
  }
  const reference::Answer answer =
      tree_->check(named.session, request, step.call.now, &report.outcome);
  if (!(report.outcome == answer.outcome)) return differ("check", report.outcome, answer.outcome);
  if (!(report.outcome == would)) return differ("check after would", report.outcome, would);
  if (step.settle == Step::Settle::roll_back && answer.grant) tree_->give_back(*answer.grant);
  report.asked = answer.ask.has_value();
  if (report.asked == decision.approval.empty() && !decision.allowed())
    return "an ask has an approval id, and nothing else has\n";
  if (report.asked) asked_[steps_ - 1] = {decision.approval, answer.ask};
  return {};
}

std::string Duel::approve(const Step& step, const Named& named, Report& report) {
  const auto asked = asked_.find(step.call.asked);
  if (asked == asked_.end()) return {};  // shrinking has left it out
  const auto status = sessions_[named.session].approve(asked->second.id, step.call.approver,
                                                       time_from_micros(step.call.now));
  report.ok = tree_->approve(named.session, *asked->second.ask, step.call.approver, step.call.now);
  if (status.ok() == report.ok) return {};
  return "approve: the engine says " + (status.ok() ? "ok" : status.error().text) +
         ", the reference " + (report.ok ? "ok" : "no") + "\n";
}

std::string Duel::add_child(const Step& step, const Named& named, Report& report) {
  auto child = delegate_session(sessions_[named.session], ground_, step.call);
  const auto expected = tree_->delegate(named.session, reference_layers(step.call.layers),
                                        step.call.opening, step.call.now);
  report.ok = expected.has_value();
  if (child.ok() != report.ok) {
    return "delegate: the engine " + (child.ok() ? "opens" : "refuses, " + child.error().text) +
           ", the reference " + (expected ? "opens" : "refuses") + "\n";
  }
  if (!expected) return {};
  sessions_.push_back(std::move(child).value());
  names_[step.call.as] = {*expected, named.depth + 1};
  return {};
}

// Saving and restoring is the identity: whoever goes on with the restored tree sees no difference.
std::string Duel::reload() {
  const auto saved = sessions_[0].save();
  if (!saved) return "save: " + saved.error().text + "\n";
  std::vector<Program> programs;
  for (const lang::Compiled& document : ground_.documents) programs.push_back(*document.program());
  auto restored =
      Session::restore(saved.value().bytes, saved.value().generation, programs, surroundings_);
  if (!restored) return "restore: " + restored.error().text + "\n";
  if (restored.value().size() != sessions_.size()) return "restore: sessions are missing\n";
  sessions_ = std::move(restored).value();
  return {};
}

std::string Duel::compare_state(const Named& named, std::int64_t now) {
  const SessionStatus status = sessions_[named.session].status(time_from_micros(now));
  const Reason expected = tree_->out_of_force(named.session, now).value_or(Reason::allowed_by_rule);
  if (status.reason != expected) {
    return std::string("status: the engine says ") + to_string(status.reason) + ", the reference " +
           to_string(expected) + "\n";
  }
  if (status.now.time_since_epoch().count() != tree_->now())
    return "status: the largest time seen differs\n";
  return compare_limits(named, now);
}

std::string Duel::compare_limits(const Named& named, std::int64_t now) {
  for (const LimitState& limit : sessions_[named.session].limits(time_from_micros(now))) {
    const auto used = [&](bool early) {
      return tree_->used(named.session, limit.layer, limit.rule, early, now);
    };
    if (limit.used < used(false) || limit.used > used(true)) {
      return "limit of layer " + std::to_string(limit.layer) + " rule " +
             std::to_string(limit.rule) + ": the engine has used " + std::to_string(limit.used) +
             ", the reference " + std::to_string(used(false)) + "\n";
    }
  }
  return {};
}

bool Duel::over() const {
  const auto reason = tree_->out_of_force(0, tree_->now());
  return reason && *reason != Reason::not_yet_valid;
}

std::size_t Duel::depth(const std::string& session) const {
  const auto found = names_.find(session);
  return found == names_.end() ? 0 : found->second.depth;
}

}  // namespace remit::differential
