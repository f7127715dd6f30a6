// Where memory runs out beneath the C API: each call answers a code, leaves NULL where it promises a handle, and
// the next one works. In C++ for the failing operator new, which the shared libraries use as well.
#include <catch2/catch.hpp>

#include <string>

#include <remit/remit_c.h>
#include <remit/remit_lang_c.h>

#include "tests/failing_memory.h"

namespace {

remit_error error = REMIT_INIT(remit_error);

bool is(int32_t code, const char* name) { return std::string(remit_error_name(code)) == name; }

// A call that gives a handle or a code.
template <class Handle, class Call, class Free>
Handle* obtain(const char* what, Call&& call, Free&& free) {
  Handle* kept = nullptr;
  struct Answer {
    int32_t code;
    Handle* handle;
  };
  const long failed = remit::test::exhaust(
      [&] {
        Answer answer{0, nullptr};
        answer.code = call(&answer.handle);
        return answer;
      },
      [&](const Answer& answer, bool reached) {
        INFO(what << ": " << remit_error_name(answer.code));
        REQUIRE((answer.code == REMIT_OK) == (answer.handle != nullptr));
        REQUIRE((answer.code == REMIT_OK || reached));
        if (answer.code != REMIT_OK) CHECK(is(answer.code, "out_of_memory"));
        free(kept);
        kept = answer.handle;
      });
  CHECK(failed > 0);
  return kept;
}

}  // namespace

TEST_CASE("the life of a session, each allocation of it failing once") {
  const std::string text = "expires 2h\ndelegate\nread docs:/clinical/A at most 900 times\nask write docs:/b because \"why\"\ndeny list docs:/c after read docs:/d\n";
  remit_compiled* const compiled = obtain<remit_compiled>("compile", [&](auto** out) { return remit_compile(remit_str(text.c_str()), nullptr, out, &error); }, remit_compiled_free);
  size_t size = 0;
  const void* const image = remit_compiled_image(compiled, &size);
  REQUIRE(image != nullptr);
  remit_program* const task = obtain<remit_program>("load", [&](auto** out) { return remit_program_load(image, size, out, &error); }, remit_program_free);
  remit_layers* const layers = obtain<remit_layers>("link", [&](auto** out) { return remit_layers_link(task, nullptr, 0, nullptr, 0, out, &error); }, remit_layers_free);

  remit_attribute fact = REMIT_INIT(remit_attribute);
  fact.name = remit_str("user.department.of.some.length");
  fact.value = REMIT_INIT(remit_value);
  fact.value.type = REMIT_STRING;
  fact.value.text = remit_str("a department of more than sixteen bytes");
  remit_opening opening = REMIT_INIT(remit_opening);
  opening.agent = remit_str("spiffe://acme.example/agent/a");
  opening.user = remit_str("mike@acme.example");
  opening.layers = layers;
  opening.facts = &fact;
  opening.fact_count = 1;
  remit_session* const session = obtain<remit_session>("open", [&](auto** out) { return remit_session_open(&opening, 0, out, &error); }, remit_session_free);

  remit_request request = REMIT_INIT(remit_request);
  request.action = remit_str("read");
  request.resource = remit_str("docs:/clinical/A/x.pdf");
  remit_attribute size_of = REMIT_INIT(remit_attribute);
  size_of.name = remit_str("size");
  size_of.value = REMIT_INIT(remit_value);
  size_of.value.type = REMIT_SIZE;
  size_of.value.number = 5;
  request.attributes = &size_of;
  request.attribute_count = 1;
  remit_decision decision = REMIT_INIT(remit_decision);
  remit::test::exhaust([&] { return remit_session_check(session, &request, 0, &decision); }, [&](int32_t effect, bool reached) {
    CHECK((effect == REMIT_ALLOW || (reached && effect == REMIT_DENY)));
    CHECK(effect == decision.effect);
  });
  request.action = remit_str("write");
  request.resource = remit_str("docs:/b");
  remit::test::exhaust([&] { return remit_session_check(session, &request, 0, &decision); },
                       [&](int32_t effect, bool reached) { CHECK((effect == REMIT_ASK || (reached && effect == REMIT_DENY))); });
  remit::test::exhaust([&] { return remit_session_approve(session, decision.approval, remit_str("a person with a name of some length"), 0, &error); },
                       [](int32_t code, bool reached) { CHECK((code == REMIT_OK || (reached && is(code, "out_of_memory")))); });

  remit_delegation delegation = REMIT_INIT(remit_delegation);
  delegation.agent = remit_str("spiffe://acme.example/agent/b");
  delegation.task = task;
  remit_session* const child = obtain<remit_session>("delegate", [&](auto** out) { return remit_session_delegate(session, &delegation, 0, out, &error); }, remit_session_free);
  char words[400];
  remit::test::exhaust([&] { return remit_session_explain(session, &request, &decision, words, sizeof words); },
                       [](size_t length, bool reached) { CHECK((length > 10 || reached)); });
  remit::test::exhaust([&] { return remit_session_could(session, remit_str("read"), remit_str("docs:/clinical/A"), 0); },
                       [](int32_t could, bool reached) { CHECK((could == REMIT_MAYBE || (!reached && could == REMIT_ALWAYS))); });

  uint64_t generation = 0;
  remit_buffer* const saved = obtain<remit_buffer>("save", [&](auto** out) { return remit_session_save(session, out, &generation, &error); }, remit_buffer_free);
  const void* const bytes = remit_buffer_data(saved, &size);
  const remit_program* const programs[] = {task};
  remit_sessions* const back = obtain<remit_sessions>("restore", [&](auto** out) { return remit_session_restore(bytes, size, 0, programs, 1, nullptr, out, &error); }, remit_sessions_free);
  CHECK(remit_sessions_count(back) == 2);

  remit_sessions_free(back);
  remit_buffer_free(saved);
  remit_session_free(child);
  remit_session_free(session);
  remit_layers_free(layers);
  remit_program_free(task);
  remit_compiled_free(compiled);
}
