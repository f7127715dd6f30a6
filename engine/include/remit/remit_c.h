/* Remit for C, and for every language that calls C: the engine. The only stable ABI of Remit; what
 * compiles documents stands in remit/remit_lang_c.h and is a library of its own.
 *
 *   remit_program* task = NULL;
 *   remit_error error = REMIT_INIT(remit_error);
 *   if (remit_program_load(bytes, size, &task, &error) != REMIT_OK) fail(error.text);
 *   remit_layers* layers = NULL;
 *   if (remit_layers_link(task, NULL, 0, NULL, 0, &layers, &error) != REMIT_OK) fail(error.text);
 *
 *   remit_opening opening = REMIT_INIT(remit_opening);
 *   opening.agent = remit_str("spiffe://acme.example/agent/a");
 *   opening.user = remit_str("mike@acme.example");
 *   opening.layers = layers;
 *   remit_session* session = NULL;
 *   if (remit_session_open(&opening, now, &session, &error) != REMIT_OK) fail(error.text);
 *
 *   remit_request request = REMIT_INIT(remit_request);
 *   request.action = remit_str("read");
 *   request.resource = remit_str("docs:/clinical/A/x.pdf");
 *   remit_decision decision = REMIT_INIT(remit_decision);
 *   if (remit_session_check(session, &request, now, &decision) == REMIT_ALLOW) ...
 *
 * What holds for all of it:
 *
 * - Ownership. `remit_*_free` frees what a function gave through an `out` parameter; NULL may be freed.
 *   Handles keep alive what they need: a program may be freed once it is linked, layers once a session is
 *   open. Strings and arrays that are passed in are borrowed for the call. A remit_string that comes out is
 *   borrowed from the handle that gave it, and is not terminated by a zero byte.
 * - Sizes. Every struct begins with its size (REMIT_INIT sets it and zeroes the rest), so that a program
 *   built against an older header goes on working: what it does not know is neither read nor written. The
 *   structs of one array all have the size that the first one states.
 * - Errors. A function that can fail answers REMIT_OK (0) or a code, the same code as in `error`, which may
 *   be NULL. Codes never change their number. On an error `*out` is NULL. Nothing is printed, thrown or
 *   aborted. A decision that cannot be made, a NULL handle among the reasons, is a deny.
 * - Time is microseconds since 1970-01-01T00:00Z and always the caller's; no clock is read.
 * - Threads. There is no global state. Programs and layers may be used by many threads at once, sessions
 *   too; freeing a handle while another thread uses it is the caller's error.
 * - Text is UTF-8 with its length in bytes.
 */
#ifndef REMIT_REMIT_C_H
#define REMIT_REMIT_C_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define REMIT_C_API __attribute__((visibility("default")))
#else
#define REMIT_C_API
#endif

