// Result<T>: what every fallible function of the engine returns. A T, or an Error with a stable code
// and a sentence for people (the identity room has codes of its own: refusal.h). Nothing here throws; asking an error for its value ends the process,
// because going on without the value would be a decision made on nothing.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace remit {

// Stable codes. Add at the end; never renumber.
enum class ErrorCode {
  out_of_memory,
  bad_image,            // Program::load: the bytes are no image, are damaged, or break a verifier rule
  unsupported_version,  // another format major or a newer minor
  wrong_kind,           // Layers::link: a grants document passed as a task, and the like
  too_many_layers,
  needs_memory,         // the program uses a feature that the called door cannot decide
  agent_not_allowed,    // Session::open: the `agent` statement does not name this agent
  user_not_allowed,     // Session::open: the `on behalf of` statement does not name this user
  no_accountable_person,// Session::open: neither a user nor a sponsor
  review_overdue,
  sponsor_revoked,
  wrong_trigger,
  bad_argument,         // an empty or malformed identifier, a fact of an impossible name, a null handle
};

// The code as written above, for logs and JSON.
const char* to_string(ErrorCode code) noexcept;

struct Error {
  ErrorCode code = ErrorCode::bad_argument;
  std::string text;
};

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) noexcept : value_(std::move(value)) {}
  Result(E error) noexcept : error_(std::move(error)) {}

  bool ok() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }

  // The value. Aborts where there is none: test ok() first.
  T& value() & noexcept { return require(), *value_; }
  const T& value() const& noexcept { return require(), *value_; }
  T&& value() && noexcept { return require(), std::move(*value_); }
  T* operator->() noexcept { return require(), &*value_; }
  const T* operator->() const noexcept { return require(), &*value_; }

  // The error; meaningful only where ok() is false.
  const E& error() const noexcept { return error_; }

 private:
  void require() const noexcept {
    if (!value_) std::abort();
  }
  std::optional<T> value_;
  E error_;
};

}  // namespace remit
