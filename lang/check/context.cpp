// Texts and findings (context.h). Covered by tests/check_test.cpp.
#include "lang/check/context.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "lang/check/names.h"

namespace remit::lang::checker {
namespace {

DocumentKind kind_of(const syntax::Document& document) {
  if (!document.header) return DocumentKind::scope;
  const std::string_view word = document.header->kind.text;
  return word == "guardrail" ? DocumentKind::guardrail : word == "grants" ? DocumentKind::grants : DocumentKind::scope;
}

// The codes of `# allow: never-matches, covered-rule`.
std::unordered_set<std::string_view> allowed_by(std::string_view comment) {
  constexpr std::string_view kBetween = " \t\r,", kAllow = "allow:";
  std::unordered_set<std::string_view> codes;
  const auto skip = [&] { comment.remove_prefix(std::min(comment.find_first_not_of(kBetween), comment.size())); };
  comment.remove_prefix(1);
  skip();
  if (comment.substr(0, kAllow.size()) != kAllow) return codes;
  comment.remove_prefix(kAllow.size());
  for (skip(); !comment.empty(); skip()) {
    const std::size_t length = std::min(comment.find_first_of(kBetween), comment.size());
    codes.insert(comment.substr(0, length));
    comment.remove_prefix(length);
  }
  return codes;
}

}  // namespace

Text::Text(const Source& source_in, const syntax::Document& document_in, std::uint32_t file_in)
    : source(&source_in), document(&document_in), file(file_in), kind(kind_of(document_in)),
      places(std::make_unique<Places>(source_in, file_in)) {
  for (const syntax::Failed& failed : document->failed) {
    damaged = true;
    // A header's parameters and a module's lets and systems can have any name.
    const std::string_view word = failed.first_word;
    const bool many = word == "use" || word == "scope" || word == "guardrail" || word == "grants";
    if (many || failed.name.empty()) any_name_missing = true;
    missing.insert(failed.name);
  }
}

bool Silences::silenced(const Text& text, Span span, std::string_view code) {
  const auto [answer, fresh] = answers_.try_emplace(fmt::format("{}:{}:{}", text.file, span.begin, code), false);
  if (!fresh) return answer->second;
  const std::vector<Span>& comments = text.document->comments;
  const std::string_view last = text.source->line_at(span.end);
  const auto end = static_cast<std::uint32_t>(last.data() + last.size() - text.source->text().data());
  auto at = std::lower_bound(comments.begin(), comments.end(), span.begin,
                             [](const Span& comment, std::uint32_t offset) { return comment.begin < offset; });
  for (; at != comments.end() && at->begin < end; ++at) {
    const auto [known, added] = comments_.try_emplace(&*at);
    if (added) known->second = allowed_by(text.source->slice(*at));
    if (known->second.count(code) != 0) return answer->second = true;
  }
  return false;
}

void Report::error(const Text& text, Span span, std::string_view code, std::string message, std::string help) {
  if (full()) return;
  // A module that is used many times is wrong once.
  if (!seen_.insert(fmt::format("{}:{}:{}", text.file, span.begin, code)).second) return;
  errors_.push_back({&text, span, Severity::error, std::string(code), std::move(message), std::move(help)});
}

void Report::warning(const Scope& scope, const syntax::Statement& statement, Span span, std::string_view code, std::string message,
                     std::string help) {
  if (warnings_.size() >= kKeptWarnings) return;
  const Scope* root = &scope;
  while (root->user != nullptr) root = root->user;
  const bool own = root == &scope;
  const Span whole = own ? statement.span : scope.use->span;
  if (silences_.silenced(*root->text, whole, code)) return;
  if (!own) {
    const Position at = scope.text->places->position(span.begin);
    message = fmt::format("in {}:{}: {}", scope.text->source->name(), at.line, message);
    span = whole;
  }
  add_warning(*root->text, span, code, std::move(message), std::move(help));
}

void Report::header_warning(const Text& text, Span span, std::string_view code, std::string message, std::string help) {
  if (warnings_.size() < kKeptWarnings && !silences_.silenced(text, span, code)) add_warning(text, span, code, std::move(message), std::move(help));
}

void Report::add_warning(const Text& text, Span span, std::string_view code, std::string message, std::string help) {
  warnings_.push_back({&text, span, Severity::warning, std::string(code), std::move(message), std::move(help)});
}

void Report::flush() {
  const auto in_text_order = [](const Finding& a, const Finding& b) {
    return std::make_tuple(a.text->file, a.span.begin) < std::make_tuple(b.text->file, b.span.begin);
  };
  for (std::vector<Finding>* findings : {&errors_, &warnings_}) {
    std::stable_sort(findings->begin(), findings->end(), in_text_order);
    for (Finding& finding : *findings) {
      if (finding.severity == Severity::error && out_.full()) break;
      out_.add(finding.text->source->diagnose(finding.severity, finding.code, finding.span, std::move(finding.message), std::move(finding.help)));
    }
    findings->clear();
  }
}

bool Context::unfold(const Text& text, Span span, std::size_t bytes) {
  if (too_much) return false;
  unfolded += bytes;
  if (unfolded <= kMaxUnfolded) return true;
  too_much = true;
  report.error(text, span, "too-large", "lets and modules unfold to more than 256 MiB here",
               "name fewer resources in each `let`, or use fewer modules");
  return false;
}

bool Context::count_statement(const Text& text, Span span) {
  if (too_much) return false;
  if (++statements <= kMaxStatements) return true;
  too_much = true;
  report.error(text, span, "too-many-statements", fmt::format("with its modules the document has more than {} statements", kMaxStatements),
               "use fewer modules, or split the document into layers");
  return false;
}

}  // namespace remit::lang::checker
