// See seal.h.
#include "engine/audit/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <new>

namespace remit::audit {
namespace {

std::array<std::uint8_t, 32> hmac(const void* key, std::size_t size, std::string_view text) {
  std::array<std::uint8_t, 32> out{};
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key, static_cast<int>(size),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(),
           &length) == nullptr ||
      length != out.size()) {
    throw std::bad_alloc();
  }
  return out;
}

}  // namespace

Seal::Seal(std::string_view key, std::string_view signing_key) {
  key_.resize(32);
  if (!key.empty()) {
    key_.assign(key.begin(), key.end());
  } else if (!signing_key.empty()) {
    auto derived =
        hmac(signing_key.data(), signing_key.size(), "remit audit: the key of sealed values");
    key_.assign(derived.begin(), derived.end());
    OPENSSL_cleanse(derived.data(), derived.size());
  } else if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1) {
    throw std::bad_alloc();
  }
}

Seal::~Seal() { OPENSSL_cleanse(key_.data(), key_.size()); }

std::array<std::uint8_t, 32> Seal::of(std::string_view name, std::string_view value) {
  sealed_.assign(name).append(" = ").append(value);
  return hmac(key_.data(), key_.size(), sealed_);
}

}  // namespace remit::audit
