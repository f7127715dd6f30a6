// See session_part.h.
#include "engine/audit/session_part.h"

#include <algorithm>

#include "engine/audit/json_text.h"
#include "engine/image/unicode.h"
#include "engine/image/view.h"

namespace remit::audit {
namespace {

std::string piece(std::string_view name, std::string_view text) {
  std::string out;
  if (text.empty()) return out;
  out.append(",\"").append(name).append("\":");
  write_text(out, text);
  return out;
}

std::string_view fact(const std::optional<std::string_view>& fact) noexcept {
  return fact.value_or(std::string_view());
}

}  // namespace

std::string_view column(std::string_view text) noexcept {
  return text.size() <= kMaxText && detail::valid_utf8_prefix(text) == text.size()
             ? text
             : std::string_view();
}

void write_list(std::string& out, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  out.append(",\"").append(name).append("\":");
  char before = '[';
  for (const std::string& text : texts) {
    out.push_back(before);
    before = ',';
    write_text(out, text);
  }
  out.push_back(']');
}

SessionPart make_part(const std::shared_ptr<const AuditedSession>& session) {
  SessionPart part;
  part.session = session;
  const Facts& facts = session->facts;
  part.agent = piece("agent", fact(facts.agent));
  write_list(part.chain, "chain", session->chain);
  if (session->habit != BadHabit::none) part.habit = piece("habit", to_string(session->habit));
  part.on_behalf_of = piece("on_behalf_of", fact(facts.user));
  std::string& middle = part.parent_programs_purpose;
  if (!session->parent.empty()) {
    middle.append(",\"parent\":");
    write_id(middle, session->parent);
  }
  if (session->layers) {
    for (std::size_t i = 0; i < session->layers->size(); ++i) {
      middle.append(i == 0 ? ",\"programs\":[" : ",");
      write_hex(middle, session->layers->program(i).digest());
      for (const image::Reference& reference : session->layers->program(i).view().references) {
        if (reference.fact == image::Fact::none)
          part.referenced.push_back(session->layers->program(i).view().text(reference.name));
      }
    }
    middle.push_back(']');
  }
  middle.append(piece("purpose", fact(facts.purpose)));
  std::sort(part.referenced.begin(), part.referenced.end());
  if (!session->session.empty()) {
    part.id = ",\"session\":";
    write_id(part.id, session->session);
    part.id_column.assign(part.id, part.id.size() - 33, 32);
  }
  part.sponsor = piece("sponsor", fact(facts.sponsor));
  if (facts.trigger) {
    part.trigger = ",\"trigger\":{\"kind\":";
    write_text(part.trigger, session->trigger_kind);
    part.trigger.append(",\"text\":");
    write_text(part.trigger, *facts.trigger);
    part.trigger.push_back('}');
  }
  part.agent_column = column(fact(facts.agent));
  part.person_column = column(fact(facts.user ? facts.user : facts.sponsor));
  return part;
}

}  // namespace remit::audit
