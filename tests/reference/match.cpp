// Patterns and subjects. See match.h.
#include "tests/reference/match.h"

#include <algorithm>

namespace remit::reference {
namespace {

// Pattern segments as far as `from`, resource segments as far as `at`: plain recursion.
bool segments_match(const std::vector<std::string>& pattern, std::size_t from,
                    const std::vector<std::string>& resource, std::size_t at, bool only) {
  // "A pattern covers what it names and everything beneath it ... `only P` covers just what P
  // names."
  if (from == pattern.size()) return !only || at == resource.size();
  if (pattern[from] == std::string(1, lang::kDeep)) {
    // "`**` as a whole segment: zero or more segments".
    for (std::size_t next = at; next <= resource.size(); ++next) {
      if (segments_match(pattern, from + 1, resource, next, only)) return true;
    }
    return false;
  }
  if (at == resource.size() || !glob_matches(pattern[from], resource[at])) return false;
  // "a segment that is just `*` needs at least one byte".
  if (pattern[from] == std::string(1, lang::kStar) && resource[at].empty()) return false;
  return segments_match(pattern, from + 1, resource, at + 1, only);
}

const lang::SystemInfo* own_declaration(const lang::Resolved& document, const std::string& name) {
  for (const lang::SystemInfo& system : document.systems) {
    if (system.name == name) return &system;
  }
  return nullptr;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

}  // namespace

bool glob_matches(std::string_view glob, std::string_view text) {
  // reached[i]: the glob so far matches the first i bytes of the text.
  std::vector<bool> reached(text.size() + 1, false);
  reached[0] = true;
  for (const char part : glob) {
    std::vector<bool> next(text.size() + 1, false);
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (!reached[i]) continue;
      if (part == lang::kStar) {
        // "any run of bytes, possibly empty"
        for (std::size_t j = i; j <= text.size(); ++j) next[j] = true;
      } else if (part == lang::kQuestion) {
        // "exactly one Unicode code point": not from the middle of one.
        if (i == text.size() || is_continuation(text[i])) continue;
        std::size_t j = i + 1;
        while (j < text.size() && is_continuation(text[j])) ++j;
        next[j] = true;
      } else if (i < text.size() && text[i] == part) {
        next[i + 1] = true;
      }
    }
    reached = next;
  }
  return reached[text.size()];
}

bool covers(const lang::Resolved& document, const lang::Pattern& pattern, const Asked& asked) {
  if (pattern.anything) return true;
  if (document.systems[pattern.system].name != asked.system) return false;
  // "`docs:` every resource of docs, rooted or named". As a resource it is not canonical, so it
  // names none itself and `only docs:` covers nothing.
  if (pattern.text.empty()) return !pattern.only;
  // "rooted ... and without one (named) are different resources and never match each other".
  const bool rooted = pattern.text[0] == '/';
  if (rooted != asked.rooted) return false;
  std::vector<std::string> segments;
  std::string rest = rooted ? pattern.text.substr(1) : pattern.text;
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    segments.push_back(rest.substr(0, slash));
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
  }
  return segments_match(segments, 0, asked.segments, 0, pattern.only);
}

bool any_covers(const lang::Resolved& document, const std::vector<lang::Pattern>& patterns,
                const Asked& asked) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const lang::Pattern& pattern) {
    return covers(document, pattern, asked);
  });
}

const lang::SystemInfo* declaration(const std::vector<Setting>& layers, std::size_t index,
                                    const std::string& system) {
  const lang::Resolved& document = *layers[index].document;
  if (const auto* own = own_declaration(document, system)) return own;
  // Section 4: "for a system that a guardrail or grants document does not know, its `anything`
  // rules and limits are judged with the declaration of the first layer that knows it, the
  // outermost session's layers first". That only these match needs no word here: a pattern names a
  // system that its document knows.
  if (document.kind == lang::DocumentKind::scope) return nullptr;
  std::size_t deepest = 0;
  for (const Setting& layer : layers) deepest = std::max(deepest, layer.depth);
  for (std::size_t depth = 0; depth <= deepest; ++depth) {
    for (const Setting& layer : layers) {
      if (layer.depth != depth) continue;
      if (const auto* stand_in = own_declaration(*layer.document, system)) return stand_in;
    }
  }
  return nullptr;
}

std::optional<std::uint32_t> find_action(const lang::SystemInfo& system,
                                         const std::string& action) {
  for (std::uint32_t i = 0; i < system.actions.size(); ++i) {
    if (system.actions[i].name == action) return i;
  }
  return std::nullopt;
}

bool subject_matches(const lang::Resolved& document, const lang::SystemInfo& system,
                     const lang::Subject& subject, const Asked& asked) {
  if (!any_covers(document, subject.resources, asked)) return false;
  const auto action = find_action(system, asked.action);
  if (!action) return false;
  if (subject.any) return true;  // "every action that the resource's system declares"
  for (const std::string& name : subject.names) {
    // "`write` covers itself and all three", and over `anything` a rule "matches where the system
    // has it".
    const auto meant = find_action(system, name);
    if (!meant) continue;
    const auto& members = system.actions[*meant].covers;
    if (std::find(members.begin(), members.end(), *action) != members.end()) return true;
  }
  return false;
}

}  // namespace remit::reference
