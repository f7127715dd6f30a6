// Few: a list that is nearly always short. The first N items live inside it, so that a decision which
// collects them allocates nothing; more go to the heap. Never throws: where there is no memory, items are
// lost and failed() says so, and whoever collected must then deny.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

namespace remit::vm {

template <class T, std::size_t N>
class Few {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Few() noexcept {}  // items_ stays unset: zeroing it would be most of a decision's cost
  Few(const Few&) = delete;
  Few& operator=(const Few&) = delete;

  void push(const T& item) noexcept {
    if (size_ == capacity_ && !grow()) {
      failed_ = true;
      return;
    }
    data()[size_++] = item;
  }
  void shorten(std::size_t size) noexcept { size_ = size; }
  void clear() noexcept {
    size_ = 0;
    failed_ = false;
  }

  bool failed() const noexcept { return failed_; }
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  T& operator[](std::size_t i) noexcept { return data()[i]; }
  T* begin() noexcept { return data(); }
  T* end() noexcept { return data() + size_; }
  const T* begin() const noexcept { return data(); }
  const T* end() const noexcept { return data() + size_; }

 private:
  T* data() noexcept { return more_ ? more_.get() : reinterpret_cast<T*>(items_); }
  const T* data() const noexcept { return more_ ? more_.get() : reinterpret_cast<const T*>(items_); }

  bool grow() noexcept {
    std::unique_ptr<T[]> larger(new (std::nothrow) T[capacity_ * 2]);
    if (!larger) return false;
    std::memcpy(larger.get(), data(), size_ * sizeof(T));
    more_ = std::move(larger);
    capacity_ *= 2;
    return true;
  }

  std::size_t size_ = 0, capacity_ = N;
  bool failed_ = false;
  std::unique_ptr<T[]> more_;
  alignas(T) unsigned char items_[N * sizeof(T)];
};

}  // namespace remit::vm
