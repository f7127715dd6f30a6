// Text as a terminal may be shown it (display.h). Covered by tests/diagnostics_test.cpp.
#include "lang/diagnostics/display.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "engine/image/unicode.h"

namespace remit::lang {
namespace {

using Range = std::pair<char32_t, char32_t>;

// Enough of East Asian Width (W and F) that carets stand right beneath Chinese, Japanese, Korean and
// emoji. A terminal may differ in rare scripts: the column in the message is what counts.
constexpr std::array<Range, 12> kWide = {{{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF},
                                          {0x4E00, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},
                                          {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}}};
constexpr std::array<Range, 7> kCombining = {{{0x0300, 0x036F}, {0x0483, 0x0489}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
                                              {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}}};
// What hides or reorders text but is no control: zero-width characters, marks of direction, the
// byte-order mark.
constexpr std::array<Range, 4> kHidden = {{{0x00AD, 0x00AD}, {0x200B, 0x200F}, {0x2060, 0x2064}, {0xFEFF, 0xFEFF}}};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(), [c](const Range& range) { return c >= range.first && c <= range.second; });
}

Cell cell_of(char32_t c, std::string_view bytes) {
  if (c == '\t') return {"    ", 4};
  if (c == '\n' || c == '\r' || detail::is_forbidden(c) || within(kHidden, c)) {
    std::string escape = fmt::format("\\u{{{:X}}}", static_cast<std::uint32_t>(c));
    const std::size_t width = escape.size();
    return {std::move(escape), width};
  }
  return {std::string(bytes), within(kCombining, c) ? std::size_t{0} : within(kWide, c) ? std::size_t{2} : std::size_t{1}};
}

}  // namespace

std::vector<Cell> cells_of(std::string_view line) {
  std::vector<Cell> cells;
  cells.reserve(line.size());
  while (!line.empty()) {
    const auto lead = static_cast<unsigned char>(line.front());
    const std::size_t wanted = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::string_view bytes = line.substr(0, wanted);
    if (detail::valid_utf8_prefix(bytes) != wanted) {
      // Columns count a stray continuation byte as part of what stands before it, so show it there.
      std::string escape = fmt::format("\\x{:02X}", lead);
      if ((lead & 0xC0U) == 0x80U && !cells.empty()) {
        cells.back().text += escape;
        cells.back().width += escape.size();
      } else {
        const std::size_t width = escape.size();
        cells.push_back({std::move(escape), width});
      }
      line.remove_prefix(1);
      continue;
    }
    const char* at = bytes.data();
    const char32_t c = detail::decode_utf8(at, bytes.data() + bytes.size());
    cells.push_back(cell_of(c, bytes));
    line.remove_prefix(wanted);
  }
  return cells;
}

std::string visible(std::string_view text) {
  std::string out;
  for (const Cell& cell : cells_of(text)) out += cell.text;
  return out;
}

}  // namespace remit::lang
