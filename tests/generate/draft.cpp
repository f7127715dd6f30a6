// Drafts as text, and their shrinking. See draft.h.
#include "tests/generate/draft.h"

#include <algorithm>

namespace remit::generate {
namespace {

std::string join(const std::vector<std::string>& parts, const char* between) {
  std::string result;
  for (const std::string& part : parts) result += (result.empty() ? "" : between) + part;
  return result;
}

std::string type_name(const AttributeDraft& attribute) {
  if (attribute.type == Type::list) return std::string("list of ") + to_string(attribute.element);
  return to_string(attribute.type);
}

// Tries to leave out each item of `items`, last first; `draft` is what `items` is a part of.
template <class T>
bool leave_out(Draft& draft, std::vector<T>& items, std::size_t least,
               const std::function<bool(const Draft&)>& keep) {
  bool smaller = false;
  for (std::size_t i = items.size(); i-- > 0 && items.size() > least;) {
    const T item = items[i];
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
    if (keep(draft)) {
      smaller = true;
    } else {
      items.insert(items.begin() + static_cast<std::ptrdiff_t>(i), item);
    }
  }
  return smaller;
}

bool halve_rules(Draft& draft, const std::function<bool(const Draft&)>& keep) {
  bool smaller = false;
  for (std::size_t size = draft.rules.size() / 2; size > 1; size /= 2) {
    for (std::size_t begin = 0; begin + size <= draft.rules.size();) {
      const std::vector<RuleDraft> all = draft.rules;
      const auto first = draft.rules.begin() + static_cast<std::ptrdiff_t>(begin);
      draft.rules.erase(first, first + static_cast<std::ptrdiff_t>(size));
      if (keep(draft)) {
        smaller = true;
      } else {
        draft.rules = all;
        begin += size;
      }
    }
  }
  return smaller;
}

}  // namespace

std::string action_text(const std::string& name) {
  static const char* const reserved[] = {"limit", "test", "use", "any", "ask", "only"};
  const bool plain = !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                     });
  const bool is_reserved =
      std::find(std::begin(reserved), std::end(reserved), name) != std::end(reserved);
  return plain && !is_reserved ? name : '"' + name + '"';
}

std::string SystemDraft::text() const {
  std::string result = "system " + name + " {\n";
  for (const ActionDraft& action : actions) {
    result += "  action " + action_text(action.name);
    if (!action.members.empty()) {
      std::vector<std::string> written;
      for (const std::string& member : action.members) written.push_back(action_text(member));
      result += " { " + join(written, ", ") + " }";
    }
    result += "\n";
  }
  for (const AttributeDraft& attribute : attributes) {
    result += "  attribute " + attribute.name + ": " + type_name(attribute) + "\n";
  }
  return result + "}\n";
}

std::vector<std::string> SystemDraft::action_names() const {
  std::vector<std::string> result;
  const auto add = [&](const std::string& action) {
    if (std::find(result.begin(), result.end(), action) == result.end()) result.push_back(action);
  };
  for (const ActionDraft& action : actions) {
    add(action.name);
    for (const std::string& member : action.members) add(member);
  }
  return result;
}

bool SystemDraft::has_action(const std::string& action) const {
  const std::vector<std::string> all = action_names();
  return std::find(all.begin(), all.end(), action) != all.end();
}

std::string RuleDraft::text() const {
  std::string result = effect.empty() ? "" : effect + " ";
  result += join(actions, ", ") + " " + join(resources, ", ");
  if (!amount.empty()) result += " to " + amount;
  for (const std::string& clause : clauses) result += (broken ? "\n  " : " ") + clause;
  return result + "\n";
}

std::string Draft::text() const {
  std::string result = header.empty() ? "" : header + "\n";
  for (const SystemDraft& system : systems) result += system.text();
  for (const std::string& statement : statements) result += statement + "\n";
  for (const RuleDraft& rule : rules) result += rule.text();
  return result;
}

void shrink(Draft& draft, const std::function<bool(const Draft&)>& keep) {
  for (bool smaller = true; smaller;) {
    smaller = halve_rules(draft, keep);
    smaller = leave_out(draft, draft.rules, 0, keep) || smaller;
    for (RuleDraft& rule : draft.rules) {
      smaller = leave_out(draft, rule.clauses, 0, keep) || smaller;
      smaller = leave_out(draft, rule.resources, 1, keep) || smaller;
      smaller = leave_out(draft, rule.actions, 1, keep) || smaller;
    }
    smaller = leave_out(draft, draft.statements, 0, keep) || smaller;
    smaller = leave_out(draft, draft.systems, 0, keep) || smaller;
    for (SystemDraft& system : draft.systems) {
      smaller = leave_out(draft, system.attributes, 0, keep) || smaller;
      smaller = leave_out(draft, system.actions, 1, keep) || smaller;
      for (ActionDraft& action : system.actions) {
        smaller = leave_out(draft, action.members, 0, keep) || smaller;
      }
    }
  }
}

}  // namespace remit::generate
