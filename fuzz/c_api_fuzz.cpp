// Sequences of C calls with handles in any state, missing arguments and structures of any declared size.
// What an answer says must agree with itself; nothing is leaked that the caller freed.
#include <cstdint>
#include <string>
#include <vector>

#include <remit/lang/compile.h>
#include <remit/remit_c.h>

#include "fuzz/check.h"

namespace {

// The input as a stream of choices; zeros when it is used up.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool more() const { return at_ != end_; }
  std::uint8_t byte() { return more() ? *at_++ : 0; }
  template <class T, std::size_t N>
  const T& pick(const T (&items)[N]) { return items[byte() % N]; }
  std::string text() {
    std::string out;
    for (std::size_t left = byte() % 16; left > 0 && more(); --left) out += static_cast<char>(byte());
    return out;
  }

 private:
  const std::uint8_t *at_, *end_;
};

remit_program* loaded(const char* text) {
  const auto program = remit::lang::compile(text).program();
  remit_program* out = nullptr;
  REMIT_FUZZ_CHECK(remit_program_load(program->image().data(), program->image().size(), &out, nullptr) == REMIT_OK);
  return out;
}

struct Programs {
  remit_program* task = loaded("expires 9h\ndelegate up to 2 levels\nread docs:/a at most 9 times\nask write docs:/a\nlist docs:/\n");
  remit_program* rail = loaded("guardrail g\nallow any anything\nlimit any anything to 15 times per 1h\n");
  remit_program* sub = loaded("expires 5h\ndelegate\nread docs:/a\nlist docs:/\n");
};

const Programs& programs() {
  static const Programs all;
  return all;
}

// Most of the time right, so that what comes after is reached.
template <class T>
T* or_null(Choices& choices, T* what) { return choices.byte() % 32 == 31 ? nullptr : what; }

struct Play {
  Choices& choices;
  std::vector<remit_session*> sessions;
  remit_decision last = REMIT_INIT(remit_decision);
  std::int64_t now = 1'700'000'000'000'000;

  remit_session* session() {
    const std::uint8_t which = choices.byte();
    return sessions.empty() || which == 255 ? nullptr : sessions[which % sessions.size()];
  }
  void keep(remit_session* opened) {
    if (opened != nullptr) sessions.push_back(opened);
  }

  void open() {
    remit_layers* layers = nullptr;
    const remit_program* rails[] = {programs().rail};
    remit_error error = REMIT_INIT(remit_error);
    remit_layers_link(or_null(choices, programs().task), rails, choices.byte() % 2, nullptr, 0, &layers, &error);
    remit_opening opening = REMIT_INIT(remit_opening);
    if (choices.byte() % 32 == 31) opening.struct_size = choices.byte();
    opening.agent = remit_str("spiffe://acme.example/agent/a");
    opening.user = remit_str("mike@acme.example");
    opening.layers = layers;
    remit_session* opened = nullptr;
    const int32_t code = remit_session_open(or_null(choices, &opening), now, &opened, &error);
    REMIT_FUZZ_CHECK((code == REMIT_OK) == (opened != nullptr));
    keep(opened);
    remit_layers_free(layers);
  }

  void ask() {
    const std::string action = choices.byte() % 4 == 3 ? choices.text() : std::string(choices.pick({"read", "create", "list"}));
    const std::string resource = choices.byte() % 4 == 3 ? choices.text() : std::string(choices.pick({"docs:/a", "docs:/a/x", "docs:/b"}));
    const std::string name = choices.text(), value = choices.text();
    remit_attribute attribute = REMIT_INIT(remit_attribute);
    attribute.name = {name.data(), name.size()};
    attribute.value = REMIT_INIT(remit_value);
    attribute.value.type = choices.byte() % 10;
    attribute.value.number = choices.byte();
    attribute.value.text = {value.data(), value.size()};
    remit_request request = REMIT_INIT(remit_request);
    if (choices.byte() % 32 == 31) request.struct_size = choices.byte();
    request.action = {action.data(), action.size()};
    request.resource = {resource.data(), resource.size()};
    request.attributes = or_null(choices, &attribute);
    request.attribute_count = choices.byte() % 2;

    remit_session* const asked = session();
    const remit_request* const given = or_null(choices, &request);
    remit_decision expected = REMIT_INIT(remit_decision);
    remit_session_would(asked, given, now, &expected);
    remit_reservation* reservation = nullptr;
    const std::uint8_t how = choices.byte() % 3;
    const int32_t effect = how == 0 ? remit_session_check(asked, given, now, &last) : remit_session_reserve(asked, given, now, &last, &reservation);
    REMIT_FUZZ_CHECK(effect == last.effect && effect == expected.effect && last.reason == expected.reason);
    REMIT_FUZZ_CHECK(asked != nullptr && given != nullptr ? true : effect == REMIT_DENY);
    REMIT_FUZZ_CHECK(how == 0 || (reservation != nullptr) == (effect == REMIT_ALLOW));
    how == 1 ? remit_reservation_commit(reservation) : remit_reservation_rollback(reservation);
    char words[64];
    const std::size_t needed = remit_session_explain(asked, given, &last, words, sizeof words);
    REMIT_FUZZ_CHECK(std::string(words).size() == (needed < sizeof words ? needed : sizeof words - 1));
    remit_rule_info rule = REMIT_INIT(remit_rule_info);
    remit_session_rule(asked, &last, &rule);
  }

