// Patterns -> steps (pattern_steps.h).
#include "lang/check/pattern_steps.h"

#include <algorithm>
#include <string_view>

#include "engine/image/unicode.h"

namespace remit::lang::automaton {
namespace {

void append_deep(Steps& out) {
  out.push_back({Kind::deep});
  out.push_back({Kind::deep_inside});
}

}  // namespace

void append_steps(const Pattern& pattern, Steps& out) {
  std::string_view rest = pattern.text;
  if (pattern.text[0] == '/') rest.remove_prefix(1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, end);
    if (segment.size() == 1 && segment[0] == kDeep) {
      append_deep(out);
    } else {
      for (const char* at = segment.data(); at != segment.data() + segment.size();) {
        const char32_t symbol = detail::decode_utf8(at, segment.data() + segment.size());
        if (symbol == char32_t{kStar})
          out.push_back({Kind::run});
        else if (symbol == char32_t{kQuestion})
          out.push_back({Kind::one});
        else
          out.push_back({Kind::literal, symbol});
      }
      out.push_back({Kind::slash});
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!pattern.only) append_deep(out);
  out.push_back({Kind::accept});
}

std::vector<char32_t> alphabet(const Steps& steps) {
  std::vector<char32_t> result = {U'.', U'/', kOther};
  for (const Step& step : steps) {
    if (step.kind == Kind::literal) result.push_back(step.symbol);
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

}  // namespace remit::lang::automaton
