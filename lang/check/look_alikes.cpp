// Letters that look like Latin ones (look_alikes.h). The table is short on purpose: it has what is
// the same drawing in common fonts, not what is merely similar.
#include "lang/check/look_alikes.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/image/unicode.h"

namespace remit::lang::checker {
namespace {

struct LookAlike {
  char32_t letter;
  char latin;
};

constexpr LookAlike kLookAlikes[] = {
    // Greek capitals
    {0x0391, 'A'},
    {0x0392, 'B'},
    {0x0395, 'E'},
    {0x0396, 'Z'},
    {0x0397, 'H'},
    {0x0399, 'I'},
    {0x039A, 'K'},
    {0x039C, 'M'},
    {0x039D, 'N'},
    {0x039F, 'O'},
    {0x03A1, 'P'},
    {0x03A4, 'T'},
    {0x03A5, 'Y'},
    {0x03A7, 'X'},
    // Greek small letters
    {0x03B1, 'a'},
    {0x03B9, 'i'},
    {0x03BD, 'v'},
    {0x03BF, 'o'},
    {0x03C1, 'p'},
    {0x03C5, 'u'},
    {0x03F2, 'c'},
    {0x03F3, 'j'},
    // Cyrillic capitals
    {0x0405, 'S'},
    {0x0406, 'I'},
    {0x0408, 'J'},
    {0x0410, 'A'},
    {0x0412, 'B'},
    {0x0415, 'E'},
    {0x041A, 'K'},
    {0x041C, 'M'},
    {0x041D, 'H'},
    {0x041E, 'O'},
    {0x0420, 'P'},
    {0x0421, 'C'},
    {0x0422, 'T'},
    {0x0425, 'X'},
    {0x04AE, 'Y'},
    {0x051A, 'Q'},
    {0x051C, 'W'},
    // Cyrillic small letters
    {0x0430, 'a'},
    {0x0435, 'e'},
    {0x043E, 'o'},
    {0x0440, 'p'},
    {0x0441, 'c'},
    {0x0443, 'y'},
    {0x0445, 'x'},
    {0x0455, 's'},
    {0x0456, 'i'},
    {0x0458, 'j'},
    {0x04BB, 'h'},
    {0x04CF, 'l'},
    {0x0501, 'd'},
    {0x051B, 'q'},
    {0x051D, 'w'},
};

// The Latin letter that `letter` looks like; 0 where it is like none.
char latin_for(char32_t letter) {
  const auto at = std::find_if(std::begin(kLookAlikes), std::end(kLookAlikes),
                               [&](const LookAlike& one) { return one.letter == letter; });
  return at == std::end(kLookAlikes) ? '\0' : at->latin;
}

bool is_latin(char32_t c) {
  if (c < 0x80) return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
  return (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) || (c >= 0x1E00 && c <= 0x1EFF);
}

// Greek, Cyrillic and their accents; of anything else no word is made.
bool is_letter(char32_t c) {
  return is_latin(c) || (c >= 0x300 && c <= 0x52F) || (c >= 0x1F00 && c <= 0x1FFF);
}

// The character at `at`, which moves behind it.
char32_t next_character(std::string_view text, std::size_t& at) {
  const char* place = text.data() + at;
  const char32_t result = detail::decode_utf8(place, text.data() + text.size());
  at = static_cast<std::size_t>(place - text.data());
  return result;
}

}  // namespace

std::string_view mixed_word(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    std::size_t end = at;
    bool latin = false, foreign = false;
    while (at < text.size()) {
      const char32_t letter = next_character(text, at);
      if (!is_letter(letter)) break;
      end = at;
      latin = latin || is_latin(letter);
      foreign = foreign || latin_for(letter) != 0;
    }
    if (latin && foreign) return text.substr(begin, end - begin);
  }
  return {};
}

std::string skeleton(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char latin = latin_for(next_character(text, at));
    if (latin != 0)
      result += latin;
    else
      result += text.substr(begin, at - begin);
  }
  return result;
}

std::string first_look_alike(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t letter = next_character(text, at);
    if (latin_for(letter) != 0) return fmt::format("U+{:04X}", static_cast<unsigned>(letter));
  }
  return {};
}

}  // namespace remit::lang::checker
