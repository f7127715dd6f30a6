/* Remit for C: the language, in a library of its own (remit_lang_c), so that a product can ship the engine
 * alone. It turns the text of a document into an image, which remit_program_load (remit_c.h) takes.
 *
 *   remit_compile_options options = REMIT_INIT(remit_compile_options);
 *   options.file = remit_str("weekly.scope");
 *   remit_compiled* compiled = NULL;
 *   if (remit_compile(remit_str(text), &options, &compiled, &error) != REMIT_OK) fail(error.text);
 *   print(remit_compiled_messages(compiled));        errors and warnings, for people
 *   size_t size = 0;
 *   const void* image = remit_compiled_image(compiled, &size);
 *   if (image == NULL) fail("the document has errors, or parameters without a value");
 *   remit_program_load(image, size, &program, &error);
 *   remit_compiled_free(compiled);
 *
 * What remit_c.h says of ownership, sizes, errors, threads and text holds here too.
 */
#ifndef REMIT_REMIT_LANG_C_H
#define REMIT_REMIT_LANG_C_H

#include <remit/remit_c.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A value for a parameter, as the language writes it: `docs:/clinical/A`, `5MB`; strings with or without
 * quotes (language.md section 9). */
typedef struct remit_argument {
  size_t struct_size;
  remit_string name;
  remit_string literal;
} remit_argument;

/* A module as text, by its dotted name. */
typedef struct remit_module {
  size_t struct_size;
  remit_string name;
  remit_string text;
} remit_module;

typedef struct remit_compile_options {
  size_t struct_size;
  remit_string file; /* the name that messages and decisions show; absent: "<text>" */
  const remit_argument* arguments;
  size_t argument_count;
  const remit_module* modules; /* looked at before the folders */
  size_t module_count;
  const remit_string* module_path; /* folders in which `use a.b` looks for a/b.scope */
  size_t module_path_count;
} remit_compile_options;

typedef struct remit_compiled remit_compiled;

/* Compiles; `options` may be NULL. A document with errors is compiled too: to messages and no image.
 * Errors: bad_argument, out_of_memory. */
REMIT_C_API int32_t remit_compile(remit_string text, const remit_compile_options* options, remit_compiled** out, remit_error* error);
REMIT_C_API void remit_compiled_free(remit_compiled* compiled);

/* 1 where the document has no error; it may still have parameters without a value. */
REMIT_C_API int remit_compiled_valid(const remit_compiled* compiled);
/* The image; NULL where the document has errors or a parameter has no value. Borrowed. */
REMIT_C_API const void* remit_compiled_image(const remit_compiled* compiled, size_t* size);
/* Errors and warnings with excerpts, for people; and as JSON, `{"diagnostics":[...]}`. Borrowed. */
REMIT_C_API remit_string remit_compiled_messages(const remit_compiled* compiled);
REMIT_C_API remit_string remit_compiled_json(const remit_compiled* compiled);

typedef struct remit_diagnostic {
  size_t struct_size;
  int32_t is_error; /* 0: a warning */
  remit_string code, file, message, help;
  uint32_t line, column, end_line, end_column; /* from 1; columns in code points */
} remit_diagnostic;

REMIT_C_API size_t remit_compiled_diagnostic_count(const remit_compiled* compiled);
/* 1, or 0 where there is none of that index; in text order. Its strings are borrowed from `compiled`. */
REMIT_C_API int remit_compiled_diagnostic(const remit_compiled* compiled, size_t index, remit_diagnostic* out);

#ifdef __cplusplus
}
#endif

#endif
