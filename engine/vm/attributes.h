// A request's attributes, checked once for all layers: within the limits of request.h, no name twice,
// no session fact among them. Names are hashed, so that a guard finds its attribute by number.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <remit/request.h>

#include "engine/image/hash.h"

namespace remit::vm {

class Attributes {
 public:
  explicit Attributes(std::span<const Attribute> attributes) noexcept : items_(attributes) {}

  // False where the request is malformed; then nothing may be looked for.
  bool read() noexcept { return items_.empty() || check(); }  // most requests have none

  const Value* find(std::string_view name, std::uint32_t hash) const noexcept {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (hashes_[i] == hash && image::same_name(items_[i].name, name)) return &items_[i].value;
    }
    return nullptr;
  }

 private:
  bool check() noexcept;

  std::span<const Attribute> items_;
  std::uint32_t hashes_[kMaxAttributes];
};

}  // namespace remit::vm
