// Openings and requests from JSON; the doors are in steps.h. Covered by tests/tools_test.py.
#include "tools/steps.h"

namespace remit::tools {

Opening OpeningStep::opening(const Layers& layers) const {
  Opening out;
  out.agent = agent;
  out.user = user;
  out.purpose = purpose;
  out.layers = layers;
  out.facts = facts.view();
  out.last_review = last_review;
  out.sponsor_revoked = sponsor_revoked;
  if (trigger) out.trigger = TriggerFact{trigger->first, trigger->second};
  return out;
}

Time read_now(const Fields& fields, const std::optional<Time>& last) {
  if (last && !fields.has("now")) return *last;
  return time_from_micros(fields.whole("now"));
}

OpeningStep read_opening(const Fields& fields, const std::optional<Time>& last) {
  OpeningStep out;
  out.agent = fields.text_or("agent", "");
  out.user = fields.text_or("user", "");
  out.purpose = fields.text_or("purpose", "");
  if (fields.has("facts")) out.facts.add_all(fields.object("facts"), "facts");
  if (fields.has("last_review")) out.last_review = time_from_micros(fields.whole("last_review"));
  out.sponsor_revoked = fields.truth_or("sponsor_revoked", false);
  if (fields.has("trigger")) {
    const Json& pair = fields.array("trigger");
    if (pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
      fields.fail("\"trigger\" is [kind, text]");
    }
    out.trigger = {pair[0].get<std::string>(), pair[1].get<std::string>()};
  }
  out.now = read_now(fields, last);
  return out;
}

RequestStep read_request(const Fields& fields, const std::optional<Time>& last) {
  RequestStep out;
  out.action = fields.text("action");
  out.resource = fields.bytes("resource");
  if (fields.has("attributes")) out.attributes.add_all(fields.object("attributes"), "attributes");
  out.now = read_now(fields, last);
  return out;
}

}  // namespace remit::tools
