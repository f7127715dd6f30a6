// The structs of remit_c.h <-> the engine's own types. Private to engine/c.
//
// Every struct states its size: what lies beyond it is neither read nor written. A value that is none (a
// type that does not exist, a NULL with a length) makes its request malformed, never something else.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include <remit/remit.h>
#include <remit/remit_c.h>

struct remit_program {
  remit::Program program;
};
struct remit_layers {
  remit::Layers layers;
};
struct remit_session {
  remit::Session session;
};

namespace remit::c {

// `given` as this library knows the struct: fields that the caller's header did not have are zero.
// False where it states no size, or one that cannot be.
template <class T>
bool read_struct(const T* given, T& out) noexcept {
  out = T{};
  if (given == nullptr || given->struct_size < sizeof(std::size_t)) return false;
  std::memcpy(&out, given, std::min(given->struct_size, sizeof(T)));
  return true;
}

// Writes what the caller's header knows of `from`.
template <class T>
void write_struct(const T& from, T* out) noexcept {
  if (out == nullptr || out->struct_size < sizeof(std::size_t)) return;
  const std::size_t size = out->struct_size;
  std::memcpy(static_cast<void*>(out), &from, std::min(size, sizeof(T)));
  out->struct_size = size;
}

// Element `index` of an array whose elements have the size that the first one states.
template <class T>
bool read_element(const T* first, std::size_t index, T& out) noexcept {
  out = T{};
  if (first == nullptr) return false;
  std::size_t stride = 0;
  std::memcpy(&stride, first, sizeof stride);
  if (stride < sizeof(std::size_t)) return false;
  std::memcpy(&out, reinterpret_cast<const char*>(first) + index * stride, std::min(stride, sizeof(T)));
  return out.struct_size == stride;
}

inline bool is_text(remit_string text) noexcept { return text.data != nullptr || text.size == 0; }
inline std::string_view view(remit_string text) noexcept { return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size); }
inline remit_string string(std::string_view text) noexcept { return {text.data(), text.size()}; }

// Attributes, with what their lists need. May throw std::bad_alloc.
class Attributes {
 public:
  // False where something is no value, or there are more than `most`.
  bool read(const remit_attribute* first, std::size_t count, std::size_t most);
  std::span<const Attribute> view() const noexcept { return items_; }

 private:
  bool value(const remit_value& given, bool in_list, Value& out);
  std::vector<Attribute> items_;
  std::deque<std::vector<Value>> lists_;  // a deque: what is lent must not move
};

// Tells the caller. Gives the code. Inline: the language's C library needs it too.
inline std::int32_t fail(remit_error* out, ErrorCode code, std::string_view text) noexcept {
  // The engine counts its codes from 0; here 0 is success.
  const std::int32_t number = static_cast<std::int32_t>(code) + 1;
  remit_error filled = REMIT_INIT(remit_error);
  filled.code = number;
  std::size_t length = std::min(text.size(), sizeof filled.text - 1);
  // Cut between characters, so that the text stays valid UTF-8.
  while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0u) == 0x80u) --length;
  std::memcpy(filled.text, text.data(), length);
  write_struct(filled, out);
  return number;
}
inline std::int32_t fail(remit_error* out, const Error& error) noexcept { return fail(out, error.code, error.text); }

void write_decision(const Decision& decision, remit_decision* out) noexcept;
std::optional<Decision> read_decision(const remit_decision* given) noexcept;
void write_rule(const RuleInfo& info, remit_rule_info* out) noexcept;

// The programs of an array of handles; false where one is NULL.
bool read_programs(const remit_program* const* handles, std::size_t count, std::vector<Program>& out);

// What an opening connects a tree of sessions to.
Surroundings surroundings(const remit_opening& opening);

// Runs `body`, which gives a code; anything thrown is a lack of memory.
template <class Body>
std::int32_t guarded(remit_error* error, Body&& body) noexcept {
  try {
    return body();
  } catch (...) {
    return fail(error, ErrorCode::out_of_memory, "there is not enough memory");
  }
}

}  // namespace remit::c
