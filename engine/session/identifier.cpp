// See identifier.h. Both loops go back to the last star only, which suffices and keeps them from
// being exponential.
#include "engine/session/identifier.h"

namespace remit {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(char a, char b, bool fold) noexcept { return fold ? lower(a) == lower(b) : a == b; }

// `spiffe://` or `wimse://`, in any case: scheme and trust domain are names without case.
bool is_workload(std::string_view text) noexcept {
  const auto starts = [&](std::string_view scheme) {
    if (text.size() < scheme.size()) return false;
    for (std::size_t i = 0; i < scheme.size(); ++i) {
      if (lower(text[i]) != scheme[i]) return false;
    }
    return true;
  };
  return starts("spiffe://") || starts("wimse://");
}

// `fold`: without regard to ASCII case.
bool matches_segment(std::string_view pattern, std::string_view text, bool fold) noexcept {
  if (pattern == "*") return !text.empty();
  std::size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && same(pattern[p], text[t], fold)) {
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
  std::size_t index = 0;

  std::string_view current() const noexcept { return rest.substr(0, rest.find('/')); }
  void next() noexcept {
    const std::size_t slash = rest.find('/');
    done = slash == std::string_view::npos;
    if (!done) rest.remove_prefix(slash + 1);
    ++index;
  }
};

}  // namespace

bool matches_identifier(std::string_view pattern, std::string_view identifier) noexcept {
  Segments p{pattern}, t{identifier}, retry_p, retry_t;
  bool can_retry = false;
  const bool workload = is_workload(identifier);
  for (;;) {
    if (!p.done && p.current() == "**") {
      p.next();
      retry_p = p;
      retry_t = t;
      can_retry = true;
      continue;
    }
    if (p.done && t.done) return true;
    const bool fold = workload && t.index <= 2;
    if (!p.done && !t.done && matches_segment(p.current(), t.current(), fold)) {
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
