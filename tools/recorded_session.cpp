// See recorded_session.h.
#include "tools/recorded_session.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "engine/image/view.h"
#include "tools/audit_filter.h"
#include "tools/audit_sentence.h"
#include "tools/documents.h"
#include "tools/errors.h"

namespace remit::tools {
namespace {

// A number beyond 2^53 - 1 is its digits as text: {"size":"9007199254740993"}.
Json with_numbers(const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& item : value) out.push_back(with_numbers(item));
    return out;
  }
  if (!value.is_object() || value.size() != 1) return value;
  const auto only = value.begin();
  const std::string& type = only.key();
  const Json& member = *only;
  if (type == "resource" || !member.is_string()) return value;
  const std::string& digits = member.get_ref<const std::string&>();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return value;
  return type == "int" ? Json(number) : Json{{type, number}};
}

bool is_lost(const Json& value) {
  if (value.is_array()) return std::any_of(value.begin(), value.end(), is_lost);
  return value.is_object() && value.contains("sha256");
}

std::optional<Time> time_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::nullopt;
  const lang::Constant value = constant_from_json(with_numbers(*found), name);
  if (value.type != Type::time) return std::nullopt;
  return time_from_micros(value.number);
}

bool truth_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

// A record's opening beyond its identities; an empty object where it has none.
const Json& opened_of(const Json& record) {
  static const Json none = Json::object();
  const auto found = record.find("opened");
  return found != record.end() && found->is_object() ? *found : none;
}

std::optional<TriggerFact> trigger_of(const Json& record) {
  const auto found = record.find("trigger");
  if (found == record.end() || !found->is_object()) return std::nullopt;
  return TriggerFact{audit_text(*found, "kind"), audit_text(*found, "text")};
}

Time time_of(const Json& record) {
  const std::optional<Time> time = parse_audit_time(audit_text(record, "time"));
  if (!time) throw BadInput("has no time");
  return *time;
}

void collect_spoken(const Layers& layers, std::set<std::string, std::less<>>& out) {
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    const image::View& view = layers.program(layer).view();
    for (const image::Reference& reference : view.references)
      out.emplace(view.text(reference.name));
  }
}

// Who the session was opened for, as an identity: needed where the trail says more of it than a
// host states by itself.
Identity identity_of(const Json& record, std::string_view stated_sponsor) {
  Identity out;
  out.agent = audit_text(record, "agent");
  out.user = audit_text(record, "on_behalf_of");
  const std::string_view sponsor = audit_text(record, "sponsor");
  // A sponsor whom the scope itself names is not the identity's.
  if (out.user.empty() && sponsor != stated_sponsor) out.sponsor = sponsor;
  if (const auto chain = record.find("chain"); chain != record.end() && chain->is_array()) {
    for (const Json& agent : *chain) {
      if (agent.is_string()) out.chain.push_back(agent.get<std::string>());
    }
    if (!out.chain.empty() && !out.agent.empty()) out.chain.pop_back();  // itself
  }
  const std::string_view habit = audit_text(record, "habit");
  if (habit == to_string(BadHabit::impersonation)) out.habit = BadHabit::impersonation;
  if (habit == to_string(BadHabit::unaccountable)) out.habit = BadHabit::unaccountable;
  // A session with a bad habit was opened because the host had supplied the missing half; one that
  // was refused for it, because it had not.
  out.supplied = out.habit != BadHabit::none && audit_text(record, "reason") != habit;
  out.expires = time_member(opened_of(record), "identity_expires");
  return out;
}

struct Split {
  std::vector<Program> guardrails, grants;
};

Split split(const std::vector<Program>& programs) {
  Split out;
  for (std::size_t i = 1; i < programs.size(); ++i)
    (programs[i].kind() == DocumentKind::guardrail ? out.guardrails : out.grants)
        .push_back(programs[i]);
  return out;
}

// Facts, and what is lost of them that somebody would have asked for.
std::string read_facts(const Json& record, AttributeSet& facts,
                       const std::set<std::string, std::less<>>& spoken) {
  std::set<std::string> lost = add_all_recorded(facts, opened_of(record), "facts");
  if (const auto sealed = record.find("sealed"); sealed != record.end() && sealed->is_object()) {
    for (const auto& [name, digest] : sealed->items()) lost.insert(name);
  }
  for (const char* name : {"agent", "on_behalf_of", "sponsor", "purpose"}) {
    if (record.contains(name) && is_lost(record[name])) lost.insert(name);
  }
  for (const std::string& name : lost) {
    if (spoken.contains(name)) return fmt::format("the session's {} is sealed", name);
  }
  return "";
}

void take(Result<Session> opened, RecordedSession& out) {
  if (opened.ok())
    out.session = std::move(opened).value();
  else
    out.refused = to_string(opened.error().code);
}

}  // namespace

bool add_recorded(AttributeSet& set, const std::string& name, const Json& value) {
  if (is_lost(value)) return false;
  set.add(name, constant_from_json(with_numbers(value), name));
  return true;
}

