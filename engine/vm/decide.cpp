// Decisions. See decide.h for the door and language.md section 6 for the meaning.
#include "engine/vm/decide.h"

#include <algorithm>

#include "engine/vm/index.h"

namespace remit::vm {
namespace {

constexpr Decision deny(Reason reason, std::uint16_t layer) noexcept { return {Effect::deny, reason, layer, kNoRule}; }

std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;  // durations are not negative
}

std::int64_t micros(Time time) noexcept { return time.time_since_epoch().count(); }

// Section 6, step 2: is the task scope in force?
Reason lifetime(const image::View& task, const Facts& facts, std::int64_t now) noexcept {
  const image::Document& head = task.head();
  if (head.starts != image::kNever && now < head.starts) return Reason::not_yet_valid;
  std::int64_t end = head.expires_at;
  if (head.expires_after != image::kNever) end = std::min(end, saturating_add(micros(facts.opened), head.expires_after));
  return now >= end ? Reason::expired : Reason::allowed_by_rule;
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

Decision Candidates::verdict(std::uint16_t layer) const noexcept {
  if (deny != kNoRule) return {Effect::deny, Reason::denied_by_rule, layer, deny};
  if (ask != kNoRule) return {Effect::ask, Reason::asked_by_rule, layer, ask};
  if (allow == kNoRule) return {Effect::deny, Reason::no_matching_rule, layer, kNoRule};
  if (ask_unknown != kNoRule) return {Effect::ask, Reason::asked_by_rule, layer, ask_unknown};
  return {Effect::allow, Reason::allowed_by_rule, layer, allow};
}

Facts session_facts(const image::View& task, const Facts& facts) noexcept {
  Facts result = facts;
  const image::Document& head = task.head();
  if (head.has_purpose) result.purpose = task.text(head.purpose);
  if (head.has_sponsor) result.sponsor = task.text(head.sponsor);
  if (head.trigger) result.trigger = task.text(head.trigger_text);
  return result;
}

Reason gate(const Layers::Linked& linked, std::uint16_t layer, const LayerAction& action, const Context& context) noexcept {
  if (action.status == LayerAction::Status::unknown_system) return Reason::unknown_system;
  if (action.status == LayerAction::Status::unknown_action) return Reason::unknown_action;
  return layer == 0 ? lifetime(*linked.views[0], *context.facts, context.now) : Reason::allowed_by_rule;
}

void enter(const Layers::Linked& linked, std::uint16_t layer, const LayerAction& action, Context& context) noexcept {
  context.view = linked.views[layer];
  context.declared = action.declared;
  context.system = action.system;
}

Decision decide_layer(const Layers::Linked& linked, std::uint16_t layer, const LayerAction& action, Context& context) noexcept {
  const Reason reason = gate(linked, layer, action, context);
  if (reason != Reason::allowed_by_rule) return deny(reason, layer);
  enter(linked, layer, action, context);
  const View& view = *context.view;
  Candidates candidates;
  if (action.bit != 0) {
    visit_entries(view, action, *context.path, [&](const Entry& entry) { candidates.take(context, entry.kind(), entry.id, entry.guarded()); });
  }
  for (std::uint32_t i = 0; i < action.broads; ++i) {
    const image::Broad& broad = linked.broads[action.first_broad + i];
    if (broad.kind == image::EntryKind::history) continue;
    candidates.take(context, broad.kind, broad.id, view.rules[broad.id].code_length != 0);
  }
  return candidates.verdict(layer);
}

}  // namespace remit::vm

namespace remit {
namespace {

// Reads the request and hands `use` the rows of its action and a context; what is wrong with the
// request itself is the task scope's denial.
template <class Use>
Decision with_request(const Layers::Linked& linked, const Request& request, const Facts& facts, Time now, Use&& use) noexcept {
  if (linked.memory.any()) return {};  // internal_error: only a session can decide this
  vm::Path path(request.resource);
  if (!path.scan()) return vm::deny(Reason::malformed_resource, 0);
  vm::Attributes attributes;
  if (!attributes.read(request.attributes)) return vm::deny(Reason::malformed_request, 0);
  path.hash(linked.deepest);
  const vm::LayerAction* rows = linked.find(path.system_hash, path.system(), request.action);
  if (rows == nullptr) return vm::deny(Reason::unknown_system, 0);
  const Facts seen = vm::session_facts(*linked.views[0], facts);
  vm::Context context;
  context.path = &path;
  context.attributes = &attributes;
  context.facts = &seen;
  context.now = vm::micros(now);
  return use(rows, context);
}

}  // namespace

Decision Layers::decide(const Request& request, const Facts& facts, Time now) const noexcept {
  const Linked& linked = *linked_;
  return with_request(linked, request, facts, now, [&](const vm::LayerAction* rows, vm::Context& context) {
    return vm::combine(linked.views.size(), [&](std::uint16_t layer) { return vm::decide_layer(linked, layer, rows[layer], context); });
  });
}

void Layers::verdicts(const Request& request, const Facts& facts, Time now, std::span<Decision> out) const noexcept {
  const Linked& linked = *linked_;
  const std::size_t count = std::min(out.size(), linked.views.size());
  bool decided = false;
  const Decision whole = with_request(linked, request, facts, now, [&](const vm::LayerAction* rows, vm::Context& context) {
    for (std::size_t i = 0; i < count; ++i) out[i] = vm::decide_layer(linked, static_cast<std::uint16_t>(i), rows[i], context);
    decided = true;
    return Decision{};
  });
  if (decided) return;
  // What is wrong with the request is wrong in every layer.
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = whole;
    out[i].layer = static_cast<std::uint16_t>(i);
  }
}

}  // namespace remit
