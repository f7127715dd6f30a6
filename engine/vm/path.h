// A requested resource, read once for all layers: where its parts are, and the hash of every prefix.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/image/hash.h"
#include "engine/image/resource.h"

namespace remit::vm {

struct Path {
  explicit Path(std::string_view resource) noexcept : text(resource), hasher(resource.substr(0, detail::kMaxResourceBytes)) {}

  // False where the resource is not canonical; then nothing else here may be used.
  bool scan() noexcept { return detail::scan_resource(text, parts) == detail::ResourceFault::none; }

  // Hashes the system, the root and the first `depth` segments (all, where there are fewer).
  void hash(std::uint32_t depth) noexcept {
    system_hash = hasher.segment(image::kHashSystem, 0, parts.system);
    root_hash = image::hash_root(system_hash, parts.rooted != 0);
    hashed = depth < parts.segments ? depth : parts.segments;
    std::uint64_t hash = root_hash;
    std::size_t begin = first();
    for (std::uint32_t i = 0; i < hashed; ++i) {
      const std::size_t end = parts.ends[i];
      prefix[i] = hash = hasher.segment(hash, begin, end);
      begin = end + 1;
    }
  }

  std::string_view system() const noexcept { return {text.data(), parts.system}; }
  // Bit i where prefix[i] is hashed.
  std::uint64_t hashed_depths() const noexcept { return hashed == 0 ? 0 : ~std::uint64_t{0} >> (64 - hashed); }
  // Where the first segment begins.
  std::size_t first() const noexcept { return parts.system + 1u + parts.rooted; }
  std::size_t begin(std::size_t segment) const noexcept { return segment == 0 ? first() : parts.ends[segment - 1] + 1u; }
  std::size_t end(std::size_t segment) const noexcept { return parts.ends[segment]; }

  std::string_view text;
  image::PrefixHasher hasher;
  detail::ResourceParts parts;
  std::uint64_t system_hash, root_hash;
  std::uint32_t hashed;
  std::uint64_t prefix[detail::kMaxSegments];
};

}  // namespace remit::vm
