// Program: the public handle of a verified image.
#include <remit/program.h>

#include <algorithm>
#include <new>

#include "engine/image/verify.h"

namespace remit {
namespace {

template <class F>
Result<Program> guarded(F&& load) noexcept {
  try {
    return load();
  } catch (...) {
    return out_of_memory();
  }
}

}  // namespace

Result<Program> Program::load(std::span<const std::byte> bytes) noexcept {
  return guarded([&]() -> Result<Program> {
    auto view = image::verify_copy(bytes);
    if (!view) return view.error();
    return Program(std::move(view).value());
  });
}

Result<Program> Program::load_borrowed(std::span<const std::byte> bytes) noexcept {
  return guarded([&]() -> Result<Program> {
    auto view = image::verify(bytes);
    if (!view) return view.error();
    return Program(std::move(view).value());
  });
}

std::span<const std::byte> Program::image() const noexcept { return view_->bytes; }
std::array<std::uint8_t, 32> Program::digest() const noexcept { return view_->digest(); }
DocumentKind Program::kind() const noexcept { return view_->kind(); }
std::string_view Program::name() const noexcept { return view_->text(view_->head().name); }
MemoryUse Program::memory_use() const noexcept { return view_->memory; }
std::uint32_t Program::rule_count() const noexcept { return static_cast<std::uint32_t>(view_->rules.size()); }
std::uint64_t Program::worst_case_steps() const noexcept { return view_->worst_case_steps(); }

RuleInfo Program::rule(std::uint32_t index) const noexcept {
  if (index >= rule_count()) return {};
  const image::Place& place = view_->places[index];
  const image::File& file = view_->files[place.file];
  RuleInfo info;
  info.kind = static_cast<RuleInfo::Kind>(view_->rules[index].kind);
  info.file = view_->text(file.name);
  info.line = place.line;
  info.column = place.column;
  if (place.has_because) info.because = view_->text(place.because);
  const std::string_view statement = view_->text(file.source).substr(place.begin, place.end - place.begin);
  info.source = statement.substr(0, std::min(statement.find('\r'), statement.find('\n')));  // find_first_of asks memchr for each character
  return info;
}

}  // namespace remit
