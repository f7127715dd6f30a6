// Diagnostics are data: code, severity, place, message, help. Rendering them is a pure function.
// Nothing in the language room prints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace remit::lang {

enum class Severity : std::uint8_t { error, warning };

// One finding. Lines and columns count from 1; a column counts code points, a tab as one; the end is
// the column after the last underlined character.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;     // stable, such as "unknown-action"
  std::string file;
  std::uint32_t line = 1, column = 1, end_line = 1, end_column = 1;
  std::string message;  // what is wrong, what was expected
  std::string help;     // what to write instead; may be empty
  std::string excerpt;  // the source line, without its line end; of a very long line, the part around the place
  std::uint32_t excerpt_column = 1;  // the column of the excerpt's first character
};

// The findings of one run, in text order (file by file, as met). At most kMaxErrors errors are kept.
inline constexpr std::size_t kMaxErrors = 20;

class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  bool has_errors() const { return errors_ > 0; }
  bool full() const { return errors_ >= kMaxErrors; }
  const std::vector<Diagnostic>& all() const { return all_; }
  // By file in the order of first finding, then by line and column; errors before warnings there.
  void sort();
  // For people: `file:line:column: error[code]: message`, the line, a caret range, help. Long lines
  // are clamped around the caret. `colour` adds ANSI colours.
  std::string render(bool colour = false) const;
  // For machines: the object of architecture.md, `{"diagnostics":[...]}`.
  std::string to_json() const;

 private:
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

}  // namespace remit::lang
