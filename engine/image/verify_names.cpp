// The verifier's rules about names, documents, places and constants. See verify.h.
#include "engine/image/limits.h"
#include "engine/image/verify.h"

namespace remit::image {
namespace {

bool in_texts(const View& view, Text text) noexcept {
  return text.offset <= view.texts.size() && text.length <= view.texts.size() - text.offset;
}

bool in_range(Range range, std::size_t size) noexcept { return range.first <= size && range.count <= size - range.first; }

// Ranges of a section must follow one another without overlap, so that walking all of them is linear
// in the size of the image, whoever made it. Gaps may be somebody else's: patterns of `except` stand
// between those that the index lists.
class Consecutive {
 public:
  bool take(Range range, std::size_t size) noexcept {
    if (range.first < next_ || !in_range(range, size)) return false;
    next_ = range.first + range.count;
    return true;
  }

 private:
  std::uint32_t next_ = 0;
};

bool is_type(std::uint8_t type) noexcept { return type <= static_cast<std::uint8_t>(Type::list); }

bool is_summable(const Reference& reference) noexcept {
  const Type type = static_cast<Type>(reference.type);
  return reference.fact == Fact::none && (type == Type::integer || type == Type::size || type == Type::duration);
}

const char* verify_systems(const View& view) noexcept {
  if (view.systems.size() > kMaxSystems || view.references.size() > kMaxReferences) return "it has too many systems or references";
  Consecutive actions, covers, attributes;
  for (const System& system : view.systems) {
    if (system.actions.count > kMaxActions || system.attributes.count > kMaxDeclared) return "a system declares too much";
    if (!in_texts(view, system.name)) return "a system's name lies outside the texts";
    if (!actions.take(system.actions, view.actions.size())) return "a system's actions are out of range";
    if (!attributes.take(system.attributes, view.attributes.size())) return "a system's attributes are out of range";
    for (const Action& action : View::slice(view.actions, system.actions)) {
      if (!in_texts(view, action.name)) return "an action's name lies outside the texts";
      if (!covers.take(action.covers, view.covers.size())) return "an action's members are out of range";
      for (const std::uint32_t member : View::slice(view.covers, action.covers)) {
        if (member >= system.actions.count) return "an action covers one that its system does not have";
      }
    }
    for (const AttributeDecl& attribute : View::slice(view.attributes, system.attributes)) {
      if (!in_texts(view, attribute.name)) return "an attribute's name lies outside the texts";
      if (!is_type(attribute.type) || !is_type(attribute.element)) return "an attribute has no type";
    }
  }
  for (const Reference& reference : view.references) {
    if (!in_texts(view, reference.name)) return "a reference's name lies outside the texts";
    if (!is_type(reference.type) || !is_type(reference.element)) return "a reference has no type";
    if (reference.fact > Fact::named) return "a reference names no known session fact";
  }
  if (view.declared.size() != std::uint64_t{view.systems.size()} * view.references.size()) return "the table of declared attributes has the wrong size";
  for (const std::uint8_t value : view.declared) {
    if (value > kOtherType) return "the table of declared attributes holds an unknown value";
  }
  return nullptr;
}

const char* verify_document(const View& view) noexcept {
  if (view.document.size() != 1) return "it must hold exactly one document";
  const Document& head = view.head();
  if (head.kind > static_cast<std::uint8_t>(DocumentKind::grants)) return "the document has no known kind";
  const bool scope = view.kind() == DocumentKind::scope;
  if (head.trigger > 2) return "the trigger has no known kind";
  if (!in_texts(view, head.name) || !in_texts(view, head.purpose) || !in_texts(view, head.sponsor) || !in_texts(view, head.trigger_text)) return "a statement's text lies outside the texts";
  if (!in_range(head.agents, view.identifiers.size()) || !in_range(head.users, view.identifiers.size()) ||
      !in_range(head.delegates, view.identifiers.size())) return "identifier patterns are out of range";
  if (scope && head.expires_after == kNever && head.expires_at == kNever) return "a task scope has no end";
  if (!scope && (head.expires_after != kNever || head.expires_at != kNever || head.starts != kNever || head.idle != kNever ||
                 head.has_purpose || head.has_sponsor || head.trigger || head.delegate_levels || head.agents.count || head.users.count)) {
    return "a guardrail or grants document has lifetime or identity statements";
  }
  if (head.expires_after < 0 || head.idle < 0 || head.review_every < 0) return "a duration is negative";
  if (head.has_sponsor && head.review_every == kNever) return "a sponsor has no review";
  for (const Text text : view.identifiers) {
    if (!in_texts(view, text)) return "an identifier pattern lies outside the texts";
  }
  return nullptr;
}

const char* verify_places(const View& view) noexcept {
  if (view.places.size() != view.rules.size()) return "rules and places differ in number";
  for (const File& file : view.files) {
    if (!in_texts(view, file.name) || !in_texts(view, file.source)) return "a file lies outside the texts";
  }
  for (const Place& place : view.places) {
    if (place.file >= view.files.size()) return "a place names no file";
    if (!in_texts(view, place.because)) return "a because lies outside the texts";
    if (place.begin > place.end || place.end > view.files[place.file].source.length) return "a place lies outside its file";
  }
  return nullptr;
}

const char* verify_zones(const View& view) noexcept {
  Consecutive steps;
  for (const Range& zone : view.zones) {
    if (zone.count == 0 || !steps.take(zone, view.zone_steps.size())) return "a time zone is out of range";
    std::int64_t last = -1;
    for (const ZoneStep& step : View::slice(view.zone_steps, zone)) {
      if (step.start <= last) return "a time zone's steps are out of order";
      if (step.offset < -93'600'000'000 || step.offset > 93'600'000'000) return "a time zone's offset is over 26 hours";
      last = step.start;
    }
    if (view.zone_steps[zone.first].start != kZonesFrom) return "a time zone does not begin in 1970";
  }
  for (const Window& window : view.windows) {
    if (window.from >= 1440 || window.to >= 1440 || window.from == window.to) return "a window's hours are impossible";
    if (window.days == 0 || window.days > 0x7f) return "a window's days are impossible";
    if (window.zone >= view.zones.size()) return "a window names no time zone";
  }
  return nullptr;
}

}  // namespace

const char* verify_names(const View& view) noexcept {
  if (view.rules.size() > kMaxRules || view.patterns.size() > kMaxPatterns) return "it holds too many rules or patterns";
  if (const char* sentence = verify_document(view)) return sentence;
  if (const char* sentence = verify_systems(view)) return sentence;
  if (const char* sentence = verify_places(view)) return sentence;
  if (const char* sentence = verify_zones(view)) return sentence;
  for (const Text text : view.words) {
    if (!in_texts(view, text)) return "a constant lies outside the texts";
  }
  for (const Pattern& pattern : view.patterns) {
    if (!in_texts(view, pattern.text)) return "a pattern lies outside the texts";
    if (pattern.text.length > kMaxKey) return "a pattern is too long";
    if (pattern.system != kNone && pattern.system >= view.systems.size()) return "a pattern names no system";
  }
  Consecutive excepts, names;
  for (const Range& except : view.excepts) {
    if (!excepts.take(except, view.patterns.size())) return "an except is out of range";
  }
  for (const Broad& broad : view.broad) {
    if (broad.kind > EntryKind::history) return "a rule over anything has no known kind";
    if (!names.take(broad.names, view.broad_names.size())) return "a rule over anything has actions out of range";
    if (broad.kind == EntryKind::history ? broad.id >= view.histories.size() : broad.id >= view.rules.size()) return "a rule over anything does not exist";
    if (broad.kind != EntryKind::history && broad.kind != entry_kind(view.rules[broad.id].kind)) return "a rule over anything is of another kind";
  }
  for (const Text text : view.broad_names) {
    if (!in_texts(view, text)) return "an action's name lies outside the texts";
  }
  for (const History& history : view.histories) {
    if (history.place_rule >= view.rules.size()) return "a history belongs to no rule";
  }
  for (std::size_t i = 0; i < view.limits.size(); ++i) {
    const Limit& limit = view.limits[i];
    if (limit.rule >= view.rules.size() || view.rules[limit.rule].kind != RuleKind::limit || view.rules[limit.rule].limit != i) return "an amount belongs to no limit";
    if (limit.reference != kNone && (limit.reference >= view.references.size() || !is_summable(view.references[limit.reference]))) return "a limit sums no known attribute";
    if (limit.most < 0 || limit.per < 0) return "a limit's amount is negative";
  }
  return nullptr;
}

}  // namespace remit::image
