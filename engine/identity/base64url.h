// base64url without padding (RFC 7515 section 2), strictly: one text for each byte string and no
// other. Covered by tests/identity_jws_test.cpp.
#pragma once

#include <string>
#include <string_view>

namespace remit::identity {

// Refuses padding, any character outside the alphabet (white space too), a length of 4n + 1, and
// bits that are set beyond the last byte.
std::string decode_base64url(std::string_view text);
std::string encode_base64url(std::string_view bytes);

}  // namespace remit::identity
