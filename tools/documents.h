// Documents as the command gets them, compiled from text or loaded as images, and linked as layers.
// Covered by tests/tools_test.py.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <remit/lang/compile.h>
#include <remit/layers.h>

#include "tools/json.h"

namespace remit::tools {

// Where a document comes from: a file (`-` is standard input; *.remit is an image), or its text.
struct DocumentSource {
  std::string path;
  std::optional<std::string> text;
};

// How to compile: what `--arg` and `--module-path` say.
struct CompileSettings {
  std::vector<std::string> arguments;  // `name=literal`, as written
  std::vector<std::string> module_path;
};

// `folder=docs:/a` as an argument; BadInput where there is no `=`.
lang::Argument parse_argument(const std::string& written);

struct LoadedDocument {
  std::string file;                  // as messages show it
  lang::Diagnostics diagnostics;     // of the compiler; none for an image
  std::optional<Program> program;    // absent where the document has errors or lacks arguments
  std::vector<std::string> lacking;  // parameters without a value
};

// Reads and compiles all of them. An argument goes to every document that declares such a
// parameter; one that none declares is BadInput, as is an unreadable file or a bad image.
std::vector<LoadedDocument> load_documents(const std::vector<DocumentSource>& sources,
                                           const CompileSettings& settings);

// True for what is loaded rather than compiled: a name that ends in `.remit`.
bool is_image_name(std::string_view path);

// Links documents, the task scope first; guardrails go before grants. BadInput says which document
// is of the wrong kind. Every document must have a program.
Layers link_documents(const std::vector<LoadedDocument>& documents);

// What a document itself says of the session that it is opened for (language.md section 7).
struct StatedFacts {
  std::optional<std::string_view> purpose, sponsor, trigger;
};
StatedFacts stated_facts(const Program& program);

// The declared type of an attribute in the first program that declares it for that system;
// Type::any where none does. `element` is that of a list.
struct DeclaredType {
  Type type = Type::any, element = Type::any;
};
DeclaredType declared_type(const Layers& layers, std::string_view system,
                           std::string_view attribute);

// The rule of a decision, whichever layer it stands in.
std::optional<RuleInfo> rule_of(const Layers& layers, const Decision& decision);

// All findings as one object of architecture.md's form.
JsonOut diagnostics_json(const std::vector<const lang::Diagnostics*>& all);

}  // namespace remit::tools
