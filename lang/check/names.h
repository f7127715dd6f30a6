// Names: which words are reserved, and which known name a mistyped one is nearest to.
// Covered by tests/check_names_test.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <remit/lang/constant.h>

namespace remit::lang::checker {

inline constexpr std::size_t kMaxName = 64;  // bytes, language.md section 1

bool is_reserved(std::string_view word) noexcept;

// True for the session facts that stand as plain names: agent, user, sponsor, purpose, trigger.
bool is_fact(std::string_view word) noexcept;

// `text` in backquotes, as messages quote the document; long text is cut in the middle.
std::string quote(std::string_view text);

// "string", "list of int", ... and the same with its article: "a string", "an int".
std::string type_name(Type type, Type element = Type::any);
std::string a_type(Type type, Type element = Type::any);

// Finds the candidate nearest to a mistyped name. Feed it every known name, then ask for `best()`:
// empty where nothing is near enough to be what was meant. Of equally near names the first one fed
// wins, so feed them in a stable order.
class Nearest {
 public:
  explicit Nearest(std::string_view wanted);
  void offer(std::string_view candidate);
  const std::string& best() const noexcept { return best_; }
  // "; did you mean `x`?", or nothing.
  std::string hint(std::string_view prefix = {}) const;

 private:
  std::string wanted_, best_;
  std::size_t distance_;
  std::size_t offered_ = 0;
};

}  // namespace remit::lang::checker
