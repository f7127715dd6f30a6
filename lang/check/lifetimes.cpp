// Lifetime and identity statements (lifetimes.h). Covered by tests/check_test.cpp.
#include "lang/check/lifetimes.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "lang/check/names.h"
#include "lang/check/patterns.h"
#include "lang/check/variables.h"
#include "lang/parse/literal_text.h"

namespace remit::lang::checker {
namespace {

using Kind = syntax::Lifetime::Kind;

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::expires: return "expires";
    case Kind::starts: return "starts";
    case Kind::idle: return "idle";
    case Kind::purpose: return "purpose";
    case Kind::agent: return "agent";
    case Kind::on_behalf_of: return "on behalf of";
    case Kind::sponsor: return "sponsor";
    case Kind::review: return "review every";
    case Kind::trigger: return "trigger";
    case Kind::delegate: return "delegate";
  }
  return {};
}

class LifetimeReader {
 public:
  LifetimeReader(Context& context, Scope& scope) : context_(context), scope_(scope), out_(context.result.lifetime) {}

  void read() {
    const syntax::Document& document = *scope_.text->document;
    const syntax::Statement* sponsor = nullptr;
    bool expires = false;
    for (const syntax::Statement& statement : document.statements) {
      if (statement.kind != syntax::StatementKind::lifetime) continue;
      const syntax::Lifetime& lifetime = document.lifetimes[statement.index];
      if (scope_.text->kind != DocumentKind::scope) {
        error(statement.span, "not-in-this-kind",
              fmt::format("a {} document has no `{}`: it holds for every session", to_string(scope_.text->kind), name_of(lifetime.kind)), "say it in the task scope");
        continue;
      }
      if (lifetime.kind == Kind::sponsor) sponsor = &statement;
      expires = expires || lifetime.kind == Kind::expires;
      if (lifetime.kind != Kind::expires && !once(lifetime.kind, statement)) continue;
      statement_of(lifetime, statement);
    }
    if (scope_.text->damaged || context_.damaged) return;
    if (sponsor != nullptr && !out_.review_every && !seen(Kind::review))
      error(sponsor->span, "sponsor-without-review", "`sponsor` requires a `review every DURATION`: no standing authorization outlives its reason", "add `review every 90d`");
    if (scope_.text->kind == DocumentKind::scope && !expires) {
      const std::uint32_t start = scope_.text->source->start();
      error(document.header ? document.header->span : Span{start, start}, "no-expiry", "a task scope has no end without `expires`: nothing is granted for ever",
            "add `expires 2h`, or a time: `expires 2026-12-01T09:00Z`");
    }
  }

 private:
  void error(Span span, std::string_view code, std::string message, std::string help = {}) {
    context_.report.error(*scope_.text, span, code, std::move(message), std::move(help));
  }

  bool seen(Kind kind) const { return std::find(seen_.begin(), seen_.end(), kind) != seen_.end(); }

  bool once(Kind kind, const syntax::Statement& statement) {
    if (!seen(kind)) {
      seen_.push_back(kind);
      return true;
    }
    error(statement.span, "statement-twice", fmt::format("a second `{}` in one document", name_of(kind)), "leave out one of them");
    return false;
  }

  void statement_of(const syntax::Lifetime& lifetime, const syntax::Statement& statement) {
    switch (lifetime.kind) {
      case Kind::expires: expires(lifetime, statement); break;
      case Kind::starts: out_.starts = number(*lifetime.value, Type::time, "`starts`"); break;
      case Kind::idle:
        out_.idle = duration(*lifetime.value, "`idle`");
        out_.idle_place = scope_.text->places->place(statement.span);
        break;
      case Kind::purpose: out_.purpose = decode_string(lifetime.value->text); break;
      case Kind::agent: out_.agents = patterns(lifetime.patterns); break;
      case Kind::on_behalf_of: out_.users = patterns(lifetime.patterns); break;
      case Kind::sponsor: {
        auto ids = patterns(lifetime.patterns);
        if (ids.empty()) break;
        if (ids[0].find('*') != std::string::npos)
          error(lifetime.patterns[0].value.span, "bad-identifier", fmt::format("{} is a pattern; the sponsor is one person", quote(ids[0])), "write the person's identifier");
        out_.sponsor = std::move(ids[0]);
        break;
      }
      case Kind::review: out_.review_every = duration(*lifetime.value, "`review every`"); break;
      case Kind::trigger: out_.trigger = Trigger{std::string(lifetime.trigger_kind->text), decode_string(lifetime.trigger_text->text)}; break;
      case Kind::delegate: delegate(lifetime, statement); break;
    }
  }

