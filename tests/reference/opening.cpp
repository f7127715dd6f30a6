// Openings and delegations. See opening.h.
#include "tests/reference/opening.h"

#include <algorithm>

#include "tests/reference/match.h"

namespace remit::reference {
namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> result(1);
  for (const char c : text) {
    if (c == '/') {
      result.emplace_back();
    } else {
      result.back() += c;
    }
  }
  return result;
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// Pattern segments from `p`, segments of the identifier from `i`; of these the first `folded` are
// compared without case.
bool segments_match(const std::vector<std::string>& pattern, std::size_t p,
                    const std::vector<std::string>& identifier, std::size_t i, std::size_t folded) {
  if (p == pattern.size()) return i == identifier.size();
  if (pattern[p] == "**") {
    for (std::size_t next = i; next <= identifier.size(); ++next) {
      if (segments_match(pattern, p + 1, identifier, next, folded)) return true;
    }
    return false;
  }
  if (i == identifier.size()) return false;
  // As in a resource (section 3), a segment that is just `*` needs at least one byte.
  if (pattern[p] == "*" && identifier[i].empty()) return false;
  std::string glob = i < folded ? lower_case(pattern[p]) : pattern[p];
  std::replace(glob.begin(), glob.end(), '*', lang::kStar);
  return glob_matches(glob, i < folded ? lower_case(identifier[i]) : identifier[i]) &&
         segments_match(pattern, p + 1, identifier, i + 1, folded);
}

// "empty: anyone", but an identifier that nobody knows matches no pattern.
bool any_matches(const std::vector<std::string>& patterns,
                 const std::optional<std::string>& identifier) {
  if (patterns.empty()) return true;
  return identifier && std::any_of(patterns.begin(), patterns.end(), [&](const std::string& one) {
           return identifier_matches(one, *identifier);
         });
}

}  // namespace

bool identifier_matches(const std::string& pattern, const std::string& identifier) {
  // As SPIFFE has it: scheme and trust domain are names without case, the path is not one.
  // They are what stands before the third slash.
  const std::string start = lower_case(identifier.substr(0, 9));
  const bool workload = start == "spiffe://" || start.substr(0, 8) == "wimse://";
  return segments_match(split(pattern), 0, split(identifier), 0, workload ? 3 : 0);
}

bool may_open(const lang::Lifetime& task, const HeldOpening& opening, bool accountable,
              std::int64_t now) {
  // "Opening a session for another agent fails"; "for which users".
  if (!any_matches(task.agents, opening.agent)) return false;
  if (!any_matches(task.users, opening.user)) return false;
  // "A session needs an accountable person: either a user, or, where none is present, a sponsor".
  if (!accountable && !opening.user && !task.sponsor) return false;
  // "Opening fails where the last review that the host reports is older than that, where the
  // sponsor has been revoked, or where the trigger differs." What it does not report cannot be
  // young enough.
  if (task.review_every) {
    if (!opening.last_review) return false;
    if (Wide(now) - *opening.last_review > *task.review_every) return false;
  }
  if (task.sponsor && opening.sponsor_revoked) return false;
  if (!task.trigger) return true;
  return opening.trigger && opening.trigger->first == task.trigger->kind &&
         opening.trigger->second == task.trigger->text;
}

bool may_delegate(const std::vector<const lang::Lifetime*>& ancestors, const std::string& agent) {
  // "Without it none; a sub-agent needs its own `delegate` to go further, and every ancestor's
  // depth and patterns hold for all descendants."
  for (std::size_t i = 0; i < ancestors.size(); ++i) {
    const auto& delegate = ancestors[i]->delegate;
    if (!delegate || delegate->levels < i + 1) return false;
    if (!any_matches(delegate->to, agent)) return false;
  }
  return true;
}

}  // namespace remit::reference
