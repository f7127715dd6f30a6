// Patterns and resources of small alphabets, for tests that hold containment and overlap to the reference matcher
// over all of them.
#pragma once

#include <string>
#include <vector>

#include "lang/check/resolved.h"
#include "tests/reference/canonical.h"
#include "tests/reference/match.h"

namespace remit::test {

// With the one system `x`.
inline const lang::Resolved& small_document() {
  static const lang::Resolved one = [] {
    lang::Resolved result;
    result.systems.push_back({"x", "", {}, {}});
    return result;
  }();
  return one;
}

// `*`, `?` and `@` (for `**`) as in a document; `!` first for `only`.
inline lang::Pattern pattern(std::string text) {
  lang::Pattern result;
  if (!text.empty() && text[0] == '!') {
    result.only = true;
    text.erase(0, 1);
  }
  for (char& c : text) {
    if (c == '*') c = lang::kStar;
    if (c == '?') c = lang::kQuestion;
    if (c == '@') c = lang::kDeep;
  }
  result.text = text;
  return result;
}

// All canonical resources of up to `depth` segments from `segments`, rooted and named.
inline std::vector<reference::Asked> all_resources(const std::vector<std::string>& segments, std::size_t depth) {
  std::vector<std::string> paths = {""}, level = {""};
  for (std::size_t i = 0; i < depth; ++i) {
    std::vector<std::string> next;
    for (const std::string& path : level) {
      for (const std::string& segment : segments) next.push_back(path + (path.empty() ? "" : "/") + segment);
    }
    paths.insert(paths.end(), next.begin(), next.end());
    level = std::move(next);
  }
  std::vector<reference::Asked> result;
  for (const std::string& path : paths) {
    for (const char* const root : {"/", ""}) {
      reference::Asked asked;
      if (reference::read_resource("x:" + (root + path), asked)) result.push_back(asked);
    }
  }
  return result;
}

}  // namespace remit::test
