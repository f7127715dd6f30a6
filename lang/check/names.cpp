// Reserved words and nearest names (names.h). Covered by tests/check_names_test.cpp.
#include "lang/check/names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace remit::lang::checker {
namespace {

// Sorted, for the binary search; language.md section 1.
constexpr std::array<std::string_view, 50> kReserved = {
    "after", "agent", "allow", "and", "any", "anything", "ask", "at", "because", "behalf",
    "between", "delegate", "deny", "every", "except", "expires", "false", "grants", "guardrail",
    "has", "idle", "in", "let", "level", "levels", "like", "limit", "most", "not", "of", "on",
    "only", "or", "per", "purpose", "review", "scope", "sponsor", "starts", "system", "test",
    "times", "to", "trigger", "true", "unless", "up", "use", "when", "with"};

// Beyond this many candidates, or in names that long, a suggestion is not worth its time: a hostile
// document may have 200 errors about thousands of names that are all alike.
constexpr std::size_t kMaxOffered = 5'000;
constexpr std::size_t kMaxCompared = 255;

// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), or
// anything above `bound` where it is more than that. Only cells near the diagonal can be within it.
std::size_t distance(std::string_view a, std::string_view b, std::size_t bound) {
  const std::size_t far = bound + 1;
  const std::size_t gap = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (gap > bound || a.size() > kMaxCompared || b.size() > kMaxCompared) return far;
  std::array<std::array<std::size_t, kMaxCompared + 2>, 3> rows;
  auto *before = &rows[0], *last = &rows[1], *row = &rows[2];
  for (std::size_t j = 0; j <= b.size(); ++j) (*last)[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const std::size_t from = i > bound ? i - bound : 1, to = std::min(b.size(), i + bound);
    (*row)[from - 1] = from == 1 ? i : far;
    std::size_t least = (*row)[from - 1];
    for (std::size_t j = from; j <= to; ++j) {
      const std::size_t replace = (*last)[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      std::size_t cell = std::min(replace, (*row)[j - 1] + 1);
      if (j < i + bound) cell = std::min(cell, (*last)[j] + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) cell = std::min(cell, (*before)[j - 2] + 1);
      (*row)[j] = cell;
      least = std::min(least, cell);
    }
    if (least > bound) return far;
    std::swap(before, last);
    std::swap(last, row);
  }
  return (*last)[b.size()];
}

}  // namespace

bool is_reserved(std::string_view word) noexcept {
  return std::binary_search(kReserved.begin(), kReserved.end(), word);
}

bool is_fact(std::string_view word) noexcept {
  return word == "agent" || word == "user" || word == "sponsor" || word == "purpose" ||
         word == "trigger";
}

std::string quote(std::string_view text) {
  constexpr std::size_t kShown = 80;
  if (text.size() <= kShown) return "`" + std::string(text) + "`";
  // Cut between code points, so that the message stays valid UTF-8.
  std::size_t head = kShown / 2, tail = text.size() - kShown / 4;
  const auto continues = [&](std::size_t at) { return (text[at] & '\xC0') == '\x80'; };
  while (head > 0 && continues(head)) --head;
  while (tail < text.size() && continues(tail)) ++tail;
  return "`" + std::string(text.substr(0, head)) + "..." + std::string(text.substr(tail)) + "`";
}

std::string type_name(Type type, Type element) {
  switch (type) {
    case Type::any: return "value of any type";
    case Type::boolean: return "bool";
    case Type::integer: return "int";
    case Type::size: return "size";
    case Type::duration: return "duration";
    case Type::time: return "time";
    case Type::string: return "string";
    case Type::resource: return "resource";
    case Type::list: return element == Type::any ? "list" : "list of " + type_name(element);
  }
  return "value";
}

std::string a_type(Type type, Type element) {
  return (type == Type::integer ? "an " : "a ") + type_name(type, element);
}

Nearest::Nearest(std::string_view wanted) : wanted_(wanted) {
  // One slip in a short name, two in a middling one, three in a long one.
  distance_ = wanted.size() <= 3 ? 2 : wanted.size() <= 7 ? 3 : 4;
}

void Nearest::offer(std::string_view candidate) {
  // Nothing is nearer than the name itself.
  if (candidate.empty() || distance_ == 0 || ++offered_ > kMaxOffered) return;
  const std::size_t found = distance(wanted_, candidate, distance_ - 1);
  // Half of the name must be right: `x` is not meant by `ab`.
  if (found < distance_ && found < std::max(wanted_.size(), candidate.size())) {
    distance_ = found;
    best_ = candidate;
  }
}

std::string Nearest::hint(std::string_view prefix) const {
  if (best_.empty()) return {};
  return "; did you mean `" + std::string(prefix) + best_ + "`?";
}

}  // namespace remit::lang::checker
