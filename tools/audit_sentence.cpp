// See audit_sentence.h.
#include "tools/audit_sentence.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "lang/diagnostics/display.h"

namespace remit::tools {
namespace {

// Actions whose past is not regular, of the standard library and of many systems.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kIrregular = {
    {{"read", "read"},
     {"write", "wrote"},
     {"send", "sent"},
     {"put", "put"},
     {"get", "got"},
     {"begin", "began"},
     {"run", "ran"},
     {"set", "set"},
     {"drop", "dropped"},
     {"submit", "submitted"},
     {"tag", "tagged"},
     {"cancel", "cancelled"},
     {"find", "found"}}};

bool is_word(std::string_view text) {
  return text.size() > 2 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

bool is_vowel(char c) { return std::string_view("aeiou").find(c) != std::string_view::npos; }

// What an allowed action reads as: `created`. An action that is no plain word is named, not
// inflected.
std::string past(const Json& record) {
  const std::string_view action = audit_text(record, "action");
  for (const auto& [word, form] : kIrregular) {
    if (word == action) return std::string(form);
  }
  if (!is_word(action)) return "did " + audit_shown(record, "action") + " on";
  std::string out(action);
  if (out.back() == 'e') return out + "d";
  if (out.back() == 'y' && !is_vowel(out[out.size() - 2])) {
    out.back() = 'i';
  }
  return out + "ed";
}

std::string infinitive(const Json& record) {
  const std::string_view action = audit_text(record, "action");
  return is_word(action) ? std::string(action) : "do " + audit_shown(record, "action") + " to";
}

const Json* object_of(const Json& record, const char* name) {
  if (!record.is_object()) return nullptr;
  const auto found = record.find(name);
  return found != record.end() && found->is_object() ? &*found : nullptr;
}

std::string whole_text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->dump() : "";
}

// What people wrote, in quotes: `, "the trial is over"`, or nothing.
std::string quoted(const Json& record, const char* name, const char* before) {
  const Json* dropped = object_of(record, name);
  const std::string_view text = audit_text(record, name);
  if (dropped) return before + audit_shown(record, name);
  return text.empty() ? "" : fmt::format("{}\"{}\"", before, lang::visible(text));
}

// `ticket-creation-agent, on behalf of Mike,`: always both, also where one is missing.
std::string who(const Json& record) {
  const std::string agent = audit_shown(record, "agent"),
                    user = audit_shown(record, "on_behalf_of"),
                    sponsor = audit_shown(record, "sponsor");
  std::string out = agent.empty() ? "an unnamed agent" : agent;
  if (!user.empty()) return out + ", on behalf of " + user + ",";
  if (!sponsor.empty()) return out + ", for which " + sponsor + " answers,";
  return out + ", on behalf of nobody,";
}

// What stands in parentheses: `allowed by triage.scope:4`; `denied_by_rule at ..., because "..."`.
std::string why(const Json& record) {
  const std::string_view effect = audit_text(record, "effect"),
                         reason = audit_text(record, "reason");
  const std::string place = audit_place(record);
  std::string out(lang::visible(reason));
  if (reason == "allowed_by_rule") {
    out = place.empty() ? "allowed" : "allowed by " + place;
  } else if (reason == "granted_by_approval") {
    out = "granted by approval " + audit_shown(record, "approval");
  } else if (!place.empty()) {
    out += " at " + place;
  }
  const Json* layer = object_of(record, "layer");
  if (layer && place.empty() && reason == "no_matching_rule") {
    const std::string_view name = audit_text(*layer, "name");
    out += fmt::format(" in {}{}", lang::visible(audit_text(*layer, "kind")),
                       name.empty() ? "" : " " + audit_name(name));
  }
  const Json* rule = object_of(record, "rule");
  if (rule && effect != "allow") out += quoted(*rule, "because", ", because ");
  return out;
}

std::string decision(const Json& record, const std::string& at) {
  const std::string_view effect = audit_text(record, "effect");
  const std::string subject = who(record), resource = audit_shown(record, "resource");
  if (effect == "allow")
    return fmt::format("{} {} {} {} ({})", subject, past(record), resource, at, why(record));
  if (effect == "ask") {
    return fmt::format("{} asked to {} {} {} ({}; ask {})", subject, infinitive(record), resource,
                       at, why(record), audit_shown(record, "approval"));
  }
  return fmt::format("{} was not allowed to {} {} {} ({})", subject, infinitive(record), resource,
                     at, why(record));
}

std::string in_session(const Json& record) { return "session " + audit_shown(record, "session"); }

// The agent that delegated: last but one of the chain.
std::string delegator(const Json& record) {
  const auto chain = record.find("chain");
  if (chain == record.end() || !chain->is_array() || chain->size() < 2) return "an unnamed agent";
  const Json& name = (*chain)[chain->size() - 2];
  return name.is_string() ? audit_name(name.get_ref<const std::string&>()) : "an unnamed agent";
}

std::string trigger(const Json& record) {
  const Json* started = object_of(record, "trigger");
  if (!started) return "";
  return fmt::format(", started by {}{}", audit_shown(*started, "kind"),
                     quoted(*started, "text", " "));
}

std::string opening(const Json& record, const std::string& at) {
  const std::string habit = audit_shown(record, "habit");
  return fmt::format(
      "{} opened a session{} {} ({}{}{})", who(record), quoted(record, "purpose", " for "), at,
      in_session(record), trigger(record),
      habit.empty() ? "" : fmt::format(", an identity by {} which the host completed", habit));
}

std::string delegation(const Json& record, const std::string& at) {
  return fmt::format("{} delegated to {} a session{} {} ({})", delegator(record), who(record),
                     quoted(record, "purpose", " for "), at, in_session(record));
}

std::string refusal(const Json& record, const std::string& at) {
  const bool below = !audit_text(record, "parent").empty();
  return fmt::format("{} was refused a {} {} ({}{})", who(record),
                     below ? "sub-session" : "session", at, audit_shown(record, "reason"),
                     quoted(record, "why", ": "));
}

std::string approval(const Json& record, const std::string& at) {
  const std::string meaning = audit_shown(record, "meaning");
  return fmt::format("{} {} that {} may {} {} {} (approval {})", audit_shown(record, "by"),
                     meaning.empty() ? "approved" : meaning, who(record), infinitive(record),
                     audit_shown(record, "resource"), at, audit_shown(record, "approval"));
}

std::string revocation(const Json& record, const std::string& at) {
  const bool named = !audit_text(record, "by").empty();
  return fmt::format("{} revoked the session of {} {} ({}{})",
                     named ? audit_shown(record, "by") : "somebody unnamed", who(record), at,
                     in_session(record), quoted(record, "why", ", "));
}

std::string outcome(const Json& record, const std::string& at) {
  const auto ok = record.find("ok");
  const bool told = ok != record.end() && ok->is_boolean();
  return fmt::format("what {} was granted {} {} (decision {}{})", who(record),
                     !told             ? "ended"
                     : ok->get<bool>() ? "succeeded"
                                       : "failed",
                     at, audit_shown(record, "decision"), quoted(record, "detail", ", "));
}

std::string settled(const Json& record, const std::string& at, const char* what) {
  return fmt::format("{} {} {} (decision {})", who(record), what, at,
                     audit_shown(record, "decision"));
}

std::string gap(const Json& record, const std::string& at) {
  const std::string count = whole_text(record, "count"), denied = whole_text(record, "denied");
  return fmt::format("{} decisions went unrecorded{} {}{}", count.empty() ? "some" : count,
                     denied.empty() ? "" : fmt::format(" and {} were denied for it", denied), at,
                     quoted(record, "why", ", "));
}

std::string retention(const Json& record, const std::string& at) {
  return fmt::format("the text of {} records of class {} went, as retention says, {}",
                     whole_text(record, "count"), audit_shown(record, "class"), at);
}

std::string sentence_of(const Json& record, const std::string& at) {
  const std::string_view kind = audit_text(record, "kind");
  if (kind == "decision") return decision(record, at);
  if (kind == "opening") return opening(record, at);
  if (kind == "refusal") return refusal(record, at);
  if (kind == "delegation") return delegation(record, at);
  if (kind == "approval") return approval(record, at);
  if (kind == "revocation") return revocation(record, at);
  if (kind == "commit") return settled(record, at, "kept what it had reserved");
  if (kind == "rollback") return settled(record, at, "gave back what it had reserved");
  if (kind == "outcome") return outcome(record, at);
  if (kind == "end")
    return fmt::format("{} ended its session {} ({})", who(record), at, in_session(record));
  if (kind == "gap") return gap(record, at);
  if (kind == "retention") return retention(record, at);
  return fmt::format("a record of the unknown kind {} {}", audit_name(kind), at);
}

// `2026-11-23T09:14:07Z`: without a fraction where that is zero.
std::string time_of(const Json& record) {
  const std::string text = audit_shown(record, "time");
  return text.ends_with(".000000Z") ? text.substr(0, text.size() - 8) + "Z" : text;
}

std::string columns(const std::array<std::string, 9>& cells) {
  return fmt::format("{:>7}  {:<27}  {:<10}  {:<6}  {:<19}  {:<36}  {:<24}  {:<8}  {}\n", cells[0],
                     cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7],
                     cells[8]);
}

}  // namespace

