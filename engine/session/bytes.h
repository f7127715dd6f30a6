// Writing and reading of saved state: little-endian numbers, and texts behind their length. The reader
// is for bytes that anybody may have made: it never reads outside, and after the first thing that does
// not fit everything it gives is zero or empty and ok() is false. Covered by tests/session_saved_test.cpp.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <remit/id.h>

namespace remit {

class ByteWriter {
 public:
  template <class T>
  void number(T value) {
    static_assert(std::is_integral_v<T>);
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes_.push_back(static_cast<std::byte>(static_cast<std::make_unsigned_t<T>>(value) >> 8 * i));
  }
  void raw(const void* data, std::size_t size) {
    if (size == 0) return;
    const std::size_t at = bytes_.size();
    bytes_.resize(at + size);
    std::memcpy(bytes_.data() + at, data, size);
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    raw(value.data(), value.size());
  }
  void id(const Id& value) { raw(value.bytes.data(), value.bytes.size()); }

  // Overwrites eight bytes that were written before.
  void patch(std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) bytes_[at + i] = static_cast<std::byte>(value >> 8 * i);
  }
  std::vector<std::byte>& bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) noexcept : rest_(bytes) {}

  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return ok_ && rest_.empty(); }
  void fail() noexcept {
    ok_ = false;
    rest_ = {};
  }

  template <class T>
  T number() noexcept {
    static_assert(std::is_integral_v<T>);
    if (rest_.size() < sizeof(T)) {
      fail();
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value |= std::uint64_t{static_cast<std::uint8_t>(rest_[i])} << 8 * i;
    rest_ = rest_.subspan(sizeof(T));
    return static_cast<T>(value);
  }
  // A number below `limit`.
  template <class T>
  T below(T limit) noexcept {
    const T value = number<T>();
    if (value >= limit) fail();
    return ok_ ? value : T{0};
  }
  // How many items follow, each of at least `size` bytes: no more than there can be.
  std::uint32_t count(std::size_t size) noexcept {
    const auto value = number<std::uint32_t>();
    if (value > rest_.size() / size) fail();
    return ok_ ? value : 0;
  }
  std::string_view text() noexcept {
    const std::uint32_t size = count(1);
    const std::string_view value(reinterpret_cast<const char*>(rest_.data()), size);
    rest_ = rest_.subspan(size);
    return value;
  }
  void raw(void* out, std::size_t size) noexcept {
    if (rest_.size() < size) return fail();
    if (size != 0) std::memcpy(out, rest_.data(), size);
    rest_ = rest_.subspan(size);
  }
  Id id() noexcept {
    Id value;
    raw(value.bytes.data(), value.bytes.size());
    return value;
  }

 private:
  std::span<const std::byte> rest_;
  bool ok_ = true;
};

}  // namespace remit
