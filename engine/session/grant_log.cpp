// See grant_log.h.
#include "engine/session/grant_log.h"

#include "engine/image/hash.h"

namespace remit {
namespace {

std::uint64_t hash_of(std::string_view action, std::string_view resource) noexcept {
  return image::hash_bytes(image::hash_bytes(image::kHashWord, action), resource);
}

}  // namespace

const GrantLog::Entry* GrantLog::find(const Table& table, std::uint64_t hash, std::string_view action, std::string_view resource) noexcept {
  for (std::size_t at = hash & table.mask;; at = (at + 1) & table.mask) {
    const Entry* entry = table.slots[at].load(std::memory_order_acquire);
    if (entry == nullptr || (entry->hash == hash && entry->action == action && entry->resource == resource)) return entry;
  }
}

void GrantLog::put(Table& table, const Entry* entry) noexcept {
  std::size_t at = entry->hash & table.mask;
  while (table.slots[at].load(std::memory_order_relaxed) != nullptr) at = (at + 1) & table.mask;
  table.slots[at].store(entry, std::memory_order_release);
}

bool GrantLog::has(std::string_view action, std::string_view resource) const noexcept {
  const Table* table = table_.load(std::memory_order_acquire);
  if (table != nullptr && find(*table, hash_of(action, resource), action, resource) != nullptr) return true;
  return overflowed();
}

const std::vector<std::unique_ptr<const GrantLog::Entry>>& GrantLog::entries() const noexcept {
  static const std::vector<std::unique_ptr<const Entry>> kNone;
  return book_ ? book_->entries : kNone;
}

void GrantLog::add(std::string_view action, std::string_view resource) noexcept {
  if (has(action, resource)) return;
  try {
    if (!book_) book_ = std::make_unique<Book>();
    auto& entries = book_->entries;
    auto& tables = book_->tables;
    if (entries.size() >= kMaxEntries || book_->bytes + action.size() + resource.size() > kMaxBytes) return overflow();
    auto entry = std::make_unique<const Entry>(Entry{hash_of(action, resource), std::string(action), std::string(resource)});
    if (entries.size() == entries.capacity()) entries.reserve(2 * entries.size() + 16);
    if (tables.empty() || entries.size() * 2 >= tables.back()->mask + 1) {
      auto larger = std::make_unique<Table>(tables.empty() ? 16 : 2 * (tables.back()->mask + 1));
      for (const auto& old : entries) put(*larger, old.get());
      tables.push_back(std::move(larger));
    }
    book_->bytes += action.size() + resource.size();
    entries.push_back(std::move(entry));
    put(*tables.back(), entries.back().get());
    table_.store(tables.back().get(), std::memory_order_release);
  } catch (...) {
    overflow();
  }
}

}  // namespace remit
