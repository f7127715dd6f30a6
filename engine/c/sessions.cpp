// remit_c.h: sessions. Covered by tests/c_api_test.c.
#include <new>

#include "engine/c/convert.h"

using namespace remit;
using remit::c::fail;
using remit::c::guarded;

struct remit_reservation {
  remit::Reservation reservation;
};

namespace {

constexpr std::size_t kMaxFacts = 4096;  // far beyond what a host knows of a person

Time at(std::int64_t micros) noexcept { return time_from_micros(micros); }

constexpr Decision kMalformed{Effect::deny, Reason::malformed_request, 0, kNoRule, {}, 0, {}};

// A request as the engine takes it. Holds what it borrows.
struct Read {
  c::Attributes attributes;
  std::optional<Request> request;

  explicit Read(const remit_request* given) {
    remit_request known;
    if (!c::read_struct(given, known) || !c::is_text(known.action) || !c::is_text(known.resource)) return;
    if (!attributes.read(known.attributes, known.attribute_count, kMaxAttributes)) return;
    request.emplace(c::view(known.action), c::view(known.resource), attributes.view());
  }
};

// Asks `decide`; a request that cannot be read is malformed, a NULL session and a lack of memory deny.
template <class Decide>
std::int32_t answer(const remit_session* session, const remit_request* request, remit_decision* out, Decide&& decide) noexcept {
  Decision decision;
  try {
    if (session != nullptr) {
      const Read read(request);
      decision = read.request ? decide(*read.request) : kMalformed;
    }
  } catch (...) {
    decision = Decision{};
  }
  c::write_decision(decision, out);
  return static_cast<std::int32_t>(decision.effect);
}

std::int32_t give(Result<Session> session, remit_session** out, remit_error* error) {
  if (!session) return fail(error, session.error());
  *out = new remit_session{std::move(session).value()};
  return REMIT_OK;
}

}  // namespace

std::int32_t remit_session_open(const remit_opening* given, std::int64_t now, remit_session** out, remit_error* error) {
  if (out == nullptr) return fail(error, ErrorCode::bad_argument, "there is no place for the session");
  *out = nullptr;
  return guarded(error, [&]() -> std::int32_t {
    remit_opening known;
    c::Attributes facts;
    if (!c::read_struct(given, known) || known.layers == nullptr) return fail(error, ErrorCode::bad_argument, "a session needs an opening with layers");
    for (const remit_string text : {known.agent, known.user, known.purpose, known.trigger_kind, known.trigger_text}) {
      if (!c::is_text(text)) return fail(error, ErrorCode::bad_argument, "a text is NULL and yet has a length");
    }
    if (!facts.read(known.facts, known.fact_count, kMaxFacts)) return fail(error, ErrorCode::bad_argument, "a fact is no value, or there are too many");
    Opening opening;
    opening.layers = known.layers->layers;
    opening.agent = c::view(known.agent);
    opening.user = c::view(known.user);
    opening.purpose = c::view(known.purpose);
    opening.facts = facts.view();
    if (known.has_last_review != 0) opening.last_review = at(known.last_review);
    opening.sponsor_revoked = known.sponsor_revoked != 0;
    if (known.trigger_kind.data != nullptr) opening.trigger = TriggerFact{c::view(known.trigger_kind), c::view(known.trigger_text)};
    opening.surroundings = c::surroundings(known);
    return give(Session::open(opening, at(now)), out, error);
  });
}

void remit_session_free(remit_session* session) { delete session; }

std::int32_t remit_session_check(remit_session* session, const remit_request* request, std::int64_t now, remit_decision* out) {
  return answer(session, request, out, [&](const Request& read) { return session->session.check(read, at(now)); });
}

std::int32_t remit_session_would(const remit_session* session, const remit_request* request, std::int64_t now, remit_decision* out) {
  return answer(session, request, out, [&](const Request& read) { return session->session.would(read, at(now)); });
}

std::int32_t remit_session_reserve(remit_session* session, const remit_request* request, std::int64_t now, remit_decision* out, remit_reservation** reservation) {
  if (reservation != nullptr) *reservation = nullptr;
  return answer(session, request, out, [&](const Request& read) -> Decision {
    if (reservation == nullptr) return {};
    Reservation made = session->session.reserve(read, at(now));
    const Decision decision = made.decision();
    // Where there is no memory for the handle, the charge stays and nobody was told yes: closed.
    if (made.granted()) *reservation = new remit_reservation{std::move(made)};
    return decision;
  });
}

void remit_reservation_commit(remit_reservation* reservation) {
  if (reservation != nullptr) reservation->reservation.commit();
  delete reservation;
}

