#include "engine/image/resource.h"

#include <cstring>

#include "engine/image/resource_kernels.h"
#include "engine/image/unicode.h"

// How it works. A kernel turns 64 bytes into two masks (where is '/', where is '.') and one yes or
// no (is there any byte that needs a closer look). Let T be the slash mask in which the byte before
// the path (the colon, or the root's slash) and the place behind the last byte count as slashes
// too. Then a segment lies between two neighbouring bits of T, and bit i of
//
//   T & T<<1                   is an empty segment that ends at i,
//   T & D<<1 & T<<2            is a segment `.`,
//   T & D<<1 & D<<2 & T<<3     is a segment `..`.
//
// Longer text is done in words of 64 bytes; what a shift needs from the word before is shifted in.
// Only whether a fault exists is asked here. Which one, a slow reader answers (`diagnose`).
namespace remit::detail {
namespace {

// --- What needs a closer look ---

int hex_digit(unsigned char c) noexcept {
  if (is_digit(c)) return c - '0';
  const unsigned char lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// What a percent sequence may not stand for: a byte that could have been written plainly, so that
// one thing would have two names, or one that no resource may hold. Bytes from 80 are neither: they
// are pieces of longer characters (`%C3%A9`), and 80..9F are controls only as characters, not as
// bytes.
bool is_forbidden_escape(int value) noexcept {
  const auto c = static_cast<unsigned char>(value);
  if (c < 0x20 || c == 0x7f || is_digit(c) || is_lower(c | 0x20)) return c < 0x80;
  return c == '-' || c == '.' || c == '_' || c == '~' || c == '/' || c == '\\' || c == '%';
}

bool has_forbidden_escape(std::string_view text) noexcept {
  for (std::size_t i = text.find('%'); i != text.npos && i + 2 < text.size();
       i = text.find('%', i + 1)) {
    const int high = hex_digit(byte_at(text, i + 1));
    const int low = hex_digit(byte_at(text, i + 2));
    if (high >= 0 && low >= 0 && is_forbidden_escape(high * 16 + low)) return true;
  }
  return false;
}

// The faults that lie in single characters. The one place that decides them, for every kernel.
REMIT_NOINLINE ResourceFault character_fault(std::string_view text) noexcept {
  Special special;
  if (text.size() >= 8) {
    each_word(text.data(), text.size(), [&](Mask word, std::size_t) { special.add(word); });
  } else {
    for (const char c : text) special.add(kOnes * static_cast<unsigned char>(c));
  }
  if (special.backslash != 0) return ResourceFault::backslash;
  if (special.percent != 0 && has_forbidden_escape(text)) return ResourceFault::percent_encoding;
  if (special.high != 0 && !is_canonical_beyond_ascii(text)) {
    if (valid_utf8_prefix(text) != text.size()) return ResourceFault::invalid_utf8;
    if (special.control != 0) return ResourceFault::forbidden_character;
    for (const char *p = text.data(), *end = p + text.size(); p != end;) {
      if (is_forbidden(decode_utf8(p, end))) return ResourceFault::forbidden_character;
    }
    return ResourceFault::not_nfc;
  }
  return special.control != 0 ? ResourceFault::forbidden_character : ResourceFault::none;
}

// --- The slow reader: names the fault of a text, and reads one too short for the kernel ---

ResourceFault read_path(std::string_view text, std::size_t system, ResourceParts& out) noexcept {
  const bool rooted = system + 1 < text.size() && text[system + 1] == '/';
  const std::size_t first = system + 1 + (rooted ? 1 : 0);
  std::size_t length = text.size();
  if (length == first && !rooted) return ResourceFault::empty_path;
  if (length > first && text[length - 1] == '/') --length;

  std::size_t segments = 0;
  bool empty = false;
  bool dots = false;
  for (std::size_t begin = first; text.size() > first && begin <= length;) {
    std::size_t end = begin;
    while (end < length && text[end] != '/') ++end;
    const std::string_view segment = text.substr(begin, end - begin);
    empty = empty || segment.empty();
    dots = dots || segment == "." || segment == "..";
    if (segments < kMaxSegments) out.ends[segments] = static_cast<std::uint16_t>(end);
    ++segments;
    begin = end + 1;
  }
  if (segments > kMaxSegments) return ResourceFault::too_many_segments;
  if (empty) return ResourceFault::empty_segment;
  if (dots) return ResourceFault::dot_segment;
  out.length = static_cast<std::uint16_t>(length);
  out.system = static_cast<std::uint16_t>(system);
  out.rooted = rooted ? 1 : 0;
  out.segments = static_cast<std::uint8_t>(segments);
  return character_fault(text);
}

REMIT_NOINLINE ResourceFault read_slowly(std::string_view text, ResourceParts& out) noexcept {
  if (text.size() > kMaxResourceBytes) return ResourceFault::too_long;
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon == 0) return ResourceFault::no_system;
  if (system_length_bytewise(text) != colon) return ResourceFault::bad_system_name;
  return read_path(text, colon, out);
}

// --- The fast reader ---

// Writes the places of the set bits, eight at a time whether there are eight or not: how many there
// are is not to be predicted. `out` has room for the next multiple of eight, for eight even where no bit
// is set.
template <class Kernel>
REMIT_INLINE void write_places(Mask m, std::size_t base, std::uint16_t* out) noexcept {
  const auto next = [&]() REMIT_INLINE_LAMBDA {
    *out++ = static_cast<std::uint16_t>(base + Kernel::lowest(m));
    m &= m - 1;
  };
  // NOLINTNEXTLINE(bugprone-infinite-loop): `next` changes the condition
  do {  // not a loop within, which g++ -O2 would not unroll
    next(), next(), next(), next();
    next(), next(), next(), next();
  } while (m != 0);
}

// What the shifts of one word need from the word before.
struct Carry {
  Mask t = 0;
  Mask d = 0;
};

REMIT_INLINE bool has_bad_segment(Mask t, Mask d, const Carry& before) noexcept {
  const Mask d1 = d << 1 | before.d >> 63;
  const Mask d2 = d << 2 | before.d >> 62;
  const Mask t1 = t << 1 | before.t >> 63;
  const Mask t2 = t << 2 | before.t >> 62;
  const Mask t3 = t << 3 | before.t >> 61;
  return (t & (t1 | (d1 & (t2 | (d2 & t3))))) != 0;
}

Mask bit_in_word(std::size_t i, std::size_t base) noexcept {
  return i - base < 64 ? Mask{1} << (i - base) : 0;
}

// The path of a text of 64 bytes or more. Like the short form in `scan`, word by word.
template <class Kernel>
REMIT_INLINE ResourceFault scan_words(std::string_view text, std::size_t first, std::size_t length,
                                      ResourceParts& out) noexcept {
  const std::size_t size = text.size();
  Mask special = 0;
  std::size_t segments = 0;
  Carry before;
  for (std::size_t base = 0; base <= size; base += 64) {
    const std::size_t left = size - base;
    Block block{};
    if (left >= 64) {
      block = Kernel::read(text.data() + base, 64);
    } else if (left != 0) {
      block = Kernel::read(text.data() + size - 64, 64);
      block.slash >>= 64 - left;
      block.dot >>= 64 - left;
    }
    special |= block.special;
    const Mask opening = bit_in_word(first - 1, base);
    const Mask t = block.slash | opening | bit_in_word(length, base);
    if (has_bad_segment(t, block.dot, before)) [[unlikely]]
      return read_slowly(text, out);
    before = {t, block.dot};

    const Mask ends = t & ~opening;
    const std::size_t more = Kernel::count(ends);
    if (segments + more > kMaxSegments) [[unlikely]]
      return read_slowly(text, out);
    if (segments + more + 8 <= kMaxSegments) {
      write_places<Kernel>(ends, base, out.ends + segments);
    } else {  // the last few, where there is no room for a multiple of eight
      std::uint16_t places[64];
      write_places<Kernel>(ends, base, places);
      std::memcpy(out.ends + segments, places, more * sizeof places[0]);
    }
    segments += more;
  }
  out.segments = static_cast<std::uint8_t>(segments);
  if (special != 0) [[unlikely]]
    return character_fault(text);
  return ResourceFault::none;
}

using ScanWords = ResourceFault(std::string_view, std::size_t first, std::size_t length,
                                ResourceParts&) noexcept;

template <class Kernel>
REMIT_INLINE ResourceFault scan(std::string_view text, ResourceParts& out,
                                ScanWords* words) noexcept {
  const std::size_t size = text.size();
  if (size < Kernel::kLeast || size > kMaxResourceBytes) [[unlikely]]
    return read_slowly(text, out);
  const std::size_t system = Kernel::system_length(text);
  if (system == 0 || system + 1 == size) [[unlikely]]
    return read_slowly(text, out);
  const std::size_t rooted = text[system + 1] == '/' ? 1 : 0;
  const std::size_t first = system + 1 + rooted;
  if (first == size) [[unlikely]]
    return read_slowly(text, out);
  const std::size_t length = size - (text[size - 1] == '/' ? 1 : 0);
  out.length = static_cast<std::uint16_t>(length);
  out.system = static_cast<std::uint16_t>(system);
  out.rooted = static_cast<std::uint8_t>(rooted);
  if (size >= 64) return words(text, first, length, out);

  const Block block = Kernel::read(text.data(), size);
  const Mask opening = Mask{1} << (first - 1);
  const Mask t = block.slash | opening | Mask{1} << length;
  if (has_bad_segment(t, block.dot, {})) [[unlikely]]
    return read_slowly(text, out);
  write_places<Kernel>(t ^ opening, 0, out.ends);
  out.segments = static_cast<std::uint8_t>(Kernel::count(t) - 1);
  if (block.special != 0) [[unlikely]]
    return character_fault(text);
  return ResourceFault::none;
}

// Each kernel's two functions: the longer text apart, so that its many registers cost the shorter
// nothing.
#define REMIT_SCANNER(name, Kernel, TARGET)                                                        \
  TARGET REMIT_NOINLINE ResourceFault name##_words(                                                \
      std::string_view text, std::size_t first, std::size_t length, ResourceParts& out) noexcept { \
    return scan_words<Kernel>(text, first, length, out);                                           \
  }                                                                                                \
  TARGET REMIT_FLATTEN ResourceFault name(std::string_view text, ResourceParts& out) noexcept {    \
    return scan<Kernel>(text, out, name##_words);                                                  \
  }

REMIT_SCANNER(scan_portable, WordKernel, )
#if REMIT_RESOURCE_SSE2
REMIT_SCANNER(scan_sse2, Sse2Kernel, )
#endif
#if REMIT_RESOURCE_AVX2
REMIT_SCANNER(scan_avx2, Avx2Kernel, REMIT_AVX2)
#endif

// The first that this processor can run is the one to use. Nothing is remembered: the question is
// one load of what the compiler's runtime found out at start.
constexpr ResourceScanner kScanners[] = {
#if REMIT_RESOURCE_AVX2
    {"avx2", scan_avx2},
#endif
#if REMIT_RESOURCE_SSE2
    {"sse2", scan_sse2},
#endif
    {"portable", scan_portable},
    {"bytewise", read_slowly},
};

// Without a choice in the build, "yes": the first is the one.
bool runs_the_first() noexcept {
#if REMIT_RESOURCE_AVX2
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("popcnt");
#else
  return true;
#endif
}

}  // namespace

ResourceFault scan_resource(std::string_view text, ResourceParts& out) noexcept {
  if (runs_the_first()) [[likely]]
    return kScanners[0].scan(text, out);
  return kScanners[1].scan(text, out);
}

ResourceScanners resource_scanners() noexcept {
  const std::size_t skipped = runs_the_first() ? 0 : 1;
  return {kScanners + skipped, sizeof kScanners / sizeof kScanners[0] - skipped};
}

const char* describe(ResourceFault fault) noexcept {
  switch (fault) {
    case ResourceFault::none: return "it is canonical";
    case ResourceFault::too_long: return "it is longer than 4096 bytes";
    case ResourceFault::no_system:
      return "it does not begin with the name of a system and a colon (`docs:/...`)";
    case ResourceFault::bad_system_name:
      return "what stands before the colon is no system's name (a lower-case letter, then "
             "lower-case letters, digits, `+` or `-`)";
    case ResourceFault::empty_path:
      return "nothing follows the colon (the root is written `docs:/`)";
    case ResourceFault::too_many_segments: return "it has more than 64 segments";
    case ResourceFault::empty_segment: return "it has an empty segment (`//`)";
    case ResourceFault::dot_segment: return "it has a segment `.` or `..`";
    case ResourceFault::backslash: return "it has a backslash";
    case ResourceFault::percent_encoding:
      return "it has a percent sequence for a character that is written plainly or not at all "
             "(such as `%2F` or `%68`)";
    case ResourceFault::invalid_utf8: return "it is not valid UTF-8";
    case ResourceFault::forbidden_character:
      return "it has a control character, a line separator or a bidirectional control";
    case ResourceFault::not_nfc: return "it is not in Unicode Normalization Form C";
  }
  return "it is not canonical";
}

}  // namespace remit::detail
