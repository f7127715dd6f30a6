/* Remit inside a C program: compiles the three documents of ../clinical-summary, opens a session for an
 * agent that works for Mike, and asks before everything that the agent does.
 *
 *   embed_remit_c [folder of the documents]
 */
#include <stdio.h>
#include <stdlib.h>

#include <remit/remit_c.h>
#include <remit/remit_lang_c.h>

static remit_error error = REMIT_INIT(remit_error);

static void need(int32_t code, const char* what) {
  if (code == REMIT_OK) return;
  fprintf(stderr, "embed_remit_c: %s: %s (%s)\n", what, error.text, remit_error_name(code));
  exit(1);
}

static char* read_file(const char* folder, const char* name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE* file = fopen(path, "rb");
  char* text = calloc(1, 1 << 20);
  if (file == NULL || text == NULL || fread(text, 1, (1 << 20) - 1, file) == 0) {
    fprintf(stderr, "embed_remit_c: %s cannot be read\n", path);
    exit(1);
  }
  fclose(file);
  return text;
}

static remit_program* compile(const char* folder, const char* name, const remit_argument* arguments, size_t count) {
  char* text = read_file(folder, name);
  remit_compile_options options = REMIT_INIT(remit_compile_options);
  options.file = remit_str(name);
  options.arguments = arguments;
  options.argument_count = count;
  remit_compiled* compiled = NULL;
  need(remit_compile(remit_str(text), &options, &compiled, &error), name);
  const remit_string messages = remit_compiled_messages(compiled);
  fwrite(messages.data, 1, messages.size, stderr); /* warnings too */
  size_t size = 0;
  const void* image = remit_compiled_image(compiled, &size);
  if (image == NULL) exit(1);
  remit_program* program = NULL;
  need(remit_program_load(image, size, &program, &error), name);
  remit_compiled_free(compiled);
  free(text);
  return program;
}

static remit_attribute text(const char* name, const char* value) {
  remit_attribute attribute = REMIT_INIT(remit_attribute);
  attribute.name = remit_str(name);
  attribute.value.type = REMIT_STRING;
  attribute.value.text = remit_str(value);
  return attribute;
}

static remit_attribute number(const char* name, remit_type type, int64_t value) {
  remit_attribute attribute = REMIT_INIT(remit_attribute);
  attribute.name = remit_str(name);
  attribute.value.type = type;
  attribute.value.number = value;
  return attribute;
}

static void check(remit_session* session, const char* action, const char* resource, const remit_attribute* attributes, size_t count,
                  int64_t now) {
  remit_request request = REMIT_INIT(remit_request);
  request.action = remit_str(action);
  request.resource = remit_str(resource);
  request.attributes = attributes;
  request.attribute_count = count;
  remit_decision decision = REMIT_INIT(remit_decision);
  char words[1024];
  remit_session_check(session, &request, now, &decision);
  remit_session_explain(session, &request, &decision, words, sizeof words);
  puts(words);
}

int main(int argc, char** argv) {
  const char* folder = argc > 1 ? argv[1] : "examples/clinical-summary";
  remit_argument arguments[2] = {REMIT_INIT(remit_argument), REMIT_INIT(remit_argument)};
  arguments[0].name = remit_str("folder");
  arguments[0].literal = remit_str("docs:/clinical/A");
  arguments[1].name = remit_str("project");
  arguments[1].literal = remit_str("ws:/proj/B");

  /* Once: programs, and layers that any number of sessions share. */
  remit_program* task = compile(folder, "task.scope", arguments, 2);
  remit_program* policy = compile(folder, "acme_policy.scope", NULL, 0);
  remit_program* access = compile(folder, "mikes_access.scope", NULL, 0);
  const remit_program* guardrails[] = {policy};
  const remit_program* grants[] = {access};
  remit_layers* layers = NULL;
  need(remit_layers_link(task, guardrails, 1, grants, 1, &layers, &error), "link");
  remit_program_free(task);
  remit_program_free(policy);
  remit_program_free(access);

  /* For each task: a session. The engine reads no clock; its host says what time it is. */
  const int64_t noon = 1795521600000000, hour = 3600000000;
  remit_opening opening = REMIT_INIT(remit_opening);
  opening.agent = remit_str("spiffe://acme.example/agent/summarizer");
  opening.user = remit_str("mike@acme.example");
  opening.layers = layers;
  remit_session* session = NULL;
  need(remit_session_open(&opening, noon, &session, &error), "open");
  remit_layers_free(layers);

  /* For each thing that the agent wants to do: a check, and nothing done without REMIT_ALLOW. */
  const remit_attribute internal = text("classification", "internal");
  const remit_attribute summary[] = {text("filename", "w47.md"), number("size", REMIT_SIZE, 20000), number("signed", REMIT_BOOL, 0)};
  const remit_attribute no_size[] = {text("filename", "w47.md"), number("size", REMIT_INT, 20000), number("signed", REMIT_BOOL, 0)};
  check(session, "read", "docs:/clinical/A/protocol.pdf", &internal, 1, noon);
  check(session, "read", "docs:/clinical/AB/protocol.pdf", &internal, 1, noon);
  check(session, "read", "docs:/clinical/A/hr/review.md", &internal, 1, noon);
  check(session, "list", "docs:/clinical/A/unblinding", NULL, 0, noon);
  check(session, "create", "ws:/proj/B/summaries/w47.md", summary, 3, noon);
  check(session, "create", "ws:/proj/B/summaries/w47.md", no_size, 3, noon);
  check(session, "send", "mail:bob@acme.example", NULL, 0, noon);
  check(session, "read", "docs:/clinical/A/protocol.pdf", &internal, 1, noon + 4 * hour);

  remit_session_free(session);
  return 0;
}