std::string_view audit_text(const Json& record, const char* name) {
  if (!record.is_object()) return {};
  const auto found = record.find(name);
  if (found == record.end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>();
}

std::string audit_shown(const Json& record, const char* name) {
  if (const Json* digest = object_of(record, name)) {
    return fmt::format("a text of {} bytes that was not kept (sha256 {})",
                       whole_text(*digest, "bytes"), audit_name(audit_text(*digest, "sha256")));
  }
  const bool there = record.is_object() && record.contains(name);
  return there ? audit_name(audit_text(record, name)) : std::string();
}

std::string_view audit_person(const Json& record) {
  const std::string_view user = audit_text(record, "on_behalf_of");
  return user.empty() ? audit_text(record, "sponsor") : user;
}

std::string audit_place(const Json& record) {
  const Json* rule = object_of(record, "rule");
  if (!rule) return "";
  return fmt::format("{}:{}", audit_shown(*rule, "file"), whole_text(*rule, "line"));
}

std::string audit_name(std::string_view text) {
  constexpr std::string_view kMeans = " \"(),;";
  // Blanks beyond ASCII: U+00A0, U+2000..U+203F, U+3000.
  constexpr std::array<std::string_view, 4> kBlanks = {"\xC2\xA0", "\xE2\x80", "\xE2\x81\x9F",
                                                       "\xE3\x80\x80"};
  std::string shown = lang::visible(text);
  const bool plain = !text.empty() && shown == text &&
                     text.find_first_of(kMeans) == std::string_view::npos &&
                     std::none_of(kBlanks.begin(), kBlanks.end(), [&](std::string_view blank) {
                       return text.find(blank) != std::string_view::npos;
                     });
  if (plain) return shown;
  std::string out = "\"";
  for (const char c : shown) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string audit_sentence(const Json& record) {
  std::string out = sentence_of(record, "at " + time_of(record));
  const std::string back = record.is_object() ? whole_text(record, "clock_back") : "";
  if (!back.empty()) out += fmt::format(" [the clock had gone back by {} microseconds]", back);
  return out;
}

std::string audit_table_heading() {
  return columns({"seq", "time", "kind", "effect", "reason", "agent", "for", "action", "resource"});
}

std::string audit_table_row(const Json& record) {
  const auto cell = [&](const char* name) {
    const std::string text = audit_shown(record, name);
    return text.empty() ? std::string("-") : text;
  };
  const bool sponsored = audit_text(record, "on_behalf_of").empty();
  return columns({whole_text(record, "seq"), time_of(record), cell("kind"), cell("effect"),
                  cell("reason"), cell("agent"), cell(sponsored ? "sponsor" : "on_behalf_of"),
                  cell("action"), cell("resource")});
}

}  // namespace remit::tools
