// A Program: one verified image. It can be made only from bytes that passed the verifier, so whoever
// holds one may run it without checking anything again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <remit/decision.h>
#include <remit/result.h>
#include <remit/value.h>

namespace remit {

namespace image {
class View;
}

enum class DocumentKind : std::uint8_t { scope, guardrail, grants };
const char* to_string(DocumentKind kind) noexcept;

// Which statements of a program speak of more than the request at hand.
struct MemoryUse {
  bool limits = false, history = false, idle = false;  // decided only by who remembers earlier grants
  bool delegation = false;                             // concerns opening sub-sessions, not decisions
  // Does a decision need memory, so that no stateless door can make it?
  bool any() const noexcept { return limits || history || idle; }
};

// Where a rule stands and why it is there. Borrows from the Program.
struct RuleInfo {
  enum class Kind : std::uint8_t { allow, deny, ask, limit } kind = Kind::allow;
  std::string_view file;
  std::uint32_t line = 0, column = 0;
  std::optional<std::string_view> because;
  std::string_view source;  // the statement's first line as written; empty where the image has no source
};

// A counted handle: copies are cheap and share the image. Moving copies, so no handle is ever empty.
class Program {
 public:
  Program(const Program&) noexcept = default;
  Program& operator=(const Program&) noexcept = default;

  // Verifies and copies `bytes`; they may go away afterwards. O(size). Thread-safe.
  // Errors: bad_image, unsupported_version, out_of_memory.
  static Result<Program> load(std::span<const std::byte> bytes) noexcept;
  // Verifies `bytes` in place and keeps pointing into them: for memory (a mapped file, say) that the
  // caller promises neither changes nor goes away while any copy of the Program, or anything linked
  // from it, lives. `bytes` must be aligned to 8. Errors as load.
  static Result<Program> load_borrowed(std::span<const std::byte> bytes) noexcept;

  // The image itself, for saving. Valid while the Program lives.
  std::span<const std::byte> image() const noexcept;

  // SHA-256 of the image: the program's name in saved states and in the audit trail. Worked out at the
  // first call.
  std::array<std::uint8_t, 32> digest() const noexcept;

  DocumentKind kind() const noexcept;
  std::string_view name() const noexcept;  // empty for a nameless scope
  MemoryUse memory_use() const noexcept;
  // Rules and limits, in text order; a Decision's `rule` counts from 0 in it.
  std::uint32_t rule_count() const noexcept;
  RuleInfo rule(std::uint32_t index) const noexcept;  // empty where index >= rule_count()
  // The bound on the steps of one decision, over all requests within the limits of request.h. Worked out at the first
  // call, in time linear in the image; UINT64_MAX where there is no memory for that.
  std::uint64_t worst_case_steps() const noexcept;

  // For the engine's own rooms.
  const image::View& view() const noexcept { return *view_; }

 private:
  explicit Program(std::shared_ptr<const image::View> view) noexcept : view_(std::move(view)) {}
  std::shared_ptr<const image::View> view_;
};

}  // namespace remit
