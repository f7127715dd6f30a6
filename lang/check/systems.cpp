// Systems (systems.h). Covered by tests/check_test.cpp.
#include "lang/check/systems.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "engine/image/limits.h"
#include "lang/check/context.h"
#include "lang/check/names.h"
#include "lang/check/standard.h"
#include "lang/parse/literal_text.h"
#include "lang/parse/parse.h"

namespace remit::lang::checker {
namespace {

constexpr std::string_view kSystemsFolder = "systems/";

constexpr std::pair<std::string_view, Type> kTypes[] = {
    {"bool", Type::boolean}, {"int", Type::integer}, {"size", Type::size},         {"duration", Type::duration},
    {"time", Type::time},    {"string", Type::string}, {"resource", Type::resource},
};

// One declaration -> SystemInfo. Members of a group are declared by being named there.
class Declaration {
 public:
  Declaration(const syntax::System& system, const Text& text, Context& context) : system_(system), text_(text), context_(context) {
    info_.name = system.name.text;
    if (system.title) info_.title = decode_string(system.title->text);
  }

  SystemInfo read() {
    for (const syntax::System::Member& member : system_.members) {
      if (too_many(member.span)) return std::move(info_);
      if (member.is_action) {
        action(system_.actions[member.index]);
      } else {
        attribute(system_.attributes[member.index]);
      }
    }
    if (!too_many(system_.name.span)) close_groups();
    return std::move(info_);
  }

 private:
  // Of actions or attributes: reported, and whatever follows is not read.
  bool too_many(Span span) {
    const bool actions = info_.actions.size() > image::kMaxActions;
    if (!actions && info_.attributes.size() <= image::kMaxDeclared) return false;
    context_.report.error(text_, span, "system-too-large",
                          actions ? fmt::format("system `{}` has more than {} actions", info_.name, image::kMaxActions)
                                  : fmt::format("system `{}` has more than {} attributes", info_.name, image::kMaxDeclared),
                          "declare several systems");
    return true;
  }

  std::uint32_t index_of(std::string_view name) {
    const auto [at, added] = actions_.emplace(name, static_cast<std::uint32_t>(info_.actions.size()));
    if (added) {
      info_.actions.push_back({std::string(name), {}});
      groups_.emplace_back();
      declared_.push_back(nullptr);
    }
    return at->second;
  }

  void action(const syntax::ActionDecl& action) {
    const std::uint32_t index = index_of(action.name.text);
    if (declared_[index] != nullptr) {
      context_.report.error(text_, action.name.span, "action-twice",
                            fmt::format("system `{}` declares action {} twice", info_.name, quote(action.name.text)), "leave out one of them");
      return;
    }
    declared_[index] = &action;
    std::unordered_set<std::uint32_t> members;
    for (const syntax::Word& member : action.members) {
      const std::uint32_t child = index_of(member.text);
      if (!members.insert(child).second) {
        context_.report.error(text_, member.span, "action-twice",
                              fmt::format("the group {} names {} twice", quote(action.name.text), quote(member.text)), "leave out one of them");
      } else {
        groups_[index].push_back(child);
      }
    }
  }

  void attribute(const syntax::AttributeDecl& attribute) {
    if (is_fact(attribute.name.text)) {
      context_.report.error(text_, attribute.name.span, "attribute-is-fact",
                            fmt::format("{} is a fact about the session, which every system has", quote(attribute.name.text)),
                            "choose another name: the host supplies the fact, the request this attribute");
      return;
    }
    const std::optional<Type> type = find_type(attribute.type.text);
    if (!type && context_.report.full()) return;
    if (!type) {
      Nearest nearest(attribute.type.text);
      std::string known;
      for (const auto& [name, unused] : kTypes) {
        nearest.offer(name);
        known += fmt::format("{}`{}`", known.empty() ? "" : ", ", name);
      }
      if (attribute.type.text == "integer") nearest = Nearest("int"), nearest.offer("int");
      const bool bare_list = attribute.type.text == "list";
      context_.report.error(text_, attribute.type.span, "unknown-type",
                            bare_list ? "a list says what it is a list of" : fmt::format("there is no type {}{}", quote(attribute.type.text), nearest.hint()),
                            bare_list ? "write `list of string`" : fmt::format("the types are {} and `list of` one of them", known));
      return;
    }
    if (!attributes_.insert(attribute.name.text).second) {
      context_.report.error(text_, attribute.name.span, "attribute-twice",
                            fmt::format("system `{}` declares attribute {} twice", info_.name, quote(attribute.name.text)), "leave out one of them");
      return;
    }
    info_.attributes.push_back({std::string(attribute.name.text), attribute.list ? Type::list : *type, attribute.list ? *type : Type::any});
  }

