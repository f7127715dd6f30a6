// Warnings about names that look like others: a word that mixes Latin letters with Greek or
// Cyrillic ones of the same drawing, or two names of one document that differ by such letters
// alone. Names are what rules, lets and identity statements compare: segments of resources,
// strings, identifiers. Tests may ask about look-alikes, and what people read may be in any script.
// The list is in warnings.cpp. Covered by tests/warnings_test.cpp.
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "lang/check/look_alikes.h"
#include "lang/check/names.h"
#include "lang/check/warnings_parts.h"
#include "lang/parse/literal_text.h"

namespace remit::lang::checker {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

class Names {
 public:
  explicit Names(Judge& judge)
      : judge_(judge), root_(*judge.context.root), document_(*root_.text->document) {}

  void look() {
    walk([&](std::string_view, std::string_view text, Span) {
      foreign_ = foreign_ || !first_look_alike(text).empty();
    });
    if (!foreign_) return;  // nearly always
    walk([&](std::string_view name, std::string_view, Span) {
      if (first_look_alike(name).empty()) plain_.emplace(skeleton(name), name);
    });
    walk([&](std::string_view name, std::string_view, Span span) { judge_name(name, span); });
  }

 private:
  void judge_name(std::string_view name, Span span) {
    const std::string letter = first_look_alike(name);
    if (letter.empty()) return;
    const std::string_view mixed = mixed_word(name);
    const char* const help = "write it with the letters of one script, or rename what it names";
    if (!mixed.empty()) {
      judge_.context.report.warning(
          root_, *statement_, span, "look-alike",
          fmt::format("{} mixes scripts: {} only looks like a Latin letter", quote(mixed), letter),
          help);
    } else if (const auto twin = plain_.find(skeleton(name)); twin != plain_.end()) {
      judge_.context.report.warning(
          root_, *statement_, span, "look-alike",
          fmt::format("{} with {} looks like {}, which this document names too", quote(name),
                      letter, quote(twin->second)),
          help);
    }
  }

  // Calls `use` with each name, the text that it is in, and where that stands. Names in plain ASCII
  // matter once there is another one.
  template <class Use>
  void walk(Use&& use) {
    for (const syntax::Statement& statement : document_.statements) {
      statement_ = &statement;
      switch (statement.kind) {
        case syntax::StatementKind::rule: rule(document_.rules[statement.index], use); break;
        case syntax::StatementKind::let: {
          const syntax::Let& let = document_.lets[statement.index];
          if (let.value) value(*let.value, use);
          resources(let.resources, use);
          break;
        }
        case syntax::StatementKind::use:
          for (const syntax::Binding& binding : document_.uses[statement.index].arguments)
            value(binding.value, use);
          break;
        case syntax::StatementKind::lifetime:
          for (const syntax::Identifier& identifier : document_.lifetimes[statement.index].patterns)
            value(identifier.value, use);
          break;
        case syntax::StatementKind::system:
        case syntax::StatementKind::test: break;
      }
    }
  }

  template <class Use>
  void rule(const syntax::Rule& rule, Use&& use) {
    resources(rule.subject.resources, use);
    for (const syntax::Clause& clause : rule.clauses) {
      resources(clause.resources, use);
      resources(clause.subject.resources, use);
      if (clause.condition) condition(*clause.condition, use);
    }
  }

  template <class Use>
  void condition(const syntax::Expr& expr, Use&& use) {
    value(expr.left, use);
    value(expr.right, use);
    for (const syntax::Expr& child : expr.children) condition(child, use);
  }

  template <class Use>
  void resources(const std::vector<syntax::Resource>& resources, Use&& use) {
    for (const syntax::Resource& resource : resources) segments(resource.text, resource.span, use);
  }

  template <class Use>
  void value(const syntax::Value& value, Use&& use) {
    for (const syntax::Value& item : value.items) this->value(item, use);
    if (value.kind == syntax::ValueKind::resource || value.kind == syntax::ValueKind::variable)
      segments(value.text, value.span, use);
    if (value.kind != syntax::ValueKind::string) return;
    const std::string text = decode_string(value.text);
    if (foreign_ || !is_ascii(text)) use(text, text, value.span);
  }

  template <class Use>
  void segments(std::string_view text, Span span, Use&& use) {
    if (!foreign_ && is_ascii(text)) return;
    std::string_view rest = text;
    for (std::size_t end = 0; end != std::string_view::npos;) {
      end = rest.find_first_of("/:\"");
      if (end != 0 && !rest.empty()) use(rest.substr(0, end), text, span);
      if (end != std::string_view::npos) rest.remove_prefix(end + 1);
    }
  }

  Judge& judge_;
  const Scope& root_;
  const syntax::Document& document_;
  const syntax::Statement* statement_ = nullptr;
  bool foreign_ = false;                                // some name has a letter that looks Latin
  std::unordered_map<std::string, std::string> plain_;  // names without such letters, by skeleton
};

}  // namespace

void warn_of_names(Judge& judge) { Names(judge).look(); }

}  // namespace remit::lang::checker
