// Judges engine/image/unicode.h, and with it the committed tables, by utf8proc: on every code
// point, on every pair that could compose, and on random text that is mostly about composing.
#include "engine/image/unicode.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unicode_oracle.h"

using namespace remit::detail;
using namespace remit::unicode_oracle;

TEST_CASE("unicode: the version of the tables is the oracle's") {
  if (std::string_view(utf8proc_unicode_version()) != unicode_version()) {
    WARN("tables of Unicode " << unicode_version() << ", utf8proc of " << utf8proc_unicode_version()
                              << ": compared below U+0590 only");
  }
  CHECK(std::string(unicode_version()) == "15.0.0");
}

TEST_CASE("unicode: every code point") {
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    if (is_surrogate(c)) continue;
    const std::string text = encode(c);
    const char* p = text.data();
    bool fine = valid_utf8_prefix(text) == text.size() &&
                decode_utf8(p, text.data() + text.size()) == c && p == text.data() + text.size();
    if (known_to_both(c)) fine = fine && is_nfc(text) == nfc_by_oracle(text);
    const bool forbidden = forbidden_by_text(c) && c != '\t' && c != '\n' && c != '\r';
    fine = fine && is_forbidden(c) == forbidden;
    fine = fine && (utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_CC) ==
                       (c < 0x20 || (c >= 0x7f && c < 0xa0));
    if (c >= 0x80) fine = fine && is_canonical_beyond_ascii(text) == (is_nfc(text) && !forbidden);
    if (!fine) FAIL("U+" << std::hex << static_cast<unsigned>(c));
  }
}

TEST_CASE("unicode: UTF-8 by the first bytes") {
  const auto judge_utf8 = [](const std::string& text) {
    std::size_t wanted = 0;
    while (wanted < text.size()) {
      utf8proc_int32_t c;
      const auto size = utf8proc_iterate(bytes_of(text) + wanted,
                                         static_cast<utf8proc_ssize_t>(text.size() - wanted), &c);
      if (size <= 0) break;
      wanted += static_cast<std::size_t>(size);
    }
    const std::unique_ptr<char[]> exact(new char[text.size()]);
    std::memcpy(exact.get(), text.data(), text.size());
    if (valid_utf8_prefix({exact.get(), text.size()}) != wanted) FAIL(shown(text));
  };
  for (int a = 0; a < 256; ++a) {
    judge_utf8({static_cast<char>(a)});
    for (int b = 0; b < 256; ++b) judge_utf8({static_cast<char>(a), static_cast<char>(b)});
  }
  for (int a = 0xc0; a < 0x100; ++a) {
    for (int b = 0; b < 256; ++b) {
      for (const int c : {0x00, 0x2f, 0x7f, 0x80, 0x8f, 0x90, 0xbf, 0xc0, 0xff}) {
        judge_utf8({static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)});
        for (const int d : {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff}) {
          judge_utf8("abcdefgh" + std::string{static_cast<char>(a), static_cast<char>(b),
                                              static_cast<char>(c), static_cast<char>(d)});
        }
      }
    }
  }
  CHECK(valid_utf8_prefix("") == 0);
  CHECK(valid_utf8_prefix("12345678\xc3") == 8);
}

namespace {

// The code points that composition is about.
struct Pool {
  std::vector<char32_t> firsts;   // what begins a decomposition, what has one, and marks
  std::vector<char32_t> seconds;  // marks, and what ends a decomposition
};

const Pool& pool() {
  static const Pool made = [] {
    std::set<char32_t> firsts = {'x',    '/',    0xac00, 0xac01, 0xac1c,  0xd788,
                                 0xd7a3, 0x1100, 0x1112, 0x1113, 0x10ffff};
    std::set<char32_t> seconds = {0x1161, 0x1175, 0x1176, 0x11a8, 0x11c2, 0x11c3, 'x', 0x4e00};
    for (char32_t c = 0x80; c < 0x110000; ++c) {
      if (is_surrogate(c) || !known_to_both(c) || (c >= 0xac00 && c < 0xd7a4)) continue;
      if (combining_class(c) != 0) {
        seconds.insert(c);
        firsts.insert(c);
      }
      const auto parts = decomposed(c);
      if (parts.size() == 1 && parts[0] == c) continue;
      if (parts.size() == 1 && c >= 0xf900)
        continue;  // the many compatibility ideographs behave alike
      firsts.insert({c, parts[0]});
      seconds.insert(parts.begin() + 1, parts.end());
    }
    return Pool{{firsts.begin(), firsts.end()}, {seconds.begin(), seconds.end()}};
  }();
  return made;
}

void judge_nfc(const std::string& text) {
  if (is_nfc(text) != nfc_by_oracle(text))
    FAIL(shown(text) << " is " << (is_nfc(text) ? "" : "not ") << "in NFC by is_nfc");
}

}  // namespace

