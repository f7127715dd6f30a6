// Signatures of RFC 7518 sections 3.3 to 3.5 and RFC 8037 section 3.1, and SHA-256, all by OpenSSL.
// Covered by tests/identity_jws_test.cpp.
#pragma once

#include <string>
#include <string_view>

#include "engine/identity/keys.h"

namespace remit::identity {

// Refuses (signature_length, signature_wrong) unless `signature` over `text` is the key's, by the
// key's own algorithm: no header has a say in which.
void verify_signature(const Key& key, std::string_view text, std::string_view signature);

// ES256 or EdDSA, with a private key.
std::string make_signature(const Key& key, std::string_view text);

std::string sha256(std::string_view bytes);  // 32 bytes
std::string sha256_hex(
    std::string_view bytes);  // 64 digits: how the trail names a token or a scope
// Bytes from the system's generator, as base64url.
std::string random_text(std::size_t bytes);

}  // namespace remit::identity
