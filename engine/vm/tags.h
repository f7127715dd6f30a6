// Which slots of a group have a tag: all of them compared at once, with SSE2 where the processor is made for it, in two
// words of general registers elsewhere. Covered by tests/tags_test.cpp, which runs both.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/image/hash.h"
#include "engine/image/layout.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace remit::vm {

// A group's first 16 bytes are its tags and what follows them; bits of the latter are cleared with those of free slots.
static_assert(offsetof(image::Group, tags) == 0 && sizeof(image::Group) >= 16);

// Bit i: slot i is taken and has the tag.
inline unsigned tag_hits_by_words(const image::Group& group, std::uint8_t tag) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101u, kLows = 0x7f7f7f7f7f7f7f7fu;
  const auto equal = [tag](const char* bytes) {
    const std::uint64_t difference = image::load64(bytes) ^ tag * kOnes;
    const std::uint64_t other = (((difference & kLows) + kLows) | difference) & ~kLows;  // the top bit of each byte that is not 0
    return static_cast<unsigned>((((other ^ ~kLows) >> 7) * 0x0102040810204080u) >> 56);
  };
  const char* const bytes = reinterpret_cast<const char*>(&group);
  return (equal(bytes) | equal(bytes + 8) << 8) & group.taken;
}

inline unsigned tag_hits(const image::Group& group, std::uint8_t tag) noexcept {
#if defined(__SSE2__)
  const __m128i tags = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&group));
  const __m128i wanted = _mm_shuffle_epi32(_mm_cvtsi32_si128(static_cast<int>(tag * 0x01010101u)), 0);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(tags, wanted))) & group.taken;
#else
  return tag_hits_by_words(group, tag);
#endif
}

}  // namespace remit::vm
