// Result<T>: what every fallible function of the engine returns. A T, or an Error with a stable code
// and a sentence for people (the identity room has codes of its own: refusal.h). Nothing here throws; asking an error for its value ends the process,
// because going on without the value would be a decision made on nothing.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace remit {

// Stable codes: name, sentence. Add at the end; never renumber.
#define REMIT_ERROR_CODES(X)                                                                        \
  X(out_of_memory, "there is not enough memory")                                                    \
  X(bad_image, "the bytes are no image, are damaged, or break a rule of the verifier")              \
  X(unsupported_version, "another format major, or a newer minor")                                  \
  X(wrong_kind, "a grants document passed as a task, and the like")                                 \
  X(too_many_layers, "more layers than kMaxLayers")                                                 \
  X(needs_memory, "the program uses a feature that the called door cannot decide")                  \
  X(agent_not_allowed, "no `agent` or `delegate` statement names this agent")                       \
  X(user_not_allowed, "the `on behalf of` statement does not name this user")                       \
  X(no_accountable_person, "neither a user nor a sponsor answers for it")                           \
  X(review_overdue, "the sponsor's last review is too old, or missing")                             \
  X(sponsor_revoked, "the sponsor has been revoked")                                                \
  X(wrong_trigger, "something else started this run than the scope says")                           \
  X(bad_argument, "an empty or malformed identifier, a fact of an impossible name")                 \
  X(session_over, "the session, or one above it, has ended, expired or been revoked")               \
  X(no_delegation, "the scope has no `delegate` statement")                                         \
  X(too_deep, "a `delegate` statement above allows no further level")                               \
  X(unknown_approval, "this session has no such ask, or it was dropped")                            \
  X(already_approved, "the ask is approved already")                                                \
  X(approval_used, "the approval was used already")                                                 \
  X(approval_lapsed, "the approval was not used in time")                                           \
  X(approver_is_agent, "an agent cannot approve")                                                   \
  X(principal_revoked, "the person who answers for it has been revoked")                            \
  X(impersonation, "a user's token with no actor: the agent would pass for the person")             \
  X(unaccountable, "a service account with no person behind it")                                    \
  X(identity_expired, "the identity has expired")                                                   \
  X(audit_unavailable, "the audit trail could not be written")                                      \
  X(bad_state, "the saved state is damaged, or does not fit its programs")                          \
  X(stale_state, "the saved state is of an older generation than asked for")                        \
  X(missing_program, "a program of the saved state was not given")                                  \
  X(unknown_session, "the store has no such session")                                               \
  X(store_unavailable, "the store could not be read or written")                                    \
  X(store_conflict, "somebody else changed the stored state first")                                 \
  X(not_yet_valid, "the scope has not started yet")                                                 \
  X(too_large, "linking the layers would take more room than any policy does")

enum class ErrorCode {
#define REMIT_ERROR_NAME(name, sentence) name,
  REMIT_ERROR_CODES(REMIT_ERROR_NAME)
#undef REMIT_ERROR_NAME
};

const char* to_string(ErrorCode code) noexcept;  // "session_over", for logs and JSON
const char* sentence(ErrorCode code) noexcept;

struct Error {
  ErrorCode code = ErrorCode::bad_argument;
  std::string text;
};

// Where there is no memory, there is none for the sentence: this one is so short that it needs none.
inline Error out_of_memory() noexcept { return {ErrorCode::out_of_memory, "out of memory"}; }

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

// What a function without a value returns: nothing, or why not.
class [[nodiscard]] Status {
 public:
  Status() noexcept = default;
  Status(Error error) noexcept : error_(std::move(error)) {}

  bool ok() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  // The error; only where ok() is false.
  const Error& error() const noexcept { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace remit
