// A decision in words, for people. Covered by tests/session_explain_test.cpp.
#include <remit/session.h>

#include "engine/image/printable.h"
#include "engine/image/resource.h"
#include "engine/session/elapsed.h"
#include "engine/session/nearest.h"
#include "engine/session/words.h"

namespace remit {
namespace {

std::string layer_words(const Layers& layers, const Decision& decision) {
  if (decision.layer >= layers.size()) return {};
  const Program& program = layers.program(decision.layer);
  std::string text = std::string(" (") + to_string(program.kind());
  if (!program.name().empty()) text += " " + std::string(program.name());
  if (const auto info = layers.rule(decision)) text += ", " + std::string(info->file) + ":" + std::to_string(info->line);
  return text + ")";
}

// How full a limit is that had no room.
std::string limit_words(const std::vector<LimitState>& limits, const Decision& decision) {
  for (const LimitState& limit : limits) {
    if (limit.layer != decision.layer || limit.rule != decision.rule) continue;
    const std::string unit = limit.attribute.empty() ? " times" : " of " + std::string(limit.attribute);
    const auto amount = [&](std::int64_t number) { return limit.attribute.empty() ? std::to_string(number) : words_of(limit.type, number); };
    std::string text = "; " + amount(limit.used) + " of " + amount(limit.most) + unit + " used";
    if (limit.per) text += " within the last " + words_of(Type::duration, limit.per->count());
    return text;
  }
  return {};
}

}  // namespace

std::string Session::explain(const Request& request, const Decision& decision) const noexcept {
  try {
    const Time now = time_from_micros(tree_->now.load(std::memory_order_relaxed));
    std::string text = std::string(to_string(decision.effect)) + " " + detail::printable(request.action) + " " + detail::printable(request.resource) + ": ";
    if (decision.reason == Reason::malformed_resource) {
      detail::ResourceParts parts;
      text += std::string("the resource is refused because ") + detail::describe(detail::scan_resource(request.resource, parts));
    } else {
      text += sentence(decision.reason);
    }
    text += layer_words(layers(), decision);
    if (const auto info = rule(decision); info && info->because) text += ": " + std::string(*info->because);
    if (decision.reason == Reason::limit_exceeded) text += limit_words(limits(now), decision);
    if (const std::string words = nearest(request, decision, now); !words.empty()) text += "; " + words;
    return text;
  } catch (...) {
    return {};
  }
}

std::string Session::nearest(const Request& request, const Decision& decision, Time now) const noexcept {
  if (decision.reason != Reason::no_matching_rule) return {};
  try {
    return nearest_rule(*state_, request, decision.layer, now.time_since_epoch().count());
  } catch (...) {
    return {};
  }
}

}  // namespace remit
