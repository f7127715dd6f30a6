#include "bench/peers/prefix_walk.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace remit::peers {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Does the text at `%` write a byte that has a plainer spelling, or that no resource may have?
bool is_refused_escape(std::string_view text) {
  if (text.size() < 3 || hex(text[1]) < 0 || hex(text[2]) < 0) return false;
  const int byte = hex(text[1]) * 16 + hex(text[2]);
  const auto c = static_cast<char>(byte);
  return byte < 0x20 || byte == 0x7f || is_digit(c) ||
         (byte < 0x80 && is_lower(static_cast<char>(c | 0x20))) ||
         (byte != 0 && byte < 0x80 &&
          std::string_view("-._~/\\%").find(c) != std::string_view::npos);
}

bool is_forbidden(utf8proc_int32_t point) {
  return (point >= 0x80 && point <= 0x9f) || point == 0x2028 || point == 0x2029 ||
         (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

// Only for text that has bytes from 0x80 on: valid UTF-8, no forbidden character, normal form C.
bool is_clean_unicode(std::string_view text) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  for (utf8proc_ssize_t at = 0; at < size;) {
    utf8proc_int32_t point = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(bytes + at, size - at, &point);
    if (length <= 0 || is_forbidden(point)) return false;
    at += length;
  }
  const std::string terminated(
      text);  // no zero byte is in it: control characters are refused before
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> composed(
      utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(terminated.c_str())), std::free);
  return composed && terminated == reinterpret_cast<const char*>(composed.get());
}

}  // namespace

std::optional<Path> canonical(std::string_view text) {
  constexpr std::size_t kMostBytes = 4096, kMostSegments = 64;
  const std::size_t colon = text.find(':');
  if (text.size() > kMostBytes || colon == std::string_view::npos || colon == 0 ||
      !is_lower(text[0]))
    return std::nullopt;
  for (const char c : text.substr(0, colon))
    if (!is_lower(c) && !is_digit(c) && c != '+' && c != '-') return std::nullopt;
  Path path;
  path.system = text.substr(0, colon);
  path.ends[path.count++] = static_cast<std::uint16_t>(colon + 1);
  const bool root = text.substr(colon) == ":/";
  if (text.ends_with('/') && !root) text.remove_suffix(1);
  path.text = text;
  if (root) return path;
  std::size_t begin = colon + 1;  // of the segment
  if (begin < text.size() && text[begin] == '/') ++begin;
  bool plain = true;
  for (std::size_t i = begin; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '/') {
      const std::string_view segment = text.substr(begin, i - begin);
      if (segment.empty() || segment == "." || segment == ".." || path.count > kMostSegments)
        return std::nullopt;
      path.ends[path.count++] = static_cast<std::uint16_t>(i);
      begin = i + 1;
      continue;
    }
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f || c == '\\' || (c == '%' && is_refused_escape(text.substr(i))))
      return std::nullopt;
    if (c >= 0x80) plain = false;
  }
  if (!plain && !is_clean_unicode(text)) return std::nullopt;
  return path;
}

PrefixWalk::PrefixWalk(const Workload& work)
    : rules_(work.layers), lifetime_(std::chrono::seconds(work.expires_seconds)) {
  for (const auto& [system, actions] : work.systems)
    for (const std::string& action : actions) {
      Map<std::uint64_t>& bits = systems_[system];
      bits.emplace(action, std::uint64_t{1} << bits.size());
    }
  for (const std::vector<Rule>& rules : rules_) {
    Layer& layer = layers_.emplace_back();
    for (const Rule& rule : rules) {
      const Map<std::uint64_t>& bits = systems_.at(rule.prefix.substr(0, rule.prefix.find(':')));
      std::uint64_t actions = 0;
      for (const std::string& action : rule.actions)
        actions |= action == "*" ? ~std::uint64_t{0} : bits.at(action);
      const bool conditional = !rule.suffix.empty() || !rule.not_suffix.empty() ||
                               !rule.filename_suffix.empty() || rule.size_over >= 0;
      layer[rule.prefix].push_back({.actions = actions,
                                    .line = rule.line,
                                    .effect = rule.ask    ? Effect::ask
                                              : rule.deny ? Effect::deny
                                                          : Effect::allow,
                                    .only = rule.only,
                                    .condition = conditional ? &rule : nullptr});
    }
  }
}

// A missing attribute leaves a deny standing and an allow not: the restrictive side (language.md
// section 5).
bool PrefixWalk::holds(const Rule& rule, const Query& query, std::string_view resource) {
  if (!resource.ends_with(rule.suffix) ||
      (!rule.not_suffix.empty() && resource.ends_with(rule.not_suffix)))
    return false;
  if (rule.filename_suffix.empty() && rule.size_over < 0) return true;
  if (query.filename.empty()) return rule.deny;
  return query.filename.ends_with(rule.filename_suffix) && query.size > rule.size_over;
}

Answer PrefixWalk::decide(const Layer& layer, const Query& query, const Path& path,
                          std::uint64_t action) {
  std::uint32_t lines[3] = {0, 0, 0};  // the first deciding line of each effect
  for (std::size_t i = 0; i < path.count; ++i) {
    const auto found = layer.find(path.text.substr(0, path.ends[i]));
    if (found == layer.end()) continue;
    for (const Entry& entry : found->second) {
      if ((entry.actions & action) == 0 || (entry.only && i + 1 != path.count)) continue;
      std::uint32_t& line = lines[static_cast<std::size_t>(entry.effect)];
      if ((line == 0 || entry.line < line) &&
          (!entry.condition || holds(*entry.condition, query, path.text)))
        line = entry.line;
    }
  }
  const auto line_of = [&](Effect effect) { return lines[static_cast<std::size_t>(effect)]; };
  if (line_of(Effect::deny) != 0)
    return {
        .effect = Effect::deny, .reason = Reason::denied_by_rule, .line = line_of(Effect::deny)};
  if (line_of(Effect::ask) != 0)
    return {.effect = Effect::ask, .reason = Reason::asked_by_rule, .line = line_of(Effect::ask)};
  if (line_of(Effect::allow) != 0)
    return {
        .effect = Effect::allow, .reason = Reason::allowed_by_rule, .line = line_of(Effect::allow)};
  return {};
}

Answer PrefixWalk::decide(const Query& query, Time opened, Time now) const {
  const std::optional<Path> path = canonical(query.resource);
  if (!path) return {.reason = Reason::malformed_resource};
  const auto system = systems_.find(path->system);
  if (system == systems_.end()) return {.reason = Reason::unknown_system};
  const auto action = system->second.find(query.action);
  if (action == system->second.end()) return {.reason = Reason::unknown_action};
  if (now >= opened + lifetime_) return {.reason = Reason::expired};
  std::optional<Answer> best;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Answer answer = decide(layers_[i], query, *path, action->second);
    answer.layer = static_cast<std::uint16_t>(i);
    if (answer.effect == Effect::deny) return answer;
    if (!best || (answer.effect == Effect::ask && best->effect == Effect::allow)) best = answer;
  }
  return *best;
}

}  // namespace remit::peers