std::set<std::string> add_all_recorded(AttributeSet& set, const Json& record, const char* member) {
  std::set<std::string> lost;
  const auto object = record.find(member);
  if (object == record.end() || !object->is_object()) return lost;
  for (const auto& [name, value] : object->items()) {
    if (!add_recorded(set, name, value)) lost.insert(name);
  }
  return lost;
}

Substitutes::Substitutes(const std::vector<Program>& programs) : programs_(programs) {
  const auto scopes = std::count_if(programs.begin(), programs.end(), [](const Program& program) {
    return program.kind() == DocumentKind::scope;
  });
  if (scopes > 1) throw BadInput("--with: there is one task scope");
}

bool Substitutes::stands_in(const Program& substitute, const Program& recorded) const {
  if (substitute.kind() != recorded.kind()) return false;
  // A scope without a name may stand in for any.
  return substitute.name() == recorded.name() ||
         (substitute.kind() == DocumentKind::scope && substitute.name().empty());
}

std::vector<Program> Substitutes::apply(std::vector<Program> own, bool outermost) const {
  for (const Program& substitute : programs_) {
    bool found = false;
    for (Program& recorded : own) {
      if (!stands_in(substitute, recorded)) continue;
      recorded = substitute;
      found = true;
    }
    if (!found && outermost && substitute.kind() != DocumentKind::scope) own.push_back(substitute);
  }
  return own;
}

std::optional<std::vector<Program>> SessionOpener::programs_of(const Json& record,
                                                               std::size_t inherited,
                                                               std::string& lost) {
  const auto list = record.find("programs");
  if (list == record.end() || !list->is_array() || list->size() <= inherited) {
    lost = "the record names no programs";
    return std::nullopt;
  }
  std::vector<Program> out;
  for (std::size_t i = 0; i < list->size() - inherited; ++i) {
    if (!(*list)[i].is_string()) throw BadInput("a program is named by its digest");
    const std::string& digest = (*list)[i].get_ref<const std::string&>();
    auto known = programs_.find(digest);
    if (known == programs_.end()) known = programs_.emplace(digest, trail_.program(digest)).first;
    out.push_back(known->second);
  }
  return out;
}

RecordedSession SessionOpener::open(const Json& record) {
  RecordedSession out;
  out.root = audit_text(record, "session");
  std::optional<std::vector<Program>> programs = programs_of(record, 0, out.lost);
  if (!programs) return out;
  const std::vector<Program> own = substitutes_.apply(std::move(*programs), true);
  const Split others = split(own);
  Result<Layers> layers = Layers::link(own[0], others.guardrails, others.grants);
  if (!layers) {
    out.refused = to_string(layers.error().code);
    return out;
  }
  collect_spoken(layers.value(), out.spoken);
  AttributeSet facts;
  out.lost = read_facts(record, facts, out.spoken);
  if (!out.lost.empty()) return out;
  const Json& opened = opened_of(record);
  const Identity identity = identity_of(record, stated_facts(own[0]).sponsor.value_or(""));
  Opening opening;
  opening.identity = &identity;
  opening.purpose = audit_text(record, "purpose");
  opening.layers = layers.value();
  opening.facts = facts.view();
  opening.last_review = time_member(opened, "last_review");
  opening.sponsor_revoked = truth_member(opened, "sponsor_revoked");
  opening.trigger = trigger_of(record);
  take(Session::open(opening, time_of(record)), out);
  return out;
}

RecordedSession SessionOpener::delegate(const Json& record, RecordedSession& parent,
                                        std::size_t inherited) {
  RecordedSession out;
  out.root = parent.root;
  if (!parent.session) {
    out.refused = parent.refused;
    out.lost = parent.lost;
    return out;
  }
  std::optional<std::vector<Program>> programs = programs_of(record, inherited, out.lost);
  if (!programs) return out;
  const std::vector<Program> own = substitutes_.apply(std::move(*programs), false);
  const Split others = split(own);
  if (Result<Layers> layers = Layers::link(own[0], others.guardrails, others.grants); layers.ok())
    collect_spoken(layers.value(), out.spoken);
  out.spoken.insert(parent.spoken.begin(), parent.spoken.end());
  AttributeSet facts;
  out.lost = read_facts(record, facts, out.spoken);
  if (!out.lost.empty()) return out;
  // What came down from the parent comes down again.
  std::vector<Attribute> agents_own;
  for (const Attribute& fact : facts.view()) {
    if (fact.name.starts_with("agent.")) agents_own.push_back(fact);
  }
  const Json& opened = opened_of(record);
  Delegation delegation;
  delegation.agent = audit_text(record, "agent");
  delegation.task = own[0];
  delegation.guardrails = others.guardrails;
  delegation.grants = others.grants;
  delegation.purpose = audit_text(record, "purpose");
  delegation.facts = agents_own;
  delegation.last_review = time_member(opened, "last_review");
  delegation.sponsor_revoked = truth_member(opened, "sponsor_revoked");
  delegation.trigger = trigger_of(record);
  take(parent.session->delegate(delegation, time_of(record)), out);
  return out;
}

}  // namespace remit::tools
