/* The C API from C99: whole lives of sessions, and what a careless caller might hand in. Prints what
 * fails; the exit code is 0 where nothing does. */
#include <stdio.h>
#include <stdlib.h>

#include <remit/remit_c.h>
#include <remit/remit_lang_c.h>

static int passed, failed;
static void test(int good, const char* what, int line) {
  if (good) {
    ++passed;
  } else {
    ++failed;
    printf("c_api_test.c:%d: %s\n", line, what);
  }
}
#define CHECK(condition) test((condition) != 0, #condition, __LINE__)

static const int64_t kHour = 3600000000;
static remit_error error = REMIT_INIT(remit_error);

static int is(int32_t code, const char* name) { return strcmp(remit_error_name(code), name) == 0; }
static int reason_is(const remit_decision* decision, const char* name) { return strcmp(remit_reason_name(decision->reason), name) == 0; }

static remit_program* program_of(const char* text) {
  remit_compiled* compiled = NULL;
  remit_program* program = NULL;
  CHECK(remit_compile(remit_str(text), NULL, &compiled, &error) == REMIT_OK);
  size_t size = 0;
  const void* image = remit_compiled_image(compiled, &size);
  if (image == NULL) {
    const remit_string messages = remit_compiled_messages(compiled);
    fwrite(messages.data, 1, messages.size, stdout);
  }
  CHECK(remit_program_load(image, size, &program, &error) == REMIT_OK);
  remit_compiled_free(compiled);
  return program;
}

static remit_session* open_with(const char* text, remit_host_check host, void* context) {
  remit_program* task = program_of(text);
  remit_layers* layers = NULL;
  CHECK(remit_layers_link(task, NULL, 0, NULL, 0, &layers, &error) == REMIT_OK);
  remit_program_free(task);
  remit_opening opening = REMIT_INIT(remit_opening);
  opening.agent = remit_str("spiffe://acme.example/agent/a");
  opening.user = remit_str("mike@acme.example");
  opening.layers = layers;
  opening.host = host;
  opening.host_context = context;
  remit_session* session = NULL;
  CHECK(remit_session_open(&opening, 0, &session, &error) == REMIT_OK);
  remit_layers_free(layers);
  return session;
}

static remit_request request_of(const char* action, const char* resource) {
  remit_request request = REMIT_INIT(remit_request);
  request.action = remit_str(action);
  request.resource = remit_str(resource);
  return request;
}

static remit_decision check(remit_session* session, const char* action, const char* resource, int64_t now) {
  const remit_request request = request_of(action, resource);
  remit_decision decision = REMIT_INIT(remit_decision);
  CHECK(remit_session_check(session, &request, now, &decision) == decision.effect);
  return decision;
}

static void test_compile(void) {
  CHECK(remit_str(NULL).size == 0 && remit_str("").size == 0 && remit_str("abc").size == 3);
  remit_compiled* compiled = NULL;
  CHECK(remit_compile(remit_str("raed docs:/a; expires 2h"), NULL, &compiled, &error) == REMIT_OK);
  size_t size = 7;
  CHECK(!remit_compiled_valid(compiled) && remit_compiled_image(compiled, &size) == NULL && size == 0);
  CHECK(remit_compiled_diagnostic_count(compiled) >= 1);
  remit_diagnostic found = REMIT_INIT(remit_diagnostic);
  CHECK(remit_compiled_diagnostic(compiled, 0, &found) == 1 && found.is_error && found.line == 1 && found.column == 1 && found.end_column == 5);
  CHECK(found.code.size == strlen("unknown-action") && memcmp(found.code.data, "unknown-action", found.code.size) == 0);
  CHECK(remit_compiled_diagnostic(compiled, 99, &found) == 0);
  CHECK(remit_compiled_json(compiled).size > 10 && remit_compiled_messages(compiled).size > 10);
  remit_compiled_free(compiled);

  /* Parameters, and a module as text. */
  remit_argument argument = REMIT_INIT(remit_argument);
  argument.name = remit_str("f");
  argument.literal = remit_str("docs:/clinical/A");
  remit_module module = REMIT_INIT(remit_module);
  module.name = remit_str("team.rules");
  module.text = remit_str("list docs:/b");
  remit_compile_options options = REMIT_INIT(remit_compile_options);
  options.arguments = &argument;
  options.argument_count = 1;
  options.modules = &module;
  options.module_count = 1;
  options.file = remit_str("x.scope");
  CHECK(remit_compile(remit_str("scope x(f: resource)\nexpires 1h\nread $f\nuse team.rules"), &options, &compiled, &error) == REMIT_OK);
  CHECK(remit_compiled_valid(compiled) && remit_compiled_image(compiled, &size) != NULL);
  remit_compiled_free(compiled);

  CHECK(is(remit_compile(remit_str("x"), NULL, NULL, &error), "bad_argument"));
  options.module_path_count = 3; /* and no folders */
  CHECK(is(remit_compile(remit_str("x"), &options, &compiled, &error), "bad_argument") && compiled == NULL);
  const remit_string impossible = {NULL, 5};
  CHECK(is(remit_compile(impossible, NULL, &compiled, &error), "bad_argument"));
}

