// What the files of the checker share: the texts, the scopes, the findings. Private to lang/check.
//
//   Text     one source: the document, or a module however often it is used
//   Scope    one text with its parameters bound: the document, or one use of a module
//   Report   errors and warnings on their way to Diagnostics
//   Context  one run of check()
//
// Covered by tests/check_test.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lang/check/check.h"
#include "lang/check/literals.h"
#include "lang/check/systems.h"

namespace remit::lang::checker {

inline constexpr std::size_t kMaxStatements = std::size_t{1} << 20;  // after `use`; language.md section 1
inline constexpr std::size_t kMaxModuleDepth = 64;                   // `use` within `use`
inline constexpr std::size_t kMaxLetDepth = 64;                      // lets that name later lets
// What lets and modules may unfold to, in bytes as we count them. No honest document comes near; it
// keeps `let a = $b, $b` twenty times over from filling the memory.
inline constexpr std::size_t kMaxUnfolded = std::size_t{256} << 20;
inline constexpr std::size_t kPatternWeight = 96, kConstantWeight = 96, kParameterWeight = 256, kImportWeight = 64;
// A byte of a module's text, each time that the module is used.
inline constexpr std::size_t kTextWeight = 16;

// Spans of one text -> places of the resolved document.
class Places {
 public:
  Places(const Source& source, std::uint32_t file) : source_(&source), file_(file) {}
  Position position(std::uint32_t offset) const { return source_->position(offset); }
  Place place(Span span) const {
    const Position from = position(span.begin), to = position(span.end);
    return {file_, from.line, from.column, to.line, to.column};
  }

 private:
  const Source* source_;
  std::uint32_t file_;
};

struct Text {
  std::string name;  // dotted, of a module; empty for the document
  const Source* source = nullptr;
  const syntax::Document* document = nullptr;
  std::unique_ptr<Source> own_source;  // of a module
  std::unique_ptr<syntax::Document> own_document;
  std::uint32_t file = 0;
  DocumentKind kind = DocumentKind::scope;
  std::unique_ptr<Places> places;

  // What did not parse may have declared these names: their users are not blamed.
  bool damaged = false;           // something did not parse
  bool any_name_missing = false;  // a failed `use` or header, or a failed statement without a name
  std::unordered_set<std::string_view> missing;

  // Filled by modules.cpp.
  std::vector<Text*> uses;         // by Document::uses; null where the module could not be had
  std::size_t height = 0;          // of the tree of uses beneath
  enum class State : std::uint8_t { fresh, loading, loaded } state = State::fresh;

  Text(const Source& source_in, const syntax::Document& document_in, std::uint32_t file_in);
};

// What `$name` stands for.
struct Meaning {
  enum class Kind : std::uint8_t { broken, value, patterns } kind = Kind::broken;
  bool known = true;     // false where it depends on a parameter that has no value yet
  std::size_t depth = 0; // of lets that name lets
  std::size_t weight = 0;  // what each use of it unfolds to
  Constant value;        // kind value: its type is right even where it is not known
  std::vector<Pattern> patterns;

  bool broken() const { return kind == Kind::broken; }
};

struct Scope;

// A let or parameter of one scope; worked out when somebody first asks.
struct Slot {
  enum class State : std::uint8_t { fresh, resolving, resolved } state = State::fresh;
  bool used = false;
  bool parametric = false;  // it depends on a parameter of the document
  Meaning meaning;
};

struct Parameter {
  const syntax::Parameter* declared = nullptr;
  Type type = Type::any;                  // `any`: the declaration was wrong
  const syntax::Value* given = nullptr;   // of a module: the argument, to be read in the user's scope
  Slot slot;
};

// A let that a `use` brought in: where it is.
struct Imported {
  Scope* scope = nullptr;
  std::uint32_t let = 0;
};

// All lets of one name that the modules of a scope have. Two that differ are an error only for who asks
// for that name.
struct ImportedName {
  enum class State : std::uint8_t { fresh, same, different } state = State::fresh;
  std::vector<Imported> lets;  // never empty
};

struct Scope {
  Text* text = nullptr;
  Scope* user = nullptr;                   // whose `use` this is; null for the document
  const syntax::Statement* use = nullptr;  // the document's own `use` statement that led here
  std::vector<Parameter> parameters;
  std::vector<Slot> lets;                  // by Document::lets
  std::unordered_map<std::string_view, std::uint32_t> parameter_index, let_index;
  std::unordered_map<std::string_view, ImportedName> imported;  // of all modules beneath
  std::vector<std::unique_ptr<Scope>> children;  // by Document::uses; null where there is none
  bool name_used = false;                  // one of its lets was asked for from outside
  std::size_t rules = 0;                   // that it brought in, with its own uses
};

// Where one of Resolved::rules came from.
struct Origin {
  const Scope* scope = nullptr;
  const syntax::Statement* statement = nullptr;
  // It speaks of a parameter of the document, so it says another thing for every value: warnings that
  // compare what rules cover leave it out, whether or not there is a value yet.
  bool parametric = false;

