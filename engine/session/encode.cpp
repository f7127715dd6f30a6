// See encode.h. Every item is preceded by its type and length, so that no two lists of items have one
// encoding.
#include "engine/session/encode.h"

#include <algorithm>
#include <array>

namespace remit {
namespace {

using image::Sha256;

void number(Sha256& hash, std::uint64_t value) noexcept {
  std::uint8_t bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> 8 * i);
  hash.update(bytes, sizeof bytes);
}

void text(Sha256& hash, std::string_view bytes) noexcept {
  number(hash, bytes.size());
  hash.update(bytes.data(), bytes.size());
}

void scalar(Sha256& hash, const Value& item) noexcept {
  const auto type = static_cast<std::uint8_t>(item.type());
  hash.update(&type, 1);
  if (item.type() == Type::string || item.type() == Type::resource) return text(hash, item.text());
  number(hash, static_cast<std::uint64_t>(item.number()));
}

void value(Sha256& hash, const Value& item) noexcept {
  if (item.type() != Type::list) return scalar(hash, item);
  const auto type = static_cast<std::uint8_t>(Type::list);
  hash.update(&type, 1);
  number(hash, item.items().size());
  for (const Value& element : item.items()) scalar(hash, element);
}

}  // namespace

image::Digest digest_of(const Request& request) noexcept {
  std::array<const Attribute*, kMaxAttributes> sorted;
  const std::size_t count = std::min(request.attributes.size(), sorted.size());
  for (std::size_t i = 0; i < count; ++i) sorted[i] = &request.attributes[i];
  std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count), [](const Attribute* a, const Attribute* b) { return a->name < b->name; });

  std::string_view resource = request.resource;
  const std::size_t first = resource.find(':') + 2;  // the root's own slash is no trailing one
  if (resource.size() > first && resource.back() == '/') resource.remove_suffix(1);
  Sha256 hash;
  text(hash, request.action);
  text(hash, resource);
  number(hash, count);
  for (std::size_t i = 0; i < count; ++i) {
    text(hash, sorted[i]->name);
    value(hash, sorted[i]->value);
  }
  return hash.finish();
}

}  // namespace remit
