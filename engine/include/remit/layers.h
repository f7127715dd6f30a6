// Layers: a task scope, guardrails and grants linked by name, immutable and shared by many sessions.
// `decide` is the stateless door: it neither allocates, locks nor reads a clock (language.md section 6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <remit/program.h>
#include <remit/request.h>

namespace remit {

// Of one session, those of the sessions above it included.
inline constexpr std::size_t kMaxLayers = 64;

// An action and a resource that were validated, hashed and looked up once, for a request that is
// asked many times with other attributes or at other times. Owns its resource; belongs to the Layers
// that made it (it keeps them alive). Copyable; reading is thread-safe.
class Prepared {
 public:
  struct State;

 private:
  friend class Layers;
  std::shared_ptr<const State> state_;
};

// A counted handle, as Program is: copies are cheap, moving copies, none is ever empty.
class Layers {
 public:
  struct Linked;
  Layers(const Layers&) noexcept = default;
  Layers& operator=(const Layers&) noexcept = default;

  // Links one task scope with any guardrails and grants, in that order. Resolves systems, actions and
  // attributes across the images by name, and settles the stand-in declarations of section 4.
  // Errors: wrong_kind, too_many_layers, too_large, out_of_memory.
  static Result<Layers> link(const Program& task, std::span<const Program> guardrails = {},
                             std::span<const Program> grants = {}) noexcept;
  static Result<Layers> link(const Program& task, std::initializer_list<Program> guardrails,
                             std::initializer_list<Program> grants = {}) noexcept;

  // Decides one request at time `now` for a session with these facts. Deny wins over ask over allow
  // across the layers; the reported rule is that of the first layer that gives the final effect.
  // Layers that need a session's memory (memory_use) are denied `internal_error`: use a Session.
  // Thread-safe; allocates nothing, locks nothing, reads no clock.
  Decision decide(const Request& request, const Facts& facts, Time now) const noexcept;

  // The same for each of `requests` at one time, into the same place of `out`: as many as the shorter of both has.
  // For filters over many resources: where the index is larger than the caches, the next requests' memory is
  // fetched meanwhile.
  void decide(std::span<const Request> requests, const Facts& facts, Time now, std::span<Decision> out) const noexcept;

  // The handle for `action` on `resource`. Never fails for bad input: what is malformed or unknown
  // stays so, and decide says so. Errors: out_of_memory.
  Result<Prepared> prepare(std::string_view action, std::string_view resource) const noexcept;
  Decision decide(const Prepared& prepared, std::span<const Attribute> attributes, const Facts& facts,
                  Time now) const noexcept;

  // Each layer's own verdict, in order; `out` holds at least size() decisions.
  void verdicts(const Request& request, const Facts& facts, Time now, std::span<Decision> out) const noexcept;

  std::size_t size() const noexcept;
  const Program& program(std::size_t layer) const noexcept;  // of the task scope where layer >= size()
  MemoryUse memory_use() const noexcept;
  // The deciding rule of a decision made by these layers; nullopt where no rule decided.
  std::optional<RuleInfo> rule(const Decision& decision) const noexcept;

  // For the engine's own rooms. What linking groups of layers gives: each group is a task scope with its
  // guardrails and grants, the sub-session's own first, then its parent's, and so on (section 7).
  static Result<Layers> link_groups(std::span<const std::vector<Program>> groups) noexcept;
  const Linked& linked() const noexcept { return *linked_; }

 private:
  explicit Layers(std::shared_ptr<const Linked> linked) noexcept : linked_(std::move(linked)) {}
  std::shared_ptr<const Linked> linked_;
};

}  // namespace remit
