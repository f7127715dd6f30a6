// The language: text in, verified program out.
//
//   auto compiled = remit::lang::compile(text, {.file = "weekly.scope", .arguments = {...}});
//   std::cerr << compiled.diagnostics().render();
//   if (compiled.program()) { remit::Program task = compiled.program().value(); ... }
//
// Functions here may allocate freely and throw only std::bad_alloc. Thread-safe: no shared state.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <remit/lang/constant.h>
#include <remit/lang/diagnostics.h>
#include <remit/program.h>

namespace remit::lang {

struct Resolved;

// `= {}` lets callers name some fields (`{.file = ...}`) without a warning about the others.
struct CompileOptions {
  std::string file = "<text>";                // the name that diagnostics and decisions show
  std::vector<Argument> arguments = {};       // values of the document's parameters
  std::vector<std::string> module_path = {};  // folders in which `use a.b` looks for a/b.scope
  std::vector<std::pair<std::string, std::string>> modules = {};  // or modules as text, by dotted name
};

class Compiled {
 public:
  // Errors and warnings, in text order.
  const Diagnostics& diagnostics() const { return diagnostics_; }
  // True where the document has no error; it may still have parameters without values.
  bool valid() const { return !diagnostics_.has_errors(); }
  // The program, where the document is valid and every parameter has a value.
  const std::optional<Program>& program() const { return program_; }
  // The same as bytes, for saving; empty where there is no program.
  const std::vector<std::byte>& image() const { return image_; }
  // What the checker found, for tools in this tree (lang/check/resolved.h). Never null.
  const Resolved& resolved() const { return *resolved_; }

 private:
  friend Compiled compile(std::string_view text, const CompileOptions& options);
  Diagnostics diagnostics_;
  std::shared_ptr<const Resolved> resolved_;
  std::vector<std::byte> image_;
  std::optional<Program> program_;
};

// Parses, checks, compiles and verifies `text`. Bad input gives diagnostics, never an exception.
Compiled compile(std::string_view text, const CompileOptions& options = {});

}  // namespace remit::lang
