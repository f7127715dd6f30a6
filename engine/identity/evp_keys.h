// OpenSSL keys from plain bytes, each checked as far as its kind can be. Nothing else here makes
// one. Covered by tests/identity_keys_test.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

struct evp_pkey_st;

namespace remit::identity {

// Bytes of a private key, wiped when they go.
struct Secret {
  explicit Secret(std::string secret) : bytes(std::move(secret)) {}
  ~Secret();
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  std::string bytes;
};

// Big-endian numbers. 2048 to 8192 bits; the exponent odd, from 65537 to 2^64.
std::shared_ptr<evp_pkey_st> make_rsa(std::string_view modulus, std::string_view exponent);
// 32 bytes each. The point is on P-256; with a `secret`, it is that secret's.
std::shared_ptr<evp_pkey_st> make_p256(std::string_view x, std::string_view y,
                                       std::string_view secret);
// 32 bytes each, little-endian as in RFC 8032. The point is on edwards25519 and of large order.
std::shared_ptr<evp_pkey_st> make_ed25519(std::string_view x, std::string_view secret);

}  // namespace remit::identity
