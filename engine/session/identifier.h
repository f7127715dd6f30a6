// Identifier patterns of `agent`, `on behalf of` and `delegate to` (language.md section 7).
// Covered by tests/identifier_test.cpp.
#pragma once

#include <string_view>

namespace remit {

// `*` matches within one segment (between slashes; a segment that is just `*` needs a byte), `**`
// stands for whole segments. Everything else byte for byte, but for scheme and trust domain
// of a `spiffe:` or `wimse:` identifier, which are compared without ASCII case; the whole identifier must
// match.
bool matches_identifier(std::string_view pattern, std::string_view identifier) noexcept;

}  // namespace remit
