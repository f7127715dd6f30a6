// Constants of the saved form that its writer and its reader share. See saved.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include <remit/request.h>

#include "engine/image/checksum.h"

namespace remit {

inline constexpr char kStateMagic[8] = {'R', 'e', 'm', 'i', 't', 'S', '\n', '\x1a'};
inline constexpr std::uint16_t kStateMajor = 1, kStateMinor = 0;
inline constexpr std::size_t kStateSizeAt = 12, kStateGenerationAt = 20, kStateChecksumAt = 28, kStateBodyAt = 36;
inline constexpr std::uint32_t kNoParent = 0xffffffffu;

// Facts that are texts, in the order in which they are saved.
inline constexpr std::optional<std::string_view> Facts::* kTextFacts[] = {&Facts::agent, &Facts::user, &Facts::sponsor, &Facts::purpose, &Facts::trigger};

}  // namespace remit
