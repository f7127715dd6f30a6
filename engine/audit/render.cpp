// See render.h. Members stand in the order of RFC 8785, which for our names is the alphabet's.
#include "engine/audit/render.h"

#include <algorithm>

#include "engine/audit/json_text.h"

namespace remit::audit {
namespace {

using Kind = AuditEvent::Kind;

constexpr std::string_view name_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::opening: return "opening";
    case Kind::refusal: return "refusal";
    case Kind::delegation: return "delegation";
    case Kind::decision: return "decision";
    case Kind::approval: return "approval";
    case Kind::revocation: return "revocation";
    case Kind::commit: return "commit";
    case Kind::rollback: return "rollback";
    case Kind::outcome: return "outcome";
    case Kind::end: return "end";
  }
  return "unknown";
}

// What stands for a name that cannot stand as it is.
std::string odd_key(std::string_view name) {
  std::string hex;
  write_hex(hex, image::sha256(std::as_bytes(std::span(name))));
  return "sha256:" + hex.substr(1, hex.size() - 2);
}

void write_time_value(std::string& out, std::string_view name, const std::optional<Time>& time) {
  if (!time) return;
  out.append(",\"").append(name).append("\":");
  write_value(out, Value(*time));
}

}  // namespace

Renderer::Renderer(const AuditOptions& options)
    : sensitive_(options.sensitive),
      unrecorded_(options.unrecorded_actions),
      classes_(options.classes),
      seal_(options.seal_key, options.key) {
  std::sort(sensitive_.begin(), sensitive_.end());
}

bool Renderer::is_sensitive(std::string_view name) const noexcept {
  return std::binary_search(sensitive_.begin(), sensitive_.end(), name,
                            [](std::string_view a, std::string_view b) { return a < b; });
}

std::string_view Renderer::class_of(std::string_view system) const noexcept {
  for (const RetentionClass& item : classes_) {
    if (std::find(item.systems.begin(), item.systems.end(), system) != item.systems.end())
      return item.name;
  }
  return kStandardClass;
}

void Renderer::write_text_of(std::string_view value) { write_text(out_.body, value); }

const SessionPart& Renderer::part_of(const std::shared_ptr<const AuditedSession>& session,
                                     bool& fresh) {
  const auto found = parts_.find(session.get());
  fresh = found == parts_.end();
  if (!fresh) return *found->second;
  if (parts_.size() >= kMaxParts) parts_.clear();
  auto part = std::make_unique<SessionPart>(make_part(session));
  return *parts_.emplace(session.get(), std::move(part)).first->second;
}

const Rendered& Renderer::render(const QueuedEvent& event, std::uint64_t seq, std::int64_t latest,
                                 bool& fresh, const Removed& removed) {
  std::string body = std::move(out_.body);
  body.clear();
  out_ = {};
  out_.body = std::move(body);
  out_.time = event.time;
  fresh = false;
  if (event.own != OwnKind::none) {
    render_own(event, seq, latest, removed);
  } else {
    render_session_event(part_of(event.session, fresh), event, seq, latest);
  }
  key("v");
  out_.body.push_back('1');
  // `v` is the last but for `why`, which both wrote apart from it.
  text("why", event.own == OwnKind::none  ? event_.why
              : event.own == OwnKind::gap ? unpack_own(event.bytes(), event.own).text
                                          : std::string_view());
  out_.body.front() = '{';  // instead of the first comma
  out_.body.push_back('}');
  return out_;
}

