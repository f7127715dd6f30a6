// Containment and overlap of patterns (pattern_cover.h), by simulation of automata
// (pattern_steps.h).
//
// `covers` walks one state of `special` beside the set of all states that `general` can be in
// (Thompson's construction, with the sets made only as they are met) and looks for a path that the
// first accepts and the second does not. `meets` walks pairs of states. It was not chosen to
// compile patterns to regular expressions and ask a library: none answers this.
#include "lang/check/pattern_cover.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <unordered_set>

#include "lang/check/pattern_steps.h"

namespace remit::lang {
namespace {

using namespace automaton;

bool is_rooted(const Pattern& pattern) { return pattern.text[0] == '/'; }

// The share of one comparison in an Effort.
class Allowance {
 public:
  explicit Allowance(Effort* effort)
      : effort_(effort), left_(effort != nullptr ? std::min(effort->left, kMaxSteps) : kMaxSteps) {}
  Allowance(const Allowance&) = delete;
  Allowance& operator=(const Allowance&) = delete;
  ~Allowance() {
    if (effort_ != nullptr) effort_->left -= std::min(effort_->left, spent_);
  }
  void spend(std::size_t steps) { spent_ += steps; }
  bool used_up() const { return spent_ > left_; }

 private:
  Effort* effort_;
  std::size_t left_, spent_ = 0;
};

// A path that `special` accepts and `general` does not: is there one?
class Difference {
 public:
  // The walk begins where a named path has no segment yet: such a path is no resource.
  Difference(const Steps& general, const std::vector<std::uint32_t>& starts, const Steps& special,
             bool rooted, Effort* effort)
      : general_(general),
        special_(special),
        rooted_(rooted),
        allowance_(effort),
        words_(general.size() / 64 + 1),
        symbols_(alphabet(general)) {
    States states(words_);
    for (const std::uint32_t start : starts)
      close(general_, start, [&](std::uint32_t at) { add(states, at); });
    enter(0, Segment::empty, false, states);
  }

  bool exists() {
    while (!found_ && !pending_.empty()) {
      if (allowance_.used_up()) return true;
      const Place place = std::move(pending_.back());
      pending_.pop_back();
      follow(place);
    }
    return found_;
  }

 private:
  using States = std::vector<std::uint64_t>;
  struct Place {
    std::uint32_t special;
    Segment segment;
    States general;
  };

  static void add(States& states, std::uint32_t at) {
    states[at / 64] |= std::uint64_t{1} << (at % 64);
  }

  void follow(const Place& place) {
    // What `special` reads as any character, `general` tells apart by those that it names itself.
    const Step& step = special_[place.special];
    if (step.kind == Kind::literal) return read(place, step.symbol);
    if (step.kind == Kind::slash) return read(place, U'/');
    for (const char32_t symbol : symbols_) read(place, symbol);
  }

  void read(const Place& place, char32_t symbol) {
    if (!may_read(place.segment, symbol)) return;
    bool moves = false;
    advance(special_, place.special, symbol, [&](std::uint32_t) { moves = true; });
    allowance_.spend(moves ? general_.size() : 1);
    if (!moves) return;
    States states(words_);
    for (std::uint32_t at = 0; at + 1 < general_.size(); ++at) {
      if ((place.general[at / 64] >> (at % 64) & 1) == 0) continue;
      advance(general_, at, symbol, [&](std::uint32_t next) {
        close(general_, next, [&](std::uint32_t one) { add(states, one); });
      });
    }
    const Segment segment = extend(place.segment, symbol);
    advance(special_, place.special, symbol,
            [&](std::uint32_t next) { enter(next, segment, true, states); });
  }

  void enter(std::uint32_t at, Segment segment, bool begun, const States& states) {
    close(special_, at, [&](std::uint32_t one) {
      // `accept` stands between segments: what is before it has closed the last one.
      const bool accepts = special_[one].kind == Kind::accept && (begun || rooted_);
      if (accepts && !accepted(states)) found_ = true;
      std::string key(reinterpret_cast<const char*>(states.data()),
                      states.size() * sizeof(states[0]));
      key += std::to_string(one);
      key += static_cast<char>('a' + static_cast<int>(segment));
      if (visited_.insert(std::move(key)).second) pending_.push_back({one, segment, states});
    });
  }

  bool accepted(const States& states) const {
    for (std::uint32_t at = 0; at < general_.size(); ++at) {
      if (general_[at].kind == Kind::accept && (states[at / 64] >> (at % 64) & 1) != 0) return true;
    }
    return false;
  }

