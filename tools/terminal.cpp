// Colour, progress and printable text; the doors are in terminal.h. Covered by tests/tools_test.py.
#include "tools/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace remit::tools {

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

Progress::Progress(std::string what)
    : what_(std::move(what)),
      started_(std::chrono::steady_clock::now()),
      drawn_(started_),
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
  if (now - started_ < std::chrono::seconds(1) || now - drawn_ < std::chrono::milliseconds(100))
    return;
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
