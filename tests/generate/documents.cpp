// Random documents. See documents.h.
#include "tests/generate/documents.h"

#include <algorithm>

#include "tests/generate/conditions.h"
#include "tests/generate/memory.h"
#include "tests/generate/vocabulary.h"

namespace remit::generate {
namespace {

// The attributes that a rule over all of `systems` may use: those that all declare alike.
std::vector<AttributeDraft> common_attributes(const std::vector<const SystemDraft*>& systems) {
  std::vector<AttributeDraft> result;
  for (const AttributeDraft& attribute : systems[0]->attributes) {
    const bool common = std::all_of(systems.begin(), systems.end(), [&](const SystemDraft* system) {
      return std::find(system->attributes.begin(), system->attributes.end(), attribute) !=
             system->attributes.end();
    });
    if (common) result.push_back(attribute);
  }
  return result;
}

// Over `anything`, those that some declare, all of them with one type.
std::vector<AttributeDraft> attributes_anywhere(const std::vector<SystemDraft>& systems) {
  std::vector<AttributeDraft> result;
  for (const SystemDraft& system : systems) {
    for (const AttributeDraft& attribute : system.attributes) {
      const bool alike = std::all_of(systems.begin(), systems.end(), [&](const SystemDraft& other) {
        return std::all_of(other.attributes.begin(), other.attributes.end(),
                           [&](const AttributeDraft& its) {
                             return its.name != attribute.name || its == attribute;
                           });
      });
      if (alike && std::find(result.begin(), result.end(), attribute) == result.end())
        result.push_back(attribute);
    }
  }
  return result;
}

std::string path_of(Random& random, std::size_t depth, bool rooted) {
  std::string path;
  for (std::size_t i = 0; i < depth; ++i)
    path += (i == 0 ? "" : "/") + make_pattern_segment(random);
  return rooted ? "/" + path : path;
}

class Writer {
 public:
  Writer(Random& random, Draft& draft, const Shape& shape)
      : random_(random), draft_(draft), shape_(shape), size_(shape.size) {}

  void write() {
    if (draft_.kind == Draft::Kind::scope) write_lifetime();
    if (random_.chance(40)) write_let();
    // What is remembered are grants: documents that grant next to nothing say little about memory.
    const bool scope = draft_.kind == Draft::Kind::scope;
    if (random_.chance(shape_.memory ? (scope ? 60 : 95) : (scope ? 0 : 75))) {
      draft_.rules.push_back({"allow", {"any"}, {"anything"}, {}});
    }
    std::size_t rules = 1 + random_.below(4);
    if (size_ == Size::middle) rules = 10 + random_.below(31);
    if (size_ == Size::large) rules = draft_.kind == Draft::Kind::scope ? 2000 : 200;
    for (std::size_t i = 0; i < rules; ++i) draft_.rules.push_back(make_rule());
  }

 private:
  void write_lifetime();
  void write_let();
  RuleDraft make_rule();
  void write_anything(RuleDraft& rule);
  void write_patterns(RuleDraft& rule);
  void write_clauses(RuleDraft& rule, const std::vector<AttributeDraft>& attributes,
                     const std::vector<const SystemDraft*>& systems);
  std::string make_resource(const SystemDraft& system);
  std::string make_after(const std::vector<const SystemDraft*>& systems);
  std::string shared_prefix_path();

