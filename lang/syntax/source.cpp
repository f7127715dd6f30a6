// A source text and its lines (source.h). Covered by tests/parse_test.cpp and
// tests/diagnostics_test.cpp.
#include "lang/syntax/source.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace remit::lang {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// An excerpt keeps this many bytes on each side of its place: a document may be one line of 16 MiB,
// and twenty findings in it must not copy it twenty times.
constexpr std::size_t kExcerptSide = 512;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::uint32_t code_points(std::string_view text) {
  return static_cast<std::uint32_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

}  // namespace

Source::Source(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
  if (text_.size() >= kByteOrderMark.size() && std::string_view(text_).substr(0, 3) == kByteOrderMark) start_ = 3;
  line_starts_.push_back(start_);
  // Offsets are 32 bits wide. The parser refuses far smaller texts, but a Source must not go wrong
  // before it gets to say so.
  if (text_.size() > std::numeric_limits<std::uint32_t>::max()) return;
  Position at;
  for (std::size_t i = start_; i < text_.size(); ++i) {
    if ((i - start_) % kStride == 0) marks_.push_back(at);
    if (text_[i] != '\n') {
      at.column += continues(text_[i]) ? 0 : 1;
      continue;
    }
    line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
    at = {at.line + 1, 1};
  }
}

Position Source::position(std::uint32_t offset) const {
  if (offset <= start_ || marks_.empty()) return {};
  // A place in the middle of a line end is the place where the line ends.
  if (offset < text_.size() && text_[offset] == '\n' && text_[offset - 1] == '\r') --offset;
  const std::size_t last = std::min<std::size_t>(offset, text_.size());
  const std::size_t mark = std::min((last - start_) / kStride, marks_.size() - 1);
  Position at = marks_[mark];
  for (std::size_t i = start_ + mark * kStride; i < last; ++i) {
    if (text_[i] == '\n') at = {at.line + 1, 1};
    else if (!continues(text_[i])) ++at.column;
  }
  return at;
}

std::string_view Source::line_at(std::uint32_t offset) const {
  // What is before the first line, a byte-order mark, is a place in it.
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), std::max(offset, start_));
  const std::uint32_t begin = *(after - 1);
  if (after == line_starts_.end()) return text().substr(begin);
  std::string_view line = text().substr(begin, *after - 1 - begin);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

Diagnostic Source::diagnose(Severity severity, std::string_view code, Span span, std::string message,
                            std::string help) const {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.code = code;
  diagnostic.file = name_;
  diagnostic.message = std::move(message);
  diagnostic.help = std::move(help);
  const Position from = position(span.begin);
  const Position to = span.end > span.begin ? position(span.end) : from;
  diagnostic.line = from.line;
  diagnostic.column = from.column;
  diagnostic.end_line = to.line;
  diagnostic.end_column = to.column;

  const std::string_view line = line_at(span.begin);
  const std::size_t place = static_cast<std::size_t>(
      std::clamp<std::ptrdiff_t>((text_.data() + span.begin) - line.data(), 0, static_cast<std::ptrdiff_t>(line.size())));
  std::size_t first = place > kExcerptSide ? place - kExcerptSide : 0;
  std::size_t last = std::min(line.size(), place + kExcerptSide);
  while (first > 0 && continues(line[first])) --first;
  while (last < line.size() && continues(line[last])) ++last;
  diagnostic.excerpt = line.substr(first, last - first);
  diagnostic.excerpt_column = from.column - code_points(line.substr(first, place - first));
  return diagnostic;
}

}  // namespace remit::lang