static void test_program(void) {
  remit_program* program = program_of("scope named\nread docs:/a because \"why not\"; expires 2h");
  size_t size = 0;
  CHECK(remit_program_image(program, &size) != NULL && size > 100);
  uint8_t digest[32], zero[32] = {0};
  remit_program_digest(program, digest);
  CHECK(memcmp(digest, zero, 32) != 0);
  CHECK(strcmp(remit_program_kind(program), "scope") == 0);
  CHECK(remit_program_name(program).size == 5 && remit_program_rule_count(program) == 1 && remit_program_worst_case_steps(program) > 0);
  remit_rule_info rule = REMIT_INIT(remit_rule_info);
  CHECK(remit_program_rule(program, 0, &rule) && rule.line == 2 && rule.because.size == 7);
  CHECK(!remit_program_rule(program, 1, &rule));
  remit_layers* layers = NULL;
  const remit_program* missing[] = {NULL};
  CHECK(is(remit_layers_link(NULL, NULL, 0, NULL, 0, &layers, &error), "bad_argument"));
  CHECK(is(remit_layers_link(program, missing, 1, NULL, 0, &layers, &error), "bad_argument"));
  const remit_program* wrong[] = {program};
  CHECK(is(remit_layers_link(program, wrong, 1, NULL, 0, &layers, &error), "wrong_kind") && layers == NULL);
  CHECK(error.code != REMIT_OK && strlen(error.text) > 5);
  remit_program_free(program);
  remit_program* none = NULL;
  CHECK(is(remit_program_load("nonsense", 8, &none, &error), "bad_image") && none == NULL);
  CHECK(is(remit_program_load(NULL, 0, &none, NULL), "bad_image"));
  CHECK(is(remit_program_load(NULL, 9, &none, &error), "bad_argument"));
}