  Random& random_;
  Draft& draft_;
  const Shape& shape_;
  Size size_;
  const SystemDraft* let_system_ = nullptr;     // of the patterns that `$places` names
  const SystemDraft* folder_system_ = nullptr;  // of the parameter `$folder`
};

void Writer::write_lifetime() {
  auto& out = draft_.statements;
  const auto time = [&](std::int64_t from_moment) {
    // Whole seconds of the moment, written plainly.
    lang::Constant value;
    value.type = Type::time;
    value.number = shape_.moment + from_moment;
    draft_.arguments.push_back(
        lang::Argument::of("t" + std::to_string(draft_.arguments.size()), value));
    return "$" + draft_.arguments.back().name;
  };
  static const std::vector<std::string> short_spans = {"1h", "2h", "90m", "1d", "1w", "500ms"};
  static const std::vector<std::string> long_spans = {"8h", "1d", "1w", "2h"};
  const auto& spans = shape_.memory ? long_spans : short_spans;
  const bool absolute = random_.chance(shape_.memory ? 10 : 30);
  if (!absolute || random_.chance(30)) out.push_back("expires " + random_.pick(spans));
  if (absolute) out.push_back("expires " + time(random_.between(-1, 5) * 1'800'000'000));
  if (random_.chance(15)) out.push_back("starts " + time(random_.between(-2, 2) * 600'000'000));
  if (random_.chance(25)) out.push_back("purpose \"eu\"");
  if (shape_.memory) remember_lifetime(random_, out);
  const unsigned standing = shape_.memory ? 6 : 15;  // few of its openings succeed
  if (random_.chance(standing)) {
    out.push_back("sponsor eve@acme.example");
    out.push_back("review every 30d");
  }
  if (random_.chance(standing))
    out.push_back(random_.chance(50) ? "trigger event \"nightly\""
                                     : "trigger schedule \"0 0 * * *\"");
  const bool folder = random_.chance(20);
  if (folder) {
    folder_system_ = &random_.pick(draft_.systems);
    lang::Constant value;
    value.type = Type::resource;
    value.text = folder_system_->name + ":/" + (random_.chance(50) ? "a" : "é");
    draft_.arguments.push_back(lang::Argument::of("folder", value));
  }
  if (draft_.arguments.empty() && random_.chance(50)) return;  // a nameless scope
  draft_.header = "scope task";
  for (std::size_t i = 0; i < draft_.arguments.size(); ++i) {
    const lang::Argument& argument = draft_.arguments[i];
    draft_.header += (i == 0 ? "(" : ", ") + argument.name + ": " + to_string(argument.value.type);
  }
  if (!draft_.arguments.empty()) draft_.header += ")";
}

void Writer::write_let() {
  const SystemDraft& system = random_.pick(draft_.systems);
  std::string text = "let places = " + make_resource(system);
  for (std::size_t more = random_.below(3); more > 0; --more) text += ", " + make_resource(system);
  draft_.statements.push_back(text);
  let_system_ = &system;
}

// Paths of a tree, eight branches wide and up to six deep: thousands of rules share its prefixes.
std::string Writer::shared_prefix_path() {
  std::string path;
  const std::size_t depth = 1 + random_.below(6);
  for (std::size_t i = 0; i < depth; ++i) {
    path += "/" + std::string(1, static_cast<char>('a' + random_.below(8)));
    if (random_.chance(5)) path += lang::kStar;
    if (random_.chance(3)) path = path + "/" + lang::kDeep;
    if (random_.chance(3)) path = path + "/" + lang::kStar;
  }
  if (random_.chance(10)) path = path + "/" + lang::kStar + ".md";
  return path;
}

std::string Writer::make_resource(const SystemDraft& system) {
  std::string result = random_.chance(15) ? "only " : "";
  if (&system == let_system_ && random_.chance(10)) return "$places";
  if (&system == folder_system_ && random_.chance(25)) {
    result += "$folder";
    // What extends a parameter is unquoted text.
    static const std::vector<std::string> more = {"", "/a", "/*", "/**/b", "/a*/é"};
    return result + random_.pick(more);
  }
  result += system.name + ":";
  if (size_ == Size::large && random_.chance(90))
    return result + write_path(random_, shared_prefix_path());
  switch (random_.below(20)) {
    case 0: return result;        // all of the system
    case 1: return result + "/";  // all rooted
    case 2: return result + "/" + (random_.chance(50) ? "**" : "*");
    case 3: return result + (random_.chance(50) ? "**" : "*");  // named
    default: break;
  }
  const bool rooted = random_.chance(80);
  std::string path = path_of(random_, 1 + random_.below(4), rooted);
  if (random_.chance(5)) path += "/";
  return result + write_path(random_, path);
}

std::string Writer::make_after(const std::vector<const SystemDraft*>& systems) {
  const SystemDraft& system = *random_.pick(systems);
  const std::string action =
      random_.chance(30) ? "any" : action_text(random_.pick(system.action_names()));
  if (random_.chance(15)) return action + " anything";
  std::string result = action + " " + make_resource(system);
  if (random_.chance(20)) result += ", " + make_resource(system);
  return result;
}

RuleDraft Writer::make_rule() {
  RuleDraft rule;
  static const std::vector<std::string> effects = {"",      "",     "",     "allow", "allow",
                                                   "allow", "deny", "deny", "ask",   "ask"};
  rule.effect = random_.pick(effects);
  if (shape_.memory && random_.chance(35)) rule.effect = "limit";
  rule.broken = random_.chance(20);
  const unsigned anything = size_ == Size::large ? 1 : draft_.kind == Draft::Kind::scope ? 8 : 25;
  if (random_.chance(anything)) {
    write_anything(rule);
  } else {
    write_patterns(rule);
  }
  return rule;
}

void Writer::write_anything(RuleDraft& rule) {
  std::vector<const SystemDraft*> systems;
  for (const SystemDraft& system : draft_.systems) systems.push_back(&system);
  rule.resources = {"anything"};
  if (random_.chance(40)) {
    rule.actions = {"any"};
  } else {
    for (std::size_t count = 1 + random_.below(2); count > 0; --count) {
      rule.actions.push_back(
          action_text(random_.pick(random_.pick(draft_.systems).action_names())));
    }
  }
  write_clauses(rule, attributes_anywhere(draft_.systems), systems);
}

void Writer::write_patterns(RuleDraft& rule) {
  std::vector<const SystemDraft*> systems = {&random_.pick(draft_.systems)};
  if (random_.chance(15)) systems.push_back(&random_.pick(draft_.systems));
  std::vector<std::string> actions;
  for (const std::string& action : systems[0]->action_names()) {
    if (systems.back()->has_action(action)) actions.push_back(action);
  }
  if (actions.empty()) {
    systems.pop_back();
    actions = systems[0]->action_names();
  }
  if (random_.chance(15)) {
    rule.actions = {"any"};
  } else {
    for (std::size_t count = 1 + random_.below(3); count > 0; --count) {
      const std::string written = action_text(random_.pick(actions));
      if (std::find(rule.actions.begin(), rule.actions.end(), written) == rule.actions.end())
        rule.actions.push_back(written);
    }
  }
  for (const SystemDraft* system : systems) {
    rule.resources.push_back(make_resource(*system));
    while (random_.chance(25)) rule.resources.push_back(make_resource(*system));
  }
  write_clauses(rule, common_attributes(systems), systems);
}

void Writer::write_clauses(RuleDraft& rule, const std::vector<AttributeDraft>& attributes,
                           const std::vector<const SystemDraft*>& systems) {
  const unsigned share = size_ == Size::large ? 20 : 100;  // large documents are about paths
  const auto chance = [&](unsigned percent) { return random_.chance(percent * share / 100); };
  if (chance(25)) {
    std::string except = "except ";
    // Now and then an extension of what the rule covers, which is what exceptions are for.
    const std::string& own = rule.resources[0];
    if (random_.chance(50) && own.back() != '"' && own.back() != ':' && own.back() != '/' &&
        own != "anything" && own.rfind("only ", 0) != 0 && own != "$places") {
      except += own + "/" + (random_.chance(50) ? "a" : "*");
    } else {
      except += make_resource(*random_.pick(systems));
    }
    if (random_.chance(25)) except += ", " + make_resource(*random_.pick(systems));
    rule.clauses.push_back(except);
  }
  const int depth = size_ == Size::tiny ? 2 : 3;
  while (chance(35)) rule.clauses.push_back("when " + make_condition(random_, attributes, depth));
  if (chance(20)) rule.clauses.push_back("unless " + make_condition(random_, attributes, depth));
  if (chance(15)) rule.clauses.push_back(make_window(random_));
  if (chance(15)) rule.clauses.push_back("because \"it is so\"");
  if (shape_.memory) {
    remember_amount(random_, rule, attributes);
    if (random_.chance(20)) rule.clauses.push_back("after " + make_after(systems));
  }
  // In any order.
  for (std::size_t i = rule.clauses.size(); i > 1; --i) {
    std::swap(rule.clauses[i - 1], rule.clauses[random_.below(i)]);
  }
}

}  // namespace

void write_document(Random& random, Draft& draft, const Shape& shape) {
  Writer(random, draft, shape).write();
}

}  // namespace remit::generate
