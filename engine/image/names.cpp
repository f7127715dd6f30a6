// Every enumeration of the public headers as text, from one table each.
#include <remit/decision.h>
#include <remit/program.h>
#include <remit/result.h>

namespace remit {

const char* to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::out_of_memory: return "out_of_memory";
    case ErrorCode::bad_image: return "bad_image";
    case ErrorCode::unsupported_version: return "unsupported_version";
    case ErrorCode::wrong_kind: return "wrong_kind";
    case ErrorCode::too_many_layers: return "too_many_layers";
    case ErrorCode::needs_memory: return "needs_memory";
    case ErrorCode::agent_not_allowed: return "agent_not_allowed";
    case ErrorCode::user_not_allowed: return "user_not_allowed";
    case ErrorCode::no_accountable_person: return "no_accountable_person";
    case ErrorCode::review_overdue: return "review_overdue";
    case ErrorCode::sponsor_revoked: return "sponsor_revoked";
    case ErrorCode::wrong_trigger: return "wrong_trigger";
    case ErrorCode::bad_argument: return "bad_argument";
  }
  return "unknown_error";
}

const char* to_string(Effect effect) noexcept {
  switch (effect) {
    case Effect::deny: return "deny";
    case Effect::ask: return "ask";
    case Effect::allow: return "allow";
  }
  return "deny";
}

const char* to_string(Type type) noexcept {
  switch (type) {
    case Type::any: return "any type";
    case Type::boolean: return "bool";
    case Type::integer: return "int";
    case Type::size: return "size";
    case Type::duration: return "duration";
    case Type::time: return "time";
    case Type::string: return "string";
    case Type::resource: return "resource";
    case Type::list: return "list";
  }
  return "unknown type";
}

const char* to_string(DocumentKind kind) noexcept {
  switch (kind) {
    case DocumentKind::scope: return "scope";
    case DocumentKind::guardrail: return "guardrail";
    case DocumentKind::grants: return "grants";
  }
  return "unknown kind";
}

namespace {

struct ReasonText {
  const char* name;
  const char* sentence;
};
constexpr ReasonText kReasons[] = {
#define REMIT_REASON_TEXT(name, sentence) {#name, sentence},
    REMIT_REASONS(REMIT_REASON_TEXT)
#undef REMIT_REASON_TEXT
};

}  // namespace

const char* to_string(Reason reason) noexcept { return kReasons[static_cast<std::size_t>(reason)].name; }
const char* sentence(Reason reason) noexcept { return kReasons[static_cast<std::size_t>(reason)].sentence; }

bool parse_reason(std::string_view name, Reason& out) noexcept {
  std::uint8_t index = 0;
  for (const ReasonText& reason : kReasons) {
    if (name == reason.name) {
      out = static_cast<Reason>(index);
      return true;
    }
    ++index;
  }
  return false;
}

}  // namespace remit