static void test_session(void) {
  remit_session* session = open_with("read docs:/a at most 2 times; ask send mail:bob@x because \"really?\"; write ws:/b when size <= 5MB; expires 2h", NULL, NULL);
  remit_decision decision = check(session, "read", "docs:/a/x", 0);
  CHECK(decision.effect == REMIT_ALLOW && reason_is(&decision, "allowed_by_rule"));
  remit_rule_info rule = REMIT_INIT(remit_rule_info);
  CHECK(remit_session_rule(session, &decision, &rule) && rule.line == 1 && rule.column == 1);
  decision = check(session, "read", "docs:/ab", 0);
  CHECK(decision.effect == REMIT_DENY && reason_is(&decision, "no_matching_rule") && decision.rule == REMIT_NO_RULE);
  CHECK(!remit_session_rule(session, &decision, &rule));
  char words[200], few[8];
  remit_request request = request_of("read", "docs:/ab");
  const size_t length = remit_session_explain(session, &request, &decision, words, sizeof words);
  CHECK(length > 10 && strlen(words) == (length < 199 ? length : 199));
  CHECK(remit_session_explain(session, &request, &decision, few, sizeof few) == length && strlen(few) == 7);
  CHECK(remit_session_explain(session, &request, &decision, NULL, 0) == length);

  remit_reservation* reservation = NULL;
  request = request_of("read", "docs:/a");
  CHECK(remit_session_reserve(session, &request, 1, &decision, &reservation) == REMIT_ALLOW && reservation != NULL);
  decision = check(session, "read", "docs:/a", 1);
  CHECK(reason_is(&decision, "limit_exceeded"));
  remit_reservation_rollback(reservation);
  CHECK(remit_session_would(session, &request, 1, &decision) == REMIT_ALLOW);
  CHECK(remit_session_check(session, &request, 1, NULL) == REMIT_ALLOW);
  CHECK(remit_session_reserve(session, &request, 1, &decision, &reservation) == REMIT_DENY && reservation == NULL);

  /* Attributes: typed, and none that cannot be. */
  remit_attribute attribute = REMIT_INIT(remit_attribute);
  attribute.name = remit_str("size");
  attribute.value.type = REMIT_SIZE;
  attribute.value.number = 5000000;
  request = request_of("write", "ws:/b/x");
  request.attributes = &attribute;
  request.attribute_count = 1;
  CHECK(remit_session_check(session, &request, 2, &decision) == REMIT_ALLOW);
  attribute.value.number = 5000001;
  CHECK(remit_session_check(session, &request, 2, &decision) == REMIT_DENY && reason_is(&decision, "no_matching_rule"));
  attribute.value.type = REMIT_INT;
  attribute.value.number = 5;
  CHECK(remit_session_check(session, &request, 2, &decision) == REMIT_DENY);
  attribute.value.type = 77;
  CHECK(remit_session_check(session, &request, 2, &decision) == REMIT_DENY && reason_is(&decision, "malformed_request"));
  attribute.value.type = REMIT_STRING;
  attribute.value.text.size = 9;
  CHECK(remit_session_check(session, &request, 2, &decision) == REMIT_DENY && reason_is(&decision, "malformed_request"));
  attribute.value.type = REMIT_LIST;
  attribute.value.item_count = 3;
  CHECK(remit_session_check(session, &request, 2, &decision) == REMIT_DENY && reason_is(&decision, "malformed_request"));
  request.attribute_count = (size_t)1 << 40;
  CHECK(remit_session_check(session, &request, 2, &decision) == REMIT_DENY && reason_is(&decision, "malformed_request"));

  /* An ask, its approval, its use. */
  decision = check(session, "send", "mail:bob@x", 3);
  CHECK(decision.effect == REMIT_ASK);
  CHECK(is(remit_session_approve(session, decision.approval, remit_str("spiffe://acme.example/agent/a"), 4, &error), "approver_is_agent"));
  CHECK(remit_session_approve(session, decision.approval, remit_str("mike@acme.example"), 4, &error) == REMIT_OK);
  CHECK(is(remit_session_approve(session, decision.approval, remit_str("mike@acme.example"), 4, &error), "already_approved"));
  decision = check(session, "send", "mail:bob@x", 5);
  CHECK(decision.effect == REMIT_ALLOW && reason_is(&decision, "granted_by_approval"));
  const uint8_t nobody[16] = {0};
  CHECK(is(remit_session_approve(session, nobody, remit_str("mike@acme.example"), 5, &error), "unknown_approval"));

  CHECK(remit_session_could(session, remit_str("write"), remit_str("ws:/b/**"), 5) == REMIT_MAYBE);
  CHECK(remit_session_could(session, remit_str("write"), remit_str("docs:/a"), 5) == REMIT_NEVER);
  uint8_t id[16];
  remit_session_id(session, id);
  CHECK(memcmp(id, nobody, 16) != 0);
  CHECK(strcmp(remit_reason_name(remit_session_standing(session, 6)), "allowed_by_rule") == 0);
  CHECK(strcmp(remit_reason_name(remit_session_standing(session, 2 * kHour)), "expired") == 0);
  remit_session_revoke(session, remit_str("security"), remit_str("drill"), 7);
  decision = check(session, "write", "ws:/b/x", 8);
  CHECK(reason_is(&decision, "revoked"));
  remit_session_free(session);
}

