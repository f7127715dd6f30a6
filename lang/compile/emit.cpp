// See emit.h. Section by section, in the order in which they need one another.
#include "lang/compile/emit.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "engine/image/limits.h"
#include "lang/compile/guards.h"
#include "lang/compile/index.h"

namespace remit::lang {
namespace {

using image::EntryKind;

// Lines and columns of a source, as byte offsets. Columns count code points, and a whole document may
// stand on one line, so where each kMark-th code point is, is written down.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    const std::size_t mark = text.substr(0, 3) == "\xef\xbb\xbf" ? 3 : 0;
    starts_.push_back(0);
    std::size_t count = 0;
    for (std::size_t i = mark; i < text.size(); ++i) {
      if (is_continuation(i)) continue;
      if (count++ % kMark == 0) marks_.push_back(i);
      if (text[i] == '\n') starts_.push_back(count);
    }
  }
  std::uint32_t offset(std::uint32_t line, std::uint32_t column) const {
    if (line == 0 || line > starts_.size()) return static_cast<std::uint32_t>(text_.size());
    const std::size_t count = starts_[line - 1] + column - 1;
    if (count / kMark >= marks_.size()) return static_cast<std::uint32_t>(text_.size());
    std::size_t at = marks_[count / kMark];
    for (std::size_t left = count % kMark; left > 0 && at < text_.size(); --left) {
      ++at;
      while (at < text_.size() && is_continuation(at)) ++at;
    }
    return static_cast<std::uint32_t>(at);
  }

 private:
  static constexpr std::size_t kMark = 32;

  bool is_continuation(std::size_t at) const { return (static_cast<unsigned char>(text_[at]) & 0xc0) == 0x80; }

  std::string_view text_;
  std::vector<std::size_t> starts_;  // of lines, in code points
  std::vector<std::size_t> marks_;   // of code points, in bytes
};

class Emitter {
 public:
  explicit Emitter(const Resolved& document) : document_(document), guards_(builder_), index_(builder_) {}

  Emitted run() {
    if (std::string error = too_large(); !error.empty()) return {{}, std::move(error), {}};
    systems();
    head();
    zones();
    rules();
    if (builder_.references.size() > image::kMaxReferences || builder_.references.size() * document_.systems.size() > image::kMaxDeclaredTable) {
      return {{}, "the document's conditions read too many different attributes", {}};
    }
    declared();
    Emitted result;
    result.error = index_.finish();
    if (builder_.patterns.size() > image::kMaxPatterns) result.error = "the document has too many patterns";
    if (!result.error.empty()) return result;
    result.bytes = builder_.finish();
    if (index_.longest_list() > kLongList) result.long_lists.push_back({index_.longest_list_rule(), index_.longest_list()});
    return result;
  }

 private:
  // What linking and the image cannot hold.
  std::string too_large() const {
    if (document_.systems.size() > image::kMaxSystems) return "the document has more than 4,096 systems, those of its modules and of the library included";
    std::size_t members = 0;
    for (const SystemInfo& system : document_.systems) {
      if (system.actions.size() > image::kMaxActions) return "system `" + system.name + "` has more than 4,096 actions";
      if (system.attributes.size() > image::kMaxDeclared) return "system `" + system.name + "` has more than 4,096 attributes";
      for (const ActionInfo& action : system.actions) members += action.covers.size();
    }
    return members > image::kMaxMembers ? "the groups of actions have too many members, those of groups within them included" : "";
  }

  void systems() {
    for (const SystemInfo& system : document_.systems) {
      image::System out{};
      out.name = builder_.text(system.name);
      out.actions = {static_cast<std::uint32_t>(builder_.actions.size()), static_cast<std::uint32_t>(system.actions.size())};
      out.attributes = {static_cast<std::uint32_t>(builder_.attributes.size()), static_cast<std::uint32_t>(system.attributes.size())};
      const auto index = static_cast<std::uint32_t>(builder_.systems.size());
      auto& names = action_names_.emplace_back();
      for (std::uint32_t i = 0; i < system.actions.size(); ++i) {
        const ActionInfo& action = system.actions[i];
        names.emplace(action.name, i);
        holders_[action.name].emplace_back(index, i);
        builder_.actions.push_back({builder_.text(action.name), {static_cast<std::uint32_t>(builder_.covers.size()), static_cast<std::uint32_t>(action.covers.size())}});
        builder_.covers.insert(builder_.covers.end(), action.covers.begin(), action.covers.end());
      }
      for (const AttributeInfo& attribute : system.attributes) {
        builder_.attributes.push_back({builder_.text(attribute.name), static_cast<std::uint8_t>(attribute.type), static_cast<std::uint8_t>(attribute.element), 0, 0});
      }
      builder_.systems.push_back(out);
    }
  }

