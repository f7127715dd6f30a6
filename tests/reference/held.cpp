// Held requests and their loan. See held.h.
#include "tests/reference/held.h"

namespace remit::reference {
namespace {

std::string quoted(const std::string& text) {
  static const char* const digits = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      result += c;
    } else {
      result += "\\x";
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result + "\"";
}

std::string list_of(const std::vector<NamedValue>& values) {
  std::string result;
  for (const auto& [name, value] : values) result += " " + quoted(name) + "=" + text_of(value);
  return result;
}

}  // namespace

std::string text_of(const lang::Constant& value) {
  switch (value.type) {
    case Type::string: return quoted(value.text);
    case Type::resource: return "resource " + quoted(value.text);
    case Type::list: {
      std::string result = "[";
      for (const lang::Constant& item : value.items)
        result += (result.size() > 1 ? ", " : "") + text_of(item);
      return result + "]";
    }
    case Type::boolean: return value.number != 0 ? "true" : "false";
    default: return std::string(to_string(value.type)) + " " + std::to_string(value.number);
  }
}

std::string HeldRequest::text() const {
  return "at " + std::to_string(now) + ": " + quoted(action) + " " + quoted(resource) + " with" +
         list_of(attributes);
}

std::string text_of(const HeldFacts& facts) {
  std::string result = "opened " + std::to_string(facts.opened);
  const auto add = [&](const char* name, const std::optional<std::string>& fact) {
    if (fact) result += std::string(" ") + name + "=" + quoted(*fact);
  };
  add("agent", facts.agent);
  add("user", facts.user);
  add("sponsor", facts.sponsor);
  add("purpose", facts.purpose);
  add("trigger", facts.trigger);
  return result + list_of(facts.named);
}

std::string text_of(const HeldOpening& opening) {
  std::string result;
  const auto add = [&](const char* name, const std::optional<std::string>& fact) {
    if (fact) result += std::string(name) + "=" + quoted(*fact) + " ";
  };
  add("agent", opening.agent);
  add("user", opening.user);
  add("purpose", opening.purpose);
  if (opening.last_review) result += "last_review=" + std::to_string(*opening.last_review) + " ";
  if (opening.sponsor_revoked) result += "sponsor_revoked ";
  if (opening.trigger)
    result += "trigger=" + opening.trigger->first + " " + quoted(opening.trigger->second);
  return result + list_of(opening.named);
}

Loan::Loan(const HeldRequest& request) : action_(request.action), resource_(request.resource) {
  lend_all(request.attributes);
}

Loan::Loan(const HeldFacts& facts) : facts_(&facts) { lend_all(facts.named); }

void Loan::lend_all(const std::vector<NamedValue>& values) {
  for (const auto& [name, value] : values) attributes_.push_back({name, lend(value)});
}

Value Loan::lend(const lang::Constant& value) {
  switch (value.type) {
    case Type::boolean: return Value(value.number != 0);
    case Type::size: return Value(bytes(value.number));
    case Type::duration: return Value(Duration{value.number});
    case Type::time: return Value(time_from_micros(value.number));
    case Type::string: return Value(std::string_view(value.text));
    case Type::resource: return Value(ResourceName{value.text});
    case Type::list: {
      std::vector<Value> items;
      for (const lang::Constant& item : value.items) items.push_back(lend(item));
      lists_.push_back(std::move(items));
      return Value(std::span<const Value>(lists_.back()));
    }
    default: return Value(value.number);
  }
}

Facts Loan::facts() const {
  Facts result;
  if (facts_ == nullptr) return result;
  result.agent = facts_->agent;
  result.user = facts_->user;
  result.sponsor = facts_->sponsor;
  result.purpose = facts_->purpose;
  result.trigger = facts_->trigger;
  result.named = attributes_;
  result.opened = time_from_micros(facts_->opened);
  return result;
}

}  // namespace remit::reference
