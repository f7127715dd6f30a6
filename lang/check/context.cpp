// Places, texts and findings (context.h). Covered by tests/check_test.cpp.
#include "lang/check/context.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "lang/check/names.h"

namespace remit::lang::checker {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

void advance(Position& at, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else if (!continues(c)) {
      ++at.column;
    }
  }
}

DocumentKind kind_of(const syntax::Document& document) {
  if (!document.header) return DocumentKind::scope;
  const std::string_view word = document.header->kind.text;
  return word == "guardrail" ? DocumentKind::guardrail : word == "grants" ? DocumentKind::grants : DocumentKind::scope;
}

// `# allow: never-matches, covered-rule`
bool allows(std::string_view comment, std::string_view code) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  const auto skip = [&] {
    while (!comment.empty() && (is_blank(comment.front()) || comment.front() == ',')) comment.remove_prefix(1);
  };
  comment.remove_prefix(1);
  skip();
  constexpr std::string_view kAllow = "allow:";
  if (comment.substr(0, kAllow.size()) != kAllow) return false;
  comment.remove_prefix(kAllow.size());
  for (skip(); !comment.empty(); skip()) {
    const std::size_t length = std::min(comment.find_first_of(" \t\r,"), comment.size());
    if (comment.substr(0, length) == code) return true;
    comment.remove_prefix(length);
  }
  return false;
}

}  // namespace

Places::Places(const Source& source, std::uint32_t file) : source_(&source), file_(file) {
  const std::string_view text = source.text();
  Position at;
  for (std::size_t from = source.start(); from <= text.size(); from += kStride) {
    marks_.push_back(at);
    advance(at, text.substr(from, kStride));
  }
}

Position Places::position(std::uint32_t offset) const {
  const std::uint32_t start = source_->start();
  if (offset < start) return {};
  const std::uint32_t mark = (offset - start) / kStride;
  Position at = marks_[mark];
  const std::uint32_t from = start + mark * kStride;
  advance(at, source_->text().substr(from, offset - from));
  return at;
}

Place Places::place(Span span) const {
  const Position from = position(span.begin), to = position(span.end);
  return {file_, from.line, from.column, to.line, to.column};
}

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

bool silenced(const Text& text, Span span, std::string_view code) {
  const std::vector<Span>& comments = text.document->comments;
  const std::string_view all = text.source->text();
  const std::uint32_t end = static_cast<std::uint32_t>(std::min(all.find('\n', span.end), all.size()));
  auto at = std::lower_bound(comments.begin(), comments.end(), span.begin,
                             [](const Span& comment, std::uint32_t offset) { return comment.begin < offset; });
  for (; at != comments.end() && at->begin < end; ++at) {
    if (allows(text.source->slice(*at), code)) return true;
  }
  return false;
}

void Report::error(const Text& text, Span span, std::string_view code, std::string message, std::string help) {
  if (full()) return;
  // A module that is used many times is wrong once.
  if (!seen_.insert(fmt::format("{}:{}:{}", text.file, span.begin, code)).second) return;
  errors_.push_back({text.file, span, text.source->diagnose(Severity::error, code, span, std::move(message), std::move(help))});
}

void Report::warning(const Scope& scope, const syntax::Statement& statement, Span span, std::string_view code, std::string message,
                     std::string help) {
  const Scope* root = &scope;
  while (root->user != nullptr) root = root->user;
  const bool own = root == &scope;
  const Span whole = own ? statement.span : scope.use->span;
  if (silenced(*root->text, whole, code)) return;
  if (!own) {
    const Position at = scope.text->places->position(span.begin);
    message = fmt::format("in {}:{}: {}", scope.text->source->name(), at.line, message);
    span = whole;
  }
  add_warning(*root->text, span, code, std::move(message), std::move(help));
}

void Report::header_warning(const Text& text, Span span, std::string_view code, std::string message, std::string help) {
  if (!silenced(text, span, code)) add_warning(text, span, code, std::move(message), std::move(help));
}

void Report::add_warning(const Text& text, Span span, std::string_view code, std::string message, std::string help) {
  if (warnings_.size() >= kKeptWarnings || warning_bytes_ >= kKeptBytes) return;
  warnings_.push_back({text.file, span, text.source->diagnose(Severity::warning, code, span, std::move(message), std::move(help))});
  warning_bytes_ += warnings_.back().diagnostic.excerpt.size();
}

void Report::flush() {
  const auto in_text_order = [](const Finding& a, const Finding& b) {
    return std::make_tuple(a.file, a.span.begin) < std::make_tuple(b.file, b.span.begin);
  };
  for (std::vector<Finding>* findings : {&errors_, &warnings_}) {
    std::stable_sort(findings->begin(), findings->end(), in_text_order);
    for (Finding& finding : *findings) out_.add(std::move(finding.diagnostic));
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