  // One relative and one absolute end may stand together: the earlier holds.
  void expires(const syntax::Lifetime& lifetime, const syntax::Statement& statement) {
    const Meaning end = evaluate(context_, scope_, *lifetime.value);
    if (end.broken()) return;
    const Type type = end.value.type;
    if (type != Type::duration && type != Type::time) {
      error(lifetime.value->span, "type-mismatch", fmt::format("`expires` wants a duration or a time; {} is {}", quote(lifetime.value->text), a_type(type, end.value.element)),
            "write `expires 2h`, or `expires 2026-12-01T09:00Z`");
      return;
    }
    std::optional<std::int64_t>& slot = type == Type::duration ? out_.expires_after : out_.expires_at;
    if (slot) {
      error(statement.span, "statement-twice", fmt::format("a second `expires` with a {}", type_name(type)), "leave out one of them; one duration and one time may stand together");
      return;
    }
    if (type == Type::duration && end.known && end.value.number <= 0) error(lifetime.value->span, "bad-duration", "`expires` wants a duration above zero");
    slot = end.value.number;
  }

  std::optional<std::int64_t> number(const syntax::Value& value, Type type, std::string_view what, bool* known = nullptr) {
    const auto constant = evaluate_as(context_, scope_, value, type, what, known);
    if (!constant) return std::nullopt;
    return constant->number;
  }

  std::optional<std::int64_t> duration(const syntax::Value& value, std::string_view what) {
    bool known = true;
    const auto micros = number(value, Type::duration, what, &known);
    if (micros && known && *micros <= 0) error(value.span, "bad-duration", fmt::format("{} wants a duration above zero", what));
    return micros;
  }

  std::vector<std::string> patterns(const std::vector<syntax::Identifier>& identifiers) {
    std::vector<std::string> result;
    for (const syntax::Identifier& identifier : identifiers) {
      const syntax::Value& value = identifier.value;
      std::string text = value.kind == syntax::ValueKind::string ? decode_string(value.text) : std::string(value.text);
      if (const LiteralFault fault = check_identifier_pattern(text); !fault.ok()) {
        context_.report.error(*scope_.text, value.span, fault);
        continue;
      }
      result.push_back(std::move(text));
    }
    return result;
  }

  void delegate(const syntax::Lifetime& lifetime, const syntax::Statement& statement) {
    Delegation delegation;
    if (lifetime.value) {
      bool known = true;
      const auto levels = number(*lifetime.value, Type::integer, "`delegate up to`", &known);
      if (levels && known && (*levels < 1 || *levels > std::numeric_limits<std::int32_t>::max()))
        error(lifetime.value->span, "bad-levels", fmt::format("{} levels cannot be: sub-sessions go one level deep or more", quote(lifetime.value->text)), "leave `delegate` out where there shall be none");
      else if (levels)
        delegation.levels = static_cast<std::uint32_t>(*levels);
    }
    delegation.to = patterns(lifetime.patterns);
    out_.delegate = std::move(delegation);
    out_.delegate_place = scope_.text->places->place(statement.span);
  }

  Context& context_;
  Scope& scope_;
  Lifetime& out_;
  std::vector<Kind> seen_;
};

}  // namespace

void resolve_lifetime(Context& context, Scope& scope) { LifetimeReader(context, scope).read(); }

}  // namespace remit::lang::checker
