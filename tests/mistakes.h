// Errors as tables: source, place, code, underlined text, message, help. A change of wording is a
// change of such a table, to be read as a person who made the mistake would.
#pragma once

#include <string>

#include <remit/lang/diagnostics.h>

namespace remit::test {

struct Mistake {
  const char* source;
  std::uint32_t line, column;
  const char* code;
  const char* underlined;
  const char* message;
  const char* help;
};

// The part of the excerpt that carets stand under.
inline std::string underlined(const lang::Diagnostic& finding) {
  std::string out;
  std::uint32_t column = 0;
  for (const char c : finding.excerpt) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++column;
    const std::uint32_t at = column + finding.excerpt_column - 1;
    if (at >= finding.column && (finding.end_line > finding.line || at < finding.end_column)) out += c;
  }
  return out;
}

}  // namespace remit::test
