// Claims, one by one: present where they must be, of the right type, of bounded size. Refusals name
// the claim. Covered by tests/identity_claims_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <remit/value.h>

#include "engine/identity/identifiers.h"
#include "engine/identity/strict_json.h"

namespace remit::identity {

// Reads the claims of one token; borrows them.
class Claims {
 public:
  explicit Claims(const Json& object) : object_(object) {}

  bool has(const char* name) const { return object_.contains(name); }
  // 1 to 1024 bytes of text without control characters (a purpose ends up on a reviewer's screen).
  std::string text(const char* name) const;
  std::string text_or_empty(const char* name) const;
  // A space-delimited list (RFC 6749 section 3.3), each once, at most 64.
  std::vector<std::string> words(const char* name) const;
  // Null where there is none; refuses what is no object.
  const Json* object(const char* name) const;
  const Json* any(const char* name) const;
  // NumericDate (RFC 7519 section 2). A fraction is dropped towards the restrictive side, which
  // `up` names: up for the start of validity, down for its end.
  enum class Round { up, down };
  std::optional<Time> time(const char* name, Round round) const;
  Time needed_time(const char* name, Round round) const;
  // `aud`: a text or an array of 1 to 32 (RFC 7519 section 4.1.3).
  std::vector<std::string> audiences() const;
  Identifier identifier(const char* name) const;

 private:
  const Json& object_;
};

// Text of a bounded size that a person may be shown.
bool is_plain_text(std::string_view text);

}  // namespace remit::identity
