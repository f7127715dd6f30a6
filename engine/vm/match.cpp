// Matching of globs and patterns. See match.h.
#include "engine/vm/match.h"

#include <cstring>

namespace remit::vm {
namespace {

using image::kDeep;
using image::kQuestion;
using image::kStar;

constexpr std::size_t kMiss = static_cast<std::size_t>(-1);

std::size_t code_point_length(char lead) noexcept {
  const unsigned char byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

// Matches `piece` (literal bytes and `?`, no `*`) at the start of `text`: bytes used, or kMiss.
std::size_t match_piece(std::string_view piece, std::string_view text) noexcept {
  std::size_t at = 0;
  for (const char c : piece) {
    if (at >= text.size()) return kMiss;
    if (c == kQuestion) {
      at += code_point_length(text[at]);
    } else {
      if (text[at] != c) return kMiss;
      ++at;
    }
  }
  return at <= text.size() ? at : kMiss;
}

// The first place at or after which `piece` matches: its end, or kMiss. Literal pieces are searched in
// linear time; a piece with `?` is tried at each place.
std::size_t find_piece(std::string_view piece, std::string_view text) noexcept {
  if (piece.find(kQuestion) == std::string_view::npos) {
#if defined(__GLIBC__) || defined(__EMSCRIPTEN__)
    if (piece.size() > text.size()) return kMiss;
    const void* hit = memmem(text.data(), text.size(), piece.data(), piece.size());
    return hit == nullptr ? kMiss : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data()) + piece.size();
#else
    const std::size_t hit = text.find(piece);
    return hit == std::string_view::npos ? kMiss : hit + piece.size();
#endif
  }
  for (std::size_t at = 0; at < text.size(); at += code_point_length(text[at])) {
    const std::size_t used = match_piece(piece, text.substr(at));
    if (used != kMiss) return at + used;
  }
  return kMiss;
}

// Matches `piece` at the end of `text`. A `?` makes the byte length open, so go back by code points.
bool match_last(std::string_view piece, std::string_view text) noexcept {
  std::size_t at = text.size();
  for (std::size_t i = piece.size(); i-- > 0;) {
    if (at == 0) return false;
    if (piece[i] == kQuestion) {
      do --at;
      while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
    } else if (text[--at] != piece[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool matches_glob(std::string_view glob, std::string_view text) noexcept {
  const std::size_t first_star = glob.find(kStar);
  if (first_star == std::string_view::npos) return match_piece(glob, text) == text.size();
  // The piece before the first `*` stands at the start, the one after the last at the end; those
  // between are found leftmost first, which never misses a match.
  const std::size_t start = match_piece(glob.substr(0, first_star), text);
  if (start == kMiss) return false;
  text.remove_prefix(start);
  glob.remove_prefix(first_star + 1);
  for (std::size_t star = glob.find(kStar); star != std::string_view::npos; star = glob.find(kStar)) {
    const std::string_view piece = glob.substr(0, star);
    if (!piece.empty()) {
      const std::size_t used = find_piece(piece, text);
      if (used == kMiss) return false;
      text.remove_prefix(used);
    }
    glob.remove_prefix(star + 1);
  }
  return match_last(glob, text);
}

bool matches_pattern(const image::View& view, const image::Pattern& pattern, std::uint32_t system, const Path& path) noexcept {
  if (pattern.system == image::kNone) return true;
  if (pattern.system != system) return false;
  std::string_view rest = view.text(pattern.text);
  if (rest.empty()) return pattern.exact == 0;
  if ((rest[0] == '/') != (path.parts.rooted != 0)) return false;
  if (rest[0] == '/') rest.remove_prefix(1);

  // Segment by segment; on a miss, the last `**` takes one segment more. `**` never stands at the end
  // of a pattern: the compiler drops it there, where it means the same as nothing.
  const std::size_t count = path.parts.segments;
  std::size_t segment = 0;
  std::string_view retry_rest;
  std::size_t retry_segment = kMiss;
  for (;;) {
    if (rest.empty()) {
      if (pattern.exact == 0 || segment == count) return true;
    } else {
      const std::size_t slash = rest.find('/');
      const std::string_view part = rest.substr(0, slash);
      const std::string_view after = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
      if (part.size() == 1 && part[0] == kDeep) {
        retry_rest = rest = after;
        retry_segment = segment;
        continue;
      }
      if (segment < count && matches_glob(part, path.text.substr(path.begin(segment), path.end(segment) - path.begin(segment)))) {
        rest = after;
        ++segment;
        continue;
      }
    }
    if (retry_segment == kMiss || retry_segment >= count) return false;
    segment = ++retry_segment;
    rest = retry_rest;
  }
}

}  // namespace remit::vm
