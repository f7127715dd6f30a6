// See identifier.h. Both loops go back to the last star only, which suffices and keeps them from
// being exponential.
#include "engine/session/identifier.h"

namespace remit {
namespace {

bool matches_segment(std::string_view pattern, std::string_view text) noexcept {
  if (pattern == "*") return !text.empty();
  std::size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// A cursor over the segments of a string; `done` is past the last.
struct Segments {
  std::string_view rest;
  bool done = false;

  std::string_view current() const noexcept { return rest.substr(0, rest.find('/')); }
  void next() noexcept {
    const std::size_t slash = rest.find('/');
    done = slash == std::string_view::npos;
    if (!done) rest.remove_prefix(slash + 1);
  }
};

}  // namespace

bool matches_identifier(std::string_view pattern, std::string_view identifier) noexcept {
  Segments p{pattern}, t{identifier}, retry_p, retry_t;
  bool can_retry = false;
  for (;;) {
    if (!p.done && p.current() == "**") {
      p.next();
      retry_p = p;
      retry_t = t;
      can_retry = true;
      continue;
    }
    if (p.done && t.done) return true;
    if (!p.done && !t.done && matches_segment(p.current(), t.current())) {
      p.next();
      t.next();
      continue;
    }
    if (!can_retry || retry_t.done) return false;
    retry_t.next();
    p = retry_p;
    t = retry_t;
  }
}

}  // namespace remit
