// What depends on who is looking: colour, a progress bar.
// Covered by tests/tools_test.py.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace remit::tools {

// True on a terminal that shows colour, and never with NO_COLOR set to anything.
bool colour_on(std::FILE* stream);

// `text` in an ANSI style (`1;31`), or as it is.
std::string styled(std::string_view text, std::string_view style, bool colour);

// A bar on standard error, where that is a terminal, once the work has lasted for a second. Gone
// when destroyed.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` of `total`; a total of 0 is unknown. Cheap enough to call for every item.
  void show(std::size_t done, std::size_t total);
  // Takes the bar off the screen, so that a line of output can be printed.
  void clear();

 private:
  std::string what_;
  std::chrono::steady_clock::time_point started_, drawn_;
  unsigned calls_ = 0;
  bool terminal_ = false, visible_ = false;
};

}  // namespace remit::tools
