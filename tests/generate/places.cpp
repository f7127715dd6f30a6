// See places.h.
#include "tests/generate/places.h"

namespace remit::generate {
namespace {

void forget_places(lang::Condition& condition) {
  condition.place = {};
  for (lang::Condition& child : condition.children) forget_places(child);
}

void forget_places(std::vector<lang::Pattern>& patterns) {
  for (lang::Pattern& pattern : patterns) pattern.place = {};
}

}  // namespace

lang::Resolved without_places(lang::Resolved document) {
  for (std::string& text : document.texts) text.clear();
  for (lang::Rule& rule : document.rules) {
    rule.place = {};
    forget_places(rule.subject.resources);
    lang::Guard& guard = rule.guard;
    forget_places(guard.except);
    guard.except_place = guard.after_place = {};
    if (guard.between) guard.between->place = {};
    if (guard.after) forget_places(guard.after->resources);
    for (auto& part : guard.conditions) {
      part.place = {};
      forget_places(part.condition);
    }
  }
  if (document.lifetime.idle_place) document.lifetime.idle_place = lang::Place{};
  if (document.lifetime.delegate_place) document.lifetime.delegate_place = lang::Place{};
  return document;
}

}  // namespace remit::generate