  const Steps& general_;
  const Steps& special_;
  const bool rooted_;
  Allowance allowance_;
  const std::size_t words_;
  const std::vector<char32_t> symbols_;
  std::vector<Place> pending_;
  std::unordered_set<std::string> visited_;
  bool found_ = false;
};

// A path that both accept: is there one?
bool share_a_path(const Steps& a, const Steps& b, bool rooted, Effort* effort) {
  Allowance allowance(effort);
  struct Pair {
    std::uint32_t a, b;
    Segment segment;
    bool begun;
    bool operator<(const Pair& o) const {
      return std::tie(a, b, segment, begun) < std::tie(o.a, o.b, o.segment, o.begun);
    }
  };
  std::set<Pair> visited;
  std::vector<Pair> pending;
  bool found = false;
  const auto enter = [&](std::uint32_t in_a, std::uint32_t in_b, Segment segment, bool begun) {
    close(a, in_a, [&](std::uint32_t one) {
      close(b, in_b, [&](std::uint32_t other) {
        if (a[one].kind == Kind::accept && b[other].kind == Kind::accept && (begun || rooted))
          found = true;
        if (visited.insert({one, other, segment, begun}).second)
          pending.push_back({one, other, segment, begun});
      });
    });
  };
  enter(0, 0, Segment::empty, false);
  while (!found && !pending.empty()) {
    allowance.spend(16);  // about what a pair costs, beside a step of the walk above
    if (allowance.used_up()) return true;
    const Pair pair = pending.back();
    pending.pop_back();
    const auto read = [&](char32_t symbol) {
      if (!may_read(pair.segment, symbol)) return;
      advance(a, pair.a, symbol, [&](std::uint32_t one) {
        advance(b, pair.b, symbol, [&](std::uint32_t other) {
          enter(one, other, extend(pair.segment, symbol), true);
        });
      });
    };
    // Where neither names a character, all but the dot and the slash are alike.
    std::set<char32_t> symbols = {U'.', U'/', kOther};
    if (a[pair.a].kind == Kind::literal) symbols.insert(a[pair.a].symbol);
    if (b[pair.b].kind == Kind::literal) symbols.insert(b[pair.b].symbol);
    for (const char32_t symbol : symbols) read(symbol);
  }
  return found;
}

bool is_wild(const Pattern& pattern) {
  return std::any_of(pattern.text.begin(), pattern.text.end(),
                     [](char c) { return c == kStar || c == kQuestion || c == kDeep; });
}

// Of texts without wildcards: is `inner` the same as `outer`, or beneath it?
bool is_within(std::string_view outer, std::string_view inner) {
  if (inner.substr(0, outer.size()) != outer) return false;
  return inner.size() == outer.size() || outer.empty() || outer.back() == '/' ||
         inner[outer.size()] == '/';
}

// The two literal beginnings must lie on one path, or nothing is in common.
bool may_touch(const Pattern& a, const Pattern& b) {
  if (a.system != b.system) return false;
  const std::string_view one = literal_beginning(a), other = literal_beginning(b);
  return is_within(one, other) || is_within(other, one);
}

// What a comparison costs even where no automaton is needed. False where nothing is left for it.
bool begin(Effort* effort) {
  constexpr std::size_t kComparison = 16;
  if (effort == nullptr) return true;
  if (effort->left == 0) return false;
  effort->left -= std::min(effort->left, kComparison);
  return true;
}

}  // namespace

bool covers_nothing(const Pattern& pattern) {
  return !pattern.anything && pattern.only && pattern.text.empty();
}

std::string_view literal_beginning(const Pattern& pattern) {
  const std::string_view text = pattern.text;  // of `anything` it is empty
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != kStar && text[i] != kQuestion && text[i] != kDeep) continue;
    const std::size_t slash = text.rfind('/', i);
    if (slash == std::string_view::npos) return {};
    return text.substr(0, std::max<std::size_t>(slash, 1));  // the slash of a root belongs to it
  }
  return text;
}

bool covers(const Pattern& general, const Pattern& special, Effort* effort) {
  if (!begin(effort)) return false;
  if (covers_nothing(special) || general.anything) return true;
  if (special.anything || general.system != special.system || covers_nothing(general)) return false;
  if (general.text.empty() || general == special) return true;
  if (special.text.empty() || is_rooted(general) != is_rooted(special)) return false;
  if (!is_within(literal_beginning(general), literal_beginning(special))) return false;
  if (!is_wild(general) && !general.only) return true;  // a literal covers all that begins with it
  if (!is_wild(general) && !is_wild(special)) return false;  // just one path, and not this one
  Steps one, other;
  append_steps(general, one);
  append_steps(special, other);
  return !Difference(one, {0}, other, is_rooted(special), effort).exists();
}

bool covers(const std::vector<Pattern>& general, const Pattern& special, Effort* effort) {
  if (covers_nothing(special)) return true;
  if (std::any_of(general.begin(), general.end(),
                  [&](const Pattern& one) { return covers(one, special, effort); }))
    return true;
  if (special.anything) return false;
  if (special.text.empty()) {  // all of a system is what is rooted and what is named
    Pattern rooted = special, named = special;
    rooted.text = "/";
    named.text = kDeep;
    return general.size() > 1 && covers(general, rooted, effort) && covers(general, named, effort);
  }
  Steps together, steps;
  std::vector<std::uint32_t> starts;
  for (const Pattern& one : general) {
    // `docs:` would have covered it by itself.
    if (one.anything || one.text.empty() || is_rooted(one) != is_rooted(special) ||
        !may_touch(one, special))
      continue;
    starts.push_back(static_cast<std::uint32_t>(together.size()));
    append_steps(one, together);
  }
  if (starts.size() < 2) return false;
  append_steps(special, steps);
  return !Difference(together, starts, steps, is_rooted(special), effort).exists();
}

bool meets(const Pattern& a, const Pattern& b, Effort* effort) {
  if (!begin(effort)) return true;
  if (covers_nothing(a) || covers_nothing(b)) return false;
  if (a.anything || b.anything) return true;
  if (a.system != b.system) return false;
  if (a.text.empty() || b.text.empty()) return true;
  if (is_rooted(a) != is_rooted(b) || !may_touch(a, b)) return false;
  if (!is_wild(a) && !is_wild(b))
    return (!a.only && is_within(a.text, b.text)) || (!b.only && is_within(b.text, a.text)) ||
           a.text == b.text;
  Steps one, other;
  append_steps(a, one);
  append_steps(b, other);
  return share_a_path(one, other, is_rooted(a), effort);
}

}  // namespace remit::lang
