// Layers: the public handle of linked programs, but for decisions (decide.cpp, prepare.cpp).
// Covered by tests/link_test.cpp.
#include <new>

#include "engine/vm/link.h"

namespace remit {
namespace {

Error wrong_kind(const char* place, const Program& program) {
  return {ErrorCode::wrong_kind, std::string("a ") + to_string(program.kind()) + " document was passed as " + place};
}

template <class F>
Result<Layers> guarded(F&& link) noexcept {
  try {
    return link();
  } catch (...) {
    return out_of_memory();
  }
}

}  // namespace

Result<Layers> Layers::link_groups(std::span<const std::vector<Program>> groups) noexcept {
  return guarded([&]() -> Result<Layers> {
    auto linked = std::make_shared<Linked>();
    for (std::size_t group = 0; group < groups.size(); ++group) {
      std::uint32_t limits = 0, histories = 0;
      for (const Program& program : groups[group]) {
        linked->programs.push_back(program);
        linked->groups.push_back(static_cast<std::uint16_t>(group));
        linked->views.push_back(&program.view());
        linked->limit_base.push_back(limits);
        linked->history_base.push_back(histories);
        limits += static_cast<std::uint32_t>(program.view().limits.size());
        histories += static_cast<std::uint32_t>(program.view().histories.size());
      }
    }
    if (linked->programs.size() > kMaxLayers) {
      return Error{ErrorCode::too_many_layers, "a session has at most " + std::to_string(kMaxLayers) + " layers, those of the sessions above it included"};
    }
    if (const char* sentence = vm::link_names(*linked)) return Error{ErrorCode::too_large, sentence};
    return Layers(std::move(linked));
  });
}

Result<Layers> Layers::link(const Program& task, std::span<const Program> guardrails, std::span<const Program> grants) noexcept {
  return guarded([&]() -> Result<Layers> {
    if (task.kind() != DocumentKind::scope) return wrong_kind("the task scope", task);
    std::vector<Program> group{task};
    for (const Program& program : guardrails) {
      if (program.kind() != DocumentKind::guardrail) return wrong_kind("a guardrail", program);
      group.push_back(program);
    }
    for (const Program& program : grants) {
      if (program.kind() != DocumentKind::grants) return wrong_kind("grants", program);
      group.push_back(program);
    }
    return link_groups({&group, 1});
  });
}

Result<Layers> Layers::link(const Program& task, std::initializer_list<Program> guardrails, std::initializer_list<Program> grants) noexcept {
  return link(task, std::span<const Program>(guardrails.begin(), guardrails.size()), std::span<const Program>(grants.begin(), grants.size()));
}

std::size_t Layers::size() const noexcept { return linked_->programs.size(); }
const Program& Layers::program(std::size_t layer) const noexcept { return linked_->programs[layer < size() ? layer : 0]; }
MemoryUse Layers::memory_use() const noexcept { return linked_->memory; }

std::optional<RuleInfo> Layers::rule(const Decision& decision) const noexcept {
  if (decision.rule == kNoRule || decision.layer >= size() || decision.rule >= program(decision.layer).rule_count()) return std::nullopt;
  return program(decision.layer).rule(decision.rule);
}

}  // namespace remit