  image::Range identifiers(const std::vector<std::string>& patterns) {
    const image::Range range{static_cast<std::uint32_t>(builder_.identifiers.size()), static_cast<std::uint32_t>(patterns.size())};
    for (const std::string& pattern : patterns) builder_.identifiers.push_back(builder_.text(pattern));
    return range;
  }

  void head() {
    const Lifetime& life = document_.lifetime;
    image::Document out{};
    out.kind = static_cast<std::uint8_t>(document_.kind);
    out.name = builder_.text(document_.name);
    out.has_purpose = life.purpose.has_value();
    out.purpose = builder_.text(life.purpose.value_or(""));
    out.has_sponsor = life.sponsor.has_value();
    out.sponsor = builder_.text(life.sponsor.value_or(""));
    out.trigger = life.trigger ? (life.trigger->kind == "schedule" ? 1 : 2) : 0;
    out.trigger_text = builder_.text(life.trigger ? life.trigger->text : "");
    out.expires_after = life.expires_after.value_or(image::kNever);
    out.expires_at = life.expires_at.value_or(image::kNever);
    out.starts = life.starts.value_or(image::kNever);
    out.idle = life.idle.value_or(image::kNever);
    out.review_every = life.review_every.value_or(image::kNever);
    out.agents = identifiers(life.agents);
    out.users = identifiers(life.users);
    out.delegate_levels = life.delegate ? life.delegate->levels : 0;
    out.delegates = identifiers(life.delegate ? life.delegate->to : std::vector<std::string>{});
    out.idle_line = life.idle_place ? life.idle_place->line : 0;
    out.delegate_line = life.delegate_place ? life.delegate_place->line : 0;
    builder_.document.push_back(out);
    for (std::size_t i = 0; i < document_.files.size(); ++i) {
      builder_.files.push_back({builder_.text(document_.files[i]), builder_.source(document_.texts[i])});
      lines_.emplace_back(document_.texts[i]);
    }
  }

  void zones() {
    for (const Zone& zone : document_.zones) {
      builder_.zones.push_back({static_cast<std::uint32_t>(builder_.zone_steps.size()), static_cast<std::uint32_t>(zone.steps.size())});
      for (const Zone::Step& step : zone.steps) builder_.zone_steps.push_back({step.start, std::int64_t{step.offset} * 1'000'000});
    }
  }

  void rules() {
    builder_.rules.reserve(document_.rules.size());
    builder_.places.reserve(document_.rules.size());
    index_.expect(document_.rules.size());
    for (std::uint32_t id = 0; id < document_.rules.size(); ++id) {
      const Rule& rule = document_.rules[id];
      std::uint32_t history = image::kNone;
      if (rule.guard.after) {
        history = static_cast<std::uint32_t>(builder_.histories.size());
        builder_.histories.push_back({id, 0});
        subject(*rule.guard.after, EntryKind::history, history, false);
      }
      image::Rule out{};
      out.kind = static_cast<image::RuleKind>(rule.kind);
      const image::Range code = guards_.compile(rule.guard, history);
      out.code = code.first;
      out.code_length = code.count;
      out.limit = rule.kind == RuleKind::limit ? limit(id, *rule.amount) : image::kNone;
      builder_.rules.push_back(out);
      place(rule);
      subject(rule.subject, image::entry_kind(out.kind), id, out.code_length != 0);
    }
  }

  std::uint32_t limit(std::uint32_t id, const Amount& amount) {
    const std::uint32_t reference = amount.count ? image::kNone : guards_.reference({amount.attribute, Fact::none, amount.type, Type::any});
    builder_.limits.push_back({amount.most, amount.per.value_or(0), id, reference});
    return static_cast<std::uint32_t>(builder_.limits.size() - 1);
  }

  void place(const Rule& rule) {
    const Place& at = rule.place;
    const Lines& lines = lines_[at.file];
    const std::uint32_t begin = lines.offset(at.line, at.column);
    const std::uint32_t end = std::max(begin, lines.offset(at.end_line, at.end_column));
    builder_.places.push_back({at.file, at.line, at.column, begin, end, rule.because ? 1u : 0u, builder_.text(rule.because.value_or(""))});
  }

