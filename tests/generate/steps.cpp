// Steps. See steps.h.
#include "tests/generate/steps.h"

#include <algorithm>

#include "tests/generate/memory.h"
#include "tests/reference/canonical.h"

namespace remit::generate {
namespace {

using Kind = reference::CaseStep::Kind;

constexpr std::int64_t kMinute = 60'000'000;
constexpr std::size_t kRequests = 12;
constexpr std::size_t kCalm = 40;  // steps

}  // namespace

StepMaker::StepMaker(Random& random, const Scenario& scenario,
                     const std::vector<const lang::Resolved*>& documents)
    : random_(random),
      scenario_(scenario),
      edges_(find_edges(scenario.world, documents)),
      marks_({scenario.world.facts.opened}),
      now_(scenario.world.facts.opened) {
  edges_.spans.push_back(15 * kMinute);  // of an approval
  // Of malformed requests few are enough: nothing is remembered of them.
  for (reference::HeldRequest& request :
       make_requests(random, scenario.world, documents, kRequests)) {
    reference::Asked asked;
    if (reference::read_resource(request.resource, asked) || random.chance(20) || requests_.empty())
      requests_.push_back(std::move(request));
  }
}

// Mostly now or soon; then just before, at or just after a moment at which something ends; now and
// then back, which must extend nothing.
std::int64_t StepMaker::next_time() {
  const std::size_t kind = random_.below(100);
  if (kind < 60) return now_;
  if (kind < 80) return now_ + random_.between(0, kMinute);
  if (kind < 83) return now_ + random_.between(0, 20 * kMinute);
  if (kind < 87) return now_ - random_.between(0, 60 * kMinute);
  std::int64_t nearest = INT64_MAX;
  for (int tries = 0; tries < 4; ++tries) {
    std::int64_t end = random_.pick(marks_) + random_.pick(edges_.spans) + random_.between(-1, 1);
    if (!edges_.times.empty() && random_.chance(25))
      end = random_.pick(edges_.times) + random_.between(-1, 1);
    if (end >= now_) nearest = std::min(nearest, end);
  }
  return nearest == INT64_MAX ? now_ : nearest;
}

Step StepMaker::next() {
  Step step;
  step.call.session = random_.chance(45) ? "main" : random_.pick(sessions_);
  step.call.now = next_time();
  step.reload = random_.chance(4);
  const std::size_t kind = random_.below(1000);
  // When the outermost session is over all is over: that comes late, if at all.
  const bool may_end = step.call.session != "main" || steps_ > kCalm;
  if (kind < 120 && !asked_.empty()) {
    make_approve(step);
  } else if (kind < 200 && !scenario_.children.empty()) {
    make_child(step);
  } else if (kind < 206 && may_end) {
    step.call.kind = Kind::revoke;
  } else if (kind < 214 && may_end) {
    step.call.kind = Kind::end;
  } else {
    make_check(step);
  }
  return step;
}

void StepMaker::make_check(Step& step) {
  step.call.kind = Kind::check;
  // What was asked comes again, to use its approval.
  if (!asked_.empty() && random_.chance(30)) {
    const Asked& asked =
        asked_[asked_.size() - 1 - random_.below(std::min<std::size_t>(3, asked_.size()))];
    request_ = asked.request;
    if (random_.chance(90)) step.call.session = asked.session;
  } else {
    request_ = random_.below(requests_.size());
  }
  step.call.request = requests_[request_];
  auto& attributes = step.call.request.attributes;
  if (!attributes.empty() && random_.chance(6))
    attributes.erase(attributes.begin() +
                     static_cast<std::ptrdiff_t>(random_.below(attributes.size())));
  if (attributes.size() > 1 && random_.chance(10)) std::swap(attributes.front(), attributes.back());
  if (random_.chance(10))
    step.settle = random_.chance(50) ? Step::Settle::commit : Step::Settle::roll_back;
}

void StepMaker::make_approve(Step& step) {
  step.call.kind = Kind::approve;
  const Asked& asked = random_.chance(70) ? asked_.back() : random_.pick(asked_);
  step.call.asked = asked.step;
  if (random_.chance(95)) step.call.session = asked.session;
  static const std::vector<std::string> others = {"", "SPIFFE://x/y", "wimse://x/y", "acme"};
  step.call.approver = random_.chance(85)   ? random_.pick(kUsers)
                       : random_.chance(50) ? random_.pick(kAgents)
                                            : random_.pick(others);
}

void StepMaker::make_child(Step& step) {
  step.call.kind = Kind::open_child;
  step.call.as = "child" + std::to_string(steps_);
  step.call.layers = random_.pick(scenario_.children);
  reference::HeldOpening& opening = step.call.opening;
  opening.agent = random_.pick(kAgents);
  for (const auto& fact : scenario_.opening.named) {
    if (fact.first.rfind("agent.", 0) == 0 && random_.chance(70)) opening.named.push_back(fact);
  }
  if (random_.chance(15)) opening.purpose = "nightly";
  if (random_.chance(20)) opening.last_review = step.call.now;
  if (random_.chance(20)) opening.trigger = {"event", "nightly"};
}

void StepMaker::note(const Step& step, const Result& result) {
  const std::int64_t before = now_;
  now_ = std::max(now_, step.call.now);
  if (result.asked) asked_.push_back({steps_, step.call.session, request_});
  if (result.opened) sessions_.push_back(step.call.as);
  const bool counts = result.granted || result.opened || step.call.kind == Kind::approve;
  if (counts && (marks_.size() < 2 || now_ != before)) marks_.push_back(now_);
  ++steps_;
}

}  // namespace remit::generate
