// remit_lang_c.h. Covered by tests/c_api_test.c.
#include <new>

#include <remit/lang/compile.h>
#include <remit/remit_lang_c.h>

#include "engine/c/convert.h"

using namespace remit;
using remit::c::fail;

struct remit_compiled {
  lang::Compiled compiled;
  std::string messages, json;
};

namespace {

constexpr std::size_t kMany = std::size_t{1} << 20;  // more arguments, modules or folders are a mistake

// Reads `count` elements; false where one is not in order.
template <class T, class Use>
bool each(const T* first, std::size_t count, Use&& use) {
  if (count > kMany) return false;
  for (std::size_t i = 0; i < count; ++i) {
    T item;
    if (!c::read_element(first, i, item) || !use(item)) return false;
  }
  return true;
}

bool read_options(const remit_compile_options* given, lang::CompileOptions& out) {
  remit_compile_options known{};
  if (given == nullptr) return true;
  if (!c::read_struct(given, known) || !c::is_text(known.file)) return false;
  if (known.file.data != nullptr) out.file = c::view(known.file);
  const bool good = each(known.arguments, known.argument_count, [&](const remit_argument& argument) {
    out.arguments.push_back(lang::Argument::written(std::string(c::view(argument.name)), std::string(c::view(argument.literal))));
    return c::is_text(argument.name) && c::is_text(argument.literal);
  });
  if (!good) return false;
  const bool modules = each(known.modules, known.module_count, [&](const remit_module& module) {
    out.modules.emplace_back(c::view(module.name), c::view(module.text));
    return c::is_text(module.name) && c::is_text(module.text);
  });
  if (!modules || known.module_path_count > kMany || (known.module_path == nullptr && known.module_path_count != 0)) return false;
  for (std::size_t i = 0; i < known.module_path_count; ++i) {
    if (!c::is_text(known.module_path[i])) return false;
    out.module_path.emplace_back(c::view(known.module_path[i]));
  }
  return true;
}

}  // namespace

std::int32_t remit_compile(remit_string text, const remit_compile_options* options, remit_compiled** out, remit_error* error) {
  if (out == nullptr) return fail(error, ErrorCode::bad_argument, "there is no place for what is compiled");
  *out = nullptr;
  return c::guarded(error, [&]() -> std::int32_t {
    lang::CompileOptions read;
    if (!c::is_text(text) || !read_options(options, read)) return fail(error, ErrorCode::bad_argument, "a text is NULL and yet has a length, or a struct states no size");
    lang::Compiled compiled = lang::compile(c::view(text), read);
    std::string messages = compiled.diagnostics().render(), json = compiled.diagnostics().to_json();
    *out = new remit_compiled{std::move(compiled), std::move(messages), std::move(json)};
    return REMIT_OK;
  });
}

void remit_compiled_free(remit_compiled* compiled) { delete compiled; }
int remit_compiled_valid(const remit_compiled* compiled) { return compiled != nullptr && compiled->compiled.valid() ? 1 : 0; }

const void* remit_compiled_image(const remit_compiled* compiled, std::size_t* size) {
  const bool there = compiled != nullptr && compiled->compiled.program().has_value();
  if (size != nullptr) *size = there ? compiled->compiled.image().size() : 0;
  return there ? compiled->compiled.image().data() : nullptr;
}

remit_string remit_compiled_messages(const remit_compiled* compiled) { return compiled == nullptr ? remit_string{} : c::string(compiled->messages); }
remit_string remit_compiled_json(const remit_compiled* compiled) { return compiled == nullptr ? remit_string{} : c::string(compiled->json); }

std::size_t remit_compiled_diagnostic_count(const remit_compiled* compiled) { return compiled == nullptr ? 0 : compiled->compiled.diagnostics().all().size(); }

int remit_compiled_diagnostic(const remit_compiled* compiled, std::size_t index, remit_diagnostic* out) {
  if (index >= remit_compiled_diagnostic_count(compiled)) return 0;
  const lang::Diagnostic& found = compiled->compiled.diagnostics().all()[index];
  remit_diagnostic filled = REMIT_INIT(remit_diagnostic);
  filled.is_error = found.severity == lang::Severity::error ? 1 : 0;
  filled.code = c::string(found.code);
  filled.file = c::string(found.file);
  filled.message = c::string(found.message);
  filled.help = c::string(found.help);
  filled.line = found.line;
  filled.column = found.column;
  filled.end_line = found.end_line;
  filled.end_column = found.end_column;
  c::write_struct(filled, out);
  return 1;
}
