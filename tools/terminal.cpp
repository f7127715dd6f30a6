// Colour, progress and printable text; the doors are in terminal.h. Covered by tests/tools_test.py.
#include "tools/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace remit::tools {
namespace {

// Length of the well-formed UTF-8 sequence at the start of `text`, 0 where there is none; `point`
// gets its code point.
std::size_t decode(std::string_view text, char32_t& point) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  point = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    point = (point << 6) | (byte(i) & 0x3Fu);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  if (overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return 0;
  return length;
}

bool drives_terminal(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029 ||
         (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

}  // namespace

bool colour_on(std::FILE* stream) {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour && *no_colour) return false;
  const char* terminal = std::getenv("TERM");
  if (terminal && std::string_view(terminal) == "dumb") return false;
  return isatty(fileno(stream)) != 0;
}

std::string styled(std::string_view text, std::string_view style, bool colour) {
  if (!colour) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", style, text);
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    char32_t point = 0;
    const std::size_t length = decode(text, point);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    if (drives_terminal(point)) {
      out += fmt::format("\\u{{{:X}}}", static_cast<unsigned>(point));
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return out;
}

Progress::Progress(std::string what)
    : what_(std::move(what)), started_(std::chrono::steady_clock::now()), drawn_(started_),
      terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (!visible_) return;
  std::fputs("\r\x1b[K", stderr);
  visible_ = false;
}

void Progress::show(std::size_t done, std::size_t total) {
  // Looks at the clock at every 64th call only: some callers have work of a microsecond.
  if (!terminal_ || (++calls_ & 63u) != 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - started_ < std::chrono::seconds(1) || now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  visible_ = true;
  if (total == 0) {
    fmt::print(stderr, "\r{} {}\x1b[K", what_, done);
  } else {
    constexpr std::size_t kWidth = 30;
    const std::size_t filled = std::min(kWidth, kWidth * std::min(done, total) / total);
    fmt::print(stderr, "\r{} [{:#<{}}{:.<{}}] {}%\x1b[K", what_, "", filled, "", kWidth - filled,
               100 * std::min(done, total) / total);
  }
  std::fflush(stderr);
}

}  // namespace remit::tools
