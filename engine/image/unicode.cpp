#include "engine/image/unicode.h"

#include <cstdint>
#include <cstring>

namespace remit::detail {
namespace {

enum class Check : std::uint8_t { yes, no, maybe };  // the values of NFC_Quick_Check

struct Kind {
  std::uint8_t combining_class;
  Check check;
};

// 21 bits each, so that an entry sorts by first, then second.
constexpr std::uint64_t pair(std::uint64_t first, std::uint64_t second, std::uint64_t composite) {
  return first << 42 | second << 21 | composite;
}

#include "engine/image/unicode_tables.inc"

constexpr std::size_t kPairCount = sizeof kPairs / sizeof kPairs[0];
constexpr char32_t kPlainLimit =
    0x300;  // below it every code point is a starter that joins nothing before it

constexpr char32_t composite_of(std::uint64_t entry) {
  return static_cast<char32_t>(entry & 0x1fffff);
}
constexpr char32_t second_of(std::uint64_t entry) {
  return static_cast<char32_t>(entry >> 21 & 0x1fffff);
}
constexpr char32_t first_of(std::uint64_t entry) { return static_cast<char32_t>(entry >> 42); }

Kind kind_of(char32_t c) noexcept {
  if (c >= kKindLimit) return kKinds[0];
  const std::size_t block = kKindIndex[c >> kKindShift];
  return kKinds[kKindBlocks[(block << kKindShift) + (c & ((1u << kKindShift) - 1))]];
}

// The Hangul syllables, which compose by arithmetic (Unicode, section 3.12).
constexpr char32_t kSyllables = 0xAC00, kSyllableCount = 11172;
constexpr char32_t kLeads = 0x1100, kLeadCount = 19;
constexpr char32_t kVowels = 0x1161, kVowelCount = 21;
constexpr char32_t kTrails = 0x11A7,
                   kTrailCount = 28;  // the first stands for "no trail" and is never written

bool hangul_composes(char32_t first, char32_t second) noexcept {
  if (second - kVowels < kVowelCount) return first - kLeads < kLeadCount;
  const char32_t syllable = first - kSyllables;
  return second - kTrails - 1 < kTrailCount - 1 && syllable < kSyllableCount &&
         syllable % kTrailCount == 0;
}

bool composes(char32_t first, char32_t second) noexcept {
  const std::uint64_t wanted = pair(first, second, 0);
  std::size_t low = 0;
  std::size_t high = kPairCount;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (kPairs[middle] < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  if (low < kPairCount && kPairs[low] >> 21 == wanted >> 21) return true;
  return hangul_composes(first, second);
}

// The entry of kPairs that makes `composite`, or 0.
std::uint64_t decomposition(char32_t composite) noexcept {
  std::size_t low = 0;
  std::size_t high = kPairCount;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (composite_of(kPairs[kByComposite[middle]]) < composite)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == kPairCount) return 0;
  const std::uint64_t entry = kPairs[kByComposite[low]];
  return composite_of(entry) == composite ? entry : 0;
}

// Follows text one code point at a time and says at each whether the text so far can be in NFC.
//
// Text is in NFC if decomposing it, sorting its marks and composing again gives it back. That can
// be told without doing it. No character of quick check No may be there, and marks must be sorted.
// Then only a character of quick check Maybe can go wrong, by joining the starter before it.
// Sorting puts that mark behind those marks of the starter's own decomposition whose class is not
// greater, and these have joined again by then: so what the mark meets is the starter with the
// marks of a greater class taken off. If the two compose, the text was not composed. (U+00E9 U+0323
// is not in NFC: the dot below meets `e`, not U+00E9.) A mark is kept from the starter by another
// of its own class between them, a Maybe that is itself a starter by anything between them.
// scripts/unicode_tables checks what this takes for granted about the tables.
class NfcFollower {
 public:
  bool accepts(char32_t c) noexcept {
    if (c < kPlainLimit) {
      restart(c);
      return true;
    }
    const Kind kind = kind_of(c);
    if (kind.check == Check::no) return false;
    if (kind.combining_class == 0) {
      if (kind.check == Check::maybe && last_class_ == 0 && composes(starter_, c)) return false;
      restart(c);
      return true;
    }
    if (kind.combining_class < last_class_) return false;
    if (kind.check == Check::maybe && kind.combining_class > last_class_ &&
        composes(starter_below(kind.combining_class), c)) {
      return false;
    }
    last_class_ = kind.combining_class;
    return true;
  }

  // The same as accepts(starter) for a code point below U+0300.
  void restart(char32_t starter) noexcept {
    starter_ = starter;
    last_class_ = 0;
  }

