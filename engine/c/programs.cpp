// remit_c.h: errors, names, programs, layers. Covered by tests/c_api_test.c.
#include <new>

#include "engine/c/convert.h"

using namespace remit;
using remit::c::fail;
using remit::c::guarded;

namespace {

constexpr std::int32_t kErrorCount =
#define REMIT_COUNT(name, sentence) +1  // NOLINT(bugprone-macro-parentheses): a sum is what is meant
    0 REMIT_ERROR_CODES(REMIT_COUNT);
constexpr std::int32_t kReasonCount = 0 REMIT_REASONS(REMIT_COUNT);
#undef REMIT_COUNT

bool is_reason(std::int32_t reason) noexcept { return reason >= 0 && reason < kReasonCount; }

}  // namespace

const char* remit_version(void) { return REMIT_VERSION; }

const char* remit_error_name(std::int32_t code) {
  if (code == REMIT_OK) return "ok";
  return code > 0 && code <= kErrorCount ? to_string(static_cast<ErrorCode>(code - 1)) : "unknown_error";
}

const char* remit_reason_name(std::int32_t reason) { return is_reason(reason) ? to_string(static_cast<Reason>(reason)) : "unknown_reason"; }
const char* remit_reason_sentence(std::int32_t reason) { return is_reason(reason) ? sentence(static_cast<Reason>(reason)) : "there is no such reason"; }

std::int32_t remit_program_load(const void* bytes, std::size_t size, remit_program** out, remit_error* error) {
  if (out == nullptr) return fail(error, ErrorCode::bad_argument, "there is no place for the program");
  *out = nullptr;
  if (bytes == nullptr && size != 0) return fail(error, ErrorCode::bad_argument, "there are no bytes");
  return guarded(error, [&]() -> std::int32_t {
    Result<Program> program = Program::load({static_cast<const std::byte*>(bytes), size});
    if (!program) return fail(error, program.error());
    *out = new remit_program{std::move(program).value()};
    return REMIT_OK;
  });
}

void remit_program_free(remit_program* program) { delete program; }

const void* remit_program_image(const remit_program* program, std::size_t* size) {
  const std::span<const std::byte> image = program == nullptr ? std::span<const std::byte>() : program->program.image();
  if (size != nullptr) *size = image.size();
  return image.data();
}

void remit_program_digest(const remit_program* program, std::uint8_t digest[32]) {
  if (digest == nullptr) return;
  const std::array<std::uint8_t, 32> found = program == nullptr ? std::array<std::uint8_t, 32>{} : program->program.digest();
  std::copy(found.begin(), found.end(), digest);
}

const char* remit_program_kind(const remit_program* program) { return program == nullptr ? "" : to_string(program->program.kind()); }
remit_string remit_program_name(const remit_program* program) { return program == nullptr ? remit_string{} : c::string(program->program.name()); }
std::uint32_t remit_program_rule_count(const remit_program* program) { return program == nullptr ? 0 : program->program.rule_count(); }
std::uint64_t remit_program_worst_case_steps(const remit_program* program) { return program == nullptr ? 0 : program->program.worst_case_steps(); }

int remit_program_rule(const remit_program* program, std::uint32_t rule, remit_rule_info* out) {
  if (program == nullptr || rule >= program->program.rule_count()) return 0;
  c::write_rule(program->program.rule(rule), out);
  return 1;
}

std::int32_t remit_layers_link(const remit_program* task, const remit_program* const* guardrails, std::size_t guardrail_count,
                               const remit_program* const* grants, std::size_t grant_count, remit_layers** out, remit_error* error) {
  if (out == nullptr) return fail(error, ErrorCode::bad_argument, "there is no place for the layers");
  *out = nullptr;
  return guarded(error, [&]() -> std::int32_t {
    std::vector<Program> above, access;
    if (task == nullptr || !c::read_programs(guardrails, guardrail_count, above) || !c::read_programs(grants, grant_count, access))
      return fail(error, ErrorCode::bad_argument, "a program is missing");
    Result<Layers> layers = Layers::link(task->program, above, access);
    if (!layers) return fail(error, layers.error());
    *out = new remit_layers{std::move(layers).value()};
    return REMIT_OK;
  });
}

void remit_layers_free(remit_layers* layers) { delete layers; }
std::size_t remit_layers_size(const remit_layers* layers) { return layers == nullptr ? 0 : layers->layers.size(); }