  const syntax::Rule& written() const { return scope->text->document->rules[statement->index]; }
};

// Which statements are silenced. Each comment is read once, and each statement searched once for a code:
// there may be a hundred thousand of both on one line.
class Silences {
 public:
  // True where `# allow: CODE` stands at the end of one of the lines of `span`.
  bool silenced(const Text& text, Span span, std::string_view code);

 private:
  using Codes = std::unordered_set<std::string_view>;
  std::unordered_map<const Span*, Codes> comments_;
  std::unordered_map<std::string, bool> answers_;  // by statement and code
};

// Errors are kept until the end, so that they leave in text order; warnings likewise, if the
// statement does not silence them.
class Report {
 public:
  explicit Report(Diagnostics& out) : out_(out) {}

  void error(const Text& text, Span span, std::string_view code, std::string message,
             std::string help = {});
  void error(const Text& text, Span span, const LiteralFault& fault) {
    error(text, span, fault.code, fault.message, fault.help);
  }
  // About `statement` of the document or, where `scope` is a module's, about the `use` that brought
  // it in: an author can only change and silence what is in his own text.
  void warning(const Scope& scope, const syntax::Statement& statement, Span span,
               std::string_view code, std::string message, std::string help = {});
  // About the header.
  void header_warning(const Text& text, Span span, std::string_view code, std::string message,
                      std::string help = {});
  std::size_t errors() const { return errors_.size(); }
  // So many that more would not be shown: suggestions and the like can be left out.
  bool full() const { return errors_.size() >= kKept; }
  // Where the parser of modules reports.
  Diagnostics& diagnostics() { return out_; }
  void flush();

 private:
  static constexpr std::size_t kKept = 200;
  static constexpr std::size_t kKeptWarnings = 1'000;
  // Places are worked out and lines copied at the end, for those that are shown.
  struct Finding {
    const Text* text;
    Span span;
    Severity severity;
    std::string code, message, help;
  };
  void add_warning(const Text& text, Span span, std::string_view code, std::string message, std::string help);

  Diagnostics& out_;
  std::vector<Finding> errors_, warnings_;
  std::unordered_set<std::string> seen_;
  Silences silences_;
};

struct Context {
  Context(const CheckOptions& options_in, Diagnostics& out) : options(options_in), report(out) {}

  const CheckOptions& options;
  Report report;
  Systems systems;
  Resolved result;
  std::vector<std::unique_ptr<Text>> texts;  // the document first
  std::unique_ptr<Scope> root;
  std::vector<Origin> origins;               // in step with result.rules
  std::unordered_map<std::string, std::uint32_t> zones;  // by name, into result.zones
  std::vector<bool> system_used;             // by index into the systems
  std::size_t statements = 0;
  std::size_t unfolded = 0;
  std::size_t name_depth = 0;                // of the names that are being looked up
  bool parametric = false;                   // what is being read depends on a parameter of the document
  bool too_much = false;                     // a limit on the whole was passed and reported
  bool damaged = false;                      // the text has errors of an earlier stage

  Text& main() { return *texts.front(); }
  // Nothing more would be shown.
  bool done() const { return too_much || report.full(); }
  // Counts what a let, a parameter or a use unfolds to; false (and one error at `span`) once that is too much.
  bool unfold(const Text& text, Span span, std::size_t bytes);
  // Counts one statement of the whole; false likewise.
  bool count_statement(const Text& text, Span span);
};

}  // namespace remit::lang::checker