void Renderer::render_session_event(const SessionPart& part, const QueuedEvent& event,
                                    std::uint64_t seq, std::int64_t latest) {
  const AuditedSession& session = *part.session;
  event_.unpack(event.bytes());
  std::string& body = out_.body;
  const bool decided = event.kind == Kind::decision;
  const bool opened = event.kind == Kind::opening || event.kind == Kind::delegation;
  const Decision& decision = event_.decision;

  out_.resource = column(event_.resource);
  if (const std::size_t colon = out_.resource.find(':'); colon != std::string_view::npos)
    out_.system = out_.resource.substr(0, colon);
  out_.retention_class = class_of(out_.system);
  text("action", event_.action);
  body.append(part.agent);
  if (const Id& approval = decided ? decision.approval : event_.approval; !approval.empty()) {
    key("approval");
    write_id(body, approval);
  }
  if (opened) {
    take_names(session.facts.named, nullptr);
  } else {
    take_names(event_.attributes, &part.referenced);
    write_open("attributes");
  }
  text("by", event_.by);
  body.append(part.chain);
  if (!event_.charges.empty()) {
    key("charges");
    char before = '[';
    for (const AuditedCharge& charge : event_.charges) {
      body.push_back(before);
      before = ',';
      body.append("{\"amount\":");
      write_whole(body, charge.amount);
      body.append(",\"layer\":");
      write_number(body, charge.layer);
      body.append(",\"rule\":");
      write_number(body, charge.rule);
      body.append(",\"used\":");
      write_whole(body, charge.used);
      body.push_back('}');
    }
    body.push_back(']');
  }
  if (out_.retention_class != kStandardClass) text("class", out_.retention_class);
  if (event.time < latest) {
    key("clock_back");
    write_whole(body,
                static_cast<std::int64_t>(std::min<std::uint64_t>(
                    static_cast<std::uint64_t>(latest) - static_cast<std::uint64_t>(event.time),
                    INT64_MAX)));
  }
  if (!decision.id.empty()) {
    key("decision");
    const std::size_t at = body.size();
    write_id(body, decision.id);
    decision_column_.assign(body, at + 1, 32);
    out_.decision = decision_column_;
  }
  text("detail", event_.detail);
  if (decided) {
    out_.effect = to_string(decision.effect);
    out_.reason = to_string(decision.reason);
    text("effect", out_.effect);
  } else if (event.kind == Kind::refusal) {
    out_.reason = to_string(event_.error);
  }
  body.append(part.habit);
  out_.kind = name_of(event.kind);
  text("kind", out_.kind);
  if (decided && session.layers && decision.layer < session.layers->size()) {
    const Program& program = session.layers->program(decision.layer);
    key("layer");
    body.append("{\"index\":");
    write_number(body, decision.layer);
    body.append(",\"kind\":\"").append(to_string(program.kind())).append("\",\"name\":");
    write_text(body, program.name());
    body.push_back('}');
  }
  if (event.kind == Kind::approval) text("meaning", "approved");
  if (event.kind == Kind::outcome) {
    key("ok");
    body.append(event_.ok ? "true" : "false");
  }
  body.append(part.on_behalf_of);
  if (opened) write_opened(session);
  body.append(part.parent_programs_purpose);
  text("reason", out_.reason);
  if (event_.has_exact_request) {
    key("request");
    write_hex(body, event_.exact_request);
  }
  text("resource", event_.resource);
  if (decided && session.layers) write_rule(*session.layers);
  write_sealed();
  key("seq");
  write_number(body, seq);
  body.append(part.id);
  const TraceContext& trace =
      event_.trace.trace.empty() && event_.trace.txn.empty() ? session.trace : event_.trace;
  if (!trace.trace.empty() && trace.span != std::array<std::uint8_t, 8>{}) {
    key("span");
    write_hex(body, trace.span);
  }
  body.append(part.sponsor);
  key("time");
  write_time(body, event.time);
  if (!trace.trace.empty()) {
    key("trace");
    write_id(body, trace.trace);
  }
  body.append(part.trigger);
  text("txn", trace.txn);

  out_.session = part.id_column;
  out_.agent = part.agent_column;
  out_.person = part.person_column;
  out_.action = column(event_.action);
}

