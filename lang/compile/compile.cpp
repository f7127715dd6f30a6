// The whole pipeline behind remit/lang/compile.h: parse, check, emit, verify.
#include <remit/lang/compile.h>

#include <new>

#include "lang/check/check.h"
#include "lang/compile/emit.h"
#include "lang/parse/parse.h"

namespace remit::lang {

Compiled compile(std::string_view text, const CompileOptions& options) {
  Compiled result;
  const Source source(options.file, std::string(text));
  const syntax::Document document = parse(source, result.diagnostics_);
  auto resolved = std::make_shared<Resolved>(check(document, {options.arguments, options.module_path, options.modules}, result.diagnostics_));
  result.resolved_ = resolved;
  if (!result.diagnostics_.has_errors() && resolved->complete) {
    Emitted emitted = emit(*resolved);
    for (const Emitted::LongList& list : emitted.long_lists) {
      const Place& place = resolved->rules[list.rule].place;
      result.diagnostics_.add({Severity::warning, "long-pattern-list", resolved->files[place.file], place.line, place.column, place.end_line, place.end_column,
                               std::to_string(list.length) + " patterns with several wildcards start alike and are tried one by one",
                               "give them longer literal beginnings, or a single `*`", {}});
    }
    if (emitted.error.empty()) {
      result.image_ = std::move(emitted.bytes);
      auto program = Program::load(result.image_);
      if (program) {
        result.program_ = std::move(program).value();
      } else if (program.error().code == ErrorCode::out_of_memory) {
        throw std::bad_alloc();  // the document is not at fault
      } else {
        emitted.error = program.error().text;
        result.image_.clear();
      }
    }
    if (!emitted.error.empty()) {
      result.diagnostics_.add(source.diagnose(Severity::error, "too-large", {source.start(), source.start()}, emitted.error));
    }
  }
  result.diagnostics_.sort();
  return result;
}

}  // namespace remit::lang