TEST_CASE("unicode: every pair that could compose") {
  REQUIRE(pool().firsts.size() > (known_to_both(0x3042) ? 2000u : 300u));
  for (const char32_t first : pool().firsts) {
    const std::string start = encode(first);
    for (const char32_t second : pool().seconds) judge_nfc(start + encode(second));
  }
}

TEST_CASE("unicode: Hangul composes by arithmetic") {
  for (char32_t lead = 0x10ff; lead <= 0x1114; ++lead) {
    for (char32_t vowel = 0x1160; vowel <= 0x1177; ++vowel) judge_nfc(encode({lead, vowel}));
  }
  for (char32_t syllable = 0xabf0; syllable <= 0xd7b0; ++syllable) {
    for (const char32_t trail : {0x11a6u, 0x11a8u, 0x11c2u, 0x11c3u, 0x1161u})
      judge_nfc(encode({syllable, trail}));
    // U+11A7 is no trailing consonant, the ones begin behind it (Unicode, section 3.12).
    // utf8proc 2.8.0 takes it for one and swallows it, so here it is no judge.
    if (!is_nfc(encode({syllable, 0x11a7})))
      FAIL("U+11A7 after U+" << std::hex << static_cast<unsigned>(syllable));
  }
  judge_nfc(encode({0xac00, 0x301, 0x11a8}));
}

TEST_CASE("unicode: random marks on random letters") {
  std::mt19937_64 random(77);
  const auto& p = pool();
  // Few enough marks that the same class, sorted runs and composing ones come up all the time.
  const std::vector<char32_t> common = {
      0x300, 0x301, 0x302, 0x304, 0x306, 0x307, 0x308, 0x30c, 0x31b, 0x323, 0x325, 0x327, 0x328,
      0x32d, 0x331, 0x338, 0x345, 0x342, 0x313, 0x314, 0x315, 0x5b0, 0x5b7, 0x334, 0x35c};
  const std::vector<char32_t> letters = {'a',    'e',   'o',   's',    'u',    0xe2,   0xe5,
                                         0xf4,   0xf5,  0xfc,  0x1a1,  0x1b0,  0x1ea1, 0x1ecd,
                                         0x1e63, 0x3b1, 0x3c9, 0x1f00, 0x1f80, 0x1fb3, 0x226,
                                         0x1ed9, 0x9c7, 0x9be, 0xdd9,  0xddc,  0xdcf,  0xdca};
  std::size_t normal = 0;
  for (int round = 0; round < 600'000; ++round) {
    std::vector<char32_t> text;
    const std::size_t size = 2 + random() % 6;
    while (text.size() < size) {
      const std::uint64_t dice = random();
      const std::uint64_t pick = dice >> 8;
      if (dice % 8 < 2)
        text.push_back(letters[pick % letters.size()]);
      else if (dice % 8 < 6)
        text.push_back(common[pick % common.size()]);
      else if (dice % 8 == 6)
        text.push_back(p.seconds[pick % p.seconds.size()]);
      else
        text.push_back(p.firsts[pick % p.firsts.size()]);
    }
    bool known = true;
    for (const char32_t c : text) known = known && known_to_both(c);
    if (!known) continue;
    std::string bytes = encode(text);
    judge_nfc(bytes);
    if (round % 2 == 0) {  // what normalising gives is in NFC, and one step off it may not be
      bytes = mapped(bytes, UTF8PROC_COMPOSE);
      judge_nfc(bytes);
      judge_nfc(bytes + encode(common[random() % common.size()]));
    }
    normal += is_nfc(bytes) ? 1 : 0;
  }
  CHECK(normal > 100'000);
}

TEST_CASE("unicode: runs of marks of any length") {
  for (const std::size_t run : {1u, 31u, 32u, 33u, 1000u}) {
    for (const char32_t base : {U'a', U'x', char32_t{0x1ea1}, char32_t{0x1e63}}) {
      std::vector<char32_t> text = {base};
      text.insert(text.end(), run, char32_t{0x325});  // class 220: the ring below
      for (const char32_t last : {0x301u, 0x323u, 0x31bu, 0x345u, 0x30au, 0x5b0u}) {
        std::vector<char32_t> longer = text;
        longer.push_back(last);
        judge_nfc(encode(longer));
      }
    }
  }
}
