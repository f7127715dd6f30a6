// Identifiers of agents and people. What a name may look like is decided here, once, so that no two
// parts of a system read one name as two principals or two names as one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <remit/refusal.h>

namespace remit {

inline constexpr std::size_t kMaxIdentifier = 2048;  // bytes; the SPIFFE ID standard, section 2.3
inline constexpr std::size_t kMaxPlainName =
    255;  // bytes, also of mail addresses; RFC 5321 has 254

enum class IdentifierKind : std::uint8_t {
  spiffe,  // spiffe://trust.domain/path, [A-Za-z0-9._-] in its segments
  wimse,  // wimse://trust.domain/path, also with RFC 3986's sub-delims, `:` and `@` in its segments
  uri,    // any other text with a colon: an absolute URI (RFC 7519 section 2, StringOrURI)
  email,  // local@domain in ASCII, without quotes or comments
  name,   // anything else that is visible ASCII: an opaque subject of an issuer
};
const char* to_string(IdentifierKind kind) noexcept;

struct Identifier {
  IdentifierKind kind = IdentifierKind::name;
  // Canonical: scheme and trust domain of a workload in lower case, all else as given. Two
  // identifiers are the same principal exactly if their canonical texts are the same bytes.
  std::string text;
  std::string trust_domain;  // spiffe and wimse only
  std::string path;          // spiffe and wimse only: empty, or from the first `/`

  bool is_workload() const noexcept {
    return kind == IdentifierKind::spiffe || kind == IdentifierKind::wimse;
  }
};

// Percent-encoding is refused in workload identifiers: SPIFFE has none, and for WIMSE it would give
// one workload several names. Thread-safe.
Result<Identifier, Refusal> parse_identifier(std::string_view text) noexcept;

}  // namespace remit
