// The formatter's walk over a document (format.h): what stands between statements, and the bodies of
// systems and tests. Lines are layout.h's business. Covered by tests/format_test.cpp.
#include "lang/format/format.h"

#include <algorithm>

#include "lang/format/layout.h"

namespace remit::lang {
namespace {

using namespace formatting;
using syntax::Document;

class Formatter {
 public:
  explicit Formatter(const Document& document) : document_(document), source_(*document.source) {}

  std::string run() {
    last_end_ = source_.start();
    if (document_.header) {
      before(document_.header->span.begin, 0);
      std::vector<Span> atoms;
      for (const syntax::Parameter& parameter : document_.header->parameters) atoms.push_back(parameter.name.span);
      put(document_.header->span, 0, atoms, Shape::call);
    }
    for (const syntax::Statement& statement : document_.statements) {
      before(statement.span.begin, 0);
      put_statement(statement);
    }
    comments_until(static_cast<std::uint32_t>(source_.text().size()), 0);
    if (!out_.empty()) out_ += '\n';
    return std::move(out_);
  }

 private:
  // --- between statements (members, expectations)

  bool blank_line_between(std::uint32_t from, std::uint32_t to) const {
    const std::string_view gap = source_.text().substr(from, to - from);
    return std::count(gap.begin(), gap.end(), '\n') >= 2;
  }
  // Ends the line at hand; keeps one blank line where there were some, but none after `{`.
  void next_line(std::uint32_t begin) {
    if (out_.empty()) return;
    out_ += '\n';
    if (!body_begins_ && blank_line_between(last_end_, begin)) out_ += '\n';
  }
  // The comments that stand between what was put last and `end`.
  void comments_until(std::uint32_t end, std::size_t indent) {
    const std::vector<Span>& comments = document_.comments;
    for (; comment_ < comments.size() && comments[comment_].begin < end; ++comment_) {
      const Span span = comments[comment_];
      if (span.begin < last_end_) continue;  // inside what was put
      const std::string_view gap = source_.text().substr(last_end_, span.begin - last_end_);
      if (!out_.empty() && gap.find('\n') == std::string_view::npos) {
        out_ += "  ";
      } else {
        next_line(span.begin);
        out_.append(indent, ' ');
        body_begins_ = false;
      }
      out_ += trimmed(source_.slice(span));
      last_end_ = span.end;
    }
  }
  void before(std::uint32_t begin, std::size_t indent) {
    comments_until(begin, indent);
    next_line(begin);
    body_begins_ = false;
  }
  void put(Span span, std::size_t indent, const std::vector<Span>& atoms, Shape shape) {
    lay_out(pieces_of(source_, span, document_.comments, atoms, shape), indent, shape, out_);
    last_end_ = span.end;
  }

  // --- statements

  void put_statement(const syntax::Statement& statement) {
    switch (statement.kind) {
      case syntax::StatementKind::rule: return put(statement.span, 0, {}, Shape::rule);
      case syntax::StatementKind::let: return put(statement.span, 0, {}, Shape::other);
      case syntax::StatementKind::use: return put(statement.span, 0, {}, Shape::call);
      case syntax::StatementKind::lifetime: return put_lifetime(statement.span, document_.lifetimes[statement.index]);
      case syntax::StatementKind::system: return put_system(statement.span, document_.systems[statement.index]);
      case syntax::StatementKind::test: return put_test(statement.span, document_.tests[statement.index]);
    }
  }
  void put_lifetime(Span span, const syntax::Lifetime& lifetime) {
    std::vector<Span> atoms;
    atoms.reserve(lifetime.patterns.size());
    for (const syntax::Identifier& pattern : lifetime.patterns) atoms.push_back(pattern.value.span);
    put(span, 0, atoms, Shape::other);
  }

  // `HEAD {`, what `members` puts, `}`.
  template <class Members>
  void put_body(Span span, std::uint32_t open, const std::vector<Span>& atoms, Members members) {
    put({span.begin, open + 1}, 0, atoms, Shape::other);
    body_begins_ = true;
    members();
    comments_until(span.end - 1, kClauseIndent);
    body_begins_ = true;  // no blank line before `}`
    next_line(span.end - 1);
    body_begins_ = false;
    out_ += '}';
    last_end_ = span.end;
  }
  std::uint32_t brace_after(std::uint32_t offset) const {
    return static_cast<std::uint32_t>(source_.text().find('{', offset));
  }

  void put_system(Span span, const syntax::System& system) {
    const std::uint32_t open = brace_after(system.title ? system.title->span.end : system.name.span.end);
    put_body(span, open, {system.name.span}, [&] {
      for (std::size_t i = 0; i < system.members.size();) {
        const syntax::System::Member& member = system.members[i++];
        Span whole = member.span;
        std::vector<Span> atoms;
        if (!member.is_action) atoms.push_back(system.attributes[member.index].name.span);
        // `action read, list` is several members of the tree, of which the first holds the word.
        for (; i < system.members.size() && system.members[i].is_action; ++i) {
          const syntax::System::Member& next = system.members[i];
          if (next.span.begin != system.actions[next.index].name.span.begin) break;
          whole.end = next.span.end;
        }
        before(whole.begin, kClauseIndent);
        put(whole, kClauseIndent, atoms, Shape::other);
      }
    });
  }

  void put_test(Span span, const syntax::Test& test) {
    const std::uint32_t head = test.bindings.empty() ? test.name.span.end : test.bindings.back().value.span.end;
    put_body(span, brace_after(head), {}, [&] {
      for (const syntax::Expectation& expectation : test.expectations) {
        before(expectation.span.begin, kClauseIndent);
        put(expectation.span, kClauseIndent, {}, Shape::outcome);
      }
    });
  }

  const Document& document_;
  const Source& source_;
  std::string out_;
  std::uint32_t last_end_ = 0;  // of what was put last, in the source
  std::size_t comment_ = 0;     // the next one to look at
  bool body_begins_ = false;    // the last thing put was `{`
};

}  // namespace

std::string format(const syntax::Document& document) {
  if (!document.failed.empty()) return std::string(document.source->text());
  return Formatter(document).run();
}

}  // namespace remit::lang