  // Follows groups in groups, without recursion: a hostile document may nest them a million deep.
  void close_groups() {
    enum class Mark : std::uint8_t { fresh, open, done };
    std::vector<Mark> marks(info_.actions.size(), Mark::fresh);
    std::vector<std::pair<std::uint32_t, std::size_t>> path;  // action, next member
    for (std::uint32_t first = 0; first < info_.actions.size(); ++first) {
      if (marks[first] == Mark::fresh) path.emplace_back(first, 0), marks[first] = Mark::open;
      while (!path.empty()) {
        const std::uint32_t action = path.back().first;
        if (path.back().second == groups_[action].size()) {
          close(action);
          marks[action] = Mark::done;
          path.pop_back();
          continue;
        }
        const std::uint32_t member = groups_[action][path.back().second++];
        if (marks[member] == Mark::open) return circle(action, member);
        if (marks[member] == Mark::fresh) path.emplace_back(member, 0), marks[member] = Mark::open;
      }
    }
  }

  void close(std::uint32_t action) {
    std::vector<std::uint32_t>& covers = info_.actions[action].covers;
    covers.push_back(action);
    std::vector<bool> seen(info_.actions.size());
    seen[action] = true;
    for (const std::uint32_t member : groups_[action]) {
      const std::vector<std::uint32_t>& more = info_.actions[member].covers;
      if (!context_.unfold(text_, system_.name.span, more.size() * sizeof(std::uint32_t))) return;
      for (const std::uint32_t one : more) {
        if (!seen[one]) covers.push_back(one);
        seen[one] = true;
      }
    }
    std::sort(covers.begin(), covers.end());
  }

  void circle(std::uint32_t action, std::uint32_t member) {
    context_.report.error(text_, declared_[action]->name.span, "action-circle",
                          fmt::format("the groups of system `{}` go in a circle: {} covers {}, which covers it in turn", info_.name,
                                      quote(info_.actions[action].name), quote(info_.actions[member].name)),
                          "take one of them out of the other's braces");
  }