void Renderer::take_names(std::span<const Attribute> attributes,
                          const std::vector<std::string_view>* referenced) {
  open_.clear();
  sealed_.clear();
  odd_keys_.clear();
  for (const Attribute& attribute : attributes) {
    const bool stays = !is_sensitive(attribute.name) &&
                       (referenced == nullptr ||
                        std::binary_search(referenced->begin(), referenced->end(), attribute.name));
    const bool plain = column(attribute.name).size() == attribute.name.size();
    (stays ? open_ : sealed_)
        .push_back(
            {plain ? attribute.name : odd_keys_.emplace_back(odd_key(attribute.name)), &attribute});
  }
  // A name that is given twice makes a request malformed; the first value stands for it.
  for (std::vector<Named>* list : {&open_, &sealed_}) {
    if (list->size() < 2) continue;
    std::sort(list->begin(), list->end(), [](const Named& a, const Named& b) {
      return a.key == b.key ? a.attribute < b.attribute : utf16_less(a.key, b.key);
    });
    list->erase(std::unique(list->begin(), list->end(),
                            [](const Named& a, const Named& b) { return a.key == b.key; }),
                list->end());
  }
}

void Renderer::write_open(std::string_view name) {
  if (open_.empty()) return;
  key(name);
  char before = '{';
  for (const auto& [shown, attribute] : open_) {
    out_.body.push_back(before);
    before = ',';
    write_string(out_.body, shown);
    out_.body.push_back(':');
    write_value(out_.body, attribute->value);
  }
  out_.body.push_back('}');
}

void Renderer::write_sealed() {
  if (sealed_.empty()) return;
  key("sealed");
  char before = '{';
  for (const auto& [name, attribute] : sealed_) {
    out_.body.push_back(before);
    before = ',';
    write_string(out_.body, name);
    out_.body.push_back(':');
    value_.clear();
    write_value(value_, attribute->value);
    write_hex(out_.body, seal_.of(attribute->name, value_));
  }
  out_.body.push_back('}');
}

void Renderer::write_opened(const AuditedSession& session) {
  std::string& body = out_.body;
  key("opened");
  const std::size_t first = body.size();
  write_open("facts");
  write_time_value(body, "identity_expires", session.identity_expires);
  write_time_value(body, "last_review", session.last_review);
  if (session.sponsor_revoked) body.append(",\"sponsor_revoked\":true");
  if (body.size() == first) body.push_back(',');
  body[first] = '{';
  body.push_back('}');
}

void Renderer::write_rule(const Layers& layers) {
  const std::optional<RuleInfo> rule = layers.rule(event_.decision);
  if (!rule) return;
  std::string& body = out_.body;
  body.append(",\"rule\":{");
  if (rule->because) {
    body.append("\"because\":");
    write_text(body, *rule->because);
    body.push_back(',');
  }
  body.append("\"column\":");
  write_number(body, rule->column);
  body.append(",\"file\":");
  write_text(body, rule->file);
  body.append(",\"line\":");
  write_number(body, rule->line);
  body.push_back('}');
}

void Renderer::render_own(const QueuedEvent& event, std::uint64_t seq, std::int64_t latest,
                          const Removed& removed) {
  const OwnEvent own = unpack_own(event.bytes(), event.own);
  const bool gap = event.own == OwnKind::gap;
  std::string& body = out_.body;
  if (gap && !unrecorded_.empty()) write_list(body, "actions", unrecorded_);
  if (!gap) {
    key("before");
    write_time(body, removed.before);
    text("class", own.text);
  }
  if (event.time < latest) {
    key("clock_back");
    write_whole(body, latest - event.time);
  }
  key("count");
  write_number(body, gap ? own.count : removed.count);
  if (gap) {
    key("denied");
    write_number(body, own.denied);
  }
  out_.kind = gap ? "gap" : "retention";
  text("kind", out_.kind);
  if (!gap) {
    key("removed");
    body.append("{\"count\":");
    write_number(body, removed.in_all);
    body.append(",\"sha256\":");
    write_hex(body, removed.digest);
    body.push_back('}');
  }
  key("seq");
  write_number(body, seq);
  key("time");
  write_time(body, event.time);
  out_.retention_class = kStandardClass;
}

}  // namespace remit::audit