static int refuse_hr(void* context, const remit_request* request, int64_t now) {
  ++*(int*)context;
  return now >= 0 && request->resource.size > 0 && request->attribute_count == 1 && request->attributes[0].value.number == 42 ? 0 : 1;
}

static void test_host(void) {
  int asked = 0;
  remit_session* session = open_with("read docs:/a; expires 2h", refuse_hr, &asked);
  remit_decision decision = check(session, "read", "docs:/a", 0);
  CHECK(decision.effect == REMIT_ALLOW && asked == 1);
  remit_attribute attribute = REMIT_INIT(remit_attribute);
  attribute.name = remit_str("n");
  attribute.value.type = REMIT_INT;
  attribute.value.number = 42;
  remit_request request = request_of("read", "docs:/a");
  request.attributes = &attribute;
  request.attribute_count = 1;
  CHECK(remit_session_check(session, &request, 0, &decision) == REMIT_DENY && reason_is(&decision, "denied_by_host"));
  decision = check(session, "read", "docs:/b", 0);
  CHECK(reason_is(&decision, "no_matching_rule") && asked == 2);
  remit_session_free(session);
}

static void test_tree_and_state(void) {
  const char* text = "read docs:/a at most 3 times; delegate to spiffe://acme.example/agent/*; expires 2h";
  remit_session* parent = open_with(text, NULL, NULL);
  remit_program* child_task = program_of("read docs:/; expires 1h");
  remit_delegation delegation = REMIT_INIT(remit_delegation);
  delegation.agent = remit_str("spiffe://acme.example/agent/b");
  delegation.task = child_task;
  remit_session* child = NULL;
  CHECK(remit_session_delegate(parent, &delegation, 0, &child, &error) == REMIT_OK);
  remit_session* grandchild = NULL;
  CHECK(is(remit_session_delegate(child, &delegation, 0, &grandchild, &error), "no_delegation") && grandchild == NULL);
  remit_decision decision = check(child, "read", "docs:/a/1", 1);
  CHECK(decision.effect == REMIT_ALLOW);
  decision = check(child, "read", "docs:/b", 1);
  CHECK(decision.effect == REMIT_DENY && decision.layer == 1);

  remit_buffer* saved = NULL;
  uint64_t generation = 0;
  CHECK(remit_session_save(parent, &saved, &generation, &error) == REMIT_OK && generation >= 1);
  size_t size = 0;
  const void* bytes = remit_buffer_data(saved, &size);
  remit_program* again = program_of(text);
  const remit_program* programs[] = {again, child_task};
  remit_sessions* sessions = NULL;
  CHECK(is(remit_session_restore(bytes, size, generation + 1, programs, 2, NULL, &sessions, &error), "stale_state"));
  CHECK(is(remit_session_restore(bytes, size, 0, programs, 1, NULL, &sessions, &error), "missing_program"));
  CHECK(is(remit_session_restore(bytes, size - 1, 0, programs, 2, NULL, &sessions, &error), "bad_state") && sessions == NULL);
  CHECK(remit_session_restore(bytes, size, generation, programs, 2, NULL, &sessions, &error) == REMIT_OK);
  CHECK(remit_sessions_count(sessions) == 2);
  remit_session* restored = remit_sessions_take(sessions, 0);
  CHECK(restored != NULL && remit_sessions_take(sessions, 0) == NULL && remit_sessions_take(sessions, 9) == NULL);
  remit_sessions_free(sessions);
  decision = check(restored, "read", "docs:/a", 2);
  CHECK(decision.effect == REMIT_ALLOW);
  decision = check(restored, "read", "docs:/a", 2);
  CHECK(decision.effect == REMIT_ALLOW);
  decision = check(restored, "read", "docs:/a", 2);
  CHECK(reason_is(&decision, "limit_exceeded")); /* the one of before was not forgotten */
  remit_session_end(parent, 3);
  decision = check(child, "read", "docs:/a", 3);
  CHECK(reason_is(&decision, "session_ended"));
  remit_buffer_free(saved);
  remit_program_free(again);
  remit_program_free(child_task);
  remit_session_free(restored);
  remit_session_free(child);
  remit_session_free(parent);
}