 private:
  char32_t starter_below(std::uint8_t combining_class) const noexcept {
    char32_t starter = starter_;
    while (const std::uint64_t entry = decomposition(starter)) {
      if (kind_of(second_of(entry)).combining_class <= combining_class) break;
      starter = first_of(entry);
    }
    return starter;
  }

  char32_t starter_ =
      0;  // the last character of class 0; 0, which composes with nothing, at the start
  std::uint8_t last_class_ = 0;  // of the last mark after it
};

bool is_ascii_word(const char* p) noexcept {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return (word & 0x8080808080808080u) == 0;
}

// Names and short words are most of what is asked about, and ASCII: without a branch for each byte.
bool is_short_ascii(const char* text, std::size_t size) noexcept {
  if (size >= 8) return size <= 16 && is_ascii_word(text) && is_ascii_word(text + size - 8);
  unsigned char all = 0;
  for (std::size_t i = 0; i < size; ++i) all |= static_cast<unsigned char>(text[i]);
  return all < 0x80;
}

constexpr char32_t kInvalid = 0xffffffff;

// The code point at `p`, or kInvalid; then `p` stays. Refuses what is not well-formed by table 3-7
// of the Unicode standard: the first byte limits the second, the rest are free continuation bytes.
char32_t decode_strictly(const char*& p, const char* end) noexcept {
  const auto byte = [&](std::ptrdiff_t i) { return static_cast<unsigned char>(p[i]); };
  const auto continues = [&](std::ptrdiff_t i) { return (byte(i) & 0xc0) == 0x80; };
  const auto bits = [&](std::ptrdiff_t i) { return static_cast<char32_t>(byte(i) & 0x3f); };
  const unsigned char lead = byte(0);
  const std::ptrdiff_t left = end - p;
  if (lead < 0x80) {
    p += 1;
    return lead;
  }
  if (lead < 0xc2) return kInvalid;
  if (lead < 0xe0) {
    if (left < 2 || !continues(1)) return kInvalid;
    const char32_t c = (lead & 0x1fu) << 6 | bits(1);
    p += 2;
    return c;
  }
  if (lead < 0xf0) {
    if (left < 3 || !continues(1) || !continues(2)) return kInvalid;
    const char32_t c = (lead & 0x0fu) << 12 | bits(1) << 6 | bits(2);
    if (c < 0x800 || (c >= 0xd800 && c <= 0xdfff)) return kInvalid;
    p += 3;
    return c;
  }
  if (lead > 0xf4 || left < 4 || !continues(1) || !continues(2) || !continues(3)) return kInvalid;
  const char32_t c = (lead & 0x07u) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3);
  if (c < 0x10000 || c > 0x10ffff) return kInvalid;
  p += 4;
  return c;
}

}  // namespace

const char* unicode_version() noexcept { return kUnicodeVersion; }

std::size_t valid_utf8_prefix(std::string_view text) noexcept {
  if (is_short_ascii(text.data(), text.size())) return text.size();
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    if (end - p >= 8 && is_ascii_word(p)) {
      p += 8;
    } else if (decode_strictly(p, end) == kInvalid) {
      break;
    }
  }
  return static_cast<std::size_t>(p - text.data());
}

char32_t decode_utf8(const char*& p, const char* end) noexcept {
  const char32_t c = decode_strictly(p, end);
  if (c == kInvalid) ++p;
  return c;
}

bool is_nfc(std::string_view valid_utf8) noexcept {
  NfcFollower follower;
  const char* p = valid_utf8.data();
  const char* const end = p + valid_utf8.size();
  while (p != end) {
    if (end - p >= 8 && is_ascii_word(p)) {
      p += 8;
      follower.restart(static_cast<unsigned char>(p[-1]));
    } else if (!follower.accepts(decode_utf8(p, end))) {
      return false;
    }
  }
  return true;
}

bool is_forbidden(char32_t c) noexcept {
  if (c < 0x20) return c != '\t' && c != '\n' && c != '\r';
  if (c < 0x2028) return c >= 0x7f && c <= 0x9f;
  return c <= 0x202e || (c >= 0x2066 && c <= 0x2069);
}

bool is_canonical_beyond_ascii(std::string_view text) noexcept {
  NfcFollower follower;
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    if (end - p >= 8 && is_ascii_word(p)) {
      p += 8;
      follower.restart(static_cast<unsigned char>(p[-1]));
      continue;
    }
    if (static_cast<unsigned char>(*p) < 0x80) {
      follower.restart(static_cast<unsigned char>(*p++));
      continue;
    }
    const char32_t c = decode_strictly(p, end);
    if (c == kInvalid || is_forbidden(c) || !follower.accepts(c)) return false;
  }
  return true;
}

}  // namespace remit::detail
