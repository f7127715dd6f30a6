// Patterns as automata over code points: the steps that pattern_cover.cpp walks. Private to it.
//
// A path is read as its segments, each closed by a slash: `a/b` as "a/b/", the root as "". A
// pattern is a list of steps, each a state of a nondeterministic automaton; covering what is
// beneath is a `**` at its end.
#pragma once

#include <cstdint>
#include <vector>

#include "lang/check/resolved.h"

namespace remit::lang::automaton {

// Any character that no pattern here names: all of them behave alike.
inline constexpr char32_t kOther = 0xFFFFFFFFU;

enum class Kind : std::uint8_t {
  literal,  // `symbol`, then the next step
  one,      // any character but a slash, then the next step
  run,      // any characters but slashes; the next step at any time
  slash,    // the end of a segment
  deep,     // between segments: the step behind `deep_inside` at any time, or a segment
  deep_inside,
  accept,
};

struct Step {
  Kind kind;
  char32_t symbol = 0;
};

using Steps = std::vector<Step>;

// Appends the steps of a pattern with a path, with `accept` as the last.
void append_steps(const Pattern& pattern, Steps& out);

// The characters that tell these steps apart: those that they name, `.`, `/` and one other.
std::vector<char32_t> alphabet(const Steps& steps);

// Calls `use` with each step that follows `at` when `symbol` is read; '/' closes a segment.
template <class Use>
void advance(const Steps& steps, std::uint32_t at, char32_t symbol, Use&& use) {
  const bool closes = symbol == U'/';
  switch (steps[at].kind) {
    case Kind::literal:
      if (steps[at].symbol == symbol) use(at + 1);
      break;
    case Kind::one:
      if (!closes) use(at + 1);
      break;
    case Kind::run:
      if (!closes) use(at);
      break;
    case Kind::slash:
      if (closes) use(at + 1);
      break;
    case Kind::deep: use(at + 1); break;  // no segment is empty, so this is no slash
    case Kind::deep_inside: use(closes ? at - 1 : at); break;
    case Kind::accept: break;
  }
}

// Calls `use` with the step itself and all that can be had from it without reading.
template <class Use>
void close(const Steps& steps, std::uint32_t at, Use&& use) {
  for (;;) {
    use(at);
    if (steps[at].kind == Kind::run)
      ++at;
    else if (steps[at].kind == Kind::deep)
      at += 2;
    else
      return;
  }
}

// How far the segment that is being read has come: no resource has an empty segment, `.` or `..`.
enum class Segment : std::uint8_t { empty, dot, two_dots, other };

inline Segment extend(Segment segment, char32_t symbol) {
  if (symbol == U'/') return Segment::empty;
  if (symbol != U'.') return Segment::other;
  if (segment == Segment::empty) return Segment::dot;
  return segment == Segment::dot ? Segment::two_dots : Segment::other;
}

inline bool may_read(Segment segment, char32_t symbol) {
  return symbol != U'/' || segment == Segment::other;
}

}  // namespace remit::lang::automaton
