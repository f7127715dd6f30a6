// Checks of a request's attributes. Covered by tests/request_test.cpp.
#include "engine/vm/attributes.h"

#include "engine/image/hash.h"
#include "engine/image/unicode.h"

namespace remit::vm {
namespace {

bool is_text(std::string_view text, std::size_t most) noexcept {
  return text.size() <= most && (text.empty() || text.data() != nullptr) && detail::valid_utf8_prefix(text) == text.size();
}

// Session facts are the host's to state when the session opens, never the caller's (section 4).
bool is_session_fact(std::string_view name) noexcept {
  return name == "agent" || name == "user" || name == "sponsor" || name == "purpose" || name == "trigger" ||
         name.substr(0, 5) == "user." || name.substr(0, 6) == "agent.";
}

bool is_scalar_within_limits(const Value& value) noexcept {
  if (value.type() != Type::string && value.type() != Type::resource) return true;
  return is_text(value.text(), kMaxAttributeString);
}

bool is_within_limits(const Value& value) noexcept {
  if (value.type() != Type::list) return is_scalar_within_limits(value);
  if (value.items().size() > kMaxListItems) return false;
  for (const Value& item : value.items()) {
    // A list is of one type (section 2), and that is no list: anything else is no value at all.
    if (item.type() == Type::list || item.type() != value.items()[0].type() || !is_scalar_within_limits(item)) return false;
  }
  return true;
}

}  // namespace

bool Attributes::check() noexcept {
  if (items_.size() > kMaxAttributes) return false;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Attribute& attribute = items_[i];
    if (attribute.name.empty() || !is_text(attribute.name, kMaxAttributeName) || is_session_fact(attribute.name)) return false;
    if (!is_within_limits(attribute.value)) return false;
    hashes_[i] = image::hash_name(attribute.name);
    for (std::size_t j = 0; j < i; ++j) {
      if (hashes_[j] == hashes_[i] && items_[j].name == attribute.name) return false;
    }
  }
  return true;
}

}  // namespace remit::vm
