// Every enumeration of the public headers as text, from one table each.
#include <remit/decision.h>
#include <remit/program.h>
#include <remit/result.h>

namespace remit {

namespace {

struct NameAndSentence {
  const char* name;
  const char* sentence;
};
constexpr NameAndSentence kErrors[] = {
#define REMIT_ERROR_TEXT(name, sentence) {#name, sentence},
    REMIT_ERROR_CODES(REMIT_ERROR_TEXT)
#undef REMIT_ERROR_TEXT
};
constexpr NameAndSentence kReasons[] = {
#define REMIT_REASON_TEXT(name, sentence) {#name, sentence},
    REMIT_REASONS(REMIT_REASON_TEXT)
#undef REMIT_REASON_TEXT
};

// A value that no enumerator has, such as a host may have read from elsewhere, has a name of its own.
template <class E, std::size_t N>
const NameAndSentence& entry_of(const NameAndSentence (&table)[N], E value) noexcept {
  static constexpr NameAndSentence kUnknown{"unknown", "it is unknown"};
  const auto index = static_cast<std::size_t>(value);
  return index < N ? table[index] : kUnknown;
}

}  // namespace

const char* to_string(ErrorCode code) noexcept { return entry_of(kErrors, code).name; }
const char* sentence(ErrorCode code) noexcept { return entry_of(kErrors, code).sentence; }

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

const char* to_string(Reason reason) noexcept { return entry_of(kReasons, reason).name; }
const char* sentence(Reason reason) noexcept { return entry_of(kReasons, reason).sentence; }

bool parse_reason(std::string_view name, Reason& out) noexcept {
  std::uint8_t index = 0;
  for (const NameAndSentence& reason : kReasons) {
    if (name == reason.name) {
      out = static_cast<Reason>(index);
      return true;
    }
    ++index;
  }
  return false;
}

}  // namespace remit