  const syntax::System& system_;
  const Text& text_;
  Context& context_;
  SystemInfo info_;
  std::unordered_map<std::string_view, std::uint32_t> actions_;
  std::unordered_set<std::string_view> attributes_;
  std::vector<std::vector<std::uint32_t>> groups_;
  std::vector<const syntax::ActionDecl*> declared_;  // null: named in a group only
};

std::vector<SystemInfo> read_standard_systems() {
  std::vector<SystemInfo> systems;
  for (const StandardFile& file : standard_library()) {
    if (file.path.substr(0, kSystemsFolder.size()) != kSystemsFolder) continue;
    Diagnostics ignored;  // tests/stdlib_test.py holds every file of stdlib/ to having none
    const Source source{std::string(file.path), std::string(file.text)};
    const syntax::Document document = parse(source, ignored);
    const CheckOptions options;
    Context context(options, ignored);
    const Text text(source, document, 0);
    for (const syntax::System& system : document.systems) systems.push_back(Declaration(system, text, context).read());
  }
  std::sort(systems.begin(), systems.end(), [](const SystemInfo& a, const SystemInfo& b) { return a.name < b.name; });
  return systems;
}

// The standard system of that name; null where there is none.
const SystemInfo* find_standard(std::string_view name) {
  const std::vector<SystemInfo>& all = standard_systems();
  const auto at = std::lower_bound(all.begin(), all.end(), name, [](const SystemInfo& a, std::string_view b) { return a.name < b; });
  return at != all.end() && at->name == name ? &*at : nullptr;
}

}  // namespace

void Ground::add(std::uint32_t system) {
  if (met_.size() <= system) met_.resize(system + std::size_t{1});
  if (met_[system]) return;
  met_[system] = true;
  systems.push_back(system);
}

void Systems::gather(Context& context) {
  std::unordered_map<std::string_view, const Text*> declared;
  std::size_t all = standard_systems().size();
  for (const std::unique_ptr<Text>& text : context.texts) {
    const bool own = text.get() == &context.main();
    for (const syntax::Statement& statement : text->document->statements) {
      if (statement.kind != syntax::StatementKind::system) continue;
      const syntax::System& system = text->document->systems[statement.index];
      const std::string name(system.name.text);
      const auto [at, added] = declared.emplace(system.name.text, text.get());
      if (!added) {
        const bool here = at->second == text.get();
        context.report.error(*text, system.name.span, here ? "system-twice" : "system-of-module",
                             here ? fmt::format("system `{}` is declared twice", name)
                                  : fmt::format("a module declares system `{}`, which {} declares too", name, quote(at->second->source->name())),
                             here ? "put all its actions and attributes into one declaration" : "a module may only declare systems that nobody else declares");
        continue;
      }
      const SystemInfo* const standard = find_standard(name);
      if (!own && standard != nullptr) {
        context.report.error(*text, system.name.span, "system-of-module", fmt::format("a module declares the standard system `{}` anew", name),
                             "only the document itself may replace a standard system");
        continue;
      }
      all += standard == nullptr ? 1 : 0;
      if (all == image::kMaxSystems + 1) {
        context.report.error(*text, system.name.span, "too-many-systems",
                             fmt::format("the document has more than {} systems, those of its modules and of the library included", image::kMaxSystems));
      }
      if (all > image::kMaxSystems) continue;
      systems_.push_back(Declaration(system, *text, context).read());
      // The pages of the standard library declare what is standard already: that replaces nothing.
      if (standard != nullptr && systems_.back() != *standard) {
        context.report.header_warning(*text, system.name.span, "replaces-standard",
                                      fmt::format("this declaration replaces the standard system `{}`", name),
                                      "choose another name if you mean a system of your own");
      }
    }
  }
  for (const SystemInfo& system : standard_systems()) {
    if (declared.count(system.name) == 0) systems_.push_back(system);
  }
  std::sort(systems_.begin(), systems_.end(), [](const SystemInfo& a, const SystemInfo& b) { return a.name < b.name; });
  index();
  context.system_used.assign(systems_.size(), false);
}

void Systems::index() {
  tables_.resize(systems_.size());
  for (std::uint32_t i = 0; i < systems_.size(); ++i) {
    const SystemInfo& system = systems_[i];
    by_name_.emplace(system.name, i);
    for (std::uint32_t j = 0; j < system.actions.size(); ++j) {
      tables_[i].actions.emplace(system.actions[j].name, j);
      anywhere_actions_.emplace(system.actions[j].name, i);
    }
    for (std::uint32_t j = 0; j < system.attributes.size(); ++j) {
      tables_[i].attributes.emplace(system.attributes[j].name, j);
      Anywhere& anywhere = anywhere_attributes_[system.attributes[j].name];
      if (anywhere.systems.empty()) anywhere.other = i;
      anywhere.systems.push_back(i);
      const std::uint32_t first = anywhere.systems.front();
      if (anywhere.other == first && *attribute(first, system.attributes[j].name) != system.attributes[j]) anywhere.other = i;
    }
  }
}

std::optional<std::uint32_t> Systems::find(std::string_view name) const {
  const auto at = by_name_.find(name);
  if (at == by_name_.end()) return std::nullopt;
  return at->second;
}

const ActionInfo* Systems::action(std::uint32_t system, std::string_view name) const {
  const auto at = tables_[system].actions.find(name);
  return at == tables_[system].actions.end() ? nullptr : &systems_[system].actions[at->second];
}

const AttributeInfo* Systems::attribute(std::uint32_t system, std::string_view name) const {
  const auto at = tables_[system].attributes.find(name);
  return at == tables_[system].attributes.end() ? nullptr : &systems_[system].attributes[at->second];
}

const Anywhere* Systems::with_attribute(std::string_view name) const {
  const auto at = anywhere_attributes_.find(name);
  return at == anywhere_attributes_.end() ? nullptr : &at->second;
}

std::string Systems::nearest_system(std::string_view name) const {
  Nearest nearest(name);
  for (const SystemInfo& system : systems_) nearest.offer(system.name);
  return nearest.best();
}

std::string Systems::nearest_action(std::string_view name, const Ground& ground) const {
  Nearest nearest(name);
  const auto offer = [&](const SystemInfo& system) {
    for (const ActionInfo& action : system.actions) nearest.offer(action.name);
  };
  for (const std::uint32_t system : ground.systems) offer(systems_[system]);
  if (ground.systems.empty()) std::for_each(systems_.begin(), systems_.end(), offer);
  return nearest.best();
}

std::string Systems::nearest_attribute(std::string_view name, const Ground& ground) const {
  Nearest nearest(name);
  const auto offer = [&](const SystemInfo& system) {
    for (const AttributeInfo& attribute : system.attributes) nearest.offer(attribute.name);
  };
  for (const std::uint32_t system : ground.systems) offer(systems_[system]);
  if (ground.systems.empty()) std::for_each(systems_.begin(), systems_.end(), offer);
  for (const std::string_view fact : {"agent", "user", "sponsor", "purpose", "trigger"}) nearest.offer(fact);
  return nearest.best();
}

std::optional<Type> find_type(std::string_view name) {
  for (const auto& [known, type] : kTypes) {
    if (name == known) return type;
  }
  return std::nullopt;
}

const std::vector<SystemInfo>& standard_systems() {
  static const std::vector<SystemInfo> systems = read_standard_systems();
  return systems;
}

}  // namespace remit::lang::checker