  void delegate() {
    remit_delegation delegation = REMIT_INIT(remit_delegation);
    const std::string agent = choices.byte() % 4 == 3 ? choices.text() : "spiffe://acme.example/agent/b";
    delegation.agent = {agent.data(), agent.size()};
    delegation.task = or_null(choices, programs().sub);
    remit_session* opened = nullptr;
    const int32_t code = remit_session_delegate(session(), or_null(choices, &delegation), now, &opened, nullptr);
    REMIT_FUZZ_CHECK((code == REMIT_OK) == (opened != nullptr));
    keep(opened);
  }

  void approve() {
    const std::string approver = choices.byte() % 2 == 0 ? "mike@acme.example" : choices.text();
    if (choices.byte() % 4 == 3) last.approval[choices.byte() % 16] ^= choices.byte();
    remit_session_approve(session(), or_null(choices, last.approval), {approver.data(), approver.size()}, now, nullptr);
  }

  void reload() {
    remit_buffer* buffer = nullptr;
    std::uint64_t generation = 0;
    const bool saved = remit_session_save(session(), &buffer, &generation, nullptr) == REMIT_OK;
    REMIT_FUZZ_CHECK(saved == (buffer != nullptr));
    if (!saved) return;
    std::size_t size = 0;
    const void* const bytes = remit_buffer_data(buffer, &size);
    const remit_program* all[] = {programs().task, programs().rail, programs().sub};
    remit_sessions* restored = nullptr;
    REMIT_FUZZ_CHECK(remit_session_restore(bytes, size, generation, all, 3, nullptr, &restored, nullptr) == REMIT_OK);
    if (sessions.size() < 16) keep(remit_sessions_take(restored, choices.byte() % 4));
    remit_sessions_free(restored);
    remit_buffer_free(buffer);
  }

  void drop() {
    if (sessions.empty()) return;
    const auto at = sessions.begin() + choices.byte() % static_cast<std::ptrdiff_t>(sessions.size());
    remit_session_free(*at);
    sessions.erase(at);
  }

  void step() {
    now += choices.byte() % 8 == 7 ? std::int64_t{choices.byte()} * 60'000'000 - 600'000'000 : 1;
    switch (choices.byte() % 10) {
      case 0: return sessions.size() < 8 ? open() : void();
      case 1: return sessions.size() < 16 ? delegate() : void();
      case 2: return approve();
      case 3: return reload();
      case 4: return drop();
      case 5: {
        const std::string by = choices.text();
        remit_session* const ended = session();
        choices.byte() % 2 == 0 ? remit_session_revoke(ended, {by.data(), by.size()}, {nullptr, 0}, now) : remit_session_end(ended, now);
        remit_request request = REMIT_INIT(remit_request);
        request.action = remit_str("list");
        request.resource = remit_str("docs:/");
        REMIT_FUZZ_CHECK(remit_session_check(ended, &request, now, nullptr) == REMIT_DENY);
        return;
      }
      default: return ask();
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  Play play{choices, {}};
  play.open();
  for (int steps = 0; choices.more() && steps < 200; ++steps) play.step();
  for (remit_session* session : play.sessions) remit_session_free(session);
  return 0;
}
