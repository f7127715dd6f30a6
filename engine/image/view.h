// A view of a verified image: one typed span for each section, and what the verifier worked out.
// Made only by verify(); holds the bytes alive where it owns them. Immutable, so freely shared.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

#include <remit/program.h>

#include "engine/image/layout.h"
#include "engine/image/sha256.h"

namespace remit::image {

class View {
 public:
  // The sections, by the names of REMIT_SECTIONS.
#define REMIT_SECTION_SPAN(name, type, sentence) std::span<const type> name;
  REMIT_SECTIONS(REMIT_SECTION_SPAN)
#undef REMIT_SECTION_SPAN

  std::span<const std::byte> bytes;
  std::shared_ptr<const std::byte[]> owned;  // null for borrowed bytes

  // From the verifier.
  std::uint64_t homes = 0;          // groups that hashes belong to: the first so many
  std::uint32_t longest_probe = 0;  // groups that a search may have to look at
  // Where the index has nodes at all, so that nobody looks where there are none: bit NodeKind of `kinds`,
  // and for paths bit i of `depths` for those of i + 1 segments.
  std::uint32_t kinds = 0;
  std::uint64_t depths = 0;
  MemoryUse memory;

  // SHA-256 of the image. Worked out when it is first asked for: most programs never are.
  const Digest& digest() const noexcept {
    std::call_once(digested_, [this] { digest_ = sha256(bytes); });
    return digest_;
  }

  // The bound on the steps of one decision (steps.cpp). Worked out when it is first asked for, too; where there is no
  // memory for that, it is more than any host permits.
  std::uint64_t worst_case_steps() const noexcept;

  std::string_view text(Text text) const noexcept { return {texts.data() + text.offset, text.length}; }
  const Document& head() const noexcept { return document[0]; }
  DocumentKind kind() const noexcept { return static_cast<DocumentKind>(head().kind); }

  const Node& node(std::uint32_t offset) const noexcept {
    return *reinterpret_cast<const Node*>(nodes.data() + offset);
  }
  static std::span<const Entry> entries(const Node& node) noexcept {
    return {reinterpret_cast<const Entry*>(&node + 1), node.entries};
  }
  static const char* key(const Node& node) noexcept {
    return reinterpret_cast<const char*>(&node + 1) + node.entries * sizeof(Entry);
  }
  // Node size in units of 8 bytes.
  static std::uint64_t node_units(const Node& node) noexcept {
    return (sizeof(Node) + std::uint64_t{node.entries} * sizeof(Entry) + node.key_length + 7) / 8;
  }

  // Slashes in a node's key. Keys are shorter than 65,536 bytes, and so narrow a sum lets compilers count many at once.
  static unsigned slashes(const Node& node) noexcept {
    std::uint16_t count = 0;
    for (const char c : std::string_view(key(node), node.key_length)) count = static_cast<std::uint16_t>(count + (c == '/' ? 1 : 0));
    return count;
  }

  bool has(NodeKind kind) const noexcept { return (kinds >> static_cast<unsigned>(kind) & 1) != 0; }

  // Items of another section that `range` names.
  template <class T>
  static std::span<const T> slice(std::span<const T> items, Range range) noexcept {
    return items.subspan(range.first, range.count);
  }

 private:
  mutable std::once_flag digested_;
  mutable Digest digest_{};
  mutable std::once_flag bounded_;
  mutable std::uint64_t worst_case_steps_ = 0;
};

}  // namespace remit::image