/* Structs of an older header: shorter than today's. */
static void test_sizes(void) {
  remit_session* session = open_with("read docs:/a; expires 2h", NULL, NULL);
  struct {
    size_t struct_size;
    int32_t effect;
    int32_t guard;
  } old = {offsetof(remit_decision, reason), -1, 12345};
  const remit_request request = request_of("read", "docs:/a");
  remit_session_check(session, &request, 0, (remit_decision*)&old);
  CHECK(old.effect == REMIT_ALLOW && old.guard == 12345 && old.struct_size == offsetof(remit_decision, reason));
  remit_request unsized = request;
  unsized.struct_size = 0;
  remit_decision decision = REMIT_INIT(remit_decision);
  CHECK(remit_session_check(session, &unsized, 0, &decision) == REMIT_DENY && reason_is(&decision, "malformed_request"));
  unsized.struct_size = offsetof(remit_request, attributes); /* an older header's */
  CHECK(remit_session_check(session, &unsized, 0, &decision) == REMIT_ALLOW);
  remit_session_free(session);
}

static void test_nothing(void) {
  remit_decision decision = REMIT_INIT(remit_decision);
  const remit_request request = request_of("read", "docs:/a");
  remit_reservation* reservation = NULL;
  remit_session* session = NULL;
  remit_buffer* buffer = NULL;
  CHECK(remit_session_check(NULL, &request, 0, &decision) == REMIT_DENY && reason_is(&decision, "internal_error"));
  CHECK(remit_session_would(NULL, NULL, 0, NULL) == REMIT_DENY);
  CHECK(remit_session_reserve(NULL, &request, 0, &decision, &reservation) == REMIT_DENY && reservation == NULL);
  CHECK(is(remit_session_open(NULL, 0, &session, &error), "bad_argument"));
  CHECK(is(remit_session_delegate(NULL, NULL, 0, &session, &error), "bad_argument"));
  CHECK(is(remit_session_save(NULL, &buffer, NULL, &error), "bad_argument"));
  CHECK(remit_session_could(NULL, remit_str("a"), remit_str("b"), 0) == REMIT_NEVER);
  CHECK(remit_session_explain(NULL, &request, &decision, NULL, 0) == 0);
  remit_session_revoke(NULL, remit_str("a"), remit_str("b"), 0);
  remit_session_end(NULL, 0);
  remit_session_free(NULL);
  remit_program_free(NULL);
  remit_layers_free(NULL);
  remit_buffer_free(NULL);
  remit_sessions_free(NULL);
  remit_compiled_free(NULL);
  remit_reservation_commit(NULL);
  remit_reservation_rollback(NULL);
  CHECK(remit_layers_size(NULL) == 0 && remit_program_rule_count(NULL) == 0 && remit_sessions_count(NULL) == 0);
  CHECK(strcmp(remit_error_name(9999), "unknown_error") == 0 && strcmp(remit_error_name(-1), "unknown_error") == 0);
  CHECK(strcmp(remit_reason_name(-1), "unknown_reason") == 0 && strcmp(remit_error_name(REMIT_OK), "ok") == 0);
  CHECK(strlen(remit_version()) >= 5);
}

int main(void) {
  test_compile();
  test_program();
  test_session();
  test_host();
  test_tree_and_state();
  test_sizes();
  test_nothing();
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
