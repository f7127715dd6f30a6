// Decisions. See decide.h for the door and language.md section 6 for the meaning.
#include "engine/vm/decide.h"

#include <algorithm>

#include "engine/vm/index.h"

namespace remit::vm {
namespace {

std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;  // durations are not negative
}

std::int64_t micros(Time time) noexcept { return time.time_since_epoch().count(); }

// What a layer's limits, histories and asks are, beside the candidates.
void touch(const Context& context, std::uint16_t layer, image::EntryKind kind, std::uint32_t id, bool guarded, Touched& touched) noexcept {
  const View& view = *context.view;
  switch (kind) {
    case image::EntryKind::limit: {
      // Unknown falls on the restrictive side: a limit matches.
      if (guarded && run_guard(context, view.rules[id]) == Truth::no) return;
      const std::uint32_t index = view.rules[id].limit;
      const image::Limit& limit = view.limits[index];
      LimitMatch match{1, id, index, layer, true};
      if (limit.reference != image::kNone) {
        const Value* value = usable_value(context, limit.reference);
        match.measurable = value != nullptr && value->number() >= 0;
        match.amount = match.measurable ? value->number() : 0;
      }
      return touched.limits.push(match);
    }
    case image::EntryKind::history: return touched.histories.push({id, layer});
    case image::EntryKind::ask:
      if (touched.wants_asks && (!guarded || run_guard(context, view.rules[id]) != Truth::no)) touched.asks.push({id, layer});
      return;
    default: return;
  }
}

// A rule with several patterns may be met several times; its limit counts once. Text order, too.
void settle_limits(Touched& touched, std::size_t first) noexcept {
  LimitMatch* const begin = touched.limits.begin() + first;
  LimitMatch* const end = touched.limits.end();
  if (end - begin < 2) return;
  std::sort(begin, end, [](const LimitMatch& a, const LimitMatch& b) { return a.rule < b.rule; });
  LimitMatch* const last = std::unique(begin, end, [](const LimitMatch& a, const LimitMatch& b) { return a.rule == b.rule; });
  touched.limits.shorten(static_cast<std::size_t>(last - touched.limits.begin()));
}

template <bool kTouching>
Verdict judge(const Layers::Linked& linked, std::uint16_t layer, const LayerAction& action, const Frame& frame, Context& context, Touched* touched) noexcept {
  const Reason reason = gate(action, frame.gates[layer]);
  if (reason != Reason::allowed_by_rule) return deny(reason, layer);
  enter(linked, layer, action, frame, context);
  const View& view = *context.view;
  Candidates candidates;
  std::size_t first = 0;
  if constexpr (kTouching) {
    first = touched->limits.size();
    context.reads_history = &touched->reads_history;
  }
  const auto meet = [&](image::EntryKind kind, std::uint32_t id, bool guarded) {
    candidates.take(context, kind, id, guarded);
    if constexpr (kTouching) touch(context, layer, kind, id, guarded, *touched);
  };
  if (action.bit != 0) {
    visit_entries(view, action, *context.path, [&](const Entry& entry) { meet(entry.kind(), entry.id, entry.guarded()); });
  }
  for (std::uint32_t i = 0; i < action.broads; ++i) {
    const image::Broad& broad = linked.broads[action.first_broad + i];
    const bool guarded = broad.kind != image::EntryKind::history && view.rules[broad.id].code_length != 0;
    meet(broad.kind, broad.id, guarded);
  }
  const Verdict verdict = candidates.verdict(layer);
  if constexpr (kTouching) {
    if (verdict.effect == Effect::deny) {
      touched->limits.shorten(first);  // a layer that denies anyway reports that
    } else {
      settle_limits(*touched, first);
    }
  }
  return verdict;
}

}  // namespace

void Candidates::take(const Context& context, image::EntryKind kind, std::uint32_t rule, bool guarded) noexcept {
  // Only a rule that stands earlier in the text than the one already found can change anything.
  switch (kind) {
    case image::EntryKind::deny:
      // Unknown falls on the restrictive side: a deny matches.
      if (rule < deny && (!guarded || run_guard(context, context.view->rules[rule]) != Truth::no)) deny = rule;
      return;
    case image::EntryKind::ask: {
      if (rule >= ask) return;
      const Truth truth = guarded ? run_guard(context, context.view->rules[rule]) : Truth::yes;
      if (truth == Truth::yes) ask = rule;
      if (truth == Truth::unknown) ask_unknown = std::min(ask_unknown, rule);
      return;
    }
    case image::EntryKind::allow:
      if (rule < allow && (!guarded || run_guard(context, context.view->rules[rule]) == Truth::yes)) allow = rule;
      return;
    case image::EntryKind::limit:
    case image::EntryKind::history:
      return;  // a session's business
  }
}

Verdict Candidates::verdict(std::uint16_t layer) const noexcept {
  if (deny != kNoRule) return {Effect::deny, Reason::denied_by_rule, layer, deny};
  if (ask != kNoRule) return {Effect::ask, Reason::asked_by_rule, layer, ask};
  if (allow == kNoRule) return {Effect::deny, Reason::no_matching_rule, layer, kNoRule};
  if (ask_unknown != kNoRule) return {Effect::ask, Reason::asked_by_rule, layer, ask_unknown};
  return {Effect::allow, Reason::allowed_by_rule, layer, allow};
}

