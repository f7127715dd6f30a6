// See html.h.
#include "tools/html.h"

#include <fmt/format.h>

#include "lang/diagnostics/display.h"

namespace remit::tools {

Html& Html::text(std::string_view text) {
  for (const char c : lang::visible(text)) {
    switch (c) {
      case '&': out_ += "&amp;"; break;
      case '<': out_ += "&lt;"; break;
      case '>': out_ += "&gt;"; break;
      case '"': out_ += "&quot;"; break;
      case '\'': out_ += "&#39;"; break;
      default: out_ += c;
    }
  }
  return *this;
}

Html& Html::lines(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    this->text(line);
    if (end == std::string_view::npos) break;
    out_ += '\n';
    text.remove_prefix(end + 1);
  }
  return *this;
}

Html& Html::at(double value) {
  out_ += fmt::format("{:.1f}", value);
  return *this;
}

}  // namespace remit::tools
