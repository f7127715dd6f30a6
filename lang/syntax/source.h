// A source text and the map from byte offsets to lines and columns. Every stage keeps byte offsets
// (Span); lines and columns are worked out only when somebody reads them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <remit/lang/diagnostics.h>

namespace remit::lang {

// Half-open range of byte offsets into one Source.
struct Span {
  std::uint32_t begin = 0, end = 0;
};

struct Position {
  std::uint32_t line = 1, column = 1;
};

// Owns its text; the syntax tree holds views into it, so a Source neither moves nor changes once
// parsed (keep it behind a unique_ptr).
class Source {
 public:
  Source(std::string name, std::string text);
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  // Where the document starts: after a byte-order mark, if there is one.
  std::uint32_t start() const { return start_; }
  std::string_view slice(Span span) const { return text().substr(span.begin, span.end - span.begin); }
  // Column in code points from 1 (a byte-order mark counts for nothing), a line end is LF or CR LF.
  // In constant time, even where all of a document stands on one line.
  Position position(std::uint32_t offset) const;
  // The line that holds `offset`, without its line end.
  std::string_view line_at(std::uint32_t offset) const;
  // A diagnostic about `span`, its place and excerpt filled in.
  Diagnostic diagnose(Severity severity, std::string_view code, Span span, std::string message,
                      std::string help = {}) const;

 private:
  static constexpr std::size_t kStride = 16;
  std::string name_, text_;
  std::uint32_t start_ = 0;
  std::vector<std::uint32_t> line_starts_;
  std::vector<Position> marks_;  // where every kStride-th byte from start_ on stands
};

}  // namespace remit::lang
