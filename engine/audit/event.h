// An event on its way from the thread that caused it to the one that writes it: a compact copy of
// an AuditEvent. Copying is all that the calling thread pays for, so it neither renders nor hashes
// nor, for an event of usual size, allocates.
//
// What varies in size is packed into one run of bytes, in the order in which the renderer takes it
// out again (Packer and Unpacker mirror one another). A request beyond the limits of request.h,
// which is denied, keeps its first attributes and items; a text that is too long is cut by its hash
// there (json_text.h), so it travels whole. Covered by tests/audit_record_test.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <remit/audit_sink.h>

#include "engine/image/sha256.h"

namespace remit::audit {

// What the log itself records, beside the kinds of AuditEvent.
enum class OwnKind : std::uint8_t { none, gap, retention };

// The log's own events. gap: `count` took effect unrecorded, `denied` were denied. retention:
// bodies of a class from before `before` are to be removed; the ledger does that when it records
// it.
struct OwnEvent {
  OwnKind kind = OwnKind::none;
  std::uint64_t count = 0, denied = 0;
  std::int64_t before = 0;
  std::string_view text;  // gap: why; retention: the class
};

// A thread that waits until its event is on the disk. Guarded by the log's own lock.
struct Waiter {
  bool settled = false;
  std::uint64_t seq = 0;  // 0: it could not be written
};

class QueuedEvent {
 public:
  std::shared_ptr<const AuditedSession> session;  // null for the log's own
  std::int64_t time = 0;
  Waiter* waiter = nullptr;
  AuditEvent::Kind kind = AuditEvent::Kind::decision;
  OwnKind own = OwnKind::none;

  std::string_view bytes() const noexcept { return {more_ ? more_.get() : inside_.data(), size_}; }
  // Takes over packed bytes. `more` holds them where they are too many to stand inside.
  void hold(std::string_view packed, std::unique_ptr<char[]> more) noexcept {
    size_ = packed.size();
    more_ = std::move(more);
    if (!more_ && size_ != 0) std::memcpy(inside_.data(), packed.data(), size_);
  }
  void clear() noexcept {
    session.reset();
    more_.reset();
    waiter = nullptr;
    own = OwnKind::none;
  }

  static constexpr std::size_t kInside = 384;

 private:
  std::size_t size_ = 0;
  std::unique_ptr<char[]> more_;
  std::array<char, kInside> inside_;
};

// Bytes being packed: on the stack while they are few.
class Packer {
 public:
  Packer() noexcept {}  // first_ stays unset: zeroing it would cost more than packing does

  template <class T>
  void put(const T& item) {
    static_assert(std::is_trivially_copyable_v<T>);
    append(&item, sizeof item);
  }
  void text(std::string_view text);
  void value(const Value& value);

  std::string_view bytes() const noexcept {
    return more_.empty() ? std::string_view(first_, size_)
                         : std::string_view(more_.data(), more_.size());
  }

 private:
  // Inline: most items have a size known where they are put, and a call costs more than a move.
  void append(const void* data, std::size_t size) {
    if (!more_.empty() || size > sizeof first_ - size_) return append_more(data, size);
    if (size != 0) std::memcpy(first_ + size_, data, size);
    size_ += size;
  }
  void append_more(const void* data, std::size_t size);

  std::size_t size_ = 0;
  char first_[1024];
  std::vector<char> more_;
};

// May throw std::bad_alloc.
void pack(Packer& out, const AuditEvent& event);
void pack(Packer& out, const OwnEvent& event);

// What pack() wrote, taken out in the same order. Borrows from the bytes and from itself.
struct UnpackedEvent {
  Decision decision;
  Id approval;
  ErrorCode error{};
  bool ok = false;
  bool has_exact_request = false;
  image::Digest exact_request{};
  TraceContext trace;  // the request's own, else empty
  std::string_view action, resource, by, why, detail;
  std::vector<AuditedCharge> charges;
  std::vector<Attribute> attributes;

  void unpack(std::string_view bytes);

 private:
  std::vector<Value> items_;
};
OwnEvent unpack_own(std::string_view bytes, OwnKind kind) noexcept;

}  // namespace remit::audit
