// Writing to the audit sink. Never called with a tree's lock held. Every function gives false where there
// is a sink and it could not write, true where there is none: a session without a trail has none to miss.
// Covered by tests/audit_record_test.cpp.
#pragma once

#include "engine/session/state.h"
#include "engine/vm/few.h"

namespace remit {

// What an opening or delegation said that only the trail keeps.
struct Beginning {
  TraceContext trace;
  std::optional<TriggerFact> trigger;
  std::optional<Time> last_review;
  bool sponsor_revoked = false;

  template <class Start>
  static Beginning of(const Start& start) {
    return {start.trace, start.trigger, start.last_review, start.sponsor_revoked};
  }
};

// Gives a session its way to the trail, where its tree has a sink. The session is complete. May throw.
void join_trail(Session::State& state, const Beginning& beginning = {});

// An opening (`parent` is null) or delegation that was refused. Whoever was refused is refused all the same
// where this cannot be written.
struct Refused {
  const Session::State* parent = nullptr;
  std::string_view agent, user, sponsor, purpose;
  std::span<const Attribute> named;
  const std::vector<std::string>* chain = nullptr;  // agents before this one
  BadHabit habit = BadHabit::none;
  std::optional<Layers> layers;
};
void record_refusal(AuditSink& sink, const Refused& refused, const Beginning& beginning, const Error& error, std::int64_t now) noexcept;

bool record_opening(const Session::State& state, std::int64_t now) noexcept;
// Names the decision, in `id` and `record`.
bool record_decision(Session::State& state, const Request& request, Decision& decision, const vm::Few<AuditedCharge, 4>& charges,
                     const image::Digest* exact_request, std::int64_t now) noexcept;
bool record_approval(const Session::State& state, const Id& approval, std::string_view action, std::string_view resource,
                     const image::Digest& exact_request, std::string_view by, std::int64_t now) noexcept;
bool record_revocation(const Session::State& state, std::string_view by, std::string_view why, std::int64_t now) noexcept;
// A commit or rollback.
bool record_settlement(const Session::State& state, AuditEvent::Kind kind, const Id& decision, std::int64_t now) noexcept;
bool record_outcome(const Session::State& state, const Id& decision, bool ok, std::string_view detail, std::int64_t now) noexcept;
bool record_end(const Session::State& state, std::int64_t now) noexcept;

}  // namespace remit
