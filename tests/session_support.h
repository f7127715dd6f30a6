// Sessions for tests: one line to open one, and times as hours and microseconds after the opening.
#pragma once

#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support.h"

namespace remit::test {

inline constexpr std::int64_t kOpened = 1'000'000'000'000'000;  // far from zero, so that signs matter
inline constexpr std::int64_t kSecond = 1'000'000, kMinute = 60 * kSecond;
inline constexpr std::string_view kAgent = "spiffe://acme/agent/one", kPerson = "ann@acme";

inline Time after(std::int64_t micros) { return time_from_micros(kOpened + micros); }

inline Program scope(std::string_view text) { return compile_or_die(std::string(kLab).append(text)); }
inline Program guardrail(std::string_view text) { return compile_or_die(std::string("guardrail g\n").append(kLab).append(text)); }

inline Layers layers_of(const Program& task, std::initializer_list<Program> guardrails = {}) { return Layers::link(task, guardrails).value(); }

inline Session open(const Layers& layers, const Surroundings& around = {}) {
  Opening opening;
  opening.agent = kAgent;
  opening.user = kPerson;
  opening.layers = layers;
  opening.surroundings = around;
  return Session::open(opening, after(0)).value();
}
inline Session open(std::string_view text, const Surroundings& around = {}) { return open(layers_of(scope(text)), around); }

inline Session child_of(Session& parent, const Program& task, std::int64_t now = 0, std::string_view agent = "spiffe://acme/agent/two") {
  Delegation delegation;
  delegation.agent = agent;
  delegation.task = task;
  return parent.delegate(delegation, after(now)).value();
}

// `allowed_by_rule` and the like: what most tests compare.
inline std::string reason(const Decision& decision) { return to_string(decision.reason); }
inline std::string check(Session& session, const Request& request, std::int64_t now = 0) { return reason(session.check(request, after(now))); }

}  // namespace remit::test
