// Diagnostics for people (diagnostics.h): place, message, the line, a caret range, help. A pure
// function of the findings; whatever could move a terminal's cursor is shown as an escape.
// Covered by tests/diagnostics_test.cpp.
#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "lang/diagnostics/display.h"
#include <remit/lang/diagnostics.h>

namespace remit::lang {
namespace {

// The part of a line that is shown, in columns of a terminal; carets stay well inside it.
constexpr std::size_t kWindow = 96;
constexpr std::size_t kBefore = 48;

struct Colours {
  std::string_view bold, red, yellow, blue, off;
};
constexpr Colours kPlain{};
constexpr Colours kAnsi{"\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[0m"};

struct Line {
  std::string text;    // as shown
  std::size_t indent;  // columns before the first caret
  std::size_t carets;
};

// Chooses the cells of the excerpt that are shown and where the carets go beneath them.
Line lay_out(const Diagnostic& finding) {
  const std::vector<Cell> cells = cells_of(finding.excerpt);
  const std::size_t first = std::min<std::size_t>(finding.column - std::min(finding.column, finding.excerpt_column), cells.size());
  std::size_t last = cells.size();  // a range over several lines is underlined to the end of its first
  if (finding.end_line == finding.line)
    last = std::clamp<std::size_t>(finding.end_column - std::min(finding.end_column, finding.excerpt_column), first, cells.size());

  // Grow the window from the first caret: to the left first, then to the right.
  std::size_t from = first, to = first, width = 0;
  while (from > 0 && width + cells[from - 1].width <= kBefore) width += cells[--from].width;
  while (to < cells.size() && width + cells[to].width <= kWindow) width += cells[to++].width;
  while (from > 0 && width + cells[from - 1].width <= kWindow) width += cells[--from].width;
  last = std::min(last, to);

  Line line{"", 0, 0};
  if (from > 0 || finding.excerpt_column > 1) {
    line.text = "...";
    line.indent = 3;
  }
  for (std::size_t i = from; i < to; ++i) {
    line.text += cells[i].text;
    if (i < first) line.indent += cells[i].width;
    if (i >= first && i < last) line.carets += cells[i].width;
  }
  if (to < cells.size()) line.text += "...";
  line.carets = std::max<std::size_t>(line.carets, 1);  // a place between characters gets one caret
  return line;
}

void render(const Diagnostic& finding, const Colours& colours, std::string& out) {
  const bool error = finding.severity == Severity::error;
  const std::string_view mark = error ? colours.red : colours.yellow;
  out += fmt::format("{}{}:{}:{}:{} {}{}[{}]{}: {}{}{}\n", colours.bold, visible(finding.file), finding.line,
                     finding.column, colours.off, mark, error ? "error" : "warning", visible(finding.code), colours.off,
                     colours.bold, visible(finding.message), colours.off);
  const std::string number = std::to_string(finding.line);
  const std::string margin(number.size(), ' ');
  const Line line = lay_out(finding);
  out += fmt::format(" {}{} |{} {}\n", colours.blue, number, colours.off, line.text);
  out += fmt::format(" {}{} |{} {}{}{}{}\n", colours.blue, margin, colours.off, std::string(line.indent, ' '), mark,
                     std::string(line.carets, '^'), colours.off);
  if (!finding.help.empty())
    out += fmt::format(" {} {}help:{} {}\n", margin, colours.blue, colours.off, visible(finding.help));
}

}  // namespace

std::string Diagnostics::render(bool colour) const {
  std::string out;
  for (const Diagnostic& finding : all_) lang::render(finding, colour ? kAnsi : kPlain, out);
  return out;
}

}  // namespace remit::lang
