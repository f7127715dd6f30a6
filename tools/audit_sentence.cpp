// See audit_sentence.h.
#include "tools/audit_sentence.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "lang/diagnostics/display.h"

namespace remit::tools {
namespace {

// Actions of the standard library whose past is not regular.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kIrregular = {
    {{"read", "read"},
     {"write", "wrote"},
     {"send", "sent"},
     {"put", "put"},
     {"get", "got"},
     {"begin", "began"},
     {"run", "ran"},
     {"set", "set"},
     {"forward", "forwarded"},
     {"drop", "dropped"},
     {"post", "posted"},
     {"respond", "responded"},
     {"submit", "submitted"},
     {"tag", "tagged"},
     {"cancel", "cancelled"},
     {"find", "found"}}};

bool is_word(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

bool is_vowel(char c) { return std::string_view("aeiou").find(c) != std::string_view::npos; }

// What an allowed action reads as: `created`. An action that is no plain word is named, not
// inflected.
std::string past(std::string_view action) {
  for (const auto& [word, form] : kIrregular) {
    if (word == action) return std::string(form);
  }
  if (!is_word(action) || action.size() < 3) return "did " + audit_name(action) + " on";
  std::string out(action);
  if (out.back() == 'e') return out + "d";
  if (out.back() == 'y' && !is_vowel(out[out.size() - 2]))
    return out.replace(out.size() - 1, 1, "ied");
  return out + "ed";
}

std::string infinitive(std::string_view action) {
  return is_word(action) ? std::string(action) : "do " + audit_name(action) + " to";
}

const Json* object_of(const Json& record, const char* name) {
  const auto found = record.is_object() ? record.find(name) : record.end();
  return found != record.end() && found->is_object() ? &*found : nullptr;
}

std::string whole_text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->dump() : "";
}

// `ticket-creation-agent, on behalf of Mike,`: always both, also where one is missing.
std::string who(const Json& record) {
  const std::string_view agent = audit_text(record, "agent"),
                         user = audit_text(record, "on_behalf_of"),
                         sponsor = audit_text(record, "sponsor");
  std::string out = agent.empty() ? "an unnamed agent" : audit_name(agent);
  if (!user.empty()) return out + ", on behalf of " + audit_name(user) + ",";
  if (!sponsor.empty()) return out + ", for which " + audit_name(sponsor) + " answers,";
  return out + ", on behalf of nobody,";
}

// `allowed by triage.scope:4`, `denied_by_rule at ..., because "..."`: what stands in parentheses.
std::string why(const Json& record) {
  const std::string_view effect = audit_text(record, "effect"),
                         reason = audit_text(record, "reason");
  const std::string place = audit_place(record);
  std::string out;
  if (effect == "allow" && reason == "allowed_by_rule") {
    out = place.empty() ? "allowed" : "allowed by " + place;
  } else if (reason == "granted_by_approval") {
    out = "granted by approval " + audit_name(audit_text(record, "approval"));
  } else {
    out = lang::visible(reason);
    if (!place.empty()) out += " at " + place;
  }
  const Json* layer = object_of(record, "layer");
  if (layer && place.empty() && reason == "no_matching_rule")
    out += fmt::format(" in {} {}", lang::visible(audit_text(*layer, "kind")),
                       audit_name(audit_text(*layer, "name")));
  const Json* rule = object_of(record, "rule");
  const std::string_view because = rule ? audit_text(*rule, "because") : std::string_view();
  if (!because.empty() && effect != "allow")
    out += fmt::format(", because \"{}\"", lang::visible(because));
  return out;
}

std::string decision(const Json& record, const std::string& at) {
  const std::string_view effect = audit_text(record, "effect"),
                         action = audit_text(record, "action");
  const std::string subject = who(record), resource = audit_resource(record);
  if (effect == "allow")
    return fmt::format("{} {} {} {} ({})", subject, past(action), resource, at, why(record));
  if (effect == "ask") {
    return fmt::format("{} asked to {} {} {} ({}; ask {})", subject, infinitive(action), resource,
                       at, why(record), audit_name(audit_text(record, "approval")));
  }
  return fmt::format("{} was not allowed to {} {} {} ({})", subject, infinitive(action), resource,
                     at, why(record));
}

std::string in_session(const Json& record) {
  const std::string_view session = audit_text(record, "session");
  return session.empty() ? "" : "session " + audit_name(session);
}

// The agent that delegated: last but one of the chain.
std::string delegator(const Json& record) {
  const auto chain = record.find("chain");
  if (chain == record.end() || !chain->is_array() || chain->size() < 2) return "an unnamed agent";
  const Json& name = (*chain)[chain->size() - 2];
  return name.is_string() ? audit_name(name.get_ref<const std::string&>()) : "an unnamed agent";
}

std::string purpose(const Json& record) {
  const std::string_view text = audit_text(record, "purpose");
  return text.empty() ? "" : fmt::format(" to \"{}\"", lang::visible(text));
}

std::string trigger(const Json& record) {
  const Json* started = object_of(record, "trigger");
  if (!started) return "";
  return fmt::format(", started by {} \"{}\"", lang::visible(audit_text(*started, "kind")),
                     lang::visible(audit_text(*started, "text")));
}

std::string opening(const Json& record, const std::string& at) {
  const std::string_view habit = audit_text(record, "habit");
  return fmt::format("{} opened a session{} {} ({}{}{})", who(record), purpose(record), at,
                     in_session(record), trigger(record),
                     habit.empty() ? ""
                                   : fmt::format(", an identity by {}, which the host overrode",
                                                 lang::visible(habit)));
}

std::string refusal(const Json& record, const std::string& at) {
  const bool below = !audit_text(record, "parent").empty();
  return fmt::format("{} was refused a {} {} ({})", who(record), below ? "sub-session" : "session",
                     at, lang::visible(audit_text(record, "reason")));
}

std::string approval(const Json& record, const std::string& at) {
  const std::string_view meaning = audit_text(record, "meaning");
  return fmt::format("{} {} that {} may {} {} {} (approval {})",
                     audit_name(audit_text(record, "by")),
                     meaning.empty() ? "approved" : lang::visible(meaning), who(record),
                     infinitive(audit_text(record, "action")), audit_resource(record), at,
                     audit_name(audit_text(record, "approval")));
}

std::string revocation(const Json& record, const std::string& at) {
  const std::string_view by = audit_text(record, "by"), reason = audit_text(record, "why");
  return fmt::format("{} revoked the session of {} {} ({}{})",
                     by.empty() ? "somebody unnamed" : audit_name(by), who(record), at,
                     in_session(record),
                     reason.empty() ? "" : fmt::format(", \"{}\"", lang::visible(reason)));
}

std::string outcome(const Json& record, const std::string& at) {
  const auto ok = record.find("ok");
  const char* became = ok == record.end() || !ok->is_boolean() ? "ended"
                       : ok->get<bool>()                       ? "succeeded"
                                                               : "failed";
  const std::string_view detail = audit_text(record, "detail");
  return fmt::format("what {} was granted {} {} (decision {}{})", who(record), became, at,
                     audit_name(audit_text(record, "decision")),
                     detail.empty() ? "" : fmt::format(", \"{}\"", lang::visible(detail)));
}

std::string settled(const Json& record, const std::string& at, const char* what) {
  return fmt::format("{} {} {} (decision {})", who(record), what, at,
                     audit_name(audit_text(record, "decision")));
}

std::string gap(const Json& record, const std::string& at) {
  const std::string count = whole_text(record, "count");
  const std::string_view reason = audit_text(record, "why");
  return fmt::format("{} decisions went unrecorded until {}{}", count.empty() ? "some" : count, at,
                     reason.empty() ? "" : fmt::format(" ({})", lang::visible(reason)));
}

std::string sentence_of(const Json& record, const std::string& time) {
  const std::string_view kind = audit_text(record, "kind");
  const std::string at = "at " + time;
  if (kind == "decision") return decision(record, at);
  if (kind == "opening") return opening(record, at);
  if (kind == "refusal") return refusal(record, at);
  if (kind == "delegation")
    return fmt::format("{} delegated to {} a session{} {} ({})", delegator(record), who(record),
                       purpose(record), at, in_session(record));
  if (kind == "approval") return approval(record, at);
  if (kind == "revocation") return revocation(record, at);
  if (kind == "commit") return settled(record, at, "kept what it had reserved");
  if (kind == "rollback") return settled(record, at, "gave back what it had reserved");
  if (kind == "outcome") return outcome(record, at);
  if (kind == "end")
    return fmt::format("{} ended its session {} ({})", who(record), at, in_session(record));
  if (kind == "gap") return gap(record, time);
  return fmt::format("a record of the unknown kind {} {}", audit_name(kind), at);
}

// `2026-11-23T09:14:07Z`: without a fraction where that is zero.
std::string time_of(const Json& record) {
  const std::string text = lang::visible(audit_text(record, "time"));
  return text.ends_with(".000000Z") ? text.substr(0, text.size() - 8) + "Z" : text;
}

}  // namespace

