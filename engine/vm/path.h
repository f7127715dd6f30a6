// A requested resource, read once for all layers: where its parts are, and the hash of every prefix.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/image/hash.h"
#include "engine/image/resource.h"

namespace remit::vm {

struct Path {
  explicit Path(std::string_view resource) noexcept : text(resource) {}

  // False where the resource is not canonical; then nothing else here may be used.
  bool scan() noexcept { return detail::scan_resource(text, parts) == detail::ResourceFault::none; }

  // Hashes the prefixes of as many segments as `wanted` says, bit i for i + 1, and the system where that is wanted.
  void hash(std::uint64_t wanted, bool wants_system) noexcept {
    depths = parts.segments == 0 ? 0 : wanted & ~std::uint64_t{0} >> (64 - parts.segments);
    const std::size_t system_end = parts.system + 1u;  // with the colon
    const std::size_t last = depths == 0 ? system_end : end(63u - static_cast<unsigned>(__builtin_clzll(depths)));
    std::uint64_t sums[detail::kMaxResourceBytes / 16];  // of the whole blocks before each
    std::uint64_t sum = 0;
    const char* const bytes = text.data();
    const std::size_t blocks = (last - 1) / 16;
    for (std::size_t i = 0; i < blocks; ++i) {
      sums[i] = sum;
      sum += image::hash_block(image::load64(bytes + 16 * i), image::load64(bytes + 16 * i + 8), i);
    }
    sums[blocks] = sum;
    const image::Wide head = image::first_bytes(bytes, text.size());
    const auto prefix_of = [&](std::size_t size) { return sums[(size - 1) / 16] + image::hash_last_block(bytes, head, size); };
    system_head = system_end < 16 ? image::cut_head(head, system_end) : head;
    if (wants_system) system_hash = prefix_of(system_end);
    for (std::uint64_t left = depths; left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(__builtin_ctzll(left));
      prefix[i] = prefix_of(end(i));
    }
  }

  std::string_view system() const noexcept { return {text.data(), parts.system}; }
  // Where the first segment begins.
  std::size_t first() const noexcept { return parts.system + 1u + parts.rooted; }
  std::size_t begin(std::size_t segment) const noexcept { return segment == 0 ? first() : parts.ends[segment - 1] + 1u; }
  std::size_t end(std::size_t segment) const noexcept { return parts.ends[segment]; }

  std::string_view text;
  detail::ResourceParts parts;
  image::Wide system_head;    // of `docs:` the first 16 bytes, and zeros where there are fewer
  std::uint64_t system_hash;  // of `docs:`, where it was wanted
  std::uint64_t depths;  // bit i where prefix[i], of i + 1 segments, is hashed
  std::uint64_t prefix[detail::kMaxSegments];
};

}  // namespace remit::vm