/* REMIT_INIT(type): a struct of this type with its size set and all else zero. */
#ifdef __cplusplus
template <class T>
inline T remit_init() noexcept {
  T out = T();
  out.struct_size = sizeof(T);
  return out;
}
#define REMIT_INIT(type) remit_init<type>()
extern "C" {
#else
#define REMIT_INIT(type) {.struct_size = sizeof(type)}
#endif

typedef struct remit_string {
  const char* data; /* NULL only where size is 0: absent */
  size_t size;
} remit_string;

static inline remit_string remit_str(const char* text) {
  remit_string result;
  result.data = text;
  result.size = text ? strlen(text) : 0;
  return result;
}

/* ---- Errors ------------------------------------------------------------------------------------- */

#define REMIT_OK 0

typedef struct remit_error {
  size_t struct_size;
  int32_t code;    /* REMIT_OK, or what remit_error_name knows */
  char text[508];  /* a sentence for people, cut where it is longer, ended by a zero byte */
} remit_error;

/* "session_over"; "unknown_error" for a code that is none. Static text. */
REMIT_C_API const char* remit_error_name(int32_t code);

/* The version of this library, "0.1.0". */
REMIT_C_API const char* remit_version(void);

/* ---- Values and requests (language.md sections 2 and 3) -------------------------------------------- */

typedef enum remit_type {
  REMIT_BOOL = 1,
  REMIT_INT = 2,
  REMIT_SIZE = 3,     /* bytes */
  REMIT_DURATION = 4, /* microseconds */
  REMIT_TIME = 5,     /* microseconds since 1970 */
  REMIT_STRING = 6,
  REMIT_RESOURCE = 7,
  REMIT_LIST = 8
} remit_type;

/* Strictly typed: an int is never a size. */
typedef struct remit_value {
  size_t struct_size;
  int32_t type;                    /* remit_type; any other makes the request malformed */
  int64_t number;                  /* bool (0 or 1), int, size, duration, time */
  remit_string text;               /* string, resource */
  const struct remit_value* items; /* list: of one type, no list among them */
  size_t item_count;
} remit_value;

typedef struct remit_attribute {
  size_t struct_size;
  remit_string name;
  remit_value value;
} remit_attribute;

typedef struct remit_request {
  size_t struct_size;
  remit_string action;
  remit_string resource; /* in canonical form, as its system stores it */
  const remit_attribute* attributes;
  size_t attribute_count; /* more than 64: malformed */
} remit_request;

/* ---- Decisions (section 6) --------------------------------------------------------------------------- */

typedef enum remit_effect { REMIT_DENY = 0, REMIT_ASK = 1, REMIT_ALLOW = 2 } remit_effect;

#define REMIT_NO_RULE 0xffffffffu

typedef struct remit_decision {
  size_t struct_size;
  int32_t effect;       /* remit_effect */
  int32_t reason;       /* what remit_reason_name knows */
  uint32_t layer;       /* 0: the task scope; then guardrails, then grants */
  uint32_t rule;        /* in that layer's program, or REMIT_NO_RULE */
  uint8_t approval[16]; /* of an ask by remit_session_check: for remit_session_approve; otherwise zero */
} remit_decision;

REMIT_C_API const char* remit_reason_name(int32_t reason);     /* "denied_by_rule" */
REMIT_C_API const char* remit_reason_sentence(int32_t reason); /* "a deny rule matches" */

/* Where a rule stands and why it is there. Its strings live as long as what it was asked of. */
typedef struct remit_rule_info {
  size_t struct_size;
  remit_string file;
  uint32_t line, column;
  remit_string because; /* absent where the rule has none */
  remit_string source;  /* the statement's first line */
} remit_rule_info;

/* ---- Programs ------------------------------------------------------------------------------------------ */

typedef struct remit_program remit_program;

/* Verifies and copies an image. Errors: bad_image, unsupported_version, out_of_memory, bad_argument. */
REMIT_C_API int32_t remit_program_load(const void* bytes, size_t size, remit_program** out, remit_error* error);
REMIT_C_API void remit_program_free(remit_program* program);

/* The image; NULL for a NULL program. Borrowed. */
REMIT_C_API const void* remit_program_image(const remit_program* program, size_t* size);
/* SHA-256 of the image. All zero for a NULL program. */
REMIT_C_API void remit_program_digest(const remit_program* program, uint8_t digest[32]);
/* "scope", "guardrail" or "grants"; "" for a NULL program. Static text. */
REMIT_C_API const char* remit_program_kind(const remit_program* program);
REMIT_C_API remit_string remit_program_name(const remit_program* program);
REMIT_C_API uint32_t remit_program_rule_count(const remit_program* program);
/* 1, or 0 where there is no such rule; then `out` stays as it was. */
REMIT_C_API int remit_program_rule(const remit_program* program, uint32_t rule, remit_rule_info* out);
/* The bound on the steps of one decision; worked out at the first call, UINT64_MAX where there is no memory for that. */
REMIT_C_API uint64_t remit_program_worst_case_steps(const remit_program* program);

/* ---- Layers --------------------------------------------------------------------------------------------- */

typedef struct remit_layers remit_layers;

/* One task scope, guardrails, grants. Errors: wrong_kind, too_many_layers, out_of_memory, bad_argument. */
REMIT_C_API int32_t remit_layers_link(const remit_program* task, const remit_program* const* guardrails, size_t guardrail_count,
                                      const remit_program* const* grants, size_t grant_count, remit_layers** out, remit_error* error);
REMIT_C_API void remit_layers_free(remit_layers* layers);
REMIT_C_API size_t remit_layers_size(const remit_layers* layers);

/* ---- Sessions (sections 5 to 7) ---------------------------------------------------------------------------- */

typedef struct remit_session remit_session;

/* The host's own access check, asked last, for what would otherwise be granted: nonzero agrees. Called by
 * several threads at once; `request` and `context` are the caller's. */
typedef int (*remit_host_check)(void* context, const remit_request* request, int64_t now);

typedef struct remit_opening {
  size_t struct_size;
  remit_string agent;   /* the acting agent's identifier */
  remit_string user;    /* on whose behalf; absent where nobody is present */
  remit_string purpose; /* used where the task scope states none */
  const remit_layers* layers;
  const remit_attribute* facts; /* user.NAME, agent.NAME */
  size_t fact_count;
  int32_t has_last_review; /* of the sponsor's standing authorization */
  int64_t last_review;
  int32_t sponsor_revoked;
  remit_string trigger_kind, trigger_text; /* "schedule" or "event"; absent: nothing triggered it */
  remit_host_check host;                   /* NULL: the documents alone decide */
  void* host_context;                      /* must live as long as any session of the tree */
} remit_opening;

/* Errors: agent_not_allowed, user_not_allowed, no_accountable_person, review_overdue, sponsor_revoked,
 * wrong_trigger, bad_argument, out_of_memory. */
REMIT_C_API int32_t remit_session_open(const remit_opening* opening, int64_t now, remit_session** out, remit_error* error);
/* Drops the handle; it ends nothing. */
REMIT_C_API void remit_session_free(remit_session* session);

/* Decides and, where the answer is allow, charges and remembers. Answers the effect (REMIT_ALLOW,
 * REMIT_ASK, REMIT_DENY), the same as in `out`, which may be NULL. */
REMIT_C_API int32_t remit_session_check(remit_session* session, const remit_request* request, int64_t now, remit_decision* out);
/* The same decision; changes nothing. */
REMIT_C_API int32_t remit_session_would(const remit_session* session, const remit_request* request, int64_t now, remit_decision* out);

/* A grant whose outcome is learned later. It is charged already; rolling back gives the charges back. */
typedef struct remit_reservation remit_reservation;
/* As remit_session_check; `*reservation` is NULL unless the answer is REMIT_ALLOW. */
REMIT_C_API int32_t remit_session_reserve(remit_session* session, const remit_request* request, int64_t now, remit_decision* out,
                                          remit_reservation** reservation);
/* Either settles and frees it. One that is freed by neither counts as used. */
REMIT_C_API void remit_reservation_commit(remit_reservation* reservation);
REMIT_C_API void remit_reservation_rollback(remit_reservation* reservation);

/* A person's yes to an ask. Errors: unknown_approval, already_approved, approval_used, approval_lapsed,
 * approver_is_agent, session_over, bad_argument. */
REMIT_C_API int32_t remit_session_approve(remit_session* session, const uint8_t approval[16], remit_string approver, int64_t now, remit_error* error);

/* Both end the session and all beneath it, for every thread's next decision. */
REMIT_C_API void remit_session_revoke(remit_session* session, remit_string by, remit_string why, int64_t now);
REMIT_C_API void remit_session_end(remit_session* session, int64_t now);

typedef struct remit_delegation {
  size_t struct_size;
  remit_string agent; /* from the host, never from the delegating agent */
  const remit_program* task;
  const remit_program* const* guardrails;
  size_t guardrail_count;
  const remit_program* const* grants;
  size_t grant_count;
  remit_string purpose;
  const remit_attribute* facts; /* agent.NAME */
  size_t fact_count;
} remit_delegation;

/* A sub-session, which can do nothing that its parent cannot. Errors: session_over, not_yet_valid,
 * no_delegation, too_deep, agent_not_allowed, user_not_allowed, wrong_kind, too_many_layers, bad_argument,
 * out_of_memory. */
REMIT_C_API int32_t remit_session_delegate(remit_session* parent, const remit_delegation* delegation, int64_t now, remit_session** out,
                                           remit_error* error);

typedef enum remit_could_answer { REMIT_NEVER = 0, REMIT_MAYBE = 1, REMIT_ALWAYS = 2 } remit_could_answer;
/* May the session do `action` to what `pattern` names, or beneath it? Attributes are unknown. */
REMIT_C_API int32_t remit_session_could(const remit_session* session, remit_string action, remit_string pattern, int64_t now);

/* The decision in words, into `buffer`, ended by a zero byte and cut where it does not fit. Answers the
 * length of the whole without that byte; `buffer` may be NULL where `capacity` is 0. */
REMIT_C_API size_t remit_session_explain(const remit_session* session, const remit_request* request, const remit_decision* decision,
                                         char* buffer, size_t capacity);
/* The deciding rule: 1, or 0 where no rule decided. Strings live as long as the session's handle. */
REMIT_C_API int remit_session_rule(const remit_session* session, const remit_decision* decision, remit_rule_info* out);
/* 128 bits that name the session. */
REMIT_C_API void remit_session_id(const remit_session* session, uint8_t id[16]);
/* The reason for which every request is denied now, or that of an allow (`allowed_by_rule`) while it is open. */
REMIT_C_API int32_t remit_session_standing(const remit_session* session, int64_t now);

/* ---- State ---------------------------------------------------------------------------------------------- */

/* Bytes that the library owns. */
typedef struct remit_buffer remit_buffer;
REMIT_C_API const void* remit_buffer_data(const remit_buffer* buffer, size_t* size);
REMIT_C_API void remit_buffer_free(remit_buffer* buffer);

/* The state of the whole tree, with its generation. Keep it where agents cannot reach it. */
REMIT_C_API int32_t remit_session_save(remit_session* session, remit_buffer** out, uint64_t* generation, remit_error* error);

/* The sessions of a restored tree, in the order in which they were opened. */
typedef struct remit_sessions remit_sessions;
/* Errors: bad_state, unsupported_version, stale_state, missing_program, out_of_memory, bad_argument. `opening` gives the
 * host check only, and may be NULL. */
REMIT_C_API int32_t remit_session_restore(const void* bytes, size_t size, uint64_t least_generation, const remit_program* const* programs,
                                          size_t program_count, const remit_opening* opening, remit_sessions** out, remit_error* error);
REMIT_C_API size_t remit_sessions_count(const remit_sessions* sessions);
/* Takes one out: the caller's to free. NULL where there is none, or it was taken already. */
REMIT_C_API remit_session* remit_sessions_take(remit_sessions* sessions, size_t index);
REMIT_C_API void remit_sessions_free(remit_sessions* sessions);

#ifdef __cplusplus
}
#endif

#endif
