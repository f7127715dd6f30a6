// What the engine must know of Unicode to compare resources byte for byte: whether bytes are UTF-8,
// whether text is in Normalization Form C, and which characters may be in no document and no
// resource. It answers yes or no and never rewrites text: a resource that is not canonical is
// refused. Nothing here allocates, throws, or depends on a locale. Covered by
// tests/unicode_test.cpp.
#pragma once

#include <cstddef>
#include <string_view>

namespace remit::detail {

// The version that the tables are of, such as "15.0.0". Text in NFC under one version is in NFC
// under every later one if all its characters were assigned; one assigned later than our tables
// counts as a starter that combines with nothing, so such text is not refused but may be less than
// normalised.
const char* unicode_version() noexcept;

// Length of the longest prefix that is whole, valid UTF-8; size() if all of it is. Refuses overlong
// forms, surrogates and what lies above U+10FFFF.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

// The next code point of valid UTF-8; moves `p` behind it. `p` must be before `end`. On anything
// else the answer means nothing, but `p` advances and never passes `end`.
char32_t decode_utf8(const char*& p, const char* end) noexcept;

// True if valid UTF-8 is in NFC: exactly, for every length and every run of combining marks.
bool is_nfc(std::string_view valid_utf8) noexcept;

// The characters that language.md section 1 forbids: control characters (Cc), line and paragraph
// separators, bidirectional controls. False for tab, LF and CR, which a document may have in places
// and a resource may not: the caller knows which it reads.
bool is_forbidden(char32_t c) noexcept;

// True if all of the text is valid UTF-8 in NFC and no character at or above U+0080 is forbidden:
// the three questions above in one pass, without the ASCII controls, which the resource scanner
// finds faster. ASCII is only looked at as what a combining mark may follow.
bool is_canonical_beyond_ascii(std::string_view text) noexcept;

}  // namespace remit::detail
