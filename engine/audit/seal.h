// Seals values that must not be stored: HMAC-SHA256 under a key of the log's. Who has the key can
// tell whether a value that he supposes is the one; nobody can read it back. Covered by
// tests/audit_record_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace remit::audit {

class Seal {
 public:
  // `key` as given; else one that is derived from the signing key; else one from the system's
  // generator. May throw std::bad_alloc.
  Seal(std::string_view key, std::string_view signing_key);
  ~Seal();
  Seal(const Seal&) = delete;
  Seal& operator=(const Seal&) = delete;

  // Of "name = value". May throw std::bad_alloc: there is no value without its seal.
  std::array<std::uint8_t, 32> of(std::string_view name, std::string_view value);

 private:
  std::vector<unsigned char> key_;
  std::string sealed_;  // kept for its memory
};

}  // namespace remit::audit
