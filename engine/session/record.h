// Writing to the audit sink. Never called with a tree's lock held. Every function gives the record's
// number; nothing where it could not be written, and 0 where there is no sink to write to.
#pragma once

#include <optional>

#include "engine/session/state.h"

namespace remit {

std::optional<std::uint64_t> record_opening(const Session::State& state, std::int64_t now) noexcept;
std::optional<std::uint64_t> record_decision(const Session::State& state, const Request& request, const Decision& decision, std::int64_t now) noexcept;
std::optional<std::uint64_t> record_approval(const Session::State& state, const Id& approval, std::string_view action, std::string_view resource,
                                             std::string_view by, std::int64_t now) noexcept;
std::optional<std::uint64_t> record_revocation(const Session::State& state, std::string_view by, std::string_view why, std::int64_t now) noexcept;
std::optional<std::uint64_t> record_end(const Session::State& state, std::int64_t now) noexcept;

}  // namespace remit
