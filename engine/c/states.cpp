// remit_c.h: saved state. Covered by tests/c_api_test.c.
#include <memory>
#include <new>

#include "engine/c/convert.h"

using namespace remit;
using remit::c::fail;
using remit::c::guarded;

struct remit_buffer {
  std::vector<std::byte> bytes;
};
struct remit_sessions {
  std::vector<std::unique_ptr<remit_session>> sessions;  // null: taken
};

const void* remit_buffer_data(const remit_buffer* buffer, std::size_t* size) {
  if (size != nullptr) *size = buffer == nullptr ? 0 : buffer->bytes.size();
  return buffer == nullptr ? nullptr : buffer->bytes.data();
}

void remit_buffer_free(remit_buffer* buffer) { delete buffer; }

std::int32_t remit_session_save(remit_session* session, remit_buffer** out, std::uint64_t* generation, remit_error* error) {
  if (out == nullptr) return fail(error, ErrorCode::bad_argument, "there is no place for the state");
  *out = nullptr;
  if (session == nullptr) return fail(error, ErrorCode::bad_argument, "there is no session");
  return guarded(error, [&]() -> std::int32_t {
    Result<SavedState> state = session->session.save();
    if (!state) return fail(error, state.error());
    *out = new remit_buffer{std::move(state->bytes)};
    if (generation != nullptr) *generation = state->generation;
    return REMIT_OK;
  });
}

std::int32_t remit_session_restore(const void* bytes, std::size_t size, std::uint64_t least_generation, const remit_program* const* programs,
                                   std::size_t program_count, const remit_opening* opening, remit_sessions** out, remit_error* error) {
  if (out == nullptr) return fail(error, ErrorCode::bad_argument, "there is no place for the sessions");
  *out = nullptr;
  if (bytes == nullptr && size != 0) return fail(error, ErrorCode::bad_argument, "there are no bytes");
  return guarded(error, [&]() -> std::int32_t {
    std::vector<Program> known;
    remit_opening given{};
    if (!c::read_programs(programs, program_count, known)) return fail(error, ErrorCode::bad_argument, "a program is missing");
    if (opening != nullptr && !c::read_struct(opening, given)) return fail(error, ErrorCode::bad_argument, "the opening states no size");
    Result<std::vector<Session>> restored = Session::restore({static_cast<const std::byte*>(bytes), size}, least_generation, known, c::surroundings(given));
    if (!restored) return fail(error, restored.error());
    auto sessions = std::make_unique<remit_sessions>();
    for (Session& session : restored.value()) sessions->sessions.push_back(std::make_unique<remit_session>(remit_session{std::move(session)}));
    *out = sessions.release();
    return REMIT_OK;
  });
}

std::size_t remit_sessions_count(const remit_sessions* sessions) { return sessions == nullptr ? 0 : sessions->sessions.size(); }

remit_session* remit_sessions_take(remit_sessions* sessions, std::size_t index) {
  if (sessions == nullptr || index >= sessions->sessions.size()) return nullptr;
  return sessions->sessions[index].release();
}

void remit_sessions_free(remit_sessions* sessions) { delete sessions; }
