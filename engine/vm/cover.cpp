// See cover.h. Both walk the segments of the two patterns as a table: entry (i, j) is the answer for what
// is left of them. A pattern has at most 64 segments and `**`s, so the table has a fixed size.
#include "engine/vm/cover.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "engine/image/layout.h"
#include "engine/vm/match.h"

namespace remit::vm {
namespace {

using image::kDeep;
using image::kQuestion;
using image::kStar;

constexpr std::size_t kMost = 128;

struct Segments {
  std::array<std::string_view, kMost> items;
  std::size_t count = 0;
  bool rooted = false, whole = false, exact = false;
  bool too_many = false;

  explicit Segments(PatternText pattern) : exact(pattern.exact) {
    std::string_view rest = pattern.text;
    whole = rest.empty();
    rooted = !rest.empty() && rest[0] == '/';
    if (rooted) rest.remove_prefix(1);
    while (!rest.empty()) {
      if (count == kMost) {
        too_many = true;
        return;
      }
      const std::size_t slash = rest.find('/');
      items[count++] = rest.substr(0, slash);
      rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    }
  }
  bool deep(std::size_t i) const noexcept { return items[i].size() == 1 && items[i][0] == kDeep; }
};

bool is_literal(std::string_view segment) noexcept {
  return std::none_of(segment.begin(), segment.end(), [](char c) { return c == kStar || c == kQuestion || c == kDeep; });
}

bool is_star(std::string_view segment) noexcept { return segment.size() == 1 && segment[0] == kStar; }

// Every text that `all_of` names is one that `segment` names.
bool segment_covers(std::string_view segment, std::string_view all_of) noexcept {
  return is_star(segment) || segment == all_of || (is_literal(all_of) && matches_glob(segment, all_of));
}

// Could some text be named by both? Compared at both ends, up to the first wildcard from each.
bool segments_overlap(std::string_view a, std::string_view b) noexcept {
  if (is_literal(a)) return is_star(b) || matches_glob(b, a);
  if (is_literal(b)) return is_star(a) || matches_glob(a, b);
  const auto wild = [](char c) { return c == kStar || c == kQuestion; };
  for (std::size_t i = 0; i < std::min(a.size(), b.size()) && !wild(a[i]) && !wild(b[i]); ++i) {
    if (a[i] != b[i]) return false;
  }
  for (std::size_t i = 1; i <= std::min(a.size(), b.size()) && !wild(a[a.size() - i]) && !wild(b[b.size() - i]); ++i) {
    if (a[a.size() - i] != b[b.size() - i]) return false;
  }
  return true;
}

// Fills the table from the ends of both patterns; `at(i, j, next)` answers by later entries.
template <class At>
bool walk(const Segments& a, const Segments& b, At&& at) noexcept {
  std::array<std::array<bool, kMost + 1>, 2> rows{};
  for (std::size_t i = a.count + 1; i-- > 0;) {
    std::array<bool, kMost + 1>& row = rows[i % 2];
    const std::array<bool, kMost + 1>& below = rows[(i + 1) % 2];
    for (std::size_t j = b.count + 1; j-- > 0;) row[j] = at(i, j, row, below);
  }
  return rows[0][0];
}

}  // namespace

bool covers(PatternText pattern, PatternText all_of) noexcept {
  const Segments p(pattern), q(all_of);
  if (p.too_many || q.too_many) return false;
  if (p.whole && !p.exact) return true;
  if (q.whole || p.rooted != q.rooted) return false;
  return walk(p, q, [&](std::size_t i, std::size_t j, const auto& row, const auto& below) {
    if (i == p.count) return !p.exact || (j == q.count && q.exact);
    if (p.deep(i)) return below[j] || (j < q.count && row[j + 1]);
    if (j == q.count || q.deep(j)) return false;
    return segment_covers(p.items[i], q.items[j]) && below[j + 1];
  });
}

bool overlaps(PatternText a, PatternText b) noexcept {
  const Segments p(a), q(b);
  if (p.too_many || q.too_many) return true;
  if ((p.whole && !p.exact) || (q.whole && !q.exact)) return true;
  if (p.rooted != q.rooted) return false;
  return walk(p, q, [&](std::size_t i, std::size_t j, const auto& row, const auto& below) {
    const bool p_ends = i == p.count, q_ends = j == q.count;
    if (p_ends && q_ends) return true;
    if (p_ends) return !p.exact || (q.deep(j) && row[j + 1]);
    if (q_ends) return !q.exact || (p.deep(i) && below[j]);
    if (p.deep(i)) return below[j] || row[j + 1];
    if (q.deep(j)) return row[j + 1] || below[j];
    return segments_overlap(p.items[i], q.items[j]) && below[j + 1];
  });
}

}  // namespace remit::vm
