// Systems: declarations -> tables to look actions and attributes up in (language.md section 4).
// Covered by tests/check_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lang/check/resolved.h"
#include "lang/syntax/syntax.h"

namespace remit::lang::checker {

struct Context;
struct Text;

// The systems that a rule speaks about.
struct Ground {
  bool anything = false;
  bool open = false;    // a parameter without a value stands for a resource of some system
  bool broken = false;  // a resource had an error: nothing is known, so nothing more is said
  std::vector<std::uint32_t> systems;  // distinct, as first met
  // What names mean there, once looked up: a long condition over many systems asks often.
  mutable std::unordered_map<std::string_view, AttributeRef> attributes;
  void add(std::uint32_t system);

 private:
  std::vector<bool> met_;  // by system
};

// An attribute's name over all systems.
struct Anywhere {
  std::vector<std::uint32_t> systems;  // that have it, ascending
  std::uint32_t other = 0;             // the first whose type differs from the first's; else the first
};

class Systems {
 public:
  // Gathers the declarations: of the document, then of modules, then the standard ones that nobody
  // replaced. Sorts them by name.
  void gather(Context& context);

  std::optional<std::uint32_t> find(std::string_view name) const;
  const std::vector<SystemInfo>& all() const { return systems_; }
  std::vector<SystemInfo> take() { return std::move(systems_); }

  bool has_action(std::uint32_t system, std::string_view name) const { return action(system, name) != nullptr; }
  const ActionInfo* action(std::uint32_t system, std::string_view name) const;
  bool any_has_action(std::string_view name) const { return anywhere_actions_.count(name) != 0; }
  const AttributeInfo* attribute(std::uint32_t system, std::string_view name) const;
  // Null where no system has an attribute of that name.
  const Anywhere* with_attribute(std::string_view name) const;

  std::string nearest_system(std::string_view name) const;
  std::string nearest_action(std::string_view name, const Ground& ground) const;
  std::string nearest_attribute(std::string_view name, const Ground& ground) const;

 private:
  struct Table {
    std::unordered_map<std::string_view, std::uint32_t> actions, attributes;
  };
  void index();
  std::vector<SystemInfo> systems_;
  std::vector<Table> tables_;
  std::unordered_map<std::string_view, std::uint32_t> by_name_;
  std::unordered_map<std::string_view, std::uint32_t> anywhere_actions_;
  std::unordered_map<std::string_view, Anywhere> anywhere_attributes_;
};

// The type that a type's name stands for; nothing where there is none.
std::optional<Type> find_type(std::string_view name);

// The declarations of the standard library, parsed once. Sorted by name.
const std::vector<SystemInfo>& standard_systems();

}  // namespace remit::lang::checker
