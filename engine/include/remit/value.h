// Values as a request carries them. Strictly typed: an int is never a size (language.md section 2).
// A Value borrows: strings and lists point into the caller's memory, which must live as long as the
// call that uses the Value. Trivially copyable; safe to share between threads while nobody writes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace remit {

// A point in time, in microseconds since 1970-01-01T00:00Z. The engine never reads a clock.
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

constexpr Time time_from_micros(std::int64_t micros) noexcept { return Time{Duration{micros}}; }

// The types of section 2, in the order in which images number them. `any` is only met inside the
// compiler and the image: a session fact whose type the host decides.
enum class Type : std::uint8_t { any, boolean, integer, size, duration, time, string, resource, list };
const char* to_string(Type type) noexcept;  // as the language spells it: "bool", "int", "size", ...

struct Bytes {
  std::int64_t count = 0;
};
constexpr Bytes bytes(std::int64_t count) noexcept { return Bytes{count}; }

// A resource as a value, told apart from a plain string.
struct ResourceName {
  std::string_view text;
};

class Value {
 public:
  constexpr Value() noexcept = default;  // false
  template <class B, std::enable_if_t<std::is_same_v<B, bool>, int> = 0>
  constexpr Value(B truth) noexcept : number_(truth ? 1 : 0), type_(Type::boolean) {}
  template <class I,
            std::enable_if_t<std::is_integral_v<I> && !std::is_same_v<I, bool> && sizeof(I) <= 8 &&
                                 (std::is_signed_v<I> || sizeof(I) < 8),
                             int> = 0>
  constexpr Value(I number) noexcept : number_(number), type_(Type::integer) {}
  constexpr Value(Bytes size) noexcept : number_(size.count), type_(Type::size) {}
  template <class Rep, class Period>
  constexpr Value(std::chrono::duration<Rep, Period> duration) noexcept
      : number_(std::chrono::duration_cast<Duration>(duration).count()), type_(Type::duration) {}
  constexpr Value(Time time) noexcept
      : number_(time.time_since_epoch().count()), type_(Type::time) {}
  constexpr Value(std::string_view text) noexcept
      : text_(text.data()), number_(static_cast<std::int64_t>(text.size())), type_(Type::string) {}
  constexpr Value(const char* text) noexcept : Value(std::string_view(text)) {}
  constexpr Value(ResourceName name) noexcept
      : text_(name.text.data()), number_(static_cast<std::int64_t>(name.text.size())), type_(Type::resource) {}
  // A list of values of one type; `items` is borrowed.
  constexpr Value(std::span<const Value> items) noexcept
      : items_(items.data()), number_(static_cast<std::int64_t>(items.size())), type_(Type::list) {}

  constexpr Type type() const noexcept { return type_; }
  // bool (0 or 1), int, bytes, microseconds; meaningless for text and lists.
  constexpr std::int64_t number() const noexcept { return number_; }
  // string and resource only.
  constexpr std::string_view text() const noexcept { return {text_, static_cast<std::size_t>(number_)}; }
  // list only.
  constexpr std::span<const Value> items() const noexcept { return {items_, static_cast<std::size_t>(number_)}; }

 private:
  union {
    const char* text_ = nullptr;
    const Value* items_;
  };
  std::int64_t number_ = 0;
  Type type_ = Type::boolean;
};
static_assert(std::is_trivially_copyable_v<Value>);

struct Attribute {
  std::string_view name;
  Value value;
};

}  // namespace remit
