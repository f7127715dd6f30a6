// Owned values and facts. See model.h.
#include "tests/reference/model.h"

namespace remit::reference {

lang::Constant own(const Value& value) {
  lang::Constant result;
  result.type = value.type();
  switch (value.type()) {
    case Type::string:
    case Type::resource: result.text = value.text(); break;
    case Type::list:
      for (const Value& item : value.items()) result.items.push_back(own(item));
      if (!result.items.empty()) result.element = result.items[0].type;
      break;
    default: result.number = value.number();
  }
  return result;
}

const lang::Constant* Asked::attribute(const std::string& name) const {
  for (const auto& [own_name, value] : attributes) {
    if (own_name == name) return &value;
  }
  return nullptr;
}

std::optional<lang::Constant> SessionFacts::find(const lang::AttributeRef& reference) const {
  const auto text = [](const std::optional<std::string>& fact) -> std::optional<lang::Constant> {
    if (!fact) return std::nullopt;
    return lang::Constant{Type::string, Type::any, 0, *fact, {}};
  };
  switch (reference.fact) {
    case lang::Fact::agent: return text(agent);
    case lang::Fact::user: return text(user);
    case lang::Fact::sponsor: return text(sponsor);
    case lang::Fact::purpose: return text(purpose);
    case lang::Fact::trigger: return text(trigger);
    case lang::Fact::named:
      for (const auto& [name, value] : named) {
        if (name == reference.name) return value;
      }
      return std::nullopt;
    case lang::Fact::none: break;
  }
  return std::nullopt;
}

}  // namespace remit::reference
