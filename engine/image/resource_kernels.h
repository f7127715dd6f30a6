// The kernels of the resource scanner: how 64 bytes become two bit masks, in general registers,
// with SSE2, or with AVX2. They know bytes, not resources; resource.cpp alone includes this and
// says what the masks mean. Bit i of a mask speaks of byte i. No kernel reads a byte outside of its
// text. Covered by tests/resource_test.cpp, which runs every kernel that the machine has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#define REMIT_RESOURCE_SSE2 1
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#define REMIT_RESOURCE_AVX2 1
#define REMIT_AVX2 __attribute__((target("avx2,bmi,popcnt")))
#endif
// Inlined into functions of every target.
#define REMIT_INLINE __attribute__((always_inline)) inline
#define REMIT_INLINE_LAMBDA __attribute__((always_inline))
#define REMIT_NOINLINE __attribute__((noinline))
#define REMIT_FLATTEN __attribute__((flatten))

namespace remit::detail {

using Mask = std::uint64_t;

struct Block {
  Mask slash;
  Mask dot;
  Mask special;  // not 0: there is a control character, DEL, '\\', '%' or a byte of a longer
                 // character
};

inline unsigned char byte_at(std::string_view text, std::size_t i) noexcept {
  return static_cast<unsigned char>(text[i]);
}

inline bool is_lower(unsigned char c) noexcept { return c >= 'a' && c <= 'z'; }
inline bool is_digit(unsigned char c) noexcept { return c >= '0' && c <= '9'; }
inline bool is_system_byte(unsigned char c) noexcept {
  return is_lower(c) || is_digit(c) || c == '+' || c == '-';
}

// Length of the system's name, or 0 if the text does not begin with a good one and a colon.
REMIT_NOINLINE inline std::size_t system_length_bytewise(std::string_view text) noexcept {
  if (text.empty() || !is_lower(byte_at(text, 0))) return 0;
  std::size_t i = 1;
  while (i < text.size() && is_system_byte(byte_at(text, i))) ++i;
  return i < text.size() && text[i] == ':' ? i : 0;
}

inline constexpr Mask kOnes = 0x0101010101010101u;
inline constexpr Mask kTops = 0x8080808080808080u;

// Eight bytes, the first in the lowest bits on every machine.
inline Mask load_word(const char* p) noexcept {
  Mask word;
  std::memcpy(&word, p, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

// The top bit of each byte of `word` that equals `byte`: exact, without borrows between bytes.
inline Mask equal_tops(Mask word, unsigned char byte) noexcept {
  const Mask x = word ^ (kOnes * byte);
  return ~(((x & ~kTops) + ~kTops) | x | ~kTops);
}

inline Mask control_tops(Mask word) noexcept {  // 00..1F and 7F
  const Mask at_least_space = (word & ~kTops) + kOnes * (0x80 - 0x20);
  return (~(at_least_space | word) & kTops) | equal_tops(word, 0x7f);
}

// The bytes of a text that need a closer look, without their places.
struct Special {
  Mask control = 0;
  Mask backslash = 0;
  Mask percent = 0;
  Mask high = 0;

  void add(Mask word) noexcept {
    control |= control_tops(word);
    backslash |= equal_tops(word, '\\');
    percent |= equal_tops(word, '%');
    high |= word & kTops;
  }
};

// `visit(word, i)` for all of text[0, size), size >= 8: the eight bytes from i on. The last word
// reaches back into the one before it, so no tail is special and nothing past the end is read.
template <class Visit>
void each_word(const char* text, std::size_t size, Visit visit) noexcept {
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) visit(load_word(text + i), i);
  if (i < size) visit(load_word(text + size - 8), size - 8);
}

// A kernel has
//   kLeast                 the fewest bytes it can read,
//   system_length(text)    the length of the system's name at the start of a text, 0 if it has
//   none, read(text, size)       the masks of kLeast to 64 bytes, count(m), lowest(m)    how many
//   bits of a mask are set, and the place of the lowest.

// What every processor can do with masks.
struct PlainMasks {
  // Bits set: __builtin_popcountll is a call where the build's baseline has no such instruction.
  static unsigned count(Mask m) noexcept {
    m -= m >> 1 & 0x5555555555555555u;
    m = (m & 0x3333333333333333u) + (m >> 2 & 0x3333333333333333u);
    m = (m + (m >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return static_cast<unsigned>(m * kOnes >> 56);
  }
  // The place of the lowest bit; anything if there is none.
  static unsigned lowest(Mask m) noexcept {
    return static_cast<unsigned>(__builtin_ctzll(m | Mask{1} << 63));
  }
};

// Eight bytes at a time in a general register.
struct WordKernel : PlainMasks {
  static constexpr std::size_t kLeast = 8;

  static std::size_t system_length(std::string_view text) noexcept {
    return system_length_bytewise(text);
  }

  // Any number of bytes from kLeast to 64.
  static Block read(const char* text, std::size_t size) noexcept {
    Block block{};
    Special special;
    each_word(text, size, [&](Mask word, std::size_t at) {
      block.slash |= gather(equal_tops(word, '/')) << at;
      block.dot |= gather(equal_tops(word, '.')) << at;
      special.add(word);
    });
    block.special = special.control | special.backslash | special.percent | special.high;
    return block;
  }

 private:
  // Eight top bits to eight neighbouring bits: no two of the partial products meet.
  static Mask gather(Mask tops) noexcept { return (tops >> 7) * 0x0102040810204080u >> 56; }
};

#if REMIT_RESOURCE_SSE2
// The bytes that the vector kernels look for, each in every place of a vector. Written as constants, g++ would build
// each anew in every call, from a general register: three instructions where a load costs nothing.
struct alignas(32) Everywhere {
  constexpr explicit Everywhere(int byte) noexcept {
    for (char& place : bytes) place = static_cast<char>(byte);
  }
  char bytes[32] = {};
};
struct Wanted {
  Everywhere slash{'/'}, dot{'.'}, colon{':'}, backslash{'\\'}, percent{'%'};
  Everywhere one{1}, printable{0x21};                        // see `add`
  Everywhere to_lowest{-128 - 'a'}, above_lower{-128 + 26};  // see `system_length`
};
inline constexpr Wanted kWanted;

// The table, as of a content that the compiler does not know.
REMIT_INLINE const Wanted* wanted() noexcept {
  const Wanted* table = &kWanted;
  __asm__("" : "+r"(table));
  return table;
}

// Sixteen bytes at a time. A text of up to 64 bytes is always four loads, which overlap if it is
// shorter: what a branch on the length would save, its misprediction costs three times over.
struct Sse2Kernel : PlainMasks {
  static constexpr std::size_t kLeast = 4;

  REMIT_INLINE static std::size_t system_length(std::string_view text) noexcept {
    const __m128i bytes =
        text.size() < 16 ? load_short(text.data(), text.size()) : load(text.data());
    const Wanted* const table = wanted();
    const unsigned colons = bits(_mm_cmpeq_epi8(bytes, load(table->colon.bytes)));
    // 'a'..'z' are moved to the lowest signed bytes, since SSE2 compares only signed ones.
    const __m128i moved = _mm_add_epi8(bytes, load(table->to_lowest.bytes));
    const unsigned lower = bits(_mm_cmplt_epi8(moved, load(table->above_lower.bytes)));
    const unsigned before_colon = (colons & (0u - colons)) - 1;  // all, where there is no colon
    if ((before_colon & ~lower) != 0) return system_length_bytewise(text);
    return static_cast<std::size_t>(__builtin_ctz(colons));
  }

  REMIT_INLINE static Block read(const char* text, std::size_t size) noexcept {
    Block block{};
    if (size < 16) {
      const __m128i special = add(load_short(text, size), 0, block);
      block.special = bits(special) & ((1u << size) - 1);  // the zeros behind it look like NUL
      return block;
    }
    const std::size_t last = size - 16;
    const std::size_t second = last < 16 ? last : 16;
    const std::size_t third = last < 32 ? last : 32;
    const __m128i front =
        _mm_or_si128(add(load(text), 0, block), add(load(text + second), second, block));
    const __m128i back =
        _mm_or_si128(add(load(text + third), third, block), add(load(text + last), last, block));
    block.special = bits(_mm_or_si128(front, back));
    return block;
  }

 private:
  REMIT_INLINE static __m128i load(const char* p) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }

  // Fewer than 16 bytes, at least 4, and zeros behind them: two loads that overlap, the second
  // shifted.
  REMIT_INLINE static __m128i load_short(const char* p, std::size_t size) noexcept {
    if (size >= 8) {
      const Mask tail = load_word(p + size - 8) >> (8 * (15 - size)) >> 8;
      return _mm_set_epi64x(static_cast<long long>(tail), static_cast<long long>(load_word(p)));
    }
    std::uint32_t head;
    std::uint32_t tail;
    std::memcpy(&head, p, 4);
    std::memcpy(&tail, p + size - 4, 4);
    return _mm_set_epi64x(0, static_cast<long long>(head | Mask{tail} << (8 * (size - 4))));
  }

  REMIT_INLINE static unsigned bits(__m128i v) noexcept {
    return static_cast<unsigned>(_mm_movemask_epi8(v));
  }

  // Notes what 16 bytes hold, of which the first is at `at`; the answer marks the special ones.
  REMIT_INLINE static __m128i add(__m128i bytes, std::size_t at, Block& block) noexcept {
    const Wanted* const table = wanted();
    block.slash |= Mask{bits(_mm_cmpeq_epi8(bytes, load(table->slash.bytes)))} << at;
    block.dot |= Mask{bits(_mm_cmpeq_epi8(bytes, load(table->dot.bytes)))} << at;
    // One added, 7F and all above are negative, 00..1F at most 20: one signed comparison finds
    // them.
    const __m128i rare = _mm_cmplt_epi8(_mm_add_epi8(bytes, load(table->one.bytes)), load(table->printable.bytes));
    const __m128i escape = _mm_or_si128(_mm_cmpeq_epi8(bytes, load(table->backslash.bytes)),
                                        _mm_cmpeq_epi8(bytes, load(table->percent.bytes)));
    return _mm_or_si128(rare, escape);
  }
};
#endif

#if REMIT_RESOURCE_AVX2
// Thirty-two bytes at a time, and the bit instructions that came with such processors.
struct Avx2Kernel {
  static constexpr std::size_t kLeast = Sse2Kernel::kLeast;

  static std::size_t system_length(std::string_view text) noexcept {
    return Sse2Kernel::system_length(text);
  }

  REMIT_AVX2 static unsigned count(Mask m) noexcept {
    return static_cast<unsigned>(_mm_popcnt_u64(m));
  }
  REMIT_AVX2 static unsigned lowest(Mask m) noexcept {
    return static_cast<unsigned>(_tzcnt_u64(m));
  }

  REMIT_AVX2 static Block read(const char* text, std::size_t size) noexcept {
    if (size < 32) return Sse2Kernel::read(text, size);
    Block block{};
    const std::size_t last = size - 32;
    const Wanted& table = *wanted();
    const __m256i special = _mm256_or_si256(add(text, 0, table, block), add(text, last, table, block));
    block.special = bits(special);
    return block;
  }

 private:
  REMIT_AVX2 static unsigned bits(__m256i v) noexcept {
    return static_cast<unsigned>(_mm256_movemask_epi8(v));
  }

  REMIT_AVX2 static __m256i load(const char* p) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }

  REMIT_AVX2 static __m256i add(const char* text, std::size_t at, const Wanted& table, Block& block) noexcept {
    const __m256i bytes = load(text + at);
    block.slash |= Mask{bits(_mm256_cmpeq_epi8(bytes, load(table.slash.bytes)))} << at;
    block.dot |= Mask{bits(_mm256_cmpeq_epi8(bytes, load(table.dot.bytes)))} << at;
    const __m256i rare =
        _mm256_cmpgt_epi8(load(table.printable.bytes), _mm256_add_epi8(bytes, load(table.one.bytes)));
    const __m256i escape = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, load(table.backslash.bytes)),
                                           _mm256_cmpeq_epi8(bytes, load(table.percent.bytes)));
    return _mm256_or_si256(rare, escape);
  }
};
#endif

}  // namespace remit::detail
