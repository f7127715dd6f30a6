// One decision of a replay: made again, compared, and then made for good.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "engine/identity/signature.h"
#include "tools/audit_replay.h"
#include "tools/audit_sentence.h"
#include "tools/decision_text.h"
#include "tools/documents.h"

namespace remit::tools {

// A request as it was made, as far as the record has it, and the session that it is of.
struct Replay::Step {
  Step(const Json& record_, RecordedSession& in_, Tree& tree_)
      : record(record_), in(in_), tree(tree_), session(*in_.session) {}

  Request request() const { return {action, resource, attributes.view()}; }

  const Json& record;
  RecordedSession& in;
  Tree& tree;
  Session& session;
  std::string action, resource;
  AttributeSet attributes;
  bool whole = true;  // all attributes are there
  Time now{};
  Decision decision;  // as made again
};

namespace {

using Verdict = Replayed::Verdict;

// A text that a record could not keep is no UTF-8 or too long, so it is as malformed as this.
constexpr std::string_view kMalformed = "\xFF";

std::string request_text(const Json& record, const char* name) {
  const auto found = record.find(name);
  if (found != record.end() && found->is_object()) return std::string(kMalformed);
  return std::string(audit_text(record, name));
}

// A resource as a pattern that names just it and what is beneath it.
std::string literal_pattern(std::string_view resource) {
  std::string out;
  for (const char c : resource) {
    if (c == '*' || c == '?') out += '\\';
    out += c;
  }
  return out;
}

std::string place_of(const Session& session, const Decision& decision) {
  const std::optional<RuleInfo> rule = rule_of(session.layers(), decision);
  return rule ? fmt::format("{}:{}", rule->file, rule->line) : std::string();
}

Replayed as_decided(const Session& session, const Decision& decision) {
  return {Verdict::same, to_string(decision.effect), to_string(decision.reason),
          place_of(session, decision), ""};
}

// Are the members of `made` those of the record? A null there is a member that a record leaves out.
bool same_members(const Json& record, const char* name, const JsonOut& made) {
  const auto there = record.find(name);
  if (made.is_null()) return there == record.end();
  if (there == record.end() || !there->is_object()) return false;
  for (const auto& [member, value] : made.items()) {
    if (value.is_null() ? there->contains(member)
                        : there->value(member, Json()) != Json::parse(value.dump()))
      return false;
  }
  return true;
}

// In what the record differs from the decision; empty where in nothing.
std::string difference(const Json& record, const Session& session, const Decision& decision) {
  const JsonOut made = decision_json(session.layers(), decision);
  for (const char* name : {"effect", "reason"}) {
    if (audit_text(record, name) != made[name].get_ref<const std::string&>()) return name;
  }
  for (const char* name : {"rule", "layer"}) {
    if (!same_members(record, name, made[name])) return name;
  }
  return "";
}

// The first attribute or fact that a document speaks of and whose value is not in the record.
std::string sealed_of(const Json& record, const std::set<std::string>& lost,
                      const RecordedSession& in) {
  if (const auto sealed = record.find("sealed"); sealed != record.end() && sealed->is_object()) {
    for (const auto& [name, digest] : sealed->items()) {
      if (in.spoken.contains(name)) return name;
    }
  }
  for (const std::string& name : lost) {
    if (in.spoken.contains(name)) return name;
  }
  return "";
}

}  // namespace

std::optional<Replayed> Replay::attempt(const Json& record) {
  RecordedSession& in = sessions_.find(audit_text(record, "session"))->second;
  if (!in.session) {
    // Opened by other documents it would not be: all that it asked for is denied with it.
    if (settings_.with.any() && in.lost.empty()) {
      const bool denied = audit_text(record, "effect") == "deny";
      report_(record,
              {denied ? Verdict::same : Verdict::differs, "deny", in.refused, "", "effect"});
    } else {
      report_(record, {Verdict::undecidable, "", "", "",
                       in.lost.empty() ? "its session is refused" : in.lost});
    }
    return std::nullopt;
  }
  Step step(record, in, trees_[in.root]);
  Replayed out = judge(step);
  if (out.verdict == Verdict::differs && !settings_.with.any()) return out;
  if (out.verdict == Verdict::undecidable) {
    // Under other documents nobody knows what it came to.
    const bool with = settings_.with.any(), memory = step.session.layers().memory_use().any();
    const bool known =
        with ? !memory : audit_text(record, "effect") != "allow" || granted_as_recorded(step);
    if (!known && step.tree.unknown.empty()) {
      // Whatever waits was decided before that: it can wait no longer.
      settle_waiting(step.tree);
      step.tree.unknown = fmt::format("an earlier request, record {}, could not be decided again",
                                      record.value("seq", 0));
    }
  } else if (out.verdict == Verdict::same || settings_.with.any()) {
    const std::string fault = make(step);
    if (!fault.empty() && !settings_.with.any())
      out = {Verdict::differs, out.effect, out.reason, out.place, fault};
  }
  report_(record, out);
  return std::nullopt;
}

Replayed Replay::judge(Step& step) {
  const Json& record = step.record;
  const std::string_view reason = audit_text(record, "reason");
  const bool with = settings_.with.any();
  if (const std::optional<Time> time = parse_audit_time(audit_text(record, "time")))
    step.now = *time;
  step.action = request_text(record, "action");
  step.resource = request_text(record, "resource");
  const std::set<std::string> lost = add_all_recorded(step.attributes, record, "attributes");
  step.whole = lost.empty() && !record.contains("sealed");
  if (reason == to_string(Reason::internal_error) || reason == to_string(Reason::audit_unavailable))
    return {Verdict::undecidable, "", "", "", "the engine itself had failed"};
  step.decision = step.session.would(step.request(), step.now);
  if (!step.tree.unknown.empty() && step.session.layers().memory_use().any())
    return {Verdict::undecidable, "", "", "", step.tree.unknown};
  if (const std::string sealed = sealed_of(record, lost, step.in); !sealed.empty())
    return judge_sealed(step, sealed);

  Replayed out = as_decided(step.session, step.decision);
  // The host was asked last: what it refused, the documents had granted.
  if (reason == to_string(Reason::denied_by_host) && step.decision.allowed())
    return {Verdict::same, "deny", std::string(reason), "", ""};
  if (with) {
    if (out.effect != audit_text(record, "effect"))
      out.verdict = Verdict::differs, out.why = "effect";
    return out;
  }
  out.why = difference(record, step.session, step.decision);
  if (out.why.empty() && step.decision.reason == Reason::granted_by_approval) {
    const auto ask = asks_.find(audit_text(record, "approval"));
    if (ask == asks_.end() || ask->second.id != step.decision.approval) out.why = "approval";
  }
  if (out.why.empty()) return out;
  if (reason == to_string(Reason::malformed_request))
    return {Verdict::undecidable, "", "", "",
            "a record cannot hold what was malformed about the request"};
  out.verdict = Verdict::differs;
  return out;
}

// Where no value of the sealed attribute could change the effect, the effect at least is certain.
Replayed Replay::judge_sealed(Step& step, const std::string& sealed) {
  const Could could = step.session.could(step.action, literal_pattern(step.resource), step.now);
  const bool certain = could == Could::never ? step.decision.effect == Effect::deny
                                             : could == Could::always && step.decision.allowed();
  const std::string_view effect = audit_text(step.record, "effect");
  Replayed out = as_decided(step.session, step.decision);
  if (certain && out.effect != effect &&
      audit_text(step.record, "reason") != to_string(Reason::denied_by_host)) {
    out.verdict = Verdict::differs;
    out.why = "effect";
    return out;
  }
  const bool same = certain && (settings_.with.any() ||
                                difference(step.record, step.session, step.decision).empty());
  if (same) return out;
  return {Verdict::undecidable, "", "", "", fmt::format("{} is sealed", sealed)};
}

std::string Replay::make(Step& step) {
  if (audit_text(step.record, "reason") == to_string(Reason::denied_by_host))
    return "";  // nothing was made
  const std::string id(audit_text(step.record, "decision"));
  Decision made;
  if (rolled_back_.contains(id)) {
    Reservation reservation = step.session.reserve(step.request(), step.now);
    made = reservation.decision();
    reservations_.insert_or_assign(id, std::move(reservation));
  } else {
    made = step.session.check(step.request(), step.now);
  }
  const std::string_view recorded = audit_text(step.record, "approval");
  if (!made.asks() || recorded.empty()) return "";
  asks_.insert_or_assign(std::string(recorded), Asked{made.approval, step.whole});
  const std::string_view exact = audit_text(step.record, "request");
  if (!step.whole || exact.empty()) return "";
  // The approval is bound to the exact request: it must be this one.
  for (const PendingAsk& ask : step.session.pending(step.now)) {
    if (ask.id != made.approval) continue;
    std::string hex;
    for (const std::uint8_t byte : ask.request) hex += fmt::format("{:02x}", byte);
    return hex == exact ? "" : "request";
  }
  return "";
}

// A grant that cannot be judged, for a sealed attribute, say, changed the state all the same. True
// where it can be brought about: it is made, and took from the limits what the record says; or it
// changed nothing.
bool Replay::granted_as_recorded(Step& step) {
  const MemoryUse memory = step.session.layers().memory_use();
  if (!memory.any()) return true;
  const auto charges = step.record.find("charges");
  const bool charged = charges != step.record.end() && charges->is_array();
  if (!step.decision.allowed() || !step.tree.unknown.empty())
    return !charged && !memory.history && !memory.idle;
  const std::vector<LimitState> before = step.session.limits(step.now);
  if (!make(step).empty()) return false;
  const std::vector<LimitState> after = step.session.limits(step.now);
  for (std::size_t i = 0; i < after.size(); ++i) {
    std::int64_t used = i < before.size() ? before[i].used : 0;
    if (charged) {
      for (const Json& charge : *charges) {
        if (charge.value("layer", 0U) == after[i].layer &&
            charge.value("rule", 0U) == after[i].rule)
          used = charge.value("used", std::int64_t{-1});
      }
    }
    if (used != after[i].used) return false;
  }
  return true;
}

}  // namespace remit::tools