  // Bits of the actions that a subject means, by system. Worked out once for all its patterns, and for
  // `anything` by who has each name: neither patterns nor systems multiply the names.
  using Actions = std::map<std::uint32_t, std::vector<std::uint64_t>>;

  Actions actions_of(const Subject& subject) const {
    Actions actions;
    const auto include = [&](std::uint32_t system, const std::vector<std::uint32_t>& covers) {
      std::vector<std::uint64_t>& bits = actions[system];
      if (bits.empty()) bits.resize((document_.systems[system].actions.size() + 63) / 64);
      for (const std::uint32_t action : covers) bits[action / 64] |= std::uint64_t{1} << action % 64;
    };
    const auto include_all = [&](std::uint32_t system) {
      for (const ActionInfo& action : document_.systems[system].actions) include(system, action.covers);
    };
    const auto is_anything = [](const Pattern& pattern) { return pattern.anything; };
    if (std::any_of(subject.resources.begin(), subject.resources.end(), is_anything)) {
      for (std::uint32_t system = 0; subject.any && system < document_.systems.size(); ++system) include_all(system);
      for (const std::string& name : subject.names) {
        const auto at = holders_.find(name);
        if (at == holders_.end()) continue;
        for (const auto& [system, action] : at->second) include(system, document_.systems[system].actions[action].covers);
      }
      return actions;
    }
    for (const Pattern& pattern : subject.resources) {
      if (actions.count(pattern.system) != 0) continue;
      if (subject.any) include_all(pattern.system);
      for (const std::string& name : subject.names) {
        const auto at = action_names_[pattern.system].find(name);
        if (at != action_names_[pattern.system].end()) include(pattern.system, document_.systems[pattern.system].actions[at->second].covers);
      }
    }
    return actions;
  }

  void subject(const Subject& subject, EntryKind kind, std::uint32_t id, bool guarded) {
    if (index_.full()) return;
    const Actions actions = actions_of(subject);
    for (const Pattern& pattern : subject.resources) {
      if (!pattern.anything) {
        const auto meant = actions.find(pattern.system);
        if (meant != actions.end()) index_.add(document_.systems[pattern.system].name, pattern, meant->second, kind, id, guarded);
        continue;
      }
      for (const auto& [system, bits] : actions) index_.add_system(document_.systems[system].name, bits, kind, id, guarded);
      // In a task scope `anything` ends at the systems that it knows (section 3).
      if (document_.kind == DocumentKind::scope) continue;
      image::Broad broad{};
      broad.kind = kind;
      broad.any = subject.any ? 1 : 0;
      broad.id = id;
      broad.names = {static_cast<std::uint32_t>(builder_.broad_names.size()), static_cast<std::uint32_t>(subject.names.size())};
      for (const std::string& name : subject.names) builder_.broad_names.push_back(builder_.text(name));
      builder_.broad.push_back(broad);
    }
  }

  void declared() {
    for (const SystemInfo& system : document_.systems) {
      std::unordered_map<std::string_view, const AttributeInfo*> attributes;
      for (const AttributeInfo& attribute : system.attributes) attributes.emplace(attribute.name, &attribute);
      for (const image::Reference& reference : builder_.references) {
        std::uint8_t value = image::kDeclared;  // as every session fact is
        if (reference.fact == image::Fact::none) {
          const auto at = attributes.find({builder_.texts.data() + reference.name.offset, reference.name.length});
          if (at == attributes.end()) {
            value = image::kUndeclared;
          } else if (static_cast<std::uint8_t>(at->second->type) != reference.type || static_cast<std::uint8_t>(at->second->element) != reference.element) {
            value = image::kOtherType;
          }
        }
        builder_.declared.push_back(value);
      }
    }
  }

  const Resolved& document_;
  Builder builder_;
  GuardCompiler guards_;
  IndexBuilder index_;
  std::vector<std::unordered_map<std::string_view, std::uint32_t>> action_names_;
  std::unordered_map<std::string_view, std::vector<std::pair<std::uint32_t, std::uint32_t>>> holders_;  // of an action's name: system, action
  std::vector<Lines> lines_;
};

}  // namespace

Emitted emit(const Resolved& document) { return Emitter(document).run(); }

}  // namespace remit::lang