bool states_facts(const image::View& task) noexcept {
  const image::Document& head = task.head();
  return head.has_purpose || head.has_sponsor || head.trigger;
}

// Rare, and its copies would take registers from every decision where it is written in.
[[gnu::noinline]] Facts session_facts(const image::View& task, const Facts& facts) noexcept {
  Facts result = facts;
  const image::Document& head = task.head();
  if (head.has_purpose) result.purpose = task.text(head.purpose);
  if (head.has_sponsor) result.sponsor = task.text(head.sponsor);
  if (head.trigger) result.trigger = task.text(head.trigger_text);
  return result;
}

std::int64_t lifetime_end(const image::View& task, std::int64_t opened) noexcept {
  const image::Document& head = task.head();
  return head.expires_after == image::kNever ? head.expires_at : std::min(head.expires_at, saturating_add(opened, head.expires_after));
}

Reason lifetime(const image::View& task, const Facts& facts, std::int64_t now) noexcept {
  const image::Document& head = task.head();
  if (head.starts != image::kNever && now < head.starts) return Reason::not_yet_valid;
  return now >= lifetime_end(task, micros(facts.opened)) ? Reason::expired : Reason::allowed_by_rule;
}

void enter(const Layers::Linked& linked, std::uint16_t layer, const LayerAction& action, const Frame& frame, Context& context) noexcept {
  context.view = linked.views[layer];
  context.declared = action.declared;
  context.system = action.system;
  context.facts = layer == 0 ? frame.own : frame.outer;
  context.remembered = nullptr;
  if (frame.remembered != nullptr) {
    const std::atomic<std::uint8_t>* const histories = frame.remembered[linked.groups[layer]];
    if (histories != nullptr) context.remembered = histories + linked.history_base[layer];
  }
}

Verdict decide_layer(const Layers::Linked& linked, std::uint16_t layer, const LayerAction& action, const Frame& frame, Context& context,
                     Touched* touched) noexcept {
  return touched == nullptr ? judge<false>(linked, layer, action, frame, context, nullptr) : judge<true>(linked, layer, action, frame, context, touched);
}

Verdict decide_all(const Layers::Linked& linked, const Question& question, const Frame& frame) noexcept {
  Context context = question.context(frame.now);
  return combine(linked.views.size(), [&](std::uint16_t layer) { return judge<false>(linked, layer, question.row(layer), frame, context, nullptr); });
}

// What it calls is written into it: on the way of nearly every decision, calls are a tenth of the work.
[[gnu::flatten]] Verdict decide(const Layers::Linked& linked, const Request& request, const Frame& frame) noexcept {
  const Question question(linked, request);
  return question.fault() == Reason::allowed_by_rule ? decide_all(linked, question, frame) : deny(question.fault(), 0);
}

void collect_histories(const Layers::Linked& linked, const Question& question, std::uint16_t layer, Few<HistoryMatch, 8>& out) noexcept {
  if (question.fault() != Reason::allowed_by_rule) return;
  const LayerAction& action = question.row(layer);
  if (action.bit != 0) {
    visit_entries(*linked.views[layer], action, *question.context(0).path, [&](const Entry& entry) {
      if (entry.kind() == image::EntryKind::history) out.push({entry.id, layer});
    });
  }
  for (std::uint32_t i = 0; i < action.broads; ++i) {
    const image::Broad& broad = linked.broads[action.first_broad + i];
    if (broad.kind == image::EntryKind::history) out.push({broad.id, layer});
  }
}

Question::Question(const Layers::Linked& linked, const Request& request) noexcept
    : path_(request.resource), attributes_(request.attributes), fault_(read(linked, request)) {}

Reason Question::read(const Layers::Linked& linked, const Request& request) noexcept {
  if (!path_.scan()) return Reason::malformed_resource;
  if (!attributes_.read()) return Reason::malformed_request;
  path_.hash(linked.depths, linked.has_systems);
  rows_ = linked.find(path_.system(), path_.system_head, request.action);
  return rows_ == nullptr ? Reason::unknown_system : Reason::allowed_by_rule;
}

Context Question::context(std::int64_t now) const noexcept {
  Context context;
  context.path = &path_;
  context.attributes = &attributes_;
  context.now = now;
  return context;
}

}  // namespace remit::vm

namespace remit {
Decision Layers::decide(const Request& request, const Facts& facts, Time now) const noexcept {
  const Linked& linked = *linked_;
  if (linked.remembers) return {};  // internal_error: only a session can decide this
  return vm::decide(linked, request, vm::Stateless(linked, facts, now).frame);
}

void Layers::verdicts(const Request& request, const Facts& facts, Time now, std::span<Decision> out) const noexcept {
  const Linked& linked = *linked_;
  const std::size_t count = std::min(out.size(), linked.views.size());
  const vm::Question question(linked, request);
  const vm::Stateless stateless(linked, facts, now);
  vm::Context context = question.context(stateless.frame.now);
  for (std::size_t i = 0; i < count; ++i) {
    const auto layer = static_cast<std::uint16_t>(i);
    if (linked.remembers) {
      out[i] = {};
    } else if (question.fault() != Reason::allowed_by_rule) {
      out[i] = vm::deny(question.fault(), layer);  // what is wrong with the request is wrong in every layer
    } else {
      out[i] = vm::decide_layer(linked, layer, question.row(layer), stateless.frame, context, nullptr);
    }
  }
}

}  // namespace remit