void remit_reservation_rollback(remit_reservation* reservation) {
  if (reservation != nullptr) reservation->reservation.rollback();
  delete reservation;
}

std::int32_t remit_session_approve(remit_session* session, const std::uint8_t approval[16], remit_string approver, std::int64_t now, remit_error* error) {
  if (session == nullptr || approval == nullptr || !c::is_text(approver)) return fail(error, ErrorCode::bad_argument, "an approval needs a session, an id and an approver");
  ApprovalId id;
  std::copy(approval, approval + 16, id.bytes.begin());
  const Status status = session->session.approve(id, c::view(approver), at(now));
  return status ? REMIT_OK : fail(error, status.error());
}

void remit_session_revoke(remit_session* session, remit_string by, remit_string why, std::int64_t now) {
  if (session != nullptr) session->session.revoke(c::view(by), c::view(why), at(now));
}

void remit_session_end(remit_session* session, std::int64_t now) {
  if (session != nullptr) session->session.end(at(now));
}

std::int32_t remit_session_delegate(remit_session* parent, const remit_delegation* given, std::int64_t now, remit_session** out, remit_error* error) {
  if (out == nullptr) return fail(error, ErrorCode::bad_argument, "there is no place for the session");
  *out = nullptr;
  return guarded(error, [&]() -> std::int32_t {
    remit_delegation known;
    c::Attributes facts;
    std::vector<Program> guardrails, grants;
    if (parent == nullptr || !c::read_struct(given, known) || known.task == nullptr) return fail(error, ErrorCode::bad_argument, "a sub-session needs a parent and a task scope");
    if (!c::is_text(known.agent) || !c::is_text(known.purpose)) return fail(error, ErrorCode::bad_argument, "a text is NULL and yet has a length");
    if (!c::read_programs(known.guardrails, known.guardrail_count, guardrails) || !c::read_programs(known.grants, known.grant_count, grants))
      return fail(error, ErrorCode::bad_argument, "a program is missing");
    if (!facts.read(known.facts, known.fact_count, kMaxFacts)) return fail(error, ErrorCode::bad_argument, "a fact is no value, or there are too many");
    Delegation delegation;
    delegation.agent = c::view(known.agent);
    delegation.task = known.task->program;
    delegation.guardrails = guardrails;
    delegation.grants = grants;
    delegation.purpose = c::view(known.purpose);
    delegation.facts = facts.view();
    return give(parent->session.delegate(delegation, at(now)), out, error);
  });
}

std::int32_t remit_session_could(const remit_session* session, remit_string action, remit_string pattern, std::int64_t now) {
  if (session == nullptr || !c::is_text(action) || !c::is_text(pattern)) return REMIT_NEVER;
  static_assert(static_cast<int>(Could::never) == REMIT_NEVER && static_cast<int>(Could::maybe) == REMIT_MAYBE && static_cast<int>(Could::always) == REMIT_ALWAYS);
  return static_cast<std::int32_t>(session->session.could(c::view(action), c::view(pattern), at(now)));
}

std::size_t remit_session_explain(const remit_session* session, const remit_request* request, const remit_decision* given, char* buffer, std::size_t capacity) {
  if (buffer != nullptr && capacity > 0) buffer[0] = '\0';
  try {
    const Read read(request);
    const std::optional<Decision> decision = c::read_decision(given);
    if (session == nullptr || !read.request || !decision) return 0;
    const std::string text = session->session.explain(*read.request, *decision);
    if (buffer != nullptr && capacity > 0) {
      const std::size_t length = std::min(text.size(), capacity - 1);
      std::memcpy(buffer, text.data(), length);
      buffer[length] = '\0';
    }
    return text.size();
  } catch (...) {
    return 0;
  }
}

int remit_session_rule(const remit_session* session, const remit_decision* given, remit_rule_info* out) {
  const std::optional<Decision> decision = c::read_decision(given);
  if (session == nullptr || !decision) return 0;
  const std::optional<RuleInfo> info = session->session.rule(*decision);
  if (!info) return 0;
  c::write_rule(*info, out);
  return 1;
}

void remit_session_id(const remit_session* session, std::uint8_t id[16]) {
  if (id == nullptr) return;
  const Id found = session == nullptr ? Id{} : session->session.id();
  std::copy(found.bytes.begin(), found.bytes.end(), id);
}

std::int32_t remit_session_standing(const remit_session* session, std::int64_t now) {
  return static_cast<std::int32_t>(session == nullptr ? Reason::internal_error : session->session.status(at(now)).reason);
}
