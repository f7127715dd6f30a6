// See audit_filter.h.
#include "tools/audit_filter.h"

#include <algorithm>

#include <fmt/format.h>

#include "lang/check/literals.h"
#include "lang/check/names.h"
#include "tools/audit_sentence.h"
#include "tools/errors.h"
#include "tools/literals.h"

namespace remit::tools {
namespace {

bool among(const std::vector<std::string>& wanted, std::string_view text) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

// As a pattern covers: `docs:/a` and what is beneath it, never `docs:/ab`. What ends in a separator
// itself covers all that begins so.
bool covers(std::string_view prefix, std::string_view resource) {
  if (!resource.starts_with(prefix)) return false;
  return resource.size() == prefix.size() || prefix.ends_with('/') || prefix.ends_with(':') ||
         resource[prefix.size()] == '/';
}

bool covered(const std::vector<std::string>& wanted, std::string_view resource) {
  return wanted.empty() ||
         std::any_of(wanted.begin(), wanted.end(),
                     [&](const std::string& prefix) { return covers(prefix, resource); });
}

bool begun(const std::vector<std::string>& wanted, std::string_view session) {
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const std::string& begin) {
           return session.starts_with(begin);
         });
}

std::string_view system_of(std::string_view resource) {
  const std::size_t colon = resource.find(':');
  return colon == std::string_view::npos ? std::string_view() : resource.substr(0, colon);
}

void check_words(const std::vector<std::string>& words, const std::vector<std::string>& known,
                 std::string_view option) {
  for (const std::string& word : words) {
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    lang::checker::Nearest nearest(word);
    for (const std::string& one : known) nearest.offer(one);
    throw BadInput(fmt::format("{} {}: no record has that{}", option, lang::checker::quote(word),
                               nearest.hint()));
  }
}

std::vector<std::string> known_reasons() {
  std::vector<std::string> out;
#define REMIT_NAME(name, sentence) out.emplace_back(#name);
  REMIT_REASONS(REMIT_NAME)
  REMIT_ERROR_CODES(REMIT_NAME)  // of refusals
#undef REMIT_NAME
  return out;
}

}  // namespace

bool RecordFilter::matches(const Json& record) const {
  const std::string_view resource = audit_text(record, "resource");
  if (!among(kinds, audit_text(record, "kind")) || !among(effects, audit_text(record, "effect")) ||
      !among(reasons, audit_text(record, "reason")) ||
      !among(agents, audit_text(record, "agent")) ||
      !among(users, audit_text(record, "on_behalf_of")) ||
      !among(sponsors, audit_text(record, "sponsor")) ||
      !among(actions, audit_text(record, "action")) || !among(systems, system_of(resource)) ||
      !covered(resources, resource) || !begun(sessions, audit_text(record, "session")))
    return false;
  if (!since && !until) return true;
  const std::optional<Time> time = parse_audit_time(audit_text(record, "time"));
  return time && (!since || *time >= *since) && (!until || *time < *until);
}

const std::vector<std::string>& audit_kinds() {
  static const std::vector<std::string> kinds = {
      "opening", "refusal",  "delegation", "decision", "approval", "revocation",
      "commit",  "rollback", "outcome",    "end",      "gap",      "retention"};
  return kinds;
}

void check_filter(const RecordFilter& filter) {
  check_words(filter.effects, {"allow", "ask", "deny"}, "--effect");
  check_words(filter.kinds, audit_kinds(), "--kind");
  check_words(filter.reasons, known_reasons(), "--reason");
  for (const std::string& session : filter.sessions) {
    const bool hexadecimal = std::all_of(session.begin(), session.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
    if (session.empty() || session.size() > 32 || !hexadecimal)
      throw BadInput(
          fmt::format("--session {}: a session is named by 32 hexadecimal digits in lower "
                      "case, or by the first of them",
                      lang::checker::quote(session)));
  }
}

Time read_since(std::string_view text, Time now, std::string_view option) {
  lang::Constant value;
  const lang::checker::LiteralFault fault = lang::checker::decode_scalar(text, value);
  std::int64_t before = 0;
  if (!fault.ok() || value.type != Type::duration) return read_time(text, option);
  if (__builtin_sub_overflow(now.time_since_epoch().count(), value.number, &before))
    throw BadInput(fmt::format("{} {}: is too long ago", option, text));
  return time_from_micros(before);
}

std::optional<Time> parse_audit_time(std::string_view text) {
  lang::Constant value;
  const lang::checker::LiteralFault fault = lang::checker::decode_scalar(text, value);
  const bool time = value.type == Type::time || value.type == Type::integer;
  if (!fault.ok() || !time) return std::nullopt;
  return time_from_micros(value.number);
}

}  // namespace remit::tools