std::string_view audit_text(const Json& record, const char* name) {
  if (!record.is_object()) return {};
  const auto found = record.find(name);
  return found != record.end() && found->is_string()
             ? std::string_view(found->get_ref<const std::string&>())
             : std::string_view();
}

std::string_view audit_person(const Json& record) {
  const std::string_view user = audit_text(record, "on_behalf_of");
  return user.empty() ? audit_text(record, "sponsor") : user;
}

std::string audit_resource(const Json& record) {
  if (const Json* digest = object_of(record, "resource")) {
    return fmt::format("a resource of {} bytes that is no name (sha256 {})",
                       whole_text(*digest, "bytes"), audit_name(audit_text(*digest, "sha256")));
  }
  return audit_name(audit_text(record, "resource"));
}

std::string audit_place(const Json& record) {
  const Json* rule = object_of(record, "rule");
  if (!rule) return "";
  return fmt::format("{}:{}", audit_name(audit_text(*rule, "file")), whole_text(*rule, "line"));
}

std::string audit_name(std::string_view text) {
  const bool plain = !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' ||
           std::string_view("\"(),;").find(c) != std::string_view::npos;
  });
  std::string shown = lang::visible(text);
  // What visible() had to escape is quoted too, as are blanks beyond ASCII that it lets through.
  if (plain && shown == text && text.find("\xC2\xA0") == std::string_view::npos &&
      text.find("\xE2\x80") == std::string_view::npos &&
      text.find("\xE3\x80\x80") == std::string_view::npos)
    return shown;
  std::string out = "\"";
  for (const char c : shown) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string audit_sentence(const Json& record) {
  std::string out = sentence_of(record, time_of(record));
  const auto back = record.is_object() ? record.find("clock_back") : record.end();
  if (back != record.end() && back->is_number())
    out += fmt::format(" [the clock had gone back by {} microseconds]", back->dump());
  return out;
}

std::string audit_table_heading() {
  return fmt::format("{:>7}  {:<27}  {:<10}  {:<6}  {:<20}  {:<30}  {:<24}  {:<8}  {}\n", "seq",
                     "time", "kind", "effect", "reason", "agent", "for", "action", "resource");
}

std::string audit_table_row(const Json& record) {
  const auto shown = [&](const char* name) {
    const std::string_view text = audit_text(record, name);
    return text.empty() ? std::string("-") : audit_name(text);
  };
  const std::string_view person = audit_person(record);
  const std::string resource = record.contains("resource") ? audit_resource(record) : "-";
  return fmt::format("{:>7}  {:<27}  {:<10}  {:<6}  {:<20}  {:<30}  {:<24}  {:<8}  {}\n",
                     whole_text(record, "seq"), time_of(record), shown("kind"), shown("effect"),
                     shown("reason"), shown("agent"), person.empty() ? "-" : audit_name(person),
                     shown("action"), resource);
}

}  // namespace remit::tools
